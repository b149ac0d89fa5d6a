"""Where an older message begins: the lines that mail programs put over it.

Two shapes. An attribution is one sentence of one to four lines that ends in a colon and holds a verb of writing:

    On Mon, Mar 3, 2025 at 5:12 PM Anna Smith
    <anna@example.org> wrote:

A head is a block of labelled lines (`From:`, `Sent:`, `To:`, `Subject:`), mostly under a divider. People write
sentences that look like these too, so both are only candidates here; what follows them decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import re2

from gateway.parsing import phrases
from gateway.parsing.lines import Line

MAX_HEAD_LINES: Final = 24
_FIRST: Final = frozenset(("from", "date"))
"""With which fields programs begin a head: a line of the writer such as `To: do` above it is not part of it."""
MAX_ATTRIBUTION: Final = 400
_SENTENCE_END: Final = re2.compile(r"\pL{5,}[.!?]\s")
_TIME: Final = re2.compile(r"(?:^|[^\d])\d\d?[:.h]\d\d(?:[^\d]|$)")
_DATE: Final = re2.compile(r"\d+[./-]\d\d?[./-]\d\d|(?:^|[^\d])(?:19|20)\d\d(?:[^\d]|$)")
_EMAIL: Final = re2.compile(r"[^\s<>@]+@[^\s<>@]+\.[^\s<>@]+")
_LABEL: Final = re2.compile(r"^[\s>*_|]*([\pL][\pL '’/-]*?)[\s*_]*[:：][*_]*(?:\s+(.*))?$")
_WROTE: Final = re2.compile(
    r"(?i)(?:^|[\s,>])(?:"
    + "|".join(re2.escape(w) for w in sorted(phrases.WROTE, key=len, reverse=True))
    + r")(?:[\s,:<(]|$)"
)
_WROTE_AND_ON: Final = re2.compile(
    r"(?i)@[^\s<>]+>?\)?,?\s+(?:" + "|".join(re2.escape(w) for w in phrases.WROTE) + r")\s*:\s*\S"
)
_FIELD_OF: Final = {label: field for field, labels in phrases.HEAD_LABELS.items() for label in labels}


@dataclass(frozen=True, slots=True)
class Attribution:
    """Lines `start` to `end` (not included) look like an attribution.

    `strong`: with a date, and a time or address. `address`: of the one who wrote, in lower case.
    """

    start: int
    end: int
    strong: bool
    address: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """Lines `start` to `end` (not included) look like the head over an older message.

    `divided`: a divider that only programs write, or a program's cue, stands over it. `forward`: it says so.
    """

    start: int
    end: int
    divided: bool
    forward: bool


def find_attribution(lines: Sequence[Line], at: int, depths: Sequence[int]) -> Attribution | None:
    """The attribution that begins exactly at line `at`."""
    first = _spaced(lines[at].text)
    if not first or depths[at]:
        return None
    opened = _opens(first)
    text = ""
    for end in range(at, min(at + 4, len(lines))):
        piece = _spaced(lines[end].text)
        if not piece or depths[end] or len(text) + len(piece) > MAX_ATTRIBUTION:
            return None
        text = f"{text} {piece}".strip()
        if opened and end - at < 2 and _DATE.search(text) and _WROTE_AND_ON.search(text):
            return Attribution(at, end + 1, strong=True, address=_address(text))
        ends = piece.rstrip("*_ ]-—").endswith((":", "：")) or (
            opened and piece.rstrip(" -—").lower().endswith("wrote")
        )
        if ends and _WROTE.search(text):
            if not opened and (end > at or len(text.split()) > 8):
                return None
            certain = _DATE.search(text) and (_TIME.search(text) or _EMAIL.search(text))
            return Attribution(at, end + 1, strong=bool(opened and certain), address=_address(text))
        if not opened:
            return None
    return None


def _address(text: str) -> str:
    match = _EMAIL.search(text.replace("(", " ").replace(")", " ").replace("mailto:", " "))
    return str(match.group(0)).strip("'\".,:").lower() if match else ""


def _spaced(text: str) -> str:
    """Every kind of blank as a plain one: programs put narrow and hard blanks before `PM` and `:`."""
    return " ".join(text.replace("\u200e", "").replace("\u200f", "").replace("\ufeff", "").split())


def _opens(first: str) -> bool:
    """A preposition, a day, a date, or a name with its address and the verb: how an attribution begins."""
    if first.lower().lstrip("[*_-— ").startswith(phrases.OPENERS):
        return True
    date = _DATE.search(first[:14])
    if date is not None and date.start() <= 1:
        return True
    address = _EMAIL.search(first)
    return address is not None and _WROTE.search(first, address.end() - 1) is not None


def is_one_sentence(lines: Sequence[Line], found: Attribution) -> bool:
    """False where a sentence of the writer ends inside the lines: `I was ill on Friday. At 5 she wrote to …:`."""
    return _SENTENCE_END.search(" ".join(line.text for line in lines[found.start : found.end])) is None


def find_head(lines: Sequence[Line], at: int, depths: Sequence[int]) -> Head | None:
    """The head that begins exactly at line `at`, with its divider if there is one."""
    first = lines[at]
    if not first.text.strip() or not (first.cue or ":" in first.text or "：" in first.text or marker_of(first.text)):
        return None
    start, depth, forward, original, cue = at, depths[at], False, False, False
    while at < len(lines) and at < start + 6 and depths[at] == depth:
        marker = marker_of(lines[at].text)
        cue = cue or lines[at].cue
        if marker is None and lines[at].text.strip():
            break
        forward = forward or marker == "forward"
        original = original or marker == "original"
        at += 1
    said = forward or original or cue
    fields, end = _labels(lines, at, depths, depth, said=said)
    if "from" in fields and (len(fields) >= 2 if said else _is_whole(fields, lines[at:end])):
        return Head(start, end, said, forward)
    labelled = _any_labels(lines, at) if cue else 0
    return Head(start, at + labelled, said, forward) if labelled >= 3 else None


def _is_whole(fields: set[str], lines: Sequence[Line]) -> bool:
    """Without a divider: all that programs write, with a year or an address. People write `From:` and `To:` too."""
    text = " ".join(line.text for line in lines)
    return {"date", "subject"} <= fields and bool(_DATE.search(text) or _EMAIL.search(text))


def _any_labels(lines: Sequence[Line], at: int) -> int:
    """How many lines from `at` on are labelled in any language: under a program's divider that is a head."""
    count = 0
    while count < 8 and at + count < len(lines) and _LABEL.match(lines[at + count].text[:300]):
        count += 1
    return count


