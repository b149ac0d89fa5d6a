"""Several texts that one person sent in a row, as one text to read.

People send one thought in pieces: ``pickup at`` / ``6`` / ``on friday``. A piece that breaks off, or that is only a
word or two, is joined by a space, so that a time and its day stand in one sentence; whole sentences stay on lines of
their own, so that a phrase of one does not swallow the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.parsing.reading import Kind, Reading, Segment, SegmentKind

SHORT: Final = 2
"""A text of at most so many words that follows another is a piece of it."""
UNFINISHED: Final = frozenset(
    """
    a an the at on in to for from of by with and or but so that is are was were be will can cant gonna going my your
    his her their our this next around about before after until till its im ill youre were theyre not i we you he she
    they than then because if when where who what como en el la los las un una con para por de y o que a
    """.split()
)
"""Words after which a sentence goes on."""
_ENDS: Final = ".!?…"


@dataclass(frozen=True, slots=True)
class Piece:
    """Where one text stands in the joined one: ``[start, end)`` in code points."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Joined:
    """The joined text as a reading, and its pieces in the order of the texts."""

    reading: Reading
    pieces: tuple[Piece, ...]


def join(readings: Sequence[Reading], *, run_on: bool = False, gap: str = " ") -> Joined:
    """Join the new words of readings of one sender, in order; `run_on`: as one line, with `gap` between.

    Raises:
        ValueError: there are none.
    """
    if not readings:
        raise ValueError("no text to join")
    text, last = "", ""
    pieces: list[Piece] = []
    for reading in readings:
        words = reading.new_text
        if text and words:
            text += gap if run_on else between(last, words)
        pieces.append(Piece(len(text), len(text) + len(words)))
        text, last = text + words, words or last
    first = readings[0]
    whole = Reading(
        kind=Kind.MESSAGE,
        from_=first.from_,
        to=first.to,
        date=first.date,
        body=text,
        segments=(Segment(0, len(text), SegmentKind.NEW),) if text else (),
        attachments=tuple(a for r in readings for a in r.attachments),
        media=tuple(m for r in readings for m in r.media),
        hold=tuple(dict.fromkeys(h for r in readings for h in r.hold)),
    )
    return Joined(whole, tuple(pieces))


def between(before: str, after: str) -> str:
    """What stands between two texts: a space where the second goes on with the first, else a line break."""
    bare = before.rstrip()
    if bare.endswith(tuple(_ENDS)):
        return "\n"
    words = bare.split()
    breaks_off = not words or words[-1].lower().strip("'’,;:-").replace("'", "").replace("’", "") in UNFINISHED
    return " " if breaks_off or bare.endswith((",", "-", "–", ":", "&")) or len(after.split()) <= SHORT else "\n"
