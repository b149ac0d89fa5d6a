"""Where the sentences of a short message begin and end. Linear in its length."""

from __future__ import annotations

import re

_END = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s|$)|\n+")
_SHORT = re.compile(r"(?i)(?:\b(?:dr|mr|mrs|ms|st|ave|rd|no|nos|approx|vs|prof|jr|sr|a\.m|p\.m|e\.g|i\.e)|\b[A-Z])$")
_EDGE = re.compile(
    r"(?i)\W*(?:(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|morning)\b[\w' ]{0,20}"
    r"|(?:(?:many |with )?(?:thanks|thank you|thx|ta|cheers|regards|kind regards|best wishes|best|sincerely)\b[\w', ]{0,20})"
    r"|yes|no|ok|okay|sure|received|understood|done)\W*"
)


def sentences(text: str) -> tuple[tuple[int, int], ...]:
    """(start, end) of each sentence in code points, without the blanks around it. A line break ends one."""
    out: list[tuple[int, int]] = []
    start = 0
    for mark in _END.finditer(text):
        if mark[0] == "." and _goes_on(text, start, mark.start(), mark.end()):
            continue
        _add(out, text, start, mark.end())
        start = mark.end()
    _add(out, text, start, len(text))
    return tuple(out)


def counted(text: str, places: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    """The sentences that say something: no greeting, thanks, signature line or bare yes and no."""
    said = [p for p in places if not _EDGE.fullmatch(text, *p)]
    last = said[-1:] if said and _is_name_line(text, said[-1]) else []
    return tuple(p for p in said if p not in last)


def _goes_on(text: str, start: int, dot: int, after: int) -> bool:
    """Whether a full stop belongs to a shortened word (Dr., a.m.) and the sentence goes on."""
    if not _SHORT.search(text, max(start, dot - 8), dot):
        return False
    rest = text[after : after + 3].lstrip()
    return not text[max(start, dot - 3) : dot].lower().endswith(".m") or rest[:1].islower()


def _is_name_line(text: str, place: tuple[int, int]) -> bool:
    """A single capitalised word on a line of its own at the end."""
    line = text[place[0] : place[1]]
    return (
        line[:1].isupper()
        and bool(re.fullmatch(r"[\w'-]{1,20}\.?", line))
        and "\n" in text[max(0, place[0] - 2) : place[0]]
    )


def _add(out: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if any(c.isalnum() for c in text[start:end]) or (end > start and not out):
        out.append((start, end))
