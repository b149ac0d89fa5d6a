"""How an arrival is kept, and how many at once.

An arrival is the exact bytes that a transport brought, with its envelope. `Keeper.keep` returns when blob, message
row and log entry are on the disk; only then may the transport acknowledge. If anything refuses (disk full, database
locked or away) it raises StoreError and nothing is kept; the transport answers "try again" and the sender's system
holds the message.

One thread does the keeping. While it waits for the disk, further arrivals queue up; the next round takes all of them
(up to `BATCH`), and commits them in one transaction: the bytes of small ones in it (`store.fresh`), those of large ones
in files that were fsynced before it began. So twenty connections cost little more disk time than one, and each still
waits for its own bytes to be safe. When a round fails as a whole, its arrivals are kept one by one, so that one bad row
cannot refuse its neighbours. When nothing has come for a moment, the thread moves the small ones into files too, and then
seals what an older version left plain (`sealing.quiet`).
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, insert, select
from sqlalchemy.engine import Connection

from gateway.clock import stamp
from gateway.errors import SettingsError, StoreError
from gateway.ledger import Event, append_all
from gateway.ledger.leaf import canonical
from gateway.provenance import AS_GIVEN, IMPORTED, RECEIVED, RECOVERED
from gateway.sealing.quiet import Quiet
from gateway.store import Blobs, Store, fresh
from gateway.store.blobs import digest
from gateway.store.tables import EntryRow, MediaRow, MessageRow

log = logging.getLogger(__name__)
MESSAGES = cast(Table, MessageRow.__table__)
_NEW = insert(MESSAGES).returning(MESSAGES.c.id, sort_by_parameter_order=True)
BATCH = 64
MOST_WAITING = 10_000
QUIET = 0.2
"""Seconds without an arrival after which small messages get their files."""
PAUSE, LOOK = 5.0, 60.0
"""Seconds until that is tried again after the disk or the database refused; until the next look when nothing was left,
for another process may have kept something and ended."""
LAST = 2.0
"""Seconds that the end of a keeper may take for it; what is left then is settled by the next one."""
RECEIPT = 20
"""Hexadecimal digits of an entry's hash in a receipt."""
UNASSIGNED = "unassigned"
"""Family key of a signed text to a number that no family has (yet): kept, shown by `breakwater doctor`, never dropped."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a transport, or an archive, brought for one family.

    `provider_id` is a name that no other message has: the carrier's own id where it promises one, made from the bytes
    themselves for a polled mailbox, the key by which an imported message is known again. `written_at` is the time that
    an archive claims (aware). `files` are hashes of blobs, durable already, that belong to it. `recovered`: no transport
    brought it, it was found in the carrier's list; `written_at` is then when it should have come.
    """

    family: str
    zone: str
    channel: str
    raw: bytes
    envelope: Mapping[str, Any]
    received_at: datetime
    provider_id: str | None = None
    media: tuple[tuple[str, str], ...] = field(default=())
    provenance: str = RECEIVED
    written_at: datetime | None = None
    files: tuple[str, ...] = ()
    recovered: bool = False

    def fingerprint(self, sha256: str) -> str:
        """Equal for two arrivals of the same bytes (their hash is `sha256`) over the same envelope: the same message sent twice."""
        about = (self.family, self.channel, self.envelope.get("mail_from"), self.provider_id, sha256)
        return hashlib.sha256(repr(about).encode("utf8")).hexdigest()


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof for the transport: the beginning of the hash of the log entry that names the arrival.

    The entry's number would tell the sender how many entries were made in between, and so what became of earlier
    messages; its hash tells nothing. `repeated`: it had been kept before.
    """

    entry: str
    message_id: int
    repeated: bool = False


class Keeper:
    """The one place through which messages enter the store."""

    def __init__(
        self,
        store: Store,
        blobs: Blobs,
        *,
        on_kept: threading.Event | None = None,
        apart: Callable[[Arrival], bool] = lambda _: False,
    ) -> None:
        """`apart`: whether an arrival's bytes must never pass through the database (`voices.apart`)."""
        self._store, self._blobs, self._on_kept, self._apart = store, blobs, on_kept, apart
        self._quiet = Quiet(store, blobs)
        self._queue: queue.SimpleQueue[tuple[Arrival, Future[Receipt]] | None] = queue.SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)
        self._thread.start()

    async def keep(self, arrival: Arrival) -> Receipt:
        """Keep one arrival durably. Raises StoreError when it could not be kept."""
        return await asyncio.wrap_future(self.submit(arrival))

    def submit(self, arrival: Arrival) -> Future[Receipt]:
        """The same for threads. The future fails with StoreError."""
        future: Future[Receipt] = Future()
        if self._closed:
            future.set_exception(StoreError("shutting down"))
            return future
        if self._queue.qsize() >= MOST_WAITING:
            future.set_exception(StoreError("too many messages at once"))
        else:
            self._queue.put((arrival, future))
        return future

    def close(self) -> None:
        """Keep what is queued, then stop."""
        self._closed = True
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        open_, pause = True, QUIET
        while open_:
            try:
                round_ = [self._queue.get(timeout=pause)]
            except queue.Empty:
                pause = self._settle()
                continue
            pause = QUIET
            while len(round_) < BATCH and not self._queue.empty():
                round_.append(self._queue.get_nowait())
            open_ = None not in round_
            work = [item for item in round_ if item is not None and item[1].set_running_or_notify_cancel()]
            if work:
                self._round(work)
        end = time.monotonic() + LAST
        while time.monotonic() < end and self._settle() == 0.0:
            pass

    def _settle(self) -> float:
        """Give some small messages their files, or seal some old ones; seconds to wait for an arrival before the next ones."""
        try:
            if fresh.any_left(self._store) and fresh.settle(self._store, self._blobs):
                return 0.0
            return 0.0 if self._quiet.step() else LOOK
        except (StoreError, SettingsError) as error:
            log.warning("messages lie where they lay for now: %s", error)
            return PAUSE
        except Exception as error:  # noqa: BLE001 (the thread keeps messages; nothing may end it)
            log.error("messages lie where they lay for now: %s", type(error).__name__)
            return PAUSE

    def _round(self, work: Sequence[tuple[Arrival, Future[Receipt]]]) -> None:
        try:
            receipts: Sequence[Receipt | BaseException] = self._keep([arrival for arrival, _ in work])
        except Exception as error:  # noqa: BLE001 (every fault ends in a record, never in silence)
            receipts = [self._alone(arrival) for arrival, _ in work] if len(work) > 1 else [error]
        for (_, future), receipt in zip(work, receipts, strict=True):
            if isinstance(receipt, Receipt):
                future.set_result(receipt)
            else:
                log.error("not kept: %s", type(receipt).__name__)
                future.set_exception(receipt if isinstance(receipt, StoreError) else StoreError("not kept"))
        if self._on_kept is not None:
            self._on_kept.set()

    def _alone(self, arrival: Arrival) -> Receipt | BaseException:
        try:
            return self._keep([arrival])[0]
        except Exception as error:  # noqa: BLE001 (every fault ends in a record, never in silence)
            return error

    def _keep(self, arrivals: Sequence[Arrival]) -> list[Receipt]:
        hashes = [digest(arrival.raw) for arrival in arrivals]
        small: dict[str, bytes] = {}
        filed: dict[tuple[str, str], bytes] = {}
        for sha256, arrival in zip(hashes, arrivals, strict=True):
            if len(arrival.raw) > fresh.SMALL or self._apart(arrival):
                filed[arrival.family, sha256] = arrival.raw
            else:
                name, ready = self._blobs.ready(arrival.family, sha256, arrival.raw)
                small[name] = ready
        if filed:
            self._blobs.put_each([(family, raw) for (family, _), raw in filed.items()])
        with self._store.write_rows() as connection:
            fresh.put(connection, small)
            receipts = _insert_all(connection, arrivals, hashes)
            for (family, sha256), raw in filed.items():
                self._blobs.make_sure(family, [(sha256, raw)])
            return receipts


