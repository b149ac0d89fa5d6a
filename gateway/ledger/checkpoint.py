"""Checkpoints: the root of a log's tree at a size, signed (C2SP tlog-checkpoint).

    relay.example.org/log/7f3a9c…          origin: opaque, names no family
    4096                                   leaves
    qXQ…=                                  root, base64
    at 2026-11-24T18:00:00.000000Z         when, by this machine's clock

Whoever holds a checkpoint holds the whole log up to that size: anything changed, taken out or put in before that place
gives another root. A checkpoint is made hourly when something changed and daily in any case, so that silence shows too.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.clock import stamp
from gateway.errors import LogError
from gateway.ledger import tree
from gateway.ledger.note import Key, open_note, sign


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a checkpoint says. `root` has 32 bytes; `at` is UTC as the signer's clock had it."""

    origin: str
    size: int
    root: bytes
    at: str

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\nat {self.at}\n"


def origin_of(host: str, log: str) -> str:
    """The name under which a log signs: tells logs apart, tells nobody whose they are."""
    return f"{host}/log/{hashlib.sha256(log.encode('utf8')).hexdigest()[:16]}"


def make(origin: str, leaves: Iterable[bytes], now: datetime, private: Ed25519PrivateKey) -> str:
    """A signed checkpoint over the leaf hashes, which are looked at once and not gathered."""
    grown = tree.Growing(leaves)
    made = Checkpoint(origin, grown.size, grown.root, stamp(now.astimezone(UTC)))
    return sign(made.text, origin, private)


def read(note: str, key: Key) -> Checkpoint:
    """A checkpoint that `key` signed. Raises LogError."""
    lines = open_note(note, key).splitlines()
    try:
        origin, size, root = lines[0], int(lines[1]), base64.b64decode(lines[2], validate=True)
        at = next(line.removeprefix("at ") for line in lines[3:] if line.startswith("at "))
    except (IndexError, ValueError, StopIteration):
        raise LogError("the note is not a checkpoint of a log") from None
    if len(root) != 32 or size < 0 or str(size) != lines[1]:
        raise LogError("the note is not a checkpoint of a log")
    return Checkpoint(origin, size, root, at)
