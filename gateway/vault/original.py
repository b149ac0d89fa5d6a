"""An original as it is shown: its exact words as text, and what became of each passage. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.parsing import Reading

PART: Final = 30_000
"""Code points of a page of a long message."""
HOW: Final = {"withhold": "Withheld", "hold": "Held for a look", "escalate": "Not quoted on the card (alarm)"}
MARKED, KEPT, PLAIN = "sent", "kept", ""


@dataclass(frozen=True, slots=True)
class Run:
    """Words that had one fate. `kind`: ``sent``, ``kept`` (not sent; `note` says by which rule) or empty (not decided word by word)."""

    text: str
    kind: str = PLAIN
    note: int = 0


@dataclass(frozen=True, slots=True)
class Note:
    """Why words were not sent: what was done, the rule's title and its name."""

    number: int
    how: str
    title: str
    rule: str


@dataclass(frozen=True, slots=True)
class Original:
    """All words of a message. `again`: it reads differently today than when it was decided, so nothing is marked."""

    subject: tuple[Run, ...]
    body: tuple[Run, ...]
    notes: tuple[Note, ...]
    again: bool = False

    @property
    def parts(self) -> int:
        """How many pages its words fill."""
        return max(1, -(-sum(len(run.text) for run in self.body) // PART))

    def part(self, number: int) -> tuple[Run, ...]:
        """The words of one page, from 1."""
        return tuple(cut(self.body, (number - 1) * PART, number * PART))


def original_of(
    reading: Reading, detail: Mapping[str, Any], new_text: str, titles: Mapping[str, str], *, on_card: bool
) -> Original:
    """The words with what became of them. `on_card`: forwarded passages were put on a card; of an imported message nothing was."""
    notes: dict[tuple[str, str], Note] = {}
    subject = reading.subject or ""
    same_subject = subject == (detail.get("subject") or "")
    title = _marked(subject, detail.get("subject_choices", ()) if same_subject else (), titles, notes, on_card)
    again = bool(new_text) and reading.new_text != new_text
    words = () if again else _marked(new_text, detail.get("choices", ()), titles, notes, on_card)
    body = _placed(reading, words) if words else (Run(reading.body),)
    return Original(tuple(title), tuple(run for run in body if run.text), tuple(notes.values()), again)


def cut(runs: Sequence[Run], start: int, end: int) -> Iterator[Run]:
    """The runs between two places, in code points."""
    at = 0
    for run in runs:
        text = run.text[max(start - at, 0) : max(end - at, 0)]
        if text:
            yield Run(text, run.kind, run.note)
        at += len(run.text)


def _marked(
    text: str,
    choices: Sequence[Mapping[str, Any]],
    titles: Mapping[str, str],
    notes: dict[tuple[str, str], Note],
    on_card: bool,
) -> list[Run]:
    out, at = [], 0
    for choice in choices:
        start, end = max(int(choice["start"]), at), int(choice["end"])
        if end <= start:
            continue
        out.append(Run(text[at:start]))
        out.append(_run(text[start:end], choice, titles, notes, on_card))
        at = end
    return [*out, Run(text[at:])]


def _run(
    text: str,
    choice: Mapping[str, Any],
    titles: Mapping[str, str],
    notes: dict[tuple[str, str], Note],
    on_card: bool,
) -> Run:
    action, label, rule = str(choice["action"]), str(choice["label"]), str(choice["rule"])
    came = action == "forward" or (action, label) == ("escalate", "F:emergency")
    if came:
        return Run(text, MARKED if on_card and not label.startswith("N") else PLAIN)
    how = HOW.get(action)
    if how is None:
        return Run(text)
    note = notes.setdefault((how, rule), Note(len(notes) + 1, how, titles.get(rule, rule), rule))
    return Run(text, KEPT, note.number)


def _placed(reading: Reading, words: Sequence[Run]) -> Iterator[Run]:
    """The runs of the new words where they stand in the body, with the rest of the body around them."""
    at = 0
    for start, origin, length in reading.new_origin:
        yield Run(reading.body[at:origin])
        yield from cut(words, start, start + length)
        at = origin + length
    yield Run(reading.body[at:])