def _insert_all(connection: Connection, arrivals: Sequence[Arrival], hashes: Sequence[str]) -> list[Receipt]:
    """Entries and rows for all arrivals that are new; receipts in the order of the arrivals."""
    receipts: dict[int, Receipt] = {}
    known = _known(connection, [a.provider_id for a in arrivals if a.provider_id is not None])
    fresh: dict[str, list[int]] = {}
    for place, arrival in enumerate(arrivals):
        if arrival.provider_id is not None and arrival.provider_id in known:
            continue
        if arrival.provider_id is not None:
            known[arrival.provider_id] = None
        fresh.setdefault(arrival.family, []).append(place)
    for family, places in fresh.items():
        prints = [arrivals[place].fingerprint(hashes[place]) for place in places]
        events = [_event(arrivals[p], hashes[p], known_by) for p, known_by in zip(places, prints, strict=True)]
        entries = append_all(connection, family, events)
        rows = [
            _row(arrivals[p], hashes[p], known_by, entry.seq)
            for p, known_by, entry in zip(places, prints, entries, strict=True)
        ]
        numbers = connection.execute(_NEW, rows).scalars().all()
        for place, entry, number in zip(places, entries, numbers, strict=True):
            receipts[place] = Receipt(entry.hash[:RECEIPT], number)
            provider_id = arrivals[place].provider_id
            if provider_id is not None:
                known[provider_id] = receipts[place]
            for url, content_type in arrivals[place].media:
                at = arrivals[place].received_at
                values = {"message_id": number, "url": url, "content_type": content_type[:100], "next_at": at}
                connection.execute(insert(MediaRow), values)
    return [receipts.get(place) or _repeated(known, arrival) for place, arrival in enumerate(arrivals)]


