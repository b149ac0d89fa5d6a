"""Signed notes: a short text with an Ed25519 signature that a person can copy by hand (C2SP signed-note).

    relay.example.org/log/7f3a…
    4096
    qXQ…=

    — relay.example.org/log/7f3a… AbCdEf…=

The text ends with a newline, then an empty line, then signature lines: an em dash, the key's name, and base64 of four
bytes of key hash with the signature. The key hash is the beginning of SHA-256 over name, newline, a one byte (Ed25519)
and the public key. A reader holds the key as ``name+hash+base64``; its fingerprint, SHA-256 over the public key, is what
a lawyer gets on paper.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gateway.errors import LogError

ED25519 = b"\x01"
DASH = "\u2014 "


@dataclass(frozen=True, slots=True)
class Key:
    """A public key with its name (no spaces, no plus sign)."""

    name: str
    public: bytes

    @property
    def hash(self) -> bytes:
        """The four bytes that tell keys of one name apart."""
        return hashlib.sha256(self.name.encode("utf8") + b"\n" + ED25519 + self.public).digest()[:4]

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the public key in hexadecimal: for paper."""
        return hashlib.sha256(self.public).hexdigest()

    def __str__(self) -> str:
        return f"{self.name}+{self.hash.hex()}+{base64.b64encode(ED25519 + self.public).decode()}"

    @classmethod
    def read(cls, text: str) -> Key:
        """A key from ``name+hash+base64``. Raises LogError."""
        name, _, rest = text.strip().partition("+")
        given, _, coded = rest.partition("+")
        try:
            raw = base64.b64decode(coded, validate=True)
        except ValueError:
            raw = b""
        key = cls(name, raw[1:])
        if len(raw) != 33 or raw[:1] != ED25519 or key.hash.hex() != given:
            raise LogError("the key is not one that a log's checkpoints are signed with (name+hash+base64)")
        return key


def sign(text: str, name: str, private: Ed25519PrivateKey) -> str:
    """The note over `text`, which ends with a newline and holds no empty line."""
    if not text.endswith("\n") or "\n\n" in text:
        raise ValueError("a note's text ends with a newline and has no empty line")
    key = Key(name, private.public_key().public_bytes_raw())
    signature = private.sign(text.encode("utf8"))
    return f"{text}\n{DASH}{name} {base64.b64encode(key.hash + signature).decode()}\n"


def open_note(note: str, key: Key) -> str:
    """The text of a note that `key` signed. Raises LogError where it did not."""
    text, gap, signatures = note.partition("\n\n")
    if not gap:
        raise LogError("this is not a signed note: it has no signature")
    text += "\n"
    for line in signatures.splitlines():
        name, _, coded = line.removeprefix(DASH).rpartition(" ")
        try:
            raw = base64.b64decode(coded, validate=True)
        except ValueError:
            continue
        if not line.startswith(DASH) or name != key.name or raw[:4] != key.hash:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(key.public).verify(raw[4:], text.encode("utf8"))
        except InvalidSignature:
            raise LogError("the signature does not fit: the note was changed, or another key signed it") from None
        return text
    raise LogError("no signature of that key is on the note")
