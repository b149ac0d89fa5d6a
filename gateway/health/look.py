"""The numbers, asked of the database at one moment. Over all families together: no number tells of one of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gateway.store.tables import (
    AlarmRow,
    AnchorRow,
    CardRow,
    CheckpointRow,
    DeliveryRow,
    EntryRow,
    FreshRow,
    MessageRow,
    RouteRow,
)

LATE: Final = timedelta(minutes=10)
"""What waits longer than that in a queue should be looked at."""


@dataclass(frozen=True, slots=True)
class Number:
    """One of them. `name`: for a monitor, `words`: for a person. `bad`: somebody should look. Seconds where it is an age."""

    name: str
    words: str
    value: float
    bad: bool = False


@dataclass(frozen=True, slots=True)
class Logs:
    """How many logs have a checkpoint, and the oldest and the newest of their last ones."""

    signed: int
    oldest: datetime | None
    newest: datetime | None


def queues(session: Session, now: datetime) -> list[Number]:
    """What waits, and what should not. Raises DBAPIError."""
    messages = select(func.count(), func.min(MessageRow.received_at))
    waiting, oldest = session.execute(messages.where(MessageRow.state == "stored")).one()
    shunted, _ = session.execute(messages.where(MessageRow.state == "shunted")).one()
    states = dict(
        session.execute(
            select(DeliveryRow.state, func.count())
            .where(DeliveryRow.state.in_(("pending", "uncertain", "failed")))
            .group_by(DeliveryRow.state)
        ).all()
    )
    due = select(func.count()).where(DeliveryRow.state == "pending", DeliveryRow.next_at < now - LATE)
    late, doubt = session.scalar(due) or 0, states.get("uncertain", 0)
    stamps = session.scalar(select(func.count()).where(AnchorRow.state == "waiting")) or 0
    age = 0.0 if oldest is None else max(0.0, (now - oldest).total_seconds())
    return [
        Number("messages_waiting", "Messages to be read", waiting, age > LATE.total_seconds()),
        Number("messages_shunted", "Messages that could not be read (breakwater shunt)", shunted, shunted > 0),
        Number("deliveries_waiting", "Deliveries that wait", states.get("pending", 0)),
        Number("deliveries_late", "Deliveries that are late", late, late > 0),
        Number("deliveries_in_doubt", "Deliveries in doubt", doubt, doubt > 0),
        Number("deliveries_failed", "Deliveries that failed for good", states.get("failed", 0)),
        Number("stamps_waiting", "Checkpoints that wait for a time stamp", stamps),
    ]


def more(session: Session, now: datetime) -> list[Number]:
    """What a monitor wants besides: open alarms, dead ways, the age of the oldest message that waits. Raises DBAPIError."""
    oldest = session.scalar(select(func.min(MessageRow.received_at)).where(MessageRow.state == "stored"))
    alarms = session.scalar(
        select(func.count()).where(
            AlarmRow.next_at.is_not(None), AlarmRow.acknowledged_at.is_(None), AlarmRow.kind != "test"
        )
    )
    dead = session.scalar(select(func.count()).where(RouteRow.failing_since.is_not(None)))
    fresh = session.scalar(select(func.count()).select_from(FreshRow))
    age = 0.0 if oldest is None else max(0.0, (now - oldest).total_seconds())
    return [
        Number("oldest_message_waiting_seconds", "Seconds that the oldest of them waits", round(age, 3)),
        Number("alarms_open", "Alarms that nobody has answered yet", alarms or 0),
        Number("routes_failing", "Ways in or out that do not work", dead or 0, bool(dead)),
        Number("messages_unsettled", "Small messages whose bytes are still in the database", fresh or 0),
    ]


def totals(session: Session) -> list[Number]:
    """What only grows. The highest number of a table stands for a count, which would read all of it. Raises DBAPIError."""
    tables = {"messages": MessageRow, "cards": CardRow, "deliveries": DeliveryRow, "entries": EntryRow}
    return [
        Number(f"{name}_total", f"All {name} so far", session.scalar(select(func.max(row.id))) or 0)  # type: ignore[attr-defined]
        for name, row in tables.items()
    ]


def logs(session: Session, names: Iterable[str]) -> Logs:
    """The checkpoints of these logs. Raises DBAPIError."""
    last = (
        session.scalar(
            select(CheckpointRow.made_at).where(CheckpointRow.log == name).order_by(CheckpointRow.size.desc()).limit(1)
        )
        for name in names
    )
    found = [at for at in last if at is not None]
    return Logs(len(found), min(found, default=None), max(found, default=None))
