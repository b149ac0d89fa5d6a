"""Quoted words that nobody wrote before.

What a message marks as quoted is not new, or so it says. Answers typed inside an older message (Outlook), and words
put behind quote marks on purpose, pass as quoted too. Where the earlier messages of the two are at hand, the quoted
lines are looked up in them, in runs of four words: a line with a run that occurs nowhere holds words that are new.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from gateway.parsing.agreement import words_of
from gateway.parsing.lines import Line
from gateway.parsing.quoting import find_attribution, find_head
from gateway.parsing.reading import Reading, SegmentKind

RUN: Final = 4


def unknown_quotes(reading: Reading, earlier: Iterable[str]) -> tuple[str, ...]:
    """The quoted lines of `reading` with words that are in none of the `earlier` texts, quote marks removed.

    `earlier` are bodies (and subjects) of the messages before this one, in any order. What programs write over an
    older message is not looked up.
    """
    known = _runs(earlier)
    unknown: list[str] = []
    for segment in reading.segments:
        if segment.kind is SegmentKind.QUOTED:
            unknown.extend(
                line for line in _lines(reading.body[segment.start : segment.end]) if not _is_known(line, known)
            )
    return tuple(unknown)


def is_unknown(words: str, earlier: Iterable[str]) -> bool:
    """Whether words that are said to be an earlier message's (a reaction quotes them) are in none of those."""
    return not _is_known(words.rstrip("…. "), _runs(earlier))


def _runs(earlier: Iterable[str]) -> set[tuple[str, ...]]:
    known: set[tuple[str, ...]] = set()
    for text in earlier:
        words = words_of(text)
        known.update(tuple(words[i : i + n]) for n in range(1, RUN + 1) for i in range(len(words) - n + 1))
    return known


def _is_known(line: str, known: set[tuple[str, ...]]) -> bool:
    words = words_of(line)
    size = min(RUN, len(words))
    return not words or all(tuple(words[i : i + size]) in known for i in range(len(words) - size + 1))


def _lines(text: str) -> list[str]:
    """The quoted lines without their marks and without what stands over an older message."""
    lines = [Line(piece.lstrip("> ")) for piece in text.split("\n")]
    depths = [0] * len(lines)
    kept: list[str] = []
    at = 0
    while at < len(lines):
        over = find_head(lines, at, depths) or find_attribution(lines, at, depths)
        if over is None:
            kept.append(lines[at].text)
        at = max(over.end, at + 1) if over else at + 1
    return [line for line in kept if line.strip()]
