"""The proofs of a bundle: what of the log is handed over, and what of it is laid open.

The hash of every leaf goes along, so that whoever checks computes each checkpoint's root himself. Laid open are all fields
of entries that speak of chosen messages, and of all others only what kind they are and when they were made: enough to see
that no message was left out in silence, and nothing else. A whole record lays everything open.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.errors import UserError
from gateway.ledger import Entry, entries
from gateway.ledger.leaf import canonical, leaf_of, open_fields
from gateway.ledger.note import Key
from gateway.ledger.proof import write
from gateway.ledger.tree import Levels
from gateway.provenance import FROM_A_CHILD, KEPT_KINDS
from gateway.record.items import Record
from gateway.store import Store
from gateway.store.tables import AnchorRow, CheckpointRow, LeafRow

LEAST = ("log", "at", "offset", "kind", "hash")
"""Fields of an entry about something that was not chosen."""
ORIGINALS = ("log", "at", "offset", "kind", "hash", "body.sha256", "body.size", "body.channel", "body.provider_id")
"""Fields of a kept message that its own sender may see: nothing that was decided about it."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """An authority's answer over a checkpoint."""

    authority: str
    reply: bytes


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint with its stamps."""

    size: int
    note: str
    stamps: tuple[Stamp, ...]


class Sealed:
    """A log as it is handed over, up to its newest checkpoint. Build it after a checkpoint was made."""

    def __init__(self, store: Store, log: str, key: Key) -> None:
        self._store, self._log, self._key = store, log, key
        with store.read() as session:
            self.checkpoints = _checkpoints(session, log)
            if not self.checkpoints:
                raise UserError("the log of this family is empty; there is nothing to export yet")
            last = self.checkpoints[-1]
            rows = session.execute(
                select(LeafRow.seq, LeafRow.hash, LeafRow.seed)
                .where(LeafRow.log == log, LeafRow.seq <= last.size)
                .order_by(LeafRow.seq)
            ).all()
        self.hashes = [row.hash for row in rows]
        self._seeds = {row.seq: row.seed for row in rows}
        self._levels = Levels([bytes.fromhex(h) for h in self.hashes])

    @property
    def size(self) -> int:
        """How many entries are covered."""
        return len(self.hashes)

    def path(self, index: int) -> list[bytes]:
        """The hashes that lead from a leaf (from 0) to the root."""
        return self._levels.inclusion(index)

    def openings(self, record: Record) -> Iterator[str]:
        """A line for each entry that is opened, wholly or in part."""
        chosen = {m.id for m in record.messages}
        places = {m.entry for m in record.messages} | {n.entry for n in record.notes}
        with self._store.read() as session:
            for entry in entries(session, self._log):
                if entry.seq > self.size:
                    continue  # the cursor must be read to its end
                seed = self._seeds.get(entry.seq)
                if seed is None:
                    continue
                whole = not record.is_extract or entry.seq in places or entry.body.get("message") in chosen
                names = None if whole else _named(entry, LEAST)
                opened = sorted(open_fields(entry, seed, names), key=lambda o: o.field)
                yield canonical(
                    {
                        "seq": entry.seq,
                        "leaf": leaf_of(entry, seed),
                        "openings": [{"field": o.field, "value": o.value, "salt": o.salt} for o in opened],
                    }
                )

    def proofs(self, record: Record, fields: tuple[str, ...] | None = None) -> Iterator[tuple[int, str]]:
        """For each message its number and a proof file that stands alone. `fields`: which are opened; all when None."""
        wanted = {m.entry: m.number for m in record.messages}
        note = self.checkpoints[-1].note
        with self._store.read() as session:
            for entry in entries(session, self._log):
                number, seed = wanted.get(entry.seq), self._seeds.get(entry.seq)
                if number is None or seed is None or entry.seq > self.size:
                    continue
                names = None if fields is None else _named(entry, fields)
                path = self.path(entry.seq - 1)
                opened = open_fields(entry, seed, names)
                yield number, write(entry.seq - 1, path, note, leaf_of(entry, seed), opened, self._key)


def _named(entry: Entry, fields: tuple[str, ...]) -> list[str]:
    own = {"log", "at", "offset", "kind", "hash", *(f"body.{name}" for name in entry.body)}
    extra = ("body.message",) if entry.kind in KEPT_KINDS else ()
    if entry.kind == FROM_A_CHILD:
        extra = ("body.received_entry",)
    return [name for name in (*fields, *extra) if name in own]


def _checkpoints(session: Session, log: str) -> list[Signed]:
    """One checkpoint a day, the newest, and every one that was stamped."""
    stamped: dict[int, list[Stamp]] = {}
    query = select(AnchorRow.checkpoint_id, AnchorRow.authority, AnchorRow.reply).where(AnchorRow.state == "stamped")
    for row in session.execute(query):
        if row.reply is not None:
            stamped.setdefault(row.checkpoint_id, []).append(Stamp(row.authority, row.reply))
    rows = session.scalars(select(CheckpointRow).where(CheckpointRow.log == log).order_by(CheckpointRow.id)).all()
    days = {row.made_at.date(): row.id for row in rows}
    kept = [row for row in rows if row.id in stamped or days[row.made_at.date()] == row.id]
    return [Signed(row.size, row.note, tuple(stamped.get(row.id, ()))) for row in kept]
