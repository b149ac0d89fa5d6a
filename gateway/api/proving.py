"""The calls that prove: entries of the log without what they say, checkpoints, proofs; and finished records."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Final

from gateway.api import cursor
from gateway.api.call import Answer, Asked
from gateway.api.problems import NOT_COVERED, NOT_HERE, REFUSED, Problem
from gateway.api.shapes import (
    CheckpointPage,
    CheckpointShape,
    ConsistencyShape,
    EntryPage,
    EntryShape,
    ProofShape,
    RecordPage,
    RecordShape,
)
from gateway.errors import UserError
from gateway.ledger.checkpoints import Checkpoints
from gateway.ledger.log import entry_at, page
from gateway.record import shelf
from gateway.store import Store
from gateway.store.tables import ExportRow
from gateway.web.pages.records import handed

OPEN: Final = ["at", "offset", "kind", "hash"]
"""Fields of an entry that a proof lays open; what the entry says stays closed in it."""


MOST_ENTRIES: Final = 2**31 - 1
"""The greatest number that an entry can have in either database."""


class Proving:
    """Of the family of a token. `data`: where the files of records lie."""

    def __init__(self, store: Store, checkpoints: Checkpoints, data: Path) -> None:
        self._store, self._checkpoints, self._data = store, checkpoints, data

    def entries(self, asked: Asked) -> Answer:
        """Entries in order."""
        most, after = asked.query.limit, cursor.number("entries", asked.query.after) or 0
        with self._store.read() as session:
            found = page(session, asked.family.key, min(after, MOST_ENTRIES), most + 1)
        items = [
            EntryShape(seq=e.seq, at=e.at, offset=e.offset, kind=e.kind, prev=e.prev, hash=e.hash) for e in found[:most]
        ]
        following = cursor.write("entries", items[-1].seq if items else after)
        return Answer(EntryPage(items=items, next=following, more=len(found) > most), len(items))

    def checkpoints(self, asked: Asked) -> Answer:
        """Checkpoints in order."""
        log, most = asked.family.key, asked.query.limit
        after = cursor.number("checkpoints", asked.query.after) or 0
        found, key = self._checkpoints.listed(log, after, most + 1), str(self._checkpoints.key(log))
        items = [
            CheckpointShape(number=row.id, size=row.size, made_at=row.made_at, note=row.note, key=key)
            for row in found[:most]
        ]
        following = cursor.write("checkpoints", items[-1].number if items else after)
        return Answer(CheckpointPage(items=items, next=following, more=len(found) > most), len(items))

    def proof(self, asked: Asked) -> Answer:
        """The proof of one entry, under the newest checkpoint."""
        log, seq = asked.family.key, asked.numbers["number"]
        with self._store.read() as session:
            if seq > MOST_ENTRIES or entry_at(session, log, seq) is None:
                raise Problem(NOT_HERE)
        if not self._checkpoints.covers(log, seq):
            raise Problem(NOT_COVERED)
        try:
            file = self._checkpoints.prove(log, seq, OPEN)
        except UserError as error:  # sealed: its fields cannot be opened any more
            raise Problem(REFUSED, str(error)) from None
        return Answer(ProofShape(seq=seq, file=file))

    def consistency(self, asked: Asked) -> Answer:
        """That an older log is the beginning of a newer one."""
        old, new = asked.query.old, asked.query.new
        if old > new:
            raise Problem(REFUSED, "`old` should not be greater than `new`")
        try:
            hashes = self._checkpoints.consistency(asked.family.key, old, new)
        except IndexError:
            raise Problem(REFUSED, "the log has no such sizes") from None
        written = [base64.b64encode(one).decode() for one in hashes]
        return Answer(ConsistencyShape(old=old, new=new, hashes=written))

    def records(self, asked: Asked) -> Answer:
        """Finished records, newest first."""
        most, before = asked.query.limit, cursor.number("records", asked.query.after)
        with self._store.read() as session:
            rows = shelf.listed(session, asked.family.key, state=shelf.READY, before=before, most=most + 1)
            items = [record_shape(row) for row in rows[:most]]
        more = len(rows) > most
        following = cursor.write("records", items[-1].number) if more else None
        return Answer(RecordPage(items=items, next=following, more=more), len(items))

    def file(self, asked: Asked) -> Answer:
        """The file of one."""
        with self._store.read() as session:
            row = shelf.own(session, asked.family.key, asked.numbers["number"])
            if row is None or row.state != shelf.READY or not shelf.place(self._data, row.id).is_file():
                raise Problem(NOT_HERE)
            return Answer(handed(self._data, row))


def record_shape(row: ExportRow) -> RecordShape:
    """A record as the API shows it."""
    order = shelf.order_of(row)
    return RecordShape(
        number=row.id, asked_at=row.asked_at, finished_at=row.finished_at, checked_at=row.checked_at, size=row.size or 0,
        since=str(order.since or ""), until=str(order.until or ""), style=str(order.style),
    )  # fmt: skip
