"""The secret that the accounts of an installation rest on: 32 random bytes in ``data/accounts.key``, which only its owner reads.

With it networks are counted without being noted, tickets are told from forged ones, and the secrets of code apps are sealed, so that
a database that is stolen alone gives none of them away. Whoever loses the file loses no account: apps for codes are set up again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway import durable
from gateway.errors import SettingsError

KEY_FILE = "accounts.key"
_TICKET = re.compile(r"([A-Za-z0-9_-]{1,64})\.([0-9]{1,12}\.[0-9]{6})\.([0-9a-f]{64})")


class AccountKey:
    """What can be done with the secret; the secret itself is never handed out."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def mac(self, purpose: str, *parts: str) -> str:
        """HMAC-SHA256 (RFC 2104) over the parts, in hexadecimal; another purpose gives another one."""
        joined = "\n".join(f"{len(part)} {part}" for part in (purpose, *parts))
        return hmac.new(self._secret, joined.encode("utf8", "surrogatepass"), hashlib.sha256).hexdigest()

    def token(self, purpose: str, *parts: str) -> str:
        """32 bytes as every token of ours is written, the same for the same parts: a form sent twice makes one thing."""
        return base64.urlsafe_b64encode(bytes.fromhex(self.mac(purpose, *parts))).rstrip(b"=").decode()

    def ticket(self, purpose: str, value: str, bound: str, now: datetime) -> str:
        """`value` with the time and a seal, for whoever holds `bound`. `value`: up to 64 of ``A-Z a-z 0-9 _ -``."""
        at = f"{now.timestamp():.6f}"
        return f"{value}.{at}.{self.mac(purpose, value, at, bound)}"

    def read(
        self, ticket: str, purpose: str, bound: str, now: datetime, holds: timedelta
    ) -> tuple[str, datetime] | None:
        """Value and time of a ticket that is ours, not older than `holds`; None for any other."""
        found = _TICKET.fullmatch(ticket)
        if found is None or not hmac.compare_digest(found[3], self.mac(purpose, found[1], found[2], bound)):
            return None
        made = datetime.fromtimestamp(float(found[2]), UTC)
        return (found[1], made) if now - made <= holds else None

    def seal(self, words: bytes, of: str) -> str:
        """AES-256-GCM, for the place `of` alone; base64."""
        nonce = secrets.token_bytes(12)
        return base64.b64encode(nonce + self._cipher().encrypt(nonce, words, of.encode())).decode()

    def unseal(self, sealed: str, of: str) -> bytes | None:
        """What was sealed; None where the key is another one."""
        try:
            raw = base64.b64decode(sealed, validate=True)
            return self._cipher().decrypt(raw[:12], raw[12:], of.encode())
        except (InvalidTag, ValueError):
            return None

    def _cipher(self) -> AESGCM:
        return AESGCM(bytes.fromhex(self.mac("seal")))


def account_key(data: Path) -> AccountKey:
    """The key of this installation, made at the first call. Raises SettingsError when it cannot be read."""
    file = data / KEY_FILE
    try:
        secret = durable.make_once(file, lambda: secrets.token_bytes(32))
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}") from None
    if len(secret) != 32:
        raise SettingsError(
            f"{file} is damaged; put it back from a backup, or remove it: then code apps are set up again"
        )
    return AccountKey(secret)
