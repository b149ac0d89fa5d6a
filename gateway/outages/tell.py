"""Telling of an outage, in the caller's unit of work: the parent by a way that works, or else whoever can pass it on.

By night it waits for the morning, since nothing can be done about it then and the note itself is a fright; not where no way to
the parent is left. What is over before it was sent is taken back.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.delivery import notices, outbox
from gateway.delivery.alarms import CONTACT, PARENT
from gateway.delivery.escalation import by_day
from gateway.family import Family
from gateway.language import Part, joined, said
from gateway.outages.routes import OUTWARD
from gateway.store.tables import DeliveryRow, RouteRow

OUTAGE = "outage"
"""Kind of the deliveries and of the log entry."""
OVER = "outage over"
FOR_THEM = "Please tell {name}:"


def tell(session: Session, family: Family, text: Part, now: datetime, *, route: str) -> list[dict[str, Any]]:
    """Put the words over ways other than `route` that are not failing themselves; whom and how, for the log."""
    failing = {r for r in _failing(session, family.key) if r in OUTWARD} | {route}
    ways = [(PARENT, channel, address) for channel, address in family.every_way(now.date()) if channel not in failing]
    words, due = text, by_day(now, family.time_zone)
    if not ways:
        words, due = joined(said(FOR_THEM, name=family.parent.name), text), now
        ways = [(CONTACT, c, a) for person in family.safety_contacts() for c, a in family.ways_to(person, now.date())]
        ways = [way for way in ways if way[1] not in failing]
    there = [way[1:] for way in ways]
    notices.say(session, family, there, words, due=due, kind=OUTAGE, marks={"route": route}, is_plain=True)
    return [{"who": who, "by": channel} for who, channel, _ in ways]


def withdraw(session: Session, family: Family, route: str) -> bool:
    """Take back what was to be said of an outage and has not left; whether there was any."""
    query = select(DeliveryRow).where(
        DeliveryRow.family == family.key, DeliveryRow.kind == OUTAGE, DeliveryRow.state == "pending"
    )
    mine = [row for row in session.scalars(query) if row.content.get("route") == route]
    for row in mine:
        row.state = outbox.WITHDRAWN
    return bool(mine)


def _failing(session: Session, family: str) -> list[str]:
    query = select(RouteRow.route).where(RouteRow.family == family, RouteRow.failing_since.is_not(None))
    return list(session.scalars(query))
