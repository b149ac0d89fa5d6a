"""Where one clause ends and the next begins, in ordinary and in hurried writing.

A clause ends at the end of a line or a sentence, at a comma, semicolon, colon, bracket, dash or ellipsis, and before a
word that begins a new thought ("and", "but", "because", "if", "when"). Signs inside a number, a time, an amount or an
abbreviation ("5.30", "1,200", "5:30", "p.m.", "24-26") end nothing. The clauses together hold every character that is
not white space; punctuation stays with the words before it, an opening bracket or quote with those behind it.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from gateway.tagging.tables import word_set

LINKING_WORDS = word_set(
    """
    and but so because bc cos cuz coz since if when unless although though while whilst whereas until which who
    whose however otherwise anyway anyways also plus then or yet except instead meanwhile
    """
)

_LINK = "|".join(sorted(LINKING_WORDS))
_BOUNDARY = re.compile(
    r"\n"
    r"|(?<!\b[A-Z])(?<!\.[a-z])[.!?…]{1,20}[\"')\]”’]{0,2}(?=\s)"  # a sentence's end, not "J." and not "p.m."
    r"|(?<=[a-z]{3})[.!?]{1,20}(?=[A-Za-z]{2})"  # ... without a space behind it
    r"|[!?…]{1,20}|\.{2,20}"
    r"|(?<!\d)[,;:]|[,;:](?!\d)"
    r"|[)\]}](?=\s)"
    r"|[—―]|(?<=\s)[-–]{1,3}(?=\s)|(?<=[A-Za-z)])–(?=\s?[A-Za-z])|--{1,20}"
    r"|(?<=\s)(?=[(\[{])"
    rf"|(?<=\s)(?=(?i:{_LINK})\b)"
    r"|(?<=\s)(?=&\s)"
)


def clauses(text: str) -> tuple[tuple[int, int], ...]:
    """Offsets ``(start, end)`` of the clauses of `text`, in order; blank ones are left out."""
    out: list[tuple[int, int]] = []
    start = 0
    for m in _BOUNDARY.finditer(text):
        _add(text, start, m.end(), out)
        start = m.end()
    _add(text, start, len(text), out)
    return tuple(out)


def clause_at(text: str, start: int, end: int) -> tuple[int, int]:
    """The clause, or the clauses in a row, that hold ``text[start:end]``; never less than the passage itself."""
    parts = clauses(text)
    if not parts:
        return start, end
    starts = [p[0] for p in parts]
    first = max(bisect_right(starts, start) - 1, 0)
    last = max(bisect_right(starts, max(end - 1, start)) - 1, first)
    return min(parts[first][0], start), max(parts[last][1], end)


def _add(text: str, start: int, end: int, out: list[tuple[int, int]]) -> None:
    """Append the piece without white space around it; a piece of signs alone goes to the clause before."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start >= end:
        return
    bare = not any(c.isalnum() for c in text[start:end])
    if out and bare and "\n" not in text[out[-1][1] : start]:
        out[-1] = (out[-1][0], end)
        return
    out.append((start, end))
