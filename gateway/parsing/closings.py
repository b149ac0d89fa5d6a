"""What stands under a message and is not the message: signature, line of the device, legal text, footers.

Each test is narrow, because words lost here are worse than a line shown too many. A signature needs the line `-- `
(RFC 3676 §4.3) or an element that a mail program marks, and must be short. The line of a device must be short, begin
as programs begin it and name a device. Legal text goes paragraph by paragraph, each of which must speak like one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import re2

from gateway.parsing import phrases
from gateway.parsing.lines import Line
from gateway.parsing.reading import SegmentKind
from gateway.parsing.work import Work

MAX_SIGNATURE_LINES: Final = 12
MAX_SIGNATURE_CHARS: Final = 700
_LINK: Final = re2.compile(r"<[^<>]*>|\(https?:[^()]*\)|https?://\S+")
_HOUR: Final = re2.compile(r"[^\d]\d\d?[:.]\d\d(?:\s|[ap]m|h\b)|[^\d]\d\d?\s?(?:[ap]\.?m\.?\b|uhr\b)")
FOOTER, SIGNATURE = SegmentKind.FOOTER, SegmentKind.SIGNATURE
LONG: Final = "what stands as a signature may hold words of the message; it is treated as new"


def mark_closings(lines: Sequence[Line], kinds: list[SegmentKind | None], *, is_list: bool, work: Work) -> None:
    """Set the kinds of closings in `kinds`, where nothing is known yet."""
    for start, end in _runs(kinds, SIGNATURE):
        texts = [line.text for line in lines[start:end]]
        if not is_short_signature(texts) or _speaks(texts):
            kinds[start:end] = [None] * (end - start)
            work.hold(LONG)
        else:
            _mark_paragraphs(lines, kinds, start, end, is_list=False, only_device=True)
    for start, end in _runs(kinds, None):
        stop = _mark_signature(lines, kinds, start, end, work)
        _mark_paragraphs(lines, kinds, start, stop, is_list=is_list)


def _mark_signature(lines: Sequence[Line], kinds: list[SegmentKind | None], start: int, end: int, work: Work) -> int:
    """Mark what stands under the last `-- `; where the stretch ends that is left."""
    mark = next((i for i in range(end - 1, start - 1, -1) if is_signature_mark(lines[i].text)), None)
    if mark is None:
        return end
    texts = [line.text for line in lines[mark + 1 : end]]
    if not is_short_signature(texts) or _speaks(texts):
        work.hold(LONG)
        return end
    kinds[mark:end] = [SIGNATURE] * (end - mark)
    _mark_paragraphs(lines, kinds, mark + 1, end, is_list=False)
    return mark


def _mark_paragraphs(
    lines: Sequence[Line],
    kinds: list[SegmentKind | None],
    start: int,
    end: int,
    *,
    is_list: bool,
    only_device: bool = False,
) -> None:
    for a, b in _paragraphs(lines, start, end):
        kind = None if only_device else paragraph_kind([line.text for line in lines[a:b]], is_list=is_list)
        if kind is not None:
            kinds[a:b] = [kind] * (b - a)
            continue
        for i in range(a, b):
            if is_device_line(lines[i].text):
                kinds[i] = FOOTER


def _paragraphs(lines: Sequence[Line], start: int, end: int) -> Iterator[tuple[int, int]]:
    a = start
    for i in range(start, end + 1):
        if i == end or not lines[i].text.strip():
            if i > a:
                yield a, i
            a = i + 1


def is_signature_mark(text: str) -> bool:
    """The line over a signature: two dashes and a blank, the blank often lost."""
    return text.rstrip() == "--" and len(text) <= 4


def is_short_signature(lines: Sequence[str]) -> bool:
    """True when what stands under the mark is no longer than signatures are, legal text not counted."""
    words = [line for line in lines if line.strip()]
    legal = sum(len(line) for line in words if paragraph_kind([line], is_list=False) is not None)
    return len(words) <= MAX_SIGNATURE_LINES and sum(map(len, words)) - legal <= MAX_SIGNATURE_CHARS


def _speaks(lines: Sequence[str]) -> bool:
    """True when it asks, names an hour or speaks to someone: a signature names, it does not speak."""
    kept = [line for line in lines if paragraph_kind([line], is_list=False) is None and not is_device_line(line)]
    text = f" {' '.join(' '.join(kept).lower().split())} "
    return "? " in text or _HOUR.search(text) is not None or sum(text.count(w) for w in phrases.SPEECH) >= 2


def is_device_line(text: str) -> bool:
    """A line such as `Sent from my iPhone` that a device or app adds."""
    plain = text.lower().strip(" \t*_-–—.!|[\xa0\ufeff")
    if not (plain.startswith(phrases.SENT_FROM) or plain.rstrip(" .").endswith(phrases.SENT_FROM_ENDS)):
        return False
    plain = _LINK.sub(" ", plain)
    for excuse in phrases.EXCUSES:
        plain = plain.partition(excuse)[0]
    words = " ".join("".join(c for c in plain if c not in "[]").split()).strip(" .")
    if not 8 <= len(words) <= 120 or len(words.split()) > 12:
        return False
    if any(mark in words for mark in (". ", "! ", "? ", "; ", ": ")):
        return words.startswith("yahoo mail:") and len(words) <= 60
    tail = " ".join(words.split()[-4:])
    marked = words.startswith(phrases.SENT_FROM) or words.endswith(phrases.SENT_FROM_ENDS)
    return marked and any(device in tail for device in phrases.DEVICES)


def paragraph_kind(lines: Sequence[str], *, is_list: bool) -> SegmentKind | None:
    """DISCLAIMER or FOOTER for a paragraph that mail systems add, None for anything a person may have written."""
    text = " ".join(line.strip(" *_>-\t|") for line in lines[:60]).strip().lower()
    if not text or len(text) > 6_000:
        return None
    if len(text) <= 200 and text.startswith(phrases.SCANNED) and any(name in text for name in phrases.SCANNERS):
        return FOOTER
    if is_list and len(text) <= 300 and any(phrase in text for phrase in phrases.LIST_FOOTER):
        return FOOTER
    if "?" in text.replace("http", ""):
        return None
    if len(text) <= 500 and text.startswith(phrases.BANNERS) and sum(w in text for w in phrases.BANNER_WORDS) >= 2:
        return SegmentKind.DISCLAIMER
    found = [phrase for phrase in phrases.DISCLAIMER if phrase in text]
    hits = sum(not any(phrase != other and phrase in other for other in found) for phrase in found)
    begins = len(text) >= 80 and hits >= 3 and text.startswith(phrases.DISCLAIMER_STARTS)
    return SegmentKind.DISCLAIMER if begins or (hits >= 5 and len(text) >= 150) else None


def _runs(kinds: Sequence[SegmentKind | None], wanted: SegmentKind | None) -> list[tuple[int, int]]:
    """The stretches of lines whose kind is `wanted`."""
    out: list[tuple[int, int]] = []
    start = None
    for i, kind in enumerate(kinds):
        if kind is wanted and start is None:
            start = i
        elif kind is not wanted and start is not None:
            out.append((start, i))
            start = None
    return [*out, (start, len(kinds))] if start is not None else out
