"""Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint), read without any package."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime

from gateway.record.verifier.ed25519 import holds
from gateway.record.verifier.report import Broken

DASH = "\u2014 "


@dataclass(frozen=True)
class Key:
    """A log's public key with its name."""

    name: str
    public: bytes

    @property
    def hash(self) -> bytes:
        """The four bytes before each signature."""
        return hashlib.sha256(self.name.encode("utf8") + b"\n\x01" + self.public).digest()[:4]

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the public key."""
        return hashlib.sha256(self.public).hexdigest()


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint says."""

    origin: str
    size: int
    root: bytes
    at: datetime


def key_of(text: str) -> Key:
    """A key from ``name+hash+base64``. Raises Broken."""
    name, _, rest = text.strip().partition("+")
    given, _, coded = rest.partition("+")
    raw = _decoded(coded)
    key = Key(name, raw[1:])
    if len(raw) != 33 or raw[:1] != b"\x01" or key.hash.hex() != given:
        raise Broken("the key of the log cannot be read")
    return key


def opened(note: str, key: Key) -> str:
    """The text of a note that the key signed. Raises Broken."""
    text, gap, signatures = note.partition("\n\n")
    if not gap:
        raise Broken("a note has no signature")
    text += "\n"
    lines = signatures.split("\n")
    if lines != [lines[0], ""] or not lines[0].startswith(DASH):
        raise Broken("a note has other lines than one signature")
    name, _, coded = lines[0].removeprefix(DASH).rpartition(" ")
    raw = _decoded(coded)
    if name != key.name or raw[:4] != key.hash:
        raise Broken("a note was signed by another key")
    if not holds(key.public, text.encode("utf8"), raw[4:]):
        raise Broken("a note was changed after it was signed, or another key signed it")
    return text


def checkpoint_of(note: str, key: Key) -> Checkpoint:
    """A checkpoint that the key signed. Raises Broken."""
    lines = opened(note, key).split("\n")
    try:
        origin, size, root, at, end = lines
        moment = datetime.fromisoformat(at.removeprefix("at ").replace("Z", "+00:00"))
        found = Checkpoint(origin, int(size), _decoded(root), moment)
    except ValueError:
        raise Broken("a note is not a checkpoint") from None
    if end or str(found.size) != size or len(found.root) != 32 or not at.startswith("at ") or origin != key.name:
        raise Broken("a note is not a checkpoint of this log")
    return found


def _decoded(coded: str) -> bytes:
    """Base64 of which every bit counts: another text for the same bytes is refused."""
    try:
        raw = base64.b64decode(coded, validate=True)
    except ValueError:
        return b""
    return raw if base64.b64encode(raw).decode() == coded else b""
