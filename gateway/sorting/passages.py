"""Which passages of a decided message wait for a person, and the words around them. Pure.

Around a passage stands only what the card shows anyway, or what says nothing: whatever was withheld is a gap, so that nobody
meets an insult while sorting a school trip. The whole message is a step of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from gateway.conclusion import NOTE_OUTSIDER, NOTE_STRANGER
from gateway.delivery.card import Card
from gateway.family import Contact
from gateway.policy import Action, Lane

Field = Literal["text", "subject", "whole"]
FIELDS: Final[Mapping[Field, str]] = {"subject": "subject_choices", "text": "choices"}
SORTED_LANES: Final = (Lane.FACTS, Lane.EMERGENCY, Lane.UNSORTED)
"""Lanes whose passages wait. A message with a sign of danger is looked at whole, behind its alarm; legal mail is shown whole."""
NOTHING_SHOWN: Final = "nothing of it is shown here"
"""Stands in every note of a card that keeps a whole message back for who wrote it."""
UNREAD: Final = "not read"
"""Rule of a message that the program could not read."""
SENDER: Final = "sender"
"""Rule of a message that is held for who wrote it."""
AROUND: Final = 240
"""Code points that are shown on each side."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch that waits: code points of the decided text or subject; ``whole``: all of the message."""

    field: Field
    start: int
    end: int
    label: str
    rule: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch as it is shown. ``this``: what is to be sorted; ``shown``: words of the card; ``gap``: words kept back."""

    kind: Literal["this", "shown", "gap"]
    words: str = ""


def passages_of(card: Card, detail: Mapping[str, Any], new_text: str) -> tuple[Passage, ...]:
    """What of a message waits, in order; nothing where its card is of another lane, or where it has no words at all."""
    if card.lane not in SORTED_LANES:
        return ()
    if detail.get("kind") == "shunted":
        return (Passage("whole", 0, 0, "N", UNREAD),)
    held = [] if detail.get("mode", Contact.MODIFIED) != Contact.MODIFIED else list(_held(detail, new_text))
    if card.lane is not Lane.UNSORTED:
        return tuple(held)
    if held and not _for_its_sender(card):
        return tuple(held)
    words = new_text.strip() or str(detail.get("quoted", "")) or detail.get("beside")
    return (Passage("whole", 0, 0, "N", SENDER),) if words else ()


def around(passage: Passage, text: str, choices: Sequence[Mapping[str, Any]]) -> tuple[Piece, ...]:
    """The passage in its text, with gaps for what is kept back."""
    before = list(_pieces(text, choices, max(0, passage.start - AROUND), passage.start))
    after = list(_pieces(text, choices, passage.end, min(len(text), passage.end + AROUND)))
    if passage.start > AROUND and before and before[0].kind == "shown":
        before[0] = replace(before[0], words="… " + before[0].words.lstrip())
    if passage.end + AROUND < len(text) and after and after[-1].kind == "shown":
        after[-1] = replace(after[-1], words=after[-1].words.rstrip() + " …")
    return (*before, Piece("this", text[passage.start : passage.end]), *after)


def _for_its_sender(card: Card) -> bool:
    """Whether none of its words is shown, for who wrote it: then a person sorts the message, not the pieces of it."""
    return any(note in (NOTE_STRANGER, NOTE_OUTSIDER) or NOTHING_SHOWN in note.lower() for note in card.notes)


def _held(detail: Mapping[str, Any], text: str) -> Iterable[Passage]:
    for field, name in FIELDS.items():
        words = str(detail.get("subject") or "") if field == "subject" else text
        yield from _joined([_passage(field, c) for c in detail.get(name, ()) if c["action"] == Action.HOLD], words)


def _joined(found: Sequence[Passage], words: str) -> list[Passage]:
    """Neighbours of one kind are one passage: a person sorts sentences, not the pieces of one."""
    out: list[Passage] = []
    for one in found:
        if not any(c.isalnum() for c in words[one.start : one.end]):
            continue
        last = out[-1] if out else None
        gap = words[last.end : one.start] if last else ""
        if last and not any(c.isalnum() for c in gap) and "\n\n" not in gap and _kind(last) == _kind(one):
            told = one if last.label == "N" else last
            out[-1] = replace(told, start=last.start, end=one.end)
        else:
            out.append(one)
    return out


def _kind(passage: Passage) -> str:
    return "X" if passage.label.startswith("X:") else "F"


def _passage(field: Field, choice: Mapping[str, Any]) -> Passage:
    return Passage(field, int(choice["start"]), int(choice["end"]), str(choice["label"]), str(choice["rule"]))


def _pieces(text: str, choices: Sequence[Mapping[str, Any]], start: int, end: int) -> Iterable[Piece]:
    """What stands between two places. What no choice speaks of says nothing and is a gap all the same."""
    at, gap = start, False
    for choice in sorted(choices, key=lambda c: int(c["start"])):
        first, last = max(start, int(choice["start"])), min(end, int(choice["end"]))
        if first >= last:
            continue
        between = text[at:first]
        gap = gap or any(c.isalnum() for c in between)
        at = last
        if not _shows(choice):
            gap = True
            continue
        if gap:
            yield Piece("gap")
        yield Piece("shown", text[first:last] if gap else between + text[first:last])
        gap = False
    if gap or any(c.isalnum() for c in text[at:end]):
        yield Piece("gap")
    elif text[at:end]:
        yield Piece("shown", text[at:end])


def _shows(choice: Mapping[str, Any]) -> bool:
    """Whether the card shows it."""
    urgent = choice["action"] == Action.ESCALATE and choice["label"] == "F:emergency"
    return bool(choice["label"] != "N" and (choice["action"] == Action.FORWARD or urgent))
