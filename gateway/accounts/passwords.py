"""Passwords: argon2id with the library's parameters (RFC 9106, second recommended option), and what makes a good one.

Length alone is asked (NIST SP 800-63B section 3.1.1: at least 15 characters where a password stands alone, no rules of composition),
and that it is none of the names that the other parent knows.
"""

from __future__ import annotations

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST, MOST = 12, 200
_HASHER = PasswordHasher()
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$y9xRU1WoRkkrJ46Pu2V6Eg$sCeG6222S2qTlDb6HJ5PXHAmrLJisFZD7/Ca5nS2res"
"""A password that nobody has, hashed once for all: made at the start it would take 64 megabytes of memory."""
_TURNS = threading.BoundedSemaphore(2)
"""Each takes 64 megabytes for a moment: many tries at once wait for each other instead of filling the memory."""


def hashed(password: str) -> str:
    """What is kept of a password."""
    with _TURNS:
        return _HASHER.hash(password)


def fits(password: str, kept: str | None) -> bool:
    """Whether it is the one. Takes as long for an account that does not exist (`kept` is None)."""
    try:
        with _TURNS:
            return _HASHER.verify(kept or _NOBODY, password[: MOST * 4]) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def mistake(password: str, known: tuple[str, ...] = ()) -> str | None:
    """Why a new password is not taken, as a sentence; None for a good one. `known`: names and words that the ex knows."""
    if len(password) < LEAST:
        return f"Please take at least {LEAST} characters. Three or four words in a row are good."
    if len(password) > MOST:
        return f"Please take at most {MOST} characters."
    if len(set(password)) < 5:
        return "This is too easy to guess. Three or four words in a row are good."
    folded = password.casefold()
    rest = folded
    for word in sorted((w.casefold() for w in known if len(w) > 2), key=len, reverse=True):
        rest = rest.replace(word, "")
    if rest != folded and len(rest) < LEAST - 4:
        return "It is made of names that the other parent knows. Please take words that have nothing to do with your family."
    return None
