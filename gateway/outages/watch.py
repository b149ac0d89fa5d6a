"""Watches over the routes: one that fails for too long while something waits for it is told over another, once, and once that
it works again.

    fails ─► for `outage_minutes`, with something waiting ─► told, logged ─► works ─► told, logged
                                                      └─ by night: in the morning, or not at all where it is over by then

The state is kept in rows, so that a restart in the middle of an outage neither forgets it nor tells it twice. The mailbox
that is polled has its own watch (`gateway.intake.health`), which knows more of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.clock import Clock, stamp
from gateway.family import Directory, Family
from gateway.language import Moment
from gateway.language import said as ours
from gateway.ledger import append
from gateway.outages import routes
from gateway.outages.tell import OUTAGE, OVER, tell, withdraw
from gateway.provenance import RECEIVED
from gateway.store import Store
from gateway.store.planning import apart
from gateway.store.tables import DeliveryRow, MessageRow, RouteRow

UNREAD = timedelta(minutes=20)
"""A message that waits so long to be read: texts wait fifteen minutes at most for others."""
WATCHED = (routes.EMAIL, routes.SMS, routes.CARRIER, routes.DOOR, routes.READING)
DOWN: Mapping[str, str] = {
    routes.EMAIL: "Mail from this service has not gone out since {since}. What waits is kept and tried again.",
    routes.SMS: "Texts from this service have not gone out since {since}. What waits is kept and tried again.",
    routes.CARRIER: "The phone company has not answered since {since}. Texts to this service may come in late; none is lost.",
    routes.DOOR: "Mail cannot reach this service since {since}. The senders' systems keep it and try again.",
    routes.READING: "What came to this service has not been read since {since}. It is kept.",
}
UP: Mapping[str, str] = {
    routes.EMAIL: "Mail from this service goes out again. It had not since {since}.",
    routes.SMS: "Texts from this service go out again. They had not since {since}.",
    routes.CARRIER: "The phone company answers again. It had not since {since}.",
    routes.DOOR: "Mail reaches this service again. It could not since {since}.",
    routes.READING: "What came to this service is read again. It was not since {since}.",
}
Probe = Callable[[], str | None]
"""Looks at a way in; why it does not work, or None."""


@dataclass(frozen=True, slots=True)
class State:
    """How a route does. `waits`: whether something is there that it keeps from arriving."""

    failing_since: datetime | None
    told_at: datetime | None
    waits: bool


def verdict(state: State, patience: timedelta, now: datetime) -> Literal["tell", "over"] | None:
    """What is to be said of a route now. Pure."""
    if state.failing_since is None:
        return "over" if state.told_at is not None else None
    lasts = now - state.failing_since >= patience
    return "tell" if lasts and state.waits and state.told_at is None else None


class RouteWatch:
    """One for an installation. `probes`: of ways in, which show their faults to nobody else."""

    def __init__(
        self, store: Store, directory: Directory, clock: Clock, probes: Mapping[str, Probe] | None = None
    ) -> None:
        self._store, self._directory, self._clock, self._probes = store, directory, clock, dict(probes or {})

    def step(self) -> int:
        """Look at every route once; how many outages were told or ended. Raises StoreError."""
        now = self._clock()
        found = {route: probe() for route, probe in self._probes.items()}
        with self._store.read() as session:
            news = [family for family in self._directory if _news(session, family, _seen(session, family, found, now))]
        said = 0
        for family in news:
            with self._store.write() as session:
                for route, why in _seen(session, family, found, now).items():
                    if why is not None:
                        routes.bad(session, family.key, route, now, why)
                    elif session.get(RouteRow, (family.key, route)) is not None:
                        routes.good(session, family.key, route, now)
                session.flush()
                said += sum(_look(session, family, row, now) for row in _rows(session, family))
        return said


def _seen(session: Session, family: Family, found: Mapping[str, str | None], now: datetime) -> dict[str, str | None]:
    """What was found of the ways in, and of the reading: why it fails, or None."""
    unread = _unread_since(session, family.key)
    stuck = unread is not None and now - unread > UNREAD
    return {**found, routes.READING: "messages wait to be read" if stuck else None}


def _news(session: Session, family: Family, seen: Mapping[str, str | None]) -> bool:
    """Whether anything fails, or did when it was last looked at: else there is nothing to write."""
    troubled = any(row.failing_since is not None or row.told_at is not None for row in _rows(session, family))
    return troubled or any(why is not None for why in seen.values())


def _rows(session: Session, family: Family) -> list[RouteRow]:
    rows = session.scalars(select(RouteRow).where(RouteRow.family == family.key))
    return [row for row in rows if row.route in WATCHED]


def _look(session: Session, family: Family, row: RouteRow, now: datetime) -> int:
    waits = row.route not in routes.OUTWARD or _waits(session, family.key, row.route)
    said = verdict(State(row.failing_since, row.told_at, waits), timedelta(minutes=family.alarms.outage_minutes), now)
    if said is None:
        return 0
    if said == "tell" and row.failing_since is not None:
        words = ours(DOWN[row.route], since=Moment(row.failing_since, family.time_zone))
        to = tell(session, family, words, now, route=row.route)
        body = {"route": row.route, "since": stamp(row.failing_since), "why": row.why, "to": to}
        append(session, family.key, OUTAGE, body, now=now, zone=family.time_zone)
        row.told_at, row.told_since = now, row.failing_since
        return 1
    since = row.told_since or row.told_at or now
    to = []
    if not withdraw(session, family, row.route):
        words = ours(UP[row.route], since=Moment(since, family.time_zone))
        to = tell(session, family, words, now, route=row.route)
    body = {"route": row.route, "since": stamp(since), "to": to}
    append(session, family.key, OVER, body, now=now, zone=family.time_zone)
    row.told_at = row.told_since = None
    return 1


def _waits(session: Session, family: str, channel: str) -> bool:
    """Whether something was tried over that route and has not gone."""
    query = select(DeliveryRow.id).where(
        apart(DeliveryRow.family) == family,
        DeliveryRow.channel == channel,
        DeliveryRow.state.in_(("pending", "uncertain", "sending")),
        DeliveryRow.attempts > 0,
    )
    return session.scalar(query.limit(1)) is not None


def _unread_since(session: Session, family: str) -> datetime | None:
    query = select(MessageRow.received_at).where(
        MessageRow.family == family, MessageRow.state == "stored", MessageRow.provenance == RECEIVED
    )
    return session.scalar(query.order_by(MessageRow.id).limit(1))
