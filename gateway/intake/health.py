"""Whether a polled mailbox can be read: an outage becomes a log entry, and when it lasts, the parent is told, and when it is over.

The state is read from the log itself, so that a restart in the middle of an outage neither forgets it nor tells it twice.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from gateway.clock import Clock
from gateway.family import Family
from gateway.language import Moment, said
from gateway.ledger import append
from gateway.outages import routes
from gateway.outages.tell import tell, withdraw
from gateway.store import Store
from gateway.store.tables import EntryRow

DOWN, UP = "mailbox down", "mailbox up"
ENTRY_AFTER = timedelta(minutes=10)
WORDS = (
    "The relay mailbox cannot be read since {since}: {why}. What arrives meanwhile waits there and is taken in later. Whoever "
    "looks after this service can see more with: breakwater doctor"
)
AGAIN = "The relay mailbox can be read again. It could not since {since}. What waited there is taken in now."


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
                routes.good(session, self._family.key, routes.MAILBOX, self._clock())
                if self._outage.told and not withdraw(session, self._family, routes.MAILBOX):
                    since = Moment(self._outage.since, self._family.time_zone)
                    tell(session, self._family, said(AGAIN, since=since), self._clock(), route=routes.MAILBOX)
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
        now_told = not outage.told and lasted >= timedelta(minutes=self._family.alarms.outage_minutes)
        if not now_told and (outage.logged or not (refused or lasted >= ENTRY_AFTER)):
            return
        since = Moment(outage.since, self._family.time_zone)
        with self._store.write() as session:
            body = {"why": why, "since": outage.since.isoformat(), "told": now_told}
            append(session, self._family.key, DOWN, body, now=now, zone=self._family.time_zone)
            if now_told:
                tell(session, self._family, said(WORDS, since=since, why=said(why)), now, route=routes.MAILBOX)
            routes.bad(session, self._family.key, routes.MAILBOX, now, why)
        self._outage = Outage(outage.since, logged=True, told=now_told)

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
