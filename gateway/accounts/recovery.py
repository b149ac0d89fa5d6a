"""Recovery codes: ten, made as a set, shown once, kept as SHA-256, each good once in place of a code of the app.

A code has 80 bits, so that a plain hash keeps it. The set follows from the form that asked for it: the same form sent twice makes the
same set, and what was used of it stays used. Pure.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence

from gateway.accounts.key import AccountKey

COUNT = 10
USED = "-"
_LOOKS = str.maketrans("018", "olb")
"""Base32 has no 0, 1 and 8: whoever types them meant the letters."""


def made(key: AccountKey, account: int, nonce: str) -> list[str]:
    """Ten codes, as they are printed: ``abcd-efgh-ijkl-mnop``."""
    raw = (bytes.fromhex(key.mac("recovery", str(account), nonce, str(n)))[:10] for n in range(COUNT))
    words = (base64.b32encode(one).decode().lower() for one in raw)
    return ["-".join(word[at : at + 4] for at in range(0, 16, 4)) for word in words]


def kept(codes: Sequence[str], account: int, before: Sequence[str]) -> list[str]:
    """What is kept of a new set. `before`: what was kept until now; where that is the same set, it stays as it is."""
    hashes = [_hash(plain(code), account) for code in codes]
    same = {one.removeprefix(USED) for one in before} == set(hashes)
    return list(before) if same else hashes


def used(code: str, account: int, before: Sequence[str]) -> list[str] | None:
    """What is kept once this code has been used; None where it is not one that is left."""
    mine = _hash(plain(code), account)
    return [USED + one if one == mine else one for one in before] if mine in before else None


def left(kept: Sequence[str]) -> int:
    """How many can still be used."""
    return sum(not one.startswith(USED) for one in kept)


def plain(code: str) -> str:
    """A code as it is compared, however it was typed."""
    return re.sub(r"[^a-z2-7]", "", code.lower().translate(_LOOKS))


def _hash(word: str, account: int) -> str:
    return hashlib.sha256(f"recovery {account} {word}".encode()).hexdigest()
