"""How the log works.

Each family has a log, and the installation has one for what belongs to no family (start, stop, refusals). An entry
carries its sequence number, the UTC time and the family's offset, what happened (`kind`), a small body (hashes,
sizes, identifiers; never words of a message), the hash of the entry before it, and its own hash over all of that as
canonical JSON (keys sorted, no spaces, UTF-8). Changing, removing or inserting an entry breaks every hash after it.

One writer: `append` runs inside the caller's unit of work. On SQLite that unit holds the only write lock (BEGIN
IMMEDIATE); on PostgreSQL `append` takes an advisory lock for the log, held until the commit. UNIQUE(log, seq) and
UNIQUE(log, prev) make a fork impossible even where a lock failed. Database triggers refuse update and delete.

What a chain cannot show: that the whole log was rewritten, or its tail cut. Checkpoints held by others show that: each
entry is a leaf of a Merkle tree too (`leaf.py`, `tree.py`), whose signed root (`checkpoint.py`) stands for all of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, insert, literal_column, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from gateway.clock import offset, stamp
from gateway.errors import LogError
from gateway.ledger.leaf import canonical, hash_of, new_seed
from gateway.store.direct import Direct
from gateway.store.tables import EntryRow, LeafRow

GENESIS = "0" * 64
ENTRIES = cast(Table, EntryRow.__table__)
LEAVES = cast(Table, LeafRow.__table__)
INSTALLATION = "installation"

# Past the objects of the mapper and the caches of statements: every message comes by here.
_HEAD = Direct(
    select(ENTRIES.c.seq, ENTRIES.c.hash)
    .where(ENTRIES.c.log == bindparam("name"))
    .order_by(ENTRIES.c.seq.desc())
    .limit(literal_column("1"))
    .offset(literal_column("0"))
)
_ENTRY, _LEAF = (
    Direct(
        insert(table)
        .inline()
        .values({column.name: bindparam(column.name) for column in table.c if column.name != "id"})
    )
    for table in (ENTRIES, LEAVES)
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `at` is UTC, `offset` the family's offset then, `body` plain JSON values."""

    log: str
    seq: int
    at: str
    offset: str
    kind: str
    body: Mapping[str, Any]
    prev: str
    hash: str

    @property
    def name(self) -> str:
        """How people and receipts name it: ``rivera/12``."""
        return f"{self.log}/{self.seq}"


def entry_hash(log: str, seq: int, at: str, shift: str, kind: str, body: str, prev: str) -> str:
    """SHA-256 over the entry as canonical JSON; `body` is canonical JSON itself."""
    fields = {"at": at, "body": body, "kind": kind, "log": log, "offset": shift, "prev": prev, "seq": seq}
    return hashlib.sha256(canonical(fields).encode("utf8")).hexdigest()


@dataclass(frozen=True, slots=True)
class Event:
    """What an entry will say. `now` is aware; `zone` gives the offset that is kept beside it."""

    kind: str
    body: Mapping[str, Any]
    now: datetime
    zone: str = "UTC"


def append(
    session: Session, log: str, kind: str, body: Mapping[str, Any], *, now: datetime, zone: str = "UTC"
) -> Entry:
    """Add an entry in the caller's unit of work; it stands when that commits."""
    return append_all(session, log, [Event(kind, body, now, zone)])[0]


def append_all(unit: Session | Connection, log: str, events: Sequence[Event]) -> list[Entry]:
    """Add entries in order, in the caller's unit of work, with one look at the head and one insert."""
    connection = unit if isinstance(unit, Connection) else unit.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:log, 7))"), {"log": log})
    seq, prev = _head(connection, log)
    made: list[Entry] = []
    rows: list[dict[str, Any]] = []
    leaves: list[dict[str, Any]] = []
    for event in events:
        seq += 1
        at, shift, written = stamp(event.now), offset(event.now, event.zone), canonical(dict(event.body))
        digest = entry_hash(log, seq, at, shift, event.kind, written, prev)
        made.append(Entry(log, seq, at, shift, event.kind, event.body, prev, digest))
        rows.append(
            {
                "log": log,
                "seq": seq,
                "at": at,
                "offset": shift,
                "kind": event.kind,
                "body": written,
                "prev": prev,
                "hash": digest,
            }
        )
        seed = new_seed()
        leaves.append({"log": log, "seq": seq, "hash": hash_of(made[-1], seed).hex(), "seed": seed})
        prev = digest
    if rows:
        _ENTRY.many(connection, rows)
        _LEAF.many(connection, leaves)
    return made


def entries(session: Session, log: str | None = None, *, after: int = 0) -> Iterator[Entry]:
    """Entries of one log (or of all, log by log) in order, read a few at a time."""
    query = select(EntryRow).order_by(EntryRow.log, EntryRow.seq).execution_options(yield_per=500)
    if log is not None:
        query = query.where(EntryRow.log == log, EntryRow.seq > after)
    with session.scalars(query) as found:  # a cursor of the server's that is left half-read is closed, not lost
        for row in found:
            yield _entry(row)


def page(session: Session, log: str, after: int, most: int) -> list[Entry]:
    """At most so many entries of one log behind a number, in order."""
    query = select(EntryRow).where(EntryRow.log == log, EntryRow.seq > after).order_by(EntryRow.seq).limit(most)
    return [_entry(row) for row in session.scalars(query)]


def logs_in(session: Session) -> list[str]:
    """The names of all logs, in order."""
    return list(session.scalars(select(EntryRow.log).distinct().order_by(EntryRow.log)))


def entry_at(session: Session, log: str, seq: int) -> Entry | None:
    """One entry by its number; None where there is none."""
    row = session.scalars(select(EntryRow).where(EntryRow.log == log, EntryRow.seq == seq)).first()
    return _entry(row) if row is not None else None


def head(session: Session, log: str) -> tuple[int, str]:
    """Sequence number and hash of the newest entry; (0, GENESIS) for an empty log."""
    return _head(session.connection(), log)


def _head(connection: Connection, log: str) -> tuple[int, str]:
    last = _HEAD.one(connection, {"name": log}).first()
    return (last.seq, last.hash) if last else (0, GENESIS)


def verify(chain: Iterator[Entry]) -> dict[str, int]:
    """Check hashes, order and links of one or more logs; the number of entries of each.

    Raises:
        LogError: naming the first entry that does not fit, and how.
    """
    counts: dict[str, int] = {}
    links: dict[str, str] = {}
    for entry in chain:
        expected = counts.get(entry.log, 0) + 1
        if entry.seq != expected:
            raise LogError(f"{entry.name}: entry {entry.log}/{expected} is missing")
        if entry.prev != links.get(entry.log, GENESIS):
            raise LogError(f"{entry.name}: does not follow the entry before it")
        body = canonical(dict(entry.body))
        if entry.hash != entry_hash(entry.log, entry.seq, entry.at, entry.offset, entry.kind, body, entry.prev):
            raise LogError(f"{entry.name}: its content was changed after it was written")
        counts[entry.log], links[entry.log] = entry.seq, entry.hash
    return counts


def _entry(row: EntryRow) -> Entry:
    return Entry(row.log, row.seq, row.at, row.offset, row.kind, json.loads(row.body), row.prev, row.hash)
