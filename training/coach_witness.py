"""Train the coach's second witness: `python -m training.coach_witness` (half a minute, one core; numpy alone).

It learns from the drafts in `tests/cases/coach` that have been used to mend the rules (never from the `final` and `unseen` ones), from
`training/coach/sentences.txt`, and from passages of the corpus that say the same to the other side. Equal files give equal weights.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gateway.reply.coach.sentences import sentences
from gateway.reply.coach.witness import FINE, HERE
from gateway.tagging import open_tagger
from gateway.tagging.facts.child import Child
from gateway.tagging.inner import Inner
from gateway.tagging.spans import Unread
from gateway.tagging.tagger import OnnxTagger

ROOT = Path(__file__).parent.parent
CASES = ROOT / "tests" / "cases" / "coach"
SENTENCES = ROOT / "training" / "coach" / "sentences.txt"
ANSWERS = ROOT / "training" / "coach" / "answers.txt"
CORPUS = ROOT / "training" / "corpus"
KEPT_BACK = ("final", "voices-unseen")
KINDS = (
    FINE, "advice", "blame", "apology", "reasons", "personal", "partner", "place", "sarcasm", "emotion", "insult", "court", "hook",
    "threat", "others", "topics", "when",
)  # fmt: skip
OTHER_SIDE = {
    "insult": "insult", "blame": "blame", "guilt_trip": "blame", "gaslighting": "blame", "hoovering": "emotion", "self_pity": "emotion",
    "threat": "threat", "legal_threat": "court", "new_partner": "partner", "third_party": "others",
    "sarcasm": "sarcasm", "chatter": "personal",
}  # fmt: skip
"""Labels of the corpus -> the fault that the same words would be in a reply."""
FAULTY = re.compile(
    r"keep doing|sounded|Nobody knows|have moved|told me swimming|shift|poorly|better not|were busy|a wedding|No one tells|my fault|custody|"
    r"meeting till|nobody's here|half an hour|died|garden|whose car|manager|upstairs|missed calls|was 9"
)
"""Replies in the corpus that hold a fault themselves."""
WEIGHT = {"replies": 1.0, "drafts": 1.0, "sentences": 1.0, "corpus": 0.3}
MESSAGES = 700
"""How many messages of the corpus are read, evenly spread."""
_MARKED = re.compile(r"\{(\w+)\|([^{}]*)\}")
_MARK = re.compile(r"⟦([A-Z]:?[a-z_]*)\|([^⟧]*)⟧")


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence: its row, its kind, and where it comes from."""

    row: NDArray[np.float32]
    kind: str
    source: str


def main() -> None:
    """Train, say how it does on what it has not seen, write the file."""
    tagger = open_tagger()
    assert isinstance(tagger, OnnxTagger), "the shipped tagger is needed"
    assert tagger.layers, "the network gives no middle layers out"
    examples = [*of_drafts(tagger), *of_answers(tagger), *of_sentences(tagger), *of_replies(tagger), *of_corpus(tagger)]
    weights, bias = fit(examples)
    save(HERE, weights, bias, tagger.version)
    counts = {kind: sum(e.kind == kind for e in examples) for kind in KINDS}
    print(f"{len(examples)} sentences {counts}\n{HERE.name}: {HERE.stat().st_size} bytes, for {tagger.version}")


def of_drafts(tagger: OnnxTagger, left_out: Sequence[str] = KEPT_BACK) -> Iterator[Example]:
    """Every sentence of the kept drafts; those that are only wrong as an answer teach nothing."""
    families = json.loads((CASES / "families.json").read_text("utf8"))
    for file in sorted(CASES.glob("*.jsonl")):
        if file.name.startswith(tuple(left_out)):
            continue
        for line in file.read_text("utf8").splitlines():
            case = json.loads(line)
            inner = look(tagger, case["text"], families[case["family"]]["children"], case["context"])
            for start, end in sentences(case["text"]):
                marks = [f["id"][6:] for f in case.get("faults", ()) if f["start"] < end and f["end"] > start]
                known = [m for m in marks if m in KINDS]
                if not known and "no_reply" in marks:
                    continue
                yield from example(inner, start, end, known[0] if known else FINE, "drafts")


