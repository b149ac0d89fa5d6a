"""How each route of a family does, kept in the unit of work of whatever was tried over it."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from sqlalchemy import Table, bindparam, insert, update
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from gateway.store.tables import RouteRow

EMAIL, SMS, MAILBOX, CARRIER, DOOR, READING, GATEWAY = (
    "email", "sms", "mailbox", "carrier", "door", "reading", "gateway",
)  # fmt: skip
OUTWARD = (EMAIL, SMS)
_TABLE = cast(Table, RouteRow.__table__)
_WORKED = (
    update(_TABLE)
    .where(_TABLE.c.family == bindparam("of"), _TABLE.c.route == bindparam("over"))
    .values(last_good=bindparam("now"), failing_since=None, why="")
)
_FIRST = insert(_TABLE).values(family=bindparam("of"), route=bindparam("over"), last_good=bindparam("now"), why="")


def good(session: Session, family: str, route: str, now: datetime) -> None:
    """It worked."""
    row = _row(session, family, route)
    row.last_good, row.failing_since, row.why = now, None, ""


def worked(connection: Connection, family: str, route: str, now: datetime) -> None:
    """The same as `good` for what every delivery passes by, in a unit of work that has not read the route."""
    values = {"of": family, "over": route, "now": now}
    if connection.execute(_WORKED, values).rowcount != 1:
        connection.execute(_FIRST, values)


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
