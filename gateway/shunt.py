"""Messages that were set aside: list them, hand them to the worker again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select

from gateway.clock import stamp
from gateway.errors import UserError
from gateway.intake.keep import UNASSIGNED
from gateway.ledger import append
from gateway.store import Store
from gateway.store.tables import DecisionRow, MessageRow


def waiting(store: Store) -> Iterator[str]:
    """One line a message: number, family, channel, time, why."""
    with store.read() as session:
        rows = session.scalars(
            select(MessageRow)
            .where((MessageRow.state == "shunted") | (MessageRow.family == UNASSIGNED))
            .order_by(MessageRow.id)
        ).all()
        for row in rows:
            detail = session.scalar(
                select(DecisionRow.detail)
                .where(DecisionRow.message_id == row.id)
                .order_by(DecisionRow.id.desc())
                .limit(1)
            )
            why = detail.get("why", "") if detail else "its number belongs to no family"
            yield f"{row.id}  {row.family}  {row.channel}  {stamp(row.received_at)}  {row.size} bytes  {why}"


def put_back(store: Store, message_id: int, now: datetime) -> None:
    """Make a shunted message stored again. Raises UserError when it is not set aside."""
    with store.write() as session:
        row = session.get(MessageRow, message_id)
        if row is None or row.state != "shunted":
            raise UserError(f"message {message_id} is not set aside; see: breakwater shunt list")
        row.state, row.starts = "stored", 0
        append(session, row.family, "replay asked", {"message": message_id}, now=now)
