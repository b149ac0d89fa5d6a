"""Whether a polled mailbox can be read: an outage becomes a log entry, and when it lasts, a notice to the parent.

The state is read from the log itself, so that a restart in the middle of an outage neither forgets it nor tells it twice.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from gateway.clock import Clock, for_people
from gateway.delivery import notices
from gateway.family import Family
from gateway.ledger import append
from gateway.store import Store
from gateway.store.tables import EntryRow

DOWN, UP = "mailbox down", "mailbox up"
ENTRY_AFTER = timedelta(minutes=10)
NOTICE_AFTER = timedelta(hours=6)
NOTICE_AFTER_REFUSAL = timedelta(hours=1)
WORDS = (
    "The relay mailbox cannot be read since {since}: {why}. What arrives meanwhile waits there and is taken in later. Whoever "
    "looks after Breakwater can see more with: breakwater doctor"
)


@dataclass(frozen=True, slots=True)
class Outage:
    """An outage that goes on. `logged`, `told`: how far it is known."""

    since: datetime
    logged: bool = False
    told: bool = False


class Health:
    """Keeps track of one family's mailbox. Every method raises StoreError when the database refuses."""

    def __init__(self, store: Store, family: Family, clock: Clock) -> None:
        self._store, self._family, self._clock = store, family, clock
        self._outage: Outage | None = None
        self._read = False

    def up(self) -> None:
        """The mailbox was read."""
        self._recall()
        if self._outage is not None and self._outage.logged:
            with self._store.write() as session:
                body = {"down_seconds": round((self._clock() - self._outage.since).total_seconds())}
                append(session, self._family.key, UP, body, now=self._clock(), zone=self._family.time_zone)
        self._outage = None

    def down(self, why: str, *, refused: bool) -> None:
        """The mailbox could not be read. `refused`: the login; nobody but a person can mend that."""
        self._recall()
        now = self._clock()
        outage = self._outage or Outage(now)
        self._outage = outage
        lasted = now - outage.since
        tell = not outage.told and lasted >= (NOTICE_AFTER_REFUSAL if refused else NOTICE_AFTER)
        if not tell and (outage.logged or not (refused or lasted >= ENTRY_AFTER)):
            return
        since = for_people(outage.since, self._family.time_zone)
        with self._store.write() as session:
            body = {"why": why, "since": outage.since.isoformat(), "told": tell}
            append(session, self._family.key, DOWN, body, now=now, zone=self._family.time_zone)
            if tell:
                notices.put(session, self._family, WORDS.format(since=since, why=why), now=now)
        self._outage = Outage(outage.since, logged=True, told=tell)

    def _recall(self) -> None:
        if self._read:
            return
        with self._store.read() as session:
            last = session.execute(
                select(EntryRow.kind, EntryRow.body)
                .where(EntryRow.log == self._family.key, EntryRow.kind.in_((DOWN, UP)))
                .order_by(EntryRow.seq.desc())
                .limit(1)
            ).first()
        if last is not None and last.kind == DOWN:
            body = json.loads(last.body)
            self._outage = Outage(datetime.fromisoformat(body["since"]), logged=True, told=bool(body["told"]))
        self._read = True
