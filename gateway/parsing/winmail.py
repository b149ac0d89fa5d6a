"""Outlook's winmail.dat (TNEF, MS-OXTNEF): the text and the files inside it.

The format is a chain of attributes: one byte of level, four of identity, four of length, the data, two of checksum.
Some hold a list of MAPI properties (MS-OXCDATA). Only what holds words or files is read: body as plain text, HTML or
compressed RTF, names and contents of files. Written here, since the kept library (tnefparse) copies the rest of the
file for every attribute and raises on most broken ones.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from gateway.parsing.charsets import decode_text
from gateway.parsing.work import Work

SIGNATURE: Final = b"\x78\x9f\x3e\x22"
MAX_ATTRIBUTES: Final = 2_000
_BODY, _PROPERTIES, _CODE_PAGE = 0x800C, 0x9003, 0x9007
_NEW_FILE, _FILE_TITLE, _FILE_DATA, _FILE_PROPERTIES = 0x9002, 0x8010, 0x800F, 0x9005
_P_BODY, _P_RTF, _P_HTML, _P_CODE_PAGE = 0x1000, 0x1009, 0x1013, 0x3FDE
_P_FILE_DATA, _P_SHORT_NAME, _P_LONG_NAME, _P_SHOWN_NAME = 0x3701, 0x3704, 0x3707, 0x3001
_FIXED: Final = {2: 4, 11: 4, 3: 4, 4: 4, 10: 4, 5: 8, 6: 8, 7: 8, 20: 8, 64: 8, 72: 16}
"""Bytes that a value takes, by property type; the shorter ones are padded to four."""
_STRING, _WIDE, _OBJECT, _BINARY = 0x001E, 0x001F, 0x000D, 0x0102
_MANY: Final = 0x1000


@dataclass(slots=True)
class Winmail:
    """What was found: bodies as they are (`rtf` still compressed), and files as (name, bytes)."""

    text: str = ""
    html: bytes = b""
    rtf: bytes = b""
    files: list[tuple[str, bytes]] = field(default_factory=list)
    whole: bool = True


def open_winmail(data: bytes, work: Work) -> Winmail | None:
    """The content of a winmail.dat, as far as it can be read; None when it is none. Never raises."""
    if not data.startswith(SIGNATURE):
        return None
    found = Winmail()
    page = "cp1252"
    name, content, in_file = "", b"", False
    try:
        for identity, value in _attributes(data, work):
            if identity == _CODE_PAGE and len(value) >= 4:
                page = f"cp{struct.unpack_from('<I', value)[0]}"
            elif identity == _BODY:
                found.text = found.text or decode_text(value.rstrip(b"\0"), page, work, "the Outlook text")
            elif identity == _PROPERTIES:
                _read_body(value, page, found, work)
            elif identity == _NEW_FILE:
                _keep(found, name, content, in_file)
                name, content, in_file = "", b"", True
            elif identity == _FILE_TITLE:
                name = name or decode_text(value.rstrip(b"\0"), page, work, "a file name")
            elif identity == _FILE_DATA:
                content, in_file = value, True
            elif identity == _FILE_PROPERTIES:
                name, content = _read_file(value, page, name, content, work)
    except (struct.error, IndexError):
        found.whole = False
    _keep(found, name, content, in_file)
    return found


def _keep(found: Winmail, name: str, content: bytes, in_file: bool) -> None:
    if in_file:
        found.files.append((name, content))


def _attributes(data: bytes, work: Work) -> Iterator[tuple[int, bytes]]:
    at = 6
    for _ in range(MAX_ATTRIBUTES):
        if at + 9 > len(data) or not work.spend():
            return
        _, identity, _, length = struct.unpack_from("<BHHI", data, at)
        if at + 9 + length > len(data):
            raise IndexError("an attribute is longer than the file")
        yield identity, data[at + 9 : at + 9 + length]
        at += 9 + length + 2


def _read_body(value: bytes, page: str, found: Winmail, work: Work) -> None:
    for identity, kind, item in _properties(value, work):
        if identity == _P_BODY:
            found.text = _string(kind, item, page, work) or found.text
        elif identity == _P_HTML:
            found.html = item if kind != _WIDE else item.decode("utf-16-le", "replace").encode("utf-8")
        elif identity == _P_RTF:
            found.rtf = item


def _read_file(value: bytes, page: str, name: str, content: bytes, work: Work) -> tuple[str, bytes]:
    for identity, kind, item in _properties(value, work):
        if identity == _P_FILE_DATA and kind in (_OBJECT, _BINARY):
            content = item[16:] if kind == _OBJECT else item
        elif identity == _P_LONG_NAME or (identity in (_P_SHORT_NAME, _P_SHOWN_NAME) and not name):
            name = _string(kind, item, page, work) or name
    return name, content


def _string(kind: int, item: bytes, page: str, work: Work) -> str:
    if kind == _WIDE:
        return item.decode("utf-16-le", "replace").rstrip("\0")
    return decode_text(item.rstrip(b"\0"), page, work, "the Outlook text")


def _properties(value: bytes, work: Work) -> Iterator[tuple[int, int, bytes]]:
    """Identity, type and first value of each property."""
    (count,) = struct.unpack_from("<I", value)
    at = 4
    for _ in range(min(count, MAX_ATTRIBUTES)):
        if at + 4 > len(value) or not work.spend():
            return
        kind, identity = struct.unpack_from("<HH", value, at)
        at += 4
        if identity >= 0x8000:
            at = _skip_name(value, at)
        many = bool(kind & _MANY)
        kind &= ~_MANY
        if kind in _FIXED:
            values = struct.unpack_from("<I", value, at)[0] if many else 1
            at += 4 * many
            yield identity, kind, value[at : at + _FIXED[kind]]
            at += _FIXED[kind] * values
            continue
        (values,) = struct.unpack_from("<I", value, at)
        at += 4
        for index in range(min(values, MAX_ATTRIBUTES)):
            if not work.spend():
                return
            (length,) = struct.unpack_from("<I", value, at)
            if index == 0:
                yield identity, kind, value[at + 4 : at + 4 + length]
            at += 4 + length + (-length % 4)


def _skip_name(value: bytes, at: int) -> int:
    """A named property carries its set's identifier and a number or a name."""
    (kind,) = struct.unpack_from("<I", value, at + 16)
    if kind == 0:
        return at + 24
    (length,) = struct.unpack_from("<I", value, at + 20)
    return at + 24 + int(length) + (-int(length) % 4)
