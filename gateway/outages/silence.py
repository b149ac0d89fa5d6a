"""The gateway's own silence: when it was last alive, and that the parent is told from when to when it was not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from gateway.clock import stamp
from gateway.family import Family
from gateway.language import Moment, said
from gateway.ledger import append
from gateway.outages import routes
from gateway.outages.tell import tell
from gateway.store.tables import RouteRow

TOLD = "silence told"
WORDS = (
    "This service was silent from {since} to {until}. What came meanwhile is taken in now, so it may be late; "
    "what you were to get goes out now."
)


def beat(session: Session, now: datetime) -> None:
    """Note that the gateway is alive."""
    routes.good(session, "", routes.GATEWAY, now)


def last_beat(session: Session) -> datetime | None:
    """When it was last noted."""
    row = session.get(RouteRow, ("", routes.GATEWAY))
    return row.last_good if row is not None else None


def tell_silence(session: Session, family: Family, since: datetime, now: datetime) -> None:
    """Tell the parent of a silence that lasted as long as an outage, in the caller's unit of work."""
    if now - since < timedelta(minutes=family.alarms.outage_minutes):
        return
    zone = family.time_zone
    words = said(WORDS, since=Moment(since, zone), until=Moment(now, zone))
    body: dict[str, Any] = {"since": stamp(since), "until": stamp(now)}
    body["to"] = tell(session, family, words, now, route=routes.GATEWAY)
    append(session, family.key, TOLD, body, now=now, zone=zone)