def _known(connection: Connection, provider_ids: Sequence[str]) -> dict[str, Receipt | None]:
    """Receipts of messages that the carrier brought before, by its own id."""
    if not provider_ids:
        return {}
    query = (
        select(MessageRow.provider_id, MessageRow.id, EntryRow.hash)
        .join(EntryRow, (EntryRow.log == MessageRow.family) & (EntryRow.seq == MessageRow.entry_seq))
        .where(MessageRow.provider_id.in_(provider_ids))
    )
    return {str(row.provider_id): Receipt(row.hash[:RECEIPT], row.id) for row in connection.execute(query)}


def _repeated(known: Mapping[str, Receipt | None], arrival: Arrival) -> Receipt:
    first = known[str(arrival.provider_id)]
    if first is None:
        raise StoreError("not kept")
    return Receipt(first.entry, first.message_id, repeated=True)


def _event(arrival: Arrival, sha256: str, fingerprint: str) -> Event:
    body: dict[str, Any] = {
        "channel": arrival.channel,
        "fingerprint": fingerprint,
        "sha256": sha256,
        "size": len(arrival.raw),
        "envelope_sha256": digest(canonical(dict(arrival.envelope)).encode("utf8", "surrogateescape")),
    }
    if arrival.provider_id is not None:
        body["provider_id"] = arrival.provider_id
    if arrival.provenance == IMPORTED:
        body["provenance"] = AS_GIVEN
        body["written_at"] = stamp(arrival.written_at) if arrival.written_at else None
        if arrival.files:
            body["files"] = list(arrival.files)
    kind = IMPORTED if arrival.provenance == IMPORTED else RECEIVED
    if arrival.recovered:
        kind = RECOVERED
        body["should_have_come"] = stamp(arrival.written_at) if arrival.written_at else None
    return Event(kind, body, arrival.received_at, arrival.zone)


def _row(arrival: Arrival, sha256: str, fingerprint: str, entry_seq: int) -> dict[str, Any]:
    return {
        "family": arrival.family,
        "channel": arrival.channel,
        "received_at": arrival.received_at,
        "sha256": sha256,
        "size": len(arrival.raw),
        "envelope": dict(arrival.envelope),
        "fingerprint": fingerprint,
        "provider_id": arrival.provider_id,
        "entry_seq": entry_seq,
        "provenance": arrival.provenance,
        "written_at": arrival.written_at,
        "state": "stored",
        "starts": 0,
    }
