"""The secret of a form: it was made for this page, not long ago, and counts once.

    NONCE.SECONDS.MAC        MAC = HMAC-SHA256(token of the page, "answer form", NONCE, SECONDS), RFC 2104

The key is the token of the page's own link, which nobody else has, so no secret is kept for it and any process can check it. A
form that another page, or somebody who does not know the link, made does not fit. The nonce names what the form brings, so that
a form that is sent twice is kept once. Pure.
"""

from __future__ import annotations

import hmac
import re
import secrets
from datetime import datetime, timedelta

MOST_AGE = timedelta(hours=24)
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
"""32 random bytes, as every token of ours is written."""
_FORM = re.compile(r"([A-Za-z0-9_-]{22})\.([0-9]{1,12})\.([0-9a-f]{64})")


class ForgedError(Exception):
    """The form was not made for this page."""


class OldError(Exception):
    """The form is older than `MOST_AGE`."""


def make(token: str, now: datetime) -> str:
    """A new form of the page with that token."""
    nonce, at = secrets.token_urlsafe(16), str(int(now.timestamp()))
    return f"{nonce}.{at}.{_mac(token, 'answer form', nonce, at)}"


def is_one(form: str) -> bool:
    """Whether it looks like a form of ours, whoever it was made for."""
    return _FORM.fullmatch(form) is not None


def nonce_of(form: str, token: str, now: datetime) -> str:
    """The nonce of a form that fits. Raises ForgedError, OldError."""
    found = _FORM.fullmatch(form)
    if found is None or not hmac.compare_digest(found[3], _mac(token, "answer form", found[1], found[2])):
        raise ForgedError
    if now - datetime.fromtimestamp(int(found[2]), now.tzinfo) > MOST_AGE:
        raise OldError
    return found[1]


def seen(token: str, words: str, answers: int | None) -> str:
    """A mark that these words were shown with what is to be said about them."""
    return _mac(token, "seen", str(answers), words)


def was_seen(mark: str, token: str, words: str, answers: int | None) -> bool:
    """Whether that mark is of these words."""
    return hmac.compare_digest(mark.encode(), seen(token, words, answers).encode())


def _mac(token: str, *parts: str) -> str:
    joined = "\n".join(f"{len(part)} {part}" for part in parts)
    return hmac.new(token.encode(), joined.encode("utf8", "surrogatepass"), "sha256").hexdigest()
