"""For whoever runs the installation: ``/operator``. Numbers of health; no content, no names, no addresses, no family's key."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from gateway import __version__
from gateway.accounts import Role
from gateway.clock import Clock
from gateway.family import Directory
from gateway.ledger import INSTALLATION
from gateway.store import Store
from gateway.store.tables import AccountRow, AnchorRow, CheckpointRow, DeliveryRow, MessageRow
from gateway.web.room import Room, Visitor

OPERATOR: Final = frozenset({Role.OPERATOR})
LATE: Final = timedelta(minutes=10)
"""What waits longer than that in a queue should be looked at."""


class Health:
    """Counts over all families together."""

    def __init__(self, store: Store, directory: Directory, clock: Clock) -> None:
        self._store, self._directory, self._clock = store, directory, clock

    def rooms(self) -> list[Room]:
        """For the guard."""
        return [Room("operator", "/operator", self.show, OPERATOR, menu="Health", place=15, quiet=True)]

    def show(self, _request: Request, visitor: Visitor) -> Response:
        """The page."""
        now = self._clock()
        with self._store.read() as session:
            queues, logs = _queues(session, now), _logs(session, [*self._directory.by_key, INSTALLATION])
            accounts = session.scalar(select(func.count()).where(AccountRow.password.is_not(None))) or 0
            return visitor.show(
                "operator.html",
                version=__version__,
                now=now,
                queues=queues,
                logs=logs,
                families=len(self._directory),
                accounts=accounts,
            )


def _queues(session: Session, now: datetime) -> list[tuple[str, int, bool]]:
    """Name of each queue, how much is in it, and whether somebody should look."""
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
    late = session.scalar(due) or 0
    stamps = session.scalar(select(func.count()).where(AnchorRow.state == "waiting")) or 0
    return [
        ("Messages to be read", waiting, oldest is not None and oldest < now - LATE),
        ("Messages that could not be read (breakwater shunt)", shunted, shunted > 0),
        ("Deliveries that wait", states.get("pending", 0), False),
        ("Deliveries that are late", late, late > 0),
        ("Deliveries in doubt", states.get("uncertain", 0), states.get("uncertain", 0) > 0),
        ("Deliveries that failed for good", states.get("failed", 0), False),
        ("Checkpoints that wait for a time stamp", stamps, False),
    ]


def _logs(session: Session, names: Iterable[str]) -> dict[str, Any]:
    """How many logs have a checkpoint, and the oldest and newest of their last ones."""
    last = (
        session.scalar(
            select(CheckpointRow.made_at).where(CheckpointRow.log == name).order_by(CheckpointRow.size.desc()).limit(1)
        )
        for name in names
    )
    found = [at for at in last if at is not None]
    return {"signed": len(found), "oldest": min(found, default=None), "newest": max(found, default=None)}
