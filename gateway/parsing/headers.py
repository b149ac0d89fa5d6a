"""The header block of a message or part, read line by line from the bytes.

A header block should end at an empty line. Real ones also begin with an mbox `From ` line, lack the empty line,
fold without the leading space, hold NUL and 8-bit bytes, or are missing altogether. The reader goes on while lines
look like headers. A line that does not is the beginning of the text, unless headers that no text would hold come
right after it: then it is a stray piece of the header before it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from gateway.parsing import unread
from gateway.parsing.charsets import decode_text
from gateway.parsing.patterns import byte_pattern
from gateway.parsing.work import Work

MAX_BLOCK: Final = 512 * 1024
MAX_FIELDS: Final = 1_000
MAX_JUNK: Final = 50
"""Lines among the headers that are none, before the rest counts as the text."""
MAX_VALUE: Final = 64 * 1024
_NAME: Final = re.compile(rb"([!-9;-~]{1,100})[ \t]*:")  # signs that exclude each other: linear
_CHARSET: Final = byte_pattern(rb"(?i)charset\s*=\s*[\"']?([A-Za-z0-9_:.+-]+)")
_SURE_HEADER: Final = byte_pattern(
    rb"(?mi)^(?:Content-Type|Content-Transfer-Encoding|MIME-Version|Message-ID|Received|Return-Path|DKIM-Signature"
    rb"|From|Date)[ \t]*:"
)


@dataclass(frozen=True, slots=True)
class Headers:
    """The fields of a block, in order: names in lower case, values unfolded and as text."""

    fields: tuple[tuple[str, str], ...] = ()
    _named: dict[str, list[str]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name, value in self.fields:
            self._named.setdefault(name, []).append(value)

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of the named field; `name` in lower case."""
        return tuple(self._named.get(name, ()))

    def first(self, name: str) -> str:
        """The first value of the named field, or an empty string."""
        return self._named[name][0] if name in self._named else ""


def read_headers(source: bytes, start: int, end: int, work: Work) -> tuple[Headers, int]:
    """The headers that begin at `start`, and where the text after them begins. Never raises."""
    limit = min(end, start + MAX_BLOCK)
    found: list[tuple[bytes, list[tuple[int, int]]]] = []
    pos, junk = start, 0
    while pos < limit:
        stop = source.find(b"\n", pos, limit)
        stop = limit if stop < 0 else stop
        line = source[pos : min(stop, pos + 200)].rstrip(b"\r")
        after = min(stop + 1, end)
        if not line:
            return _texts(source, found, work), after
        if line[:1] in b" \t" and found:
            found[-1][1].append((pos, stop))
        elif (match := _NAME.match(line)) is not None:
            found.append((match.group(1), [(pos + match.end(), stop)]))
        elif not found and line.startswith((b"From ", b">From ")):
            work.odd("an mbox separator stands before the headers")
        elif found and junk < MAX_JUNK and _more_headers_follow(source, after, limit):
            work.odd("a line among the headers is no header")
            junk += 1
            found[-1][1].append((pos, stop))
        else:
            if found:
                work.odd("no empty line between headers and text")
            return _texts(source, found, work), pos
        pos = after
    if limit < end:
        work.hold(unread.HEADERS_TOO_LONG)
    return _texts(source, found, work), pos


def _more_headers_follow(source: bytes, pos: int, limit: int) -> bool:
    block = source[pos : min(limit, pos + 4_000)].replace(b"\r\n", b"\n")
    return _SURE_HEADER.search(block.split(b"\n\n", 1)[0]) is not None


def _texts(source: bytes, found: list[tuple[bytes, list[tuple[int, int]]]], work: Work) -> Headers:
    if len(found) > MAX_FIELDS:
        work.odd(f"more than {MAX_FIELDS} headers; the rest were not read")
    charset = _declared_charset(source, found)
    fields = []
    for name, pieces in found[:MAX_FIELDS]:
        value = b" ".join(source[a : min(b, a + MAX_VALUE)].strip() for a, b in pieces[:MAX_FIELDS])
        if len(value) > MAX_VALUE:
            work.odd("a header is longer than 64 KB; its end was not read")
            value = value[:MAX_VALUE]
        fields.append((name.decode("ascii").lower(), _clean(value, charset, work)))
    return Headers(tuple(fields))


def _declared_charset(source: bytes, found: list[tuple[bytes, list[tuple[int, int]]]]) -> str | None:
    """The charset that the block declares for its text: raw 8-bit headers are mostly in the same one."""
    for name, pieces in found:
        if name.lower() == b"content-type":
            value = b" ".join(source[a : min(b, a + 500)] for a, b in pieces[:10])
            match = _CHARSET.search(value)
            return match.group(1).decode("ascii") if match else None
    return None


def _clean(value: bytes, charset: str | None, work: Work) -> str:
    if b"\x00" in value:
        work.odd("a header holds NUL bytes")
        value = value.replace(b"\x00", b"")
    if value.isascii():
        return value.decode("ascii").strip()
    work.odd("a header holds raw 8-bit letters")
    try:
        return value.decode("utf-8").strip()
    except UnicodeDecodeError:
        return decode_text(value, charset or "utf-8", work, "a header").strip()
