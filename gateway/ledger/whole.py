"""Whether everything that is kept is what it was: every entry, every checkpoint, the bytes of every message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from gateway.ledger.checkpoints import Checkpoints
from gateway.ledger.log import Entry, entries, verify
from gateway.provenance import HANDED_OVER, KEPT_KINDS
from gateway.store import Blobs, Store


@dataclass(frozen=True, slots=True)
class Held:
    """What was looked at and fits. `entries`, `checkpoints`: by log."""

    entries: Mapping[str, int]
    checkpoints: Mapping[str, int]
    messages: int
    handed_over: int

    def lines(self) -> list[str]:
        """For a person."""
        found = [
            f"{name}: {count} entries, all fit; {self.checkpoints[name]} checkpoints, all fit"
            for name, count in self.entries.items()
        ]
        found.append(f"{self.messages} stored messages, all unchanged")
        if self.handed_over:
            found.append(f"{self.handed_over} of a child, handed over and not kept")
        return found


def whole(store: Store, blobs: Blobs, signer: Checkpoints, without: frozenset[str] = frozenset()) -> Held:
    """Look at everything but the bytes whose names (`Blobs.name`) or hashes are in `without`.

    Raises LogError for an entry or a checkpoint, StoreError for bytes, that are not what they were.
    """
    with store.read() as session:
        counts = verify(entries(session))
        checked, gone = 0, handed_over(session)
        for entry in entries(session):
            if entry.name in gone:
                continue
            for sha256 in _named(entry):
                if sha256 not in without and blobs.name(entry.log, sha256) not in without:
                    blobs.get(entry.log, sha256)
            checked += entry.kind in KEPT_KINDS
    return Held(counts, {name: signer.verify(name) for name in counts}, checked, len(gone))


def _named(entry: Entry) -> Iterator[str]:
    """Hashes of the bytes that an entry speaks of."""
    if entry.kind in KEPT_KINDS:
        yield from (entry.body["sha256"], *entry.body.get("files", ()))
    elif entry.kind == "files":
        yield from (file["sha256"] for file in entry.body["files"] if file["sha256"])


def handed_over(session: Session) -> set[str]:
    """Names of the entries of children's messages whose bytes are gone, as the log itself says."""
    return {f"{e.log}/{e.body['received_entry']}" for e in entries(session) if e.kind == HANDED_OVER}
