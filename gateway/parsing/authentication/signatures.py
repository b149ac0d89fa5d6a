"""DKIM (RFC 6376): each signature of a mail, and whether it speaks for all that is read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from gateway.parsing.authentication.answers import Asked, NoAnswer, text_of
from gateway.parsing.authentication.finding import Finding

MAX_SIGNATURES: Final = 5
READ: Final = frozenset(("date", "content-type", "content-transfer-encoding", "mime-version", "auto-submitted"))
"""Headers beside From and Subject that decide what is read; a signer may leave them out, but not sign half of them."""


def signatures(raw: bytes, asked: Asked) -> Iterable[Finding]:
    """Each DKIM signature, the topmost first."""
    import dkim

    try:
        message = dkim.DKIM(raw, minkey=1024)
        headers = [value for name, value in message.headers if name.lower() == b"dkim-signature"]
    except Exception:  # noqa: BLE001 (whatever cannot be taken apart is not signed)
        return
    for number, header in enumerate(headers[:MAX_SIGNATURES]):
        domain = _tag(header, b"d")
        try:
            good = message.verify(idx=number, dnsfunc=text_of(asked))
            result = ("pass" if _covers(header, message.headers) else "partial") if good else "fail"
            yield Finding("dkim", domain, result, _tag(header, b"s"))
        except NoAnswer:
            yield Finding("dkim", domain, "temperror", _tag(header, b"s"))
        except dkim.ValidationError:
            yield Finding("dkim", domain, "fail", _tag(header, b"s"))
        except Exception as error:  # noqa: BLE001 (dkimpy raises many kinds on broken signatures)
            yield Finding("dkim", domain, "permerror", type(error).__name__)


def _covers(header: bytes, headers: Sequence[tuple[bytes, bytes]]) -> bool:
    """Whether a signature speaks for all that is read: the whole body (no ``l=``), every From and Subject, and of a header
    that it signs every instance. It holds for the lowest instances only; one more on top would be read, and is not signed.

    What it leaves open, anybody on the way could have written (RFC 6376 sections 5.4.2, 8.2 and 8.15).
    """
    signed = Counter(_tag(header, b"h").split(":"))
    there = Counter(name.decode("ascii", "replace").strip().lower() for name, _ in headers)
    needed = {"from", "subject"} | (signed.keys() & READ)
    return not _tag(header, b"l") and all(there[name] <= signed[name] for name in needed)


def _tag(header: bytes, name: bytes) -> str:
    """The value of one tag of a signature header."""
    for part in header.split(b";"):
        key, _, value = part.partition(b"=")
        if key.strip() == name:
            return re.sub(rb"\s+", b"", value).decode("ascii", "replace").lower()
    return ""