def of_answers(tagger: OnnxTagger) -> Iterator[Example]:
    """The listed drafts with the message that they answer; what is not marked in them is fine."""
    for line in ANSWERS.read_text("utf8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        theirs, draft = line.split(" || ")
        mark = _MARKED.search(draft)
        assert mark is not None, line
        text = draft[: mark.start()] + mark[2] + draft[mark.end() :]
        inner = look(tagger, text, (), (theirs,))
        for start, end in sentences(text):
            inside = start < mark.start() + len(mark[2]) and end > mark.start()
            yield from example(inner, start, end, mark[1] if inside else FINE, "sentences")


def of_sentences(tagger: OnnxTagger) -> Iterator[Example]:
    """The listed sentences: alone, behind a fine sentence, before one, in turn; every other one also as typed in haste."""
    kind, listed = "", []
    for line in SENTENCES.read_text("utf8").splitlines():
        if line.startswith("= "):
            kind = line[2:]
        elif line.strip() and not line.startswith("#"):
            listed.append((kind, line.strip()))
    fine = [text for kind, text in listed if kind == FINE]
    for i, (kind, text) in enumerate(listed):
        other = fine[(i * 37 + 11) % len(fine)]
        whole = (text, closed(other) + text, closed(text) + other)[i % 3]
        start = len(closed(other)) if i % 3 == 1 else 0
        yield from example(look(tagger, whole), start, start + len(text), kind, "sentences")
        if i % 2:
            plain = hasty(text)
            yield from example(look(tagger, plain), 0, len(plain), kind, "sentences")


def of_corpus(tagger: OnnxTagger) -> Iterator[Example]:
    """Passages of the corpus, evenly from all batches."""
    lines = [
        message
        for file in sorted(CORPUS.glob("b*.jsonl"))
        for line in file.read_text("utf8").splitlines()
        if "X:" in (message := json.loads(line))["text"] and len(message["text"]) <= 700
    ]
    for message in lines[:: max(1, len(lines) // MESSAGES)]:
        text, spans = unmarked(message["text"])
        inner = look(tagger, text, message["children"])
        for label, start, end in spans:
            kind = FINE if label[0] == "F" else OTHER_SIDE.get(label[2:])
            if kind and end - start >= 8:
                yield from example(inner, start, end, kind, "corpus")


def of_replies(tagger: OnnxTagger, first: int = 0) -> Iterator[Example]:
    """What the parents of the corpus wrote themselves: fine, and by many hands. Every other one; the rest is for checking."""
    for text, children in replies()[first::2]:
        if not FAULTY.search(text):
            inner = look(tagger, text, children)
            for start, end in sentences(text):
                yield from example(inner, start, end, FINE, "replies")


def replies() -> list[tuple[str, list[str]]]:
    """Text and children of each."""
    return [
        (said["text"], message["children"])
        for file in sorted(CORPUS.glob("*.jsonl"))
        for line in file.read_text("utf8").splitlines()
        for message in (json.loads(line),)
        for said in message.get("previous") or ()
        if said["from"] == "recipient"
    ]


def unmarked(text: str) -> tuple[str, list[tuple[str, int, int]]]:
    """A text of the corpus without its marks, and (label, start, end) of each."""
    plain, spans, at = "", [], 0
    for mark in _MARK.finditer(text):
        plain += text[at : mark.start()]
        spans.append((mark[1], len(plain), len(plain) + len(mark[2])))
        plain += mark[2]
        at = mark.end()
    return plain + text[at:], spans


def look(tagger: OnnxTagger, text: str, children: Sequence[str] = (), context: Sequence[str] = ()) -> Inner:
    """What the middle layers hold, read as the coach reads it."""
    known = tuple(Child(name) for name in children)
    return tagger.look(Unread(text, children=known, previous=tuple(f"<{said}" for said in context[-2:])))[1]


def example(inner: Inner, start: int, end: int, kind: str, source: str) -> Iterator[Example]:
    """One example, where any piece lies there."""
    if (row := inner.of(start, end)) is not None:
        yield Example(row, kind, source)


def hasty(text: str) -> str:
    """The same as typed on a phone: no capitals, no apostrophes, no full stop."""
    return text.lower().replace("'", "").rstrip(".")


def closed(text: str) -> str:
    """A sentence with its full stop and a space."""
    return text + (" " if text[-1] in ".?!" else ". ")


def fit(
    examples: Sequence[Example], *, steps: int = 250, shrink: float = 3e-4, rate: float = 0.05
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Multinomial logistic regression by Adam (Kingma and Ba, 2015) on all examples at once; ridge on the scaled weights."""
    rows = np.stack([e.row for e in examples])
    wanted = np.eye(len(KINDS), dtype=np.float32)[[KINDS.index(e.kind) for e in examples]]
    trust = np.array([WEIGHT[e.source] for e in examples], np.float32)
    trust /= trust.sum()
    mean, spread = rows.mean(0), (rows.std(0) + 1e-3) * 4
    rows = (rows - mean) / spread
    params = [np.zeros((rows.shape[1], len(KINDS)), np.float32), np.zeros(len(KINDS), np.float32)]
    first, second = [np.zeros_like(p) for p in params], [np.zeros_like(p) for p in params]
    for step in range(1, steps + 1):
        score = rows @ params[0] + params[1]
        odds = np.exp(score - score.max(1, keepdims=True))
        gap = (odds / odds.sum(1, keepdims=True) - wanted) * trust[:, None]
        for param, m, v, slope in zip(
            params, first, second, (rows.T @ gap + shrink * params[0], gap.sum(0)), strict=True
        ):
            m += 0.1 * (slope - m)
            v += 0.001 * (slope * slope - v)
            param -= rate * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)
    weights = params[0] / spread[:, None]
    return weights, params[1] - mean @ weights


def save(file: Path, weights: NDArray[Any], bias: NDArray[Any], tagger: str) -> None:
    """Write the weights as whole numbers of one byte with a scale for each kind."""
    scale = np.abs(weights).max(0) / 127
    small = np.round(weights / scale).astype(np.int8)
    digest = hashlib.sha256(small.tobytes() + bias.astype(np.float32).tobytes()).hexdigest()[:12]
    about = json.dumps({"kinds": KINDS, "tagger": tagger, "version": digest})
    np.savez_compressed(
        file, weights=small, scale=scale.astype(np.float32), bias=bias.astype(np.float32), about=np.array(about)
    )


if __name__ == "__main__":
    sys.exit(main())
