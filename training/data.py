"""The corpus as the network needs it: messages, folds by family, pieces with their labels.

A message's marks are read by `training.score`; a piece carries the label of the mark in which its first character
lies, and none (-100) between marks. A boundary stands at the first piece of every mark.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from gateway.tagging.encode import Encoded, People, Piece, Window, encode
from gateway.tagging.spans import LABELS
from training.score import plain

NUMBER = {label: i for i, label in enumerate(LABELS)}
NONE = -100
CORPUS = Path(__file__).parent / "corpus"
MODEL = Path(__file__).parents[1] / "gateway" / "tagging" / "model"


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the corpus with its marks: ``(kind, category, start, end)`` in the plain text."""

    record: dict[str, Any]
    file: str
    text: str
    marks: list[tuple[str, str, int, int]]
    subject: str
    subject_marks: list[tuple[str, str, int, int]]

    @property
    def id(self) -> str:
        """The message's id in its file."""
        return str(self.record["id"])

    @property
    def family(self) -> str:
        """Who writes to whom; messages of one family never stand in both training and test."""
        return "|".join([*sorted(self.record["children"]), self.record["sender_name"], self.record["recipient_name"]])

    def people(self) -> People:
        """The names that become roles."""
        return People.of(self.record["children"], self.record["sender_name"], self.record["recipient_name"])

    def previous(self) -> tuple[str, ...]:
        """Earlier messages as `gateway.tagging.spans.Unread` has them."""
        return tuple(("<" if p["from"] == "recipient" else ">") + p["text"] for p in self.record.get("previous", []))


@dataclass(frozen=True, slots=True)
class Example:
    """One window with its targets; arrays of the window's length."""

    message: int
    window: Window
    labels: NDArray[np.int64]
    starts: NDArray[np.float32]
    answers: NDArray[np.float32]


def read(files: Iterable[Path]) -> list[Message]:
    """All messages of the files; an id that was seen before is left out."""
    out: list[Message] = []
    seen: set[str] = set()
    for file in files:
        for line in file.read_text(encoding="utf8").splitlines():
            record = json.loads(line)
            if record["id"] in seen:
                continue
            seen.add(record["id"])
            text, marks = plain(record["text"])
            subject, subject_marks = plain(record.get("subject") or "")
            out.append(Message(record, file.name, text, marks, subject, subject_marks))
    return out


def corpus_files() -> list[Path]:
    """Every JSON Lines file of the corpus, the given messages first."""
    given = CORPUS / "given.jsonl"
    return [given, *sorted(f for f in CORPUS.glob("*.jsonl") if f != given)]


def fresh_files() -> list[Path]:
    """Messages that no network ever learns from and no number is set on: only ever asked."""
    return sorted((CORPUS / "fresh").glob("*.jsonl"))


def folds(messages: Sequence[Message], count: int = 5) -> NDArray[np.int64]:
    """The fold of each message, equal for a whole family, dealt by hash so that new data moves nobody."""

    def digit(family: str) -> int:
        return int(hashlib.sha256(family.encode()).hexdigest()[:8], 16) % count

    return np.array([digit(m.family) for m in messages], dtype=np.int64)


def encoded(tokenizer: Tokenizer, message: Message) -> Encoded:
    """The message in pieces."""
    return encode(
        tokenizer,
        message.text,
        people=message.people(),
        subject=message.subject,
        channel=message.record["channel"],
        previous=message.previous(),
    )


def examples(tokenizer: Tokenizer, messages: Sequence[Message]) -> list[Example]:
    """The windows of all messages with their targets."""
    out: list[Example] = []
    for number, message in enumerate(messages):
        parts = encoded(tokenizer, message)
        text = _targets(parts.text, message.marks)
        subject = _targets(parts.subject, message.subject_marks)
        kinds = {(k, c) for k, c, *_ in (*message.marks, *message.subject_marks)}
        answers = np.array(
            [
                any(k == "D" for k, _ in kinds),
                ("F", "emergency") in kinds,
                any(k == "X" for k, _ in kinds),
                any(k == "F" for k, _ in kinds),
            ],
            dtype=np.float32,
        )
        for window in parts.windows:
            labels = np.full(len(window.numbers), NONE, dtype=np.int64)
            starts = np.full(len(window.numbers), -1, dtype=np.float32)
            for places, (piece_labels, piece_starts) in ((window.text, text), (window.subject, subject)):
                for place, piece in places:
                    labels[place], starts[place] = piece_labels[piece], piece_starts[piece]
            out.append(Example(number, window, labels, starts, answers))
    return out


def _targets(pieces: Sequence[Piece], marks: Sequence[tuple[str, str, int, int]]) -> tuple[list[int], list[float]]:
    labels, starts = [], []
    at = -1
    i = 0
    for piece in pieces:
        while i < len(marks) and marks[i][3] <= piece.start:
            i += 1
        if i == len(marks) or piece.end <= marks[i][2]:
            labels.append(NONE)
            starts.append(-1.0)
            continue
        kind, category = marks[i][0], marks[i][1]
        labels.append(NUMBER[kind if kind == "N" else f"{kind}:{category}"])
        starts.append(float(i != at))
        at = i
    return labels, starts


def corpus_hash(messages: Sequence[Message]) -> str:
    """A hash of everything that training reads."""
    content = "\n".join(json.dumps(m.record, sort_keys=True, ensure_ascii=False) for m in messages)
    return hashlib.sha256(content.encode("utf8")).hexdigest()
