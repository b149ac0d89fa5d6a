"""Encoded words in headers (RFC 2047), in all the broken shapes in which they arrive.

A word is `=?charset?B?…?=` or `=?charset?Q?…?=`. Neighbouring words of one charset are joined as bytes before they
are decoded, since programs cut in the middle of a character. Blanks inside Q words, missing blanks between words,
an unknown charset, base64 without padding and a word that never ends are all read; what cannot be decoded stays.
"""

from __future__ import annotations

import binascii
from typing import Final

import re2

from gateway.parsing.charsets import decode_text
from gateway.parsing.transfer import decode_transfer
from gateway.parsing.work import Work

_WORD: Final = re2.compile(r"=\?([^?\s]*)\?([bBqQ])\?(.*?)(?:\?=|$)")


def decode_words(value: str, work: Work) -> str:
    """`value` with its encoded words read, control characters turned to blanks. Never raises."""
    if "=?" not in value:
        return _plain(value)
    once = _decode(value, work)
    if _WORD.search(once) and once != value:
        work.odd("a header was encoded twice")
        return _plain(_decode(once, work))
    return _plain(once)


def _decode(value: str, work: Work) -> str:
    out: list[str] = []
    run: list[bytes] = []
    charset = ""
    pos = 0
    for match in _WORD.finditer(value):
        gap = value[pos : match.start()]
        label = match.group(1).lower()
        if run and (gap.strip() or label != charset):
            out.append(decode_text(b"".join(run), charset or None, work, "a header"))
            run = []
        if gap.strip() or (not run and not out):
            out.append(gap)
        if not match.group(0).endswith("?="):
            work.odd("an encoded word in a header does not end")
        charset = label
        run.append(_bytes(match.group(2), match.group(3), work))
        pos = match.end()
    if run:
        out.append(decode_text(b"".join(run), charset or None, work, "a header"))
    out.append(value[pos:])
    return "".join(out)


def _bytes(encoding: str, text: str, work: Work) -> bytes:
    data = text.encode("utf-8", "replace")
    if encoding in "bB":
        return decode_transfer(data.strip(), "base64", work)
    return binascii.a2b_qp(data.replace(b"_", b" "), header=False)


def _plain(text: str) -> str:
    if text.isprintable():
        return text.strip()
    return "".join(c if c.isprintable() or ord(c) > 0x9F else " " for c in text).strip()
