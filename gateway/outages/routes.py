"""How each route of a family does, kept in the unit of work of whatever was tried over it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from gateway.store.tables import RouteRow

EMAIL, SMS, MAILBOX, CARRIER, DOOR, READING, GATEWAY = (
    "email", "sms", "mailbox", "carrier", "door", "reading", "gateway",
)  # fmt: skip
OUTWARD = (EMAIL, SMS)


def good(session: Session, family: str, route: str, now: datetime) -> None:
    """It worked."""
    row = _row(session, family, route)
    row.last_good, row.failing_since, row.why = now, None, ""


def bad(session: Session, family: str, route: str, now: datetime, why: str) -> None:
    """It did not, and it may be the route's own fault."""
    row = _row(session, family, route)
    row.last_bad, row.why = now, why[:200]
    row.failing_since = row.failing_since or now


def out_since(session: Session, family: str, route: str, moment: datetime) -> bool:
    """Whether nothing has worked over that route since `moment`, or longer."""
    row = session.get(RouteRow, (family, route))
    return row is not None and row.failing_since is not None and row.failing_since <= moment


def _row(session: Session, family: str, route: str) -> RouteRow:
    row = session.get(RouteRow, (family, route))
    if row is None:
        row = RouteRow(family=family, route=route, why="")
        session.add(row)
    return row
