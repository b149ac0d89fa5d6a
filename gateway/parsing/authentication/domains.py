"""Names of the DNS: which belong together."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

DOMAIN: Final = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)+")


def aligned(domain: str, claimed: str) -> bool:
    """Whether two domains belong to one organisation (RFC 7489 section 3.1, relaxed)."""
    return bool(domain) and _organisation(domain.lower()) == _organisation(claimed.lower())


@cache
def _suffixes() -> Any:
    from publicsuffix2 import PublicSuffixList

    return PublicSuffixList()


def _organisation(domain: str) -> str:
    """The name below the public suffix. The list does not know every top-level domain; those are suffixes too."""
    plain = domain.rstrip(".")
    found = str(_suffixes().get_sld(plain) or plain)
    return found if "." in found else ".".join(plain.split(".")[-2:])
