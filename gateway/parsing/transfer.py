"""Content-Transfer-Encoding undone, whatever the header really says (RFC 2045 §6).

Real headers read `base64 some text`, `8bits` or `quoted-printable;`; real base64 is cut short, padded in the middle,
interrupted by foreign characters, or followed by a plain footer that a mailing list put under it. Nothing is thrown
away: what does not decode is read as it stands.
"""

from __future__ import annotations

import binascii
from typing import Final

from gateway.parsing.patterns import byte_pattern
from gateway.parsing.work import Work

_IDENTITY: Final = frozenset(
    {"", "7bit", "8bit", "binary", "7bits", "8bits", "7-bit", "8-bit", "none", "utf-8", "8bitmime"}
)
_NOT_BASE64: Final = bytes(b for b in range(256) if not (chr(b).isascii() and (chr(b).isalnum() or chr(b) in "+/=")))
_PROSE: Final = byte_pattern(
    rb"(?:\A|\n)[^\n]*(?:[^\s] [^\s]|_{9}|[^\s\x00-\x1fA-Za-z0-9+/=_-]{3}|[.!?,:]\r?(?:\n|\z))"
)
"""A line that is no base64: words with a blank between them, a drawn line, punctuation. Stray foreign bytes are not."""
_QP_MARK: Final = byte_pattern(rb"=(?:3D|20|C3=[89AB][0-9A-F]|E2=80=[0-9A-F]{2}|\r?\n)")
_ALL_BASE64: Final = byte_pattern(rb"^\s*(?:[A-Za-z0-9+/]{40,80}\r?\n)+[A-Za-z0-9+/]*={0,2}\s*$")


def decode_transfer(data: bytes, header: str, work: Work, *, is_text: bool = False) -> bytes:
    """The bytes of a part as they were before encoding. Never raises. Only text may have text put under it."""
    words = header.replace(";", " ").replace(",", " ").replace('"', " ").lower().split()
    name = words[0] if words else ""
    if len(words) > 1:
        work.odd("words stand after the transfer encoding")
    if name in {"base64", "b64", "base-64"}:
        return _base64(data, work) if is_text else _chunks(data, work)
    if name in {"quoted-printable", "quotedprintable", "qp", "quoted-printible"}:
        return binascii.a2b_qp(data)
    if name not in _IDENTITY:
        work.odd(f"unknown transfer encoding {name[:40]!r}; read as it stands")
    return data


def guess_transfer(data: bytes, work: Work) -> bytes:
    """Decode text that was plainly encoded although no header says so; other text as it is."""
    head = data[:20_000]
    marks = _QP_MARK.findall(head)
    if len(marks) >= 3 and any(m.strip() == b"=" for m in marks) and any(m.strip() != b"=" for m in marks):
        work.odd("quoted-printable text without a header that says so; decoded")
        return binascii.a2b_qp(data)
    if len(data) >= 60 and _ALL_BASE64.match(data):
        decoded = _chunks(data, work)
        if _is_words(decoded):
            work.odd("base64 text without a header that says so; decoded")
            return decoded
    return data


def _is_words(data: bytes) -> bool:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return " " in text and sum(c.isprintable() or c.isspace() for c in text) == len(text)


def _base64(data: bytes, work: Work) -> bytes:
    encoded, rest = _cut_trailing_text(data)
    if not encoded.strip() and rest.strip():
        work.odd("declared base64 but plain text; read as it stands")
        return data
    if rest.strip():
        work.odd("plain text stands below the base64 text")
    return _chunks(encoded, work) + rest


def _cut_trailing_text(data: bytes) -> tuple[bytes, bytes]:
    """Split before the first line that cannot be base64 (a footer put under it, or a body never encoded)."""
    for match in _PROSE.finditer(data):
        start = match.start() + (data[match.start() : match.start() + 1] == b"\n")
        return data[:start], data[start:]
    return data, b""


_BASE64: Final = bytes(range(256)).translate(None, delete=_NOT_BASE64)


def _chunks(data: bytes, work: Work) -> bytes:
    """Decode, starting anew after padding in the middle, and keeping the whole bytes of a cut last group."""
    clean = (
        data.translate(None, delete=_NOT_BASE64)
        if b"-" not in data and b"_" not in data
        else (data.replace(b"-", b"+").replace(b"_", b"/").translate(None, delete=_NOT_BASE64))
    )
    body = clean.rstrip(b"=")
    groups = [body] if b"=" not in body else [g for g in body.split(b"=") if g]
    if len(groups) > 1:
        work.odd("base64 with padding in the middle")
    out = []
    for group in groups[:10_000]:
        cut = len(group) % 4
        if cut == 1:
            work.odd("base64 text is cut short")
            group = group[:-1]
        try:
            out.append(binascii.a2b_base64(group + b"=" * (-len(group) % 4)))
        except binascii.Error:
            work.odd("base64 text could not be decoded")
    return b"".join(out)
