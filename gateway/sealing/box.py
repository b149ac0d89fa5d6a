"""Sealed boxes: AES-256-GCM (NIST SP 800-38D) with a random nonce of 96 bits. Pure, but for the nonce.

    box = magic (4 bytes, the last one the version of this form) · number of the key (4) · version of the family's key (2)
        · nonce (12) · ciphertext with its tag (16 more than the content)

The head, the family, the kind of thing and its name are authenticated with it: a box that is put in another one's place, or
handed to another family, does not open. With random nonces one key may seal 2^32 boxes (SP 800-38D, 8.3).
"""

from __future__ import annotations

import hmac
import secrets
import struct
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.errors import SealError

MAGIC = b"\xb5BW\x01"
_HEAD = struct.Struct(">4sIH")
NONCE = 12
TAG = 16
BEGINNING = _HEAD.size + NONCE
"""Bytes of a box before its ciphertext; no two boxes have the same ones."""
SECRET = 32


@dataclass(frozen=True, slots=True)
class DataKey:
    """A data key, unwrapped. `number`: of its row; `version`: counts a family's keys from 1."""

    number: int
    family: str
    version: int
    secret: bytes = field(repr=False)
    cipher: AESGCM = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "cipher", AESGCM(self.secret))


def seal(key: DataKey, kind: str, name: str, content: bytes) -> bytes:
    """A box of the content, which opens under the same family, kind and name only."""
    head = _HEAD.pack(MAGIC, key.number, key.version)
    nonce = secrets.token_bytes(NONCE)
    return head + nonce + key.cipher.encrypt(nonce, content, _about(head, key.family, kind, name))


def unseal(key: DataKey, kind: str, name: str, box: bytes) -> bytes:
    """What is in a box. Raises SealError where it was altered, lay elsewhere, or is no box of this key."""
    if key_number(box) != key.number:
        raise SealError("it is not sealed with this key")
    head = box[: _HEAD.size]
    try:
        return key.cipher.decrypt(box[_HEAD.size : BEGINNING], box[BEGINNING:], _about(head, key.family, kind, name))
    except InvalidTag:
        raise SealError("what is sealed was altered, or belongs elsewhere") from None


def key_number(box: bytes) -> int | None:
    """The number of the key that a box is sealed with; None for what is no box."""
    if len(box) < BEGINNING + TAG or not box.startswith(MAGIC):
        return None
    return int(_HEAD.unpack_from(box)[1])


def hidden_name(secret: bytes, family: str, sha256: str) -> str:
    """64 hexadecimal digits that stand for a hash within a family, and tell nothing without the secret (HMAC-SHA256, RFC 2104)."""
    return hmac.digest(secret, f"{family}\n{sha256}".encode(), "sha256").hex()


def wrap(master: bytes, family: str, purpose: str, version: int, secret: bytes) -> bytes:
    """A data key under the master key, for the place in the table that it was made for."""
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(master).encrypt(nonce, secret, _place(family, purpose, version))


def unwrap(master: bytes, family: str, purpose: str, version: int, wrapped: bytes) -> bytes:
    """The data key again. Raises SealError where the master key is another one, or the row was altered."""
    try:
        return AESGCM(master).decrypt(wrapped[:NONCE], wrapped[NONCE:], _place(family, purpose, version))
    except (InvalidTag, ValueError):
        raise SealError("this master key does not open it, or it was altered") from None


def _about(head: bytes, *names: str) -> bytes:
    return head + b"".join(_measured(name) for name in names)


def _place(family: str, purpose: str, version: int) -> bytes:
    return b"".join(_measured(name) for name in ("data key", family, purpose, str(version)))


def _measured(name: str) -> bytes:
    """With its length before it, so that no two lists of names read the same."""
    encoded = name.encode("utf8", "surrogatepass")
    return len(encoded).to_bytes(4, "big") + encoded
