"""Making and checking checkpoints of the logs in a store, and proofs of single entries. The shell around `checkpoint.py`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from sqlalchemy import CTE, ScalarSelect, and_, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from gateway import durable
from gateway.errors import LogError, UserError
from gateway.ledger import proof, tree
from gateway.ledger.checkpoint import Checkpoint, make, origin_of, read
from gateway.ledger.leaf import Opening, fields_of, hash_of, leaf_of, open_fields
from gateway.ledger.log import Entry, entries, entry_at
from gateway.ledger.note import Key
from gateway.store import Store
from gateway.store.tables import CheckpointRow, EntryRow, LeafRow

KEY_FILE = "log.key"
STAMPED, FAILED = "anchored", "anchor failed"
"""Kinds of the entries about stamps (see `anchors.py`)."""
WHEN_CHANGED, WHEN_QUIET = timedelta(hours=1), timedelta(days=1)
BATCH = 50
"""Logs that are signed in one transaction."""


def signing_key(data: Path) -> Ed25519PrivateKey:
    """The key of this installation's logs, made at the first call. Raises LogError when it cannot be read."""
    file = data / KEY_FILE
    try:
        key = load_pem_private_key(durable.make_once(file, _new_key), None)
    except (OSError, ValueError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise LogError(f"{file} cannot be read as the key of the log; put it back from a backup")
    return key


def _new_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


class Checkpoints:
    """Signs for every log of a store under `host`."""

    def __init__(self, store: Store, key: Ed25519PrivateKey, host: str) -> None:
        self._store, self._private, self._host = store, key, host

    def key(self, log: str) -> Key:
        """The public key of a log, under the log's origin."""
        return Key(origin_of(self._host, log), self._private.public_key().public_bytes_raw())

    def make_due(self, now: datetime, *, at_once: bool = False, only: str | None = None) -> list[str]:
        """Make what is due (or of every log that grew, with `at_once`); the notes. `only`: for that log alone. Raises StoreError.

        Some logs in each transaction: while one is open nobody else writes in SQLite, and a message at the door must not
        wait for the logs of thousands of families.
        """
        with self._store.read() as session:
            due = _due(session, now, at_once, only)
        batches = (due[first : first + BATCH] for first in range(0, len(due), BATCH))
        return [note for logs in batches for note in self._make(logs, now, at_once)]

    def _make(self, logs: Sequence[str], now: datetime, at_once: bool) -> list[str]:
        """Checkpoints of `logs`, less those that another process made meanwhile."""
        notes = []
        with self._store.write() as session:
            for log in logs:
                if not _due(session, now, at_once, log):
                    continue
                size = session.scalar(select(func.max(LeafRow.seq)).where(LeafRow.log == log))
                note = make(origin_of(self._host, log), leaf_hashes(session, log), now, self._private)
                session.add(CheckpointRow(log=log, size=size, made_at=now, note=note))
                notes.append(note)
        return notes

    def newest(self) -> list[tuple[str, str]]:
        """Each log with its newest checkpoint."""
        with self._store.read() as session:
            ids = select(func.max(CheckpointRow.id)).group_by(CheckpointRow.log)
            rows = session.scalars(select(CheckpointRow).where(CheckpointRow.id.in_(ids)).order_by(CheckpointRow.log))
            return [(row.log, row.note) for row in rows]

    def listed(self, log: str, after: int, most: int) -> list[CheckpointRow]:
        """At most so many checkpoints of a log behind a number, in order."""
        query = select(CheckpointRow).where(CheckpointRow.log == log, CheckpointRow.id > after)
        with self._store.read() as session:
            rows = session.scalars(query.order_by(CheckpointRow.id).limit(most)).all()
            session.expunge_all()
            return list(rows)

    def consistency(self, log: str, old: int, new: int) -> list[bytes]:
        """The proof that the log of `old` entries is the beginning of the log of `new`. Raises IndexError: there are no such sizes."""
        with self._store.read() as session:
            hashes = list(islice(leaf_hashes(session, log), new))
        if len(hashes) < new:
            raise IndexError(f"a tree of {new} in one of {len(hashes)}")
        return tree.consistency(hashes, old)

    def covers(self, log: str, seq: int) -> bool:
        """Whether the newest checkpoint covers that entry."""
        with self._store.read() as session:
            last = _newest(session, log)
            return last is not None and last.size >= seq

    def compare(self, note: str) -> tuple[str, Checkpoint, int]:
        """Compare a checkpoint that somebody kept with the log as it is: log, what the checkpoint says, entries now.

        Raises:
            UserError: it is no checkpoint of a log of this installation.
            LogError: this key did not sign it, or the log is not what it was.
        """
        with self._store.read() as session:
            logs = _lengths(session)
            mine = next((row for row in logs if self.key(row[0]).name == note.strip().split("\n")[0].strip()), None)
            if mine is None:
                raise UserError("this is not a checkpoint of a log in this installation")
            log, size = mine[0], int(mine[1])
            seen = read(note.strip() + "\n", self.key(log))
            if seen.size > size:
                raise LogError(f"{log}: the checkpoint covers {seen.size} entries, but only {size} are here")
            if tree.root(islice(leaf_hashes(session, log), seen.size)) != seen.root:
                raise LogError(f"{log}: an entry up to number {seen.size} is not what it was at {seen.at}")
        self.verify(log)
        return log, seen, size

    def verify(self, log: str) -> int:
        """Check every leaf against its entry and every checkpoint against the tree; how many checkpoints fit.

        Raises:
            LogError: naming what does not fit.
        """
        with self._store.read() as session:
            rows = {row.seq: row for row in session.scalars(select(LeafRow).where(LeafRow.log == log))}
            found: list[bytes] = []
            for entry in entries(session, log):
                row = rows.get(entry.seq)
                if row is None:
                    raise LogError(f"{entry.name}: its leaf is missing")
                if row.seed is not None and hash_of(entry, row.seed).hex() != row.hash:
                    raise LogError(f"{entry.name}: the leaf is not that of the entry")
                found.append(bytes.fromhex(row.hash))
            if len(found) != len(rows):
                raise LogError(f"{log}: {len(rows) - len(found)} leaves have no entry")
            notes = session.scalars(select(CheckpointRow).where(CheckpointRow.log == log).order_by(CheckpointRow.id))
            return self._check(log, found, list(notes))

    def _check(self, log: str, found: Sequence[bytes], rows: Sequence[CheckpointRow]) -> int:
        for row in rows:
            seen = read(row.note, self.key(log))
            if seen.size > len(found):
                raise LogError(
                    f"{log}: a checkpoint of {seen.at} covers {seen.size} entries, but {len(found)} are here"
                )
            if tree.root(found[: seen.size]) != seen.root:
                raise LogError(f"{log}: an entry before number {seen.size} is not what it was at {seen.at}")
        return len(rows)

    def prove(self, log: str, seq: int, names: list[str] | None = None) -> str:
        """The proof file of one entry under the newest checkpoint that covers it. Raises LogError."""
        with self._store.read() as session:
            entry = entry_at(session, log, seq)
            seed = session.scalar(select(LeafRow.seed).where(LeafRow.log == log, LeafRow.seq == seq))
            last = _newest(session, log)
            if entry is None:
                raise UserError(f"there is no entry {log}/{seq}; `breakwater log show` lists them")
            if seed is None:
                raise UserError(f"{entry.name} was sealed: its fields cannot be opened any more")
            if last is None or last.size < seq:
                raise UserError(f"no checkpoint covers {entry.name} yet; make one with: breakwater log checkpoint")
            hashes = list(islice(leaf_hashes(session, log), last.size))
        path = tree.inclusion(hashes, seq - 1)
        leaf, opened = leaf_of(entry, seed), _opened(entry, seed, names)
        return proof.write(seq - 1, path, last.note, leaf, opened, self.key(log))


def leaf_hashes(session: Session, log: str) -> Iterator[bytes]:
    """The leaf hashes of a log, in order, read a few at a time: a log may hold more than memory should."""
    query = select(LeafRow.hash).where(LeafRow.log == log).order_by(LeafRow.seq).execution_options(yield_per=500)
    with session.scalars(query) as found:
        for value in found:
            yield bytes.fromhex(value)


def _newest(session: Session, log: str) -> CheckpointRow | None:
    query = select(CheckpointRow).where(CheckpointRow.log == log).order_by(CheckpointRow.id.desc()).limit(1)
    return session.scalars(query).first()


def _logs() -> CTE:
    """Every log's name, each found by one look into the index: how long a log is costs nothing."""
    first = select(func.min(LeafRow.log).label("log")).cte("logs", recursive=True)
    after = select(func.min(LeafRow.log)).where(LeafRow.log > first.c.log).correlate(first).scalar_subquery()
    return first.union_all(select(after).where(first.c.log.is_not(None)))


def _lengths(session: Session) -> list[tuple[str, int]]:
    """Each log with its number of entries."""
    logs = _logs()
    rows = session.execute(select(logs.c.log, _length(logs)).where(logs.c.log.is_not(None)))
    return [(str(log), int(size)) for log, size in rows]


def _length(logs: CTE) -> ScalarSelect[int | None]:
    return select(func.max(LeafRow.seq)).where(LeafRow.log == logs.c.log).correlate(logs).scalar_subquery()


def _due(session: Session, now: datetime, at_once: bool, only: str | None) -> list[str]:
    """Logs for which a new checkpoint is due."""
    logs = _logs() if only is None else select(literal(only).label("log")).cte("logs")
    other = aliased(CheckpointRow)
    newest = (
        select(other.id)
        .where(other.log == logs.c.log)
        .order_by(other.size.desc(), other.id.desc())
        .limit(1)
        .correlate(logs)
        .scalar_subquery()
    )
    size = _length(logs)
    grew = size > CheckpointRow.size
    since = now - WHEN_CHANGED
    wanted = or_(
        CheckpointRow.id.is_(None),
        CheckpointRow.made_at <= now - WHEN_QUIET,
        grew if at_once else and_(CheckpointRow.made_at <= since, grew),
    )
    query = (
        select(logs.c.log, CheckpointRow)
        .select_from(logs)
        .outerjoin(CheckpointRow, CheckpointRow.id == newest)
        .where(logs.c.log.is_not(None), size.is_not(None), wanted)
        .order_by(logs.c.log)
    )
    return [log for log, last in session.execute(query) if _is_due(session, last, now, at_once=at_once)]


def _is_due(session: Session, last: CheckpointRow | None, now: datetime, *, at_once: bool) -> bool:
    """What the question to the database left open: whether the newest entries are more than word of our own stamps."""
    return last is None or at_once or now - last.made_at >= WHEN_QUIET or _has_news(session, last)


def _has_news(session: Session, last: CheckpointRow) -> bool:
    """Whether anything came since but word of the checkpoint's own stamps: those make no new one due."""
    query = select(EntryRow.id).where(
        EntryRow.log == last.log, EntryRow.seq > last.size, EntryRow.kind.not_in((STAMPED, FAILED))
    )
    return session.scalars(query.limit(1)).first() is not None


def _opened(entry: Entry, seed: str, names: list[str] | None) -> list[Opening]:
    try:
        return open_fields(entry, seed, names)
    except KeyError as error:
        has = ", ".join(fields_of(entry))
        raise UserError(f"{entry.name} ({entry.kind}) has no field {error.args[0]!r}; it has {has}") from None
