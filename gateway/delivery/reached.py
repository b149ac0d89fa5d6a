"""What became of an alarm's way to one person, in the caller's unit of work; and who speaks of one that failed.

Two rooms could: the alarm's own desk goes round (`gateway.alarms.desk`), and `otherwise` tells of what did not arrive. Here it is
decided which of them does, so that nobody is told twice and nothing passes in silence.

| the way that failed | who speaks |
|---|---|
| nobody has answered the alarm, and nothing else has reached that person | the desk, at once |
| the desk has told others in that person's place | nobody once more |
| the desk found nobody whom it could tell | `otherwise`, before all else |
| another way has reached that person, or somebody has answered | `otherwise`, once for that way, as of an ordinary note |
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.store.tables import AlarmCallRow, AlarmRow, DeliveryRow

WAITS, WENT = ("pending", "uncertain", "sending"), ("sent", "delivered")
LATE = "late: "
"""How the last error begins of a mail that was taken, and of which a mail system says that it has not arrived yet."""
FAILS_AT = 2
"""Failed tries after which a way does not count any more."""


class Reached(StrEnum):
    """How far a way got."""

    WENT = "went"
    WAITS = "waits"
    DEAD = "dead"


class Speaks(StrEnum):
    """Who tells of a way that failed, and how."""

    DESK = "desk"
    NOBODY = "nobody"
    URGENT = "urgent"
    ORDINARY = "ordinary"


def is_late(row: DeliveryRow) -> bool:
    """Whether it was handed over and is known not to have arrived yet."""
    return row.state == "sent" and (row.last_error or "").startswith(LATE)


def state_of(session: Session, call: AlarmCallRow) -> Reached:
    """How far one way of an alarm got: something went over it, something waits there, or nothing gets through."""
    rows = session.scalars(select(DeliveryRow).where(DeliveryRow.call_id == call.id)).all()
    if any(row.state in WENT and not is_late(row) for row in rows):
        return Reached.WENT
    waits = any(row.state in WAITS and row.attempts < FAILS_AT for row in rows)
    return Reached.WAITS if waits else Reached.DEAD


def of_same_person(session: Session, call: AlarmCallRow) -> list[AlarmCallRow]:
    """All ways of the alarm to that person that were not taken in place of others', in order."""
    query = select(AlarmCallRow).where(
        AlarmCallRow.alarm_id == call.alarm_id,
        AlarmCallRow.who == call.who,
        AlarmCallRow.name == call.name,
        AlarmCallRow.stands_for.is_(None),
    )
    return list(session.scalars(query.order_by(AlarmCallRow.id)))


def who_speaks(session: Session, row: DeliveryRow) -> Speaks:
    """Who tells of a delivery of an alarm (one with a call) that failed."""
    call = session.get_one(AlarmCallRow, row.call_id)
    alarm, before = session.get_one(AlarmRow, call.alarm_id), _failed_before(session, row)
    if alarm.acknowledged_at is not None:
        return Speaks.NOBODY if before else Speaks.ORDINARY
    if call.stands_for is not None:
        return Speaks.NOBODY if before else Speaks.URGENT
    mine = of_same_person(session, call)
    if any(state_of(session, other) is Reached.WENT for other in mine if other.id != call.id):
        return Speaks.NOBODY if before else Speaks.ORDINARY
    if not call.rounded:
        return Speaks.DESK
    stood_in = select(AlarmCallRow.id).where(AlarmCallRow.stands_for.in_([one.id for one in mine]))
    return Speaks.NOBODY if before or session.scalar(stood_in.limit(1)) is not None else Speaks.URGENT


def _failed_before(session: Session, row: DeliveryRow) -> bool:
    """Whether that way has failed before, and so was spoken of."""
    query = select(DeliveryRow.id).where(
        DeliveryRow.call_id == row.call_id, DeliveryRow.id != row.id, DeliveryRow.state == "failed"
    )
    return session.scalar(query.limit(1)) is not None
