"""The address that bounces of our mail come back to (variable envelope return path). Pure.

``rivera+b-3f9c0a61d2e84b7795aa@relay.example.org``: the relay's own address with a secret of that one mail. Who does not have
the secret cannot say that the mail was not delivered. It is seen by whoever gets the mail: a reply to the other parent can be
called undeliverable by the other parent's side, which alone knows, and the parent is told in those words.
"""

from __future__ import annotations

import re
import secrets
from typing import Final

TAG: Final = re.compile(r"[0-9a-f]{20}")
_TAGGED: Final = re.compile(r"(?i)<?([^@\s<>]+)\+b-([0-9a-f]{20})(@[^@\s<>]+?)>?")
LONGEST_LOCAL: Final = 64
"""RFC 5321 section 4.5.3.1.1."""


def new_tag() -> str:
    """A secret of eighty bits."""
    return secrets.token_hex(10)


def tagged(address: str, tag: str | None) -> str:
    """The return path of one mail; the plain address where there is no tag or no room for it."""
    user, _, domain = address.rpartition("@")
    local = f"{user}+b-{tag}"
    return address if tag is None or len(local) > LONGEST_LOCAL else f"{local}@{domain}"


def untagged(address: str) -> tuple[str, str] | None:
    """The plain address and the tag of a return path, in lower case; None for any other address."""
    found = _TAGGED.fullmatch(address.strip())
    return (f"{found[1]}{found[3]}".lower(), found[2].lower()) if found else None
