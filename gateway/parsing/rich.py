r"""Rich Text (RTF) as words: what Outlook writes into winmail.dat, unpacked and read.

Packed RTF (MS-OXRTFCP) is a dictionary coder over a window of 4,096 bytes that begins with common RTF words. RTF made
from HTML (MS-OXRTFEX) carries the HTML in groups `{\*\htmltag …}` and hides its own rendering between `\htmlrtf` and
`\htmlrtf0`; then the HTML is given back. Other RTF is read as plain text: control words are dropped, `\par` ends a
line, `\'e9` and `\u233?` are letters, and groups that hold no text of the message are passed over.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, replace
from typing import Final

from gateway.parsing.charsets import decode_text, whole_characters
from gateway.parsing.work import MAX_TEXT_BYTES, Work

_DICTIONARY: Final = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
    b"\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_TOKEN: Final = re.compile(rb"\\([a-zA-Z]+)(-?\d+)? ?|\\'([0-9a-fA-F]{2})|\\(.)|([{}])|([^\\{}\r\n]+)|[\r\n]+")
_SYMBOLS: Final = {b"{": "{", b"}": "}", b"\\": "\\", b"~": "\u00a0", b"_": "-"}
_UNREAD: Final = frozenset(
    (
        b"fonttbl",
        b"colortbl",
        b"stylesheet",
        b"info",
        b"pict",
        b"object",
        b"header",
        b"footer",
        b"generator",
        b"themedata",
    )
)
_WORDS: Final = {b"par": "\n", b"line": "\n", b"row": "\n", b"tab": "\t", b"cell": " ", b"emdash": "—", b"endash": "–",
                 b"lquote": "‘", b"rquote": "’", b"ldblquote": "“", b"rdblquote": "”", b"bullet": "•"}  # fmt: skip


def unpack_rtf(data: bytes) -> bytes | None:
    """Packed RTF unpacked; None when it is broken. Never raises."""
    if len(data) < 16:
        return None
    size, raw_size, magic = struct.unpack_from("<III", data)
    body = data[16 : 4 + size]
    if magic == 0x414C454D:
        return body[:raw_size]
    if magic != 0x75465A4C:
        return None
    window = bytearray(_DICTIONARY.ljust(4096, b"\0"))
    write, at = len(_DICTIONARY), 0
    out = bytearray()
    limit = min(raw_size, MAX_TEXT_BYTES)
    while at < len(body) and len(out) < limit:
        flags = body[at]
        at += 1
        for bit in range(8):
            if not flags >> bit & 1:
                piece = body[at : at + 1]
                at += 1
            else:
                if at + 2 > len(body):
                    return bytes(out)
                offset, length = (body[at] << 4) | (body[at + 1] >> 4), (body[at + 1] & 15) + 2
                at += 2
                if offset == write:
                    return bytes(out)
                piece = bytes(_copy(window, offset, length, write))
            for byte in piece:
                window[write] = byte
                write = (write + 1) % 4096
            out += piece
    return bytes(out)


def _copy(window: bytearray, offset: int, length: int, write: int) -> bytearray:
    """Bytes of the window, which may run into those that are being written."""
    piece = bytearray()
    for i in range(length):
        at = (offset + i) % 4096
        ahead = (at - write) % 4096
        piece.append(piece[ahead] if ahead < len(piece) else window[at])
    return piece


@dataclass(slots=True)
class _Group:
    """What holds inside one pair of braces."""

    skip: bool = False
    tag: bool = False
    hidden: bool = False
    fallback: int = 1


def read_rtf(data: bytes, work: Work) -> tuple[str, bool]:
    """The words of RTF, and whether they are HTML. Never raises."""
    data = data[:MAX_TEXT_BYTES]
    is_html = b"\\fromhtml" in data[:1_000]
    text = _Reader(is_html, work).read(data)
    return whole_characters(text), is_html


class _Reader:
    """One pass over the tokens of RTF."""

    def __init__(self, is_html: bool, work: Work) -> None:
        self._is_html, self._work = is_html, work
        self._groups = [_Group()]
        self._page = "cp1252"
        self._out: list[str] = []
        self._bytes = bytearray()
        self._star = False
        self._to_skip = 0

    def read(self, data: bytes) -> str:
        """The text, with surrogates as RTF writes them."""
        for match in _TOKEN.finditer(data):
            if not self._work.spend():
                break
            word, number, code, symbol, brace, text = match.groups()
            if code is not None:
                self._letter(int(code, 16))
                continue
            self._flush()
            star, self._star = self._star, False
            if brace is not None:
                self._brace(brace)
            elif symbol is not None:
                self._symbol(symbol)
            elif word is not None:
                self._control(word, int(number[:9]) if number else None, star=star)
            elif text is not None:
                self._text(text)
        self._flush()
        return "".join(self._out)

    def _shown(self) -> bool:
        group = self._groups[-1]
        return not group.skip and not (self._is_html and group.hidden and not group.tag)

    def _flush(self) -> None:
        if self._bytes:
            self._out.append(decode_text(bytes(self._bytes), self._page, self._work, "the rich text"))
            self._bytes.clear()

    def _letter(self, code: int) -> None:
        if self._to_skip:
            self._to_skip -= 1
        elif self._shown():
            self._bytes.append(code)

    def _text(self, text: bytes) -> None:
        skipped = min(self._to_skip, len(text))
        self._to_skip -= skipped
        if self._shown():
            self._out.append(decode_text(text[skipped:], self._page, self._work, "the rich text"))

    def _brace(self, brace: bytes) -> None:
        self._to_skip = 0
        if brace == b"{":
            self._groups.append(replace(self._groups[-1]))
        elif len(self._groups) > 1:
            self._groups.pop()

    def _symbol(self, symbol: bytes) -> None:
        self._star = symbol == b"*"
        if symbol in _SYMBOLS and self._shown():
            self._out.append(_SYMBOLS[symbol])

    def _control(self, word: bytes, value: int | None, *, star: bool) -> None:
        group = self._groups[-1]
        if word == b"u" and value is not None:
            if self._shown():
                self._out.append(chr(value % 65_536))
            self._to_skip = group.fallback
        elif word == b"ansicpg" and value is not None:
            self._page = f"cp{value}"
        elif word == b"htmltag":
            group.tag = True
        elif word == b"htmlrtf":
            group.hidden = value != 0
        elif word == b"uc" and value is not None:
            group.fallback = max(0, min(value, 10))
        elif word in _UNREAD or star:
            group.skip = True
        elif word in _WORDS and self._shown():
            self._out.append(_WORDS[word])