def marker_of(text: str) -> str | None:
    """`forward` or `original` for a divider that says so, `rule` for a drawn line, None for anything else."""
    bare = text.strip(" \t>*")
    if not bare or len(bare) > 200:
        return None
    dashed = bare.startswith(("--", "__", "==", "——", "––", "- -"))
    words = bare.strip(" \t*_-–—=:|\u200b\ufeff").lower()
    if not words:
        return "rule" if dashed and len(bare) >= 5 else None
    if len(words) > 60:
        return None
    if words.startswith(phrases.FORWARDED) and (dashed or bare.endswith(":")):
        return "forward"
    return "original" if dashed and words.startswith(phrases.ORIGINAL) else None


def _labels(lines: Sequence[Line], at: int, depths: Sequence[int], depth: int, *, said: bool) -> tuple[set[str], int]:
    """The fields labelled from line `at` on, and the line after the last of them. `said`: a divider stands over it."""
    fields: set[str] = set()
    end, misses, blanks = at, 0, 0
    for index in range(at, min(at + MAX_HEAD_LINES, len(lines))):
        text = lines[index].text
        if text.strip() and (depths[index] != depth or lines[index].kind is not lines[at].kind):
            break
        field = _field(lines, index)
        if (field == "from" and "from" in fields) or (not fields and not said and field not in _FIRST):
            break
        if field:
            fields.add(field)
            end, misses, blanks = index + 1, 0, 0
        elif not text.strip("> "):
            blanks += 1
            if blanks > 1 + said or not fields or {"from", "subject"} <= fields or not (said or "from" in fields):
                break
        else:
            misses += 1
            if misses > 3 or not fields or blanks or ("subject" in fields and not said):
                break
    return fields, end


def _field(lines: Sequence[Line], index: int) -> str | None:
    """Which field the line labels, if its value is one that such a field can have."""
    match = _LABEL.match(lines[index].text.replace("\xa0", " ")[:300])
    if match is None:
        return None
    field = _FIELD_OF.get(" ".join(match.group(1).lower().split()))
    value = (match.group(2) or "").strip()
    if not value:
        return field if index + 1 < len(lines) and lines[index + 1].text.strip() else None
    return None if field == "date" and not any(c.isdigit() for c in value) else field
