"""S/MIME (RFC 8551): the message inside an opaque signature, and what is encrypted and cannot be read.

A signed message of this kind is one CMS structure (RFC 5652) in DER or BER, with the message as its content. The
content is found by walking the structure: no signature is checked here.
"""

from __future__ import annotations

from typing import Final

_SIGNED_DATA: Final = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
_DATA: Final = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"
_COMPRESSED: Final = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09"
MAX_PIECES: Final = 100_000


def signed_content(data: bytes) -> bytes | None:
    """The message inside a CMS signature; None when it holds none (encrypted, detached, broken). Never raises."""
    start = data[:40].find(_SIGNED_DATA)
    if start < 0:
        return None
    at = data.find(_DATA, start, start + 400)
    if at < 0:
        return None
    at += len(_DATA)
    wrapper = _header(data, at)
    if wrapper is None or wrapper[0] != 0xA0:
        return None
    inner = _header(data, wrapper[1])
    if inner is None:
        return None
    tag, body, length = inner
    if tag == 0x04:
        return data[body:] if length is None else data[body : body + length]
    return _pieces(data, body, length) if tag == 0x24 else None


def _pieces(data: bytes, at: int, length: int | None) -> bytes:
    """A constructed octet string: the contents of the strings in it, one after another."""
    end = len(data) if length is None else min(len(data), at + length)
    out: list[bytes] = []
    while at < end and len(out) < MAX_PIECES:
        piece = _header(data, at)
        if piece is None or piece[0] != 0x04 or piece[2] is None:
            break
        out.append(data[piece[1] : piece[1] + piece[2]])
        at = piece[1] + piece[2]
    return b"".join(out)


def _header(data: bytes, at: int) -> tuple[int, int, int | None] | None:
    """Tag, where the content begins, and its length (None when it is indefinite)."""
    if at + 2 > len(data):
        return None
    tag, first = data[at], data[at + 1]
    if first < 0x80:
        return tag, at + 2, first
    count = first & 0x7F
    if count == 0:
        return tag, at + 2, None
    if count > 6 or at + 2 + count > len(data):
        return None
    return tag, at + 2 + count, int.from_bytes(data[at + 2 : at + 2 + count], "big")


def is_encrypted_type(kind: str, parameters: dict[str, str]) -> bool:
    """Whether the type of a part says that it is encrypted."""
    if kind in ("multipart/encrypted", "application/pgp-encrypted", "application/x-microsoft-rpmsg-message"):
        return True
    return kind in PKCS7 and parameters.get("smime-type", "").lower() in ("enveloped-data", "authenveloped-data")


PKCS7: Final = frozenset(("application/pkcs7-mime", "application/x-pkcs7-mime"))
SIGNATURE_TYPES: Final = frozenset(
    ("application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature")
)
