"""What the text carrier says became of our texts: kept once for each text and status, and followed up.

A status may come before the answer to the very request that sent the text; then it waits in its table until the outbox knows
the carrier's number (`settle`). An old status never undoes a final one.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from gateway.delivery import carrier_errors, otherwise, outbox
from gateway.family import Directory, Family
from gateway.ledger import append
from gateway.optout import note_refusal
from gateway.store.tables import DeliveryRow, StatusRow

_ANY = select(StatusRow.id).where(StatusRow.sid == bindparam("sid")).limit(1)
"""Asked for every text, mostly in vain, so it is made once."""
FINAL = {"delivered": "delivered", "undelivered": "failed", "failed": "failed"}


def take(session: Session, directory: Directory, sid: str, status: str, error_code: str | None, now: datetime) -> None:
    """Keep a status in the caller's unit of work, and what follows from it; a repetition changes nothing."""
    known = session.scalar(select(StatusRow.id).where(StatusRow.sid == sid, StatusRow.status == status))
    if not sid or not status or known is not None:
        return
    code = error_code[:10] if error_code else None
    row = StatusRow(sid=sid[:64], status=status[:20], error_code=code, at=now)
    session.add(row)
    delivery = session.scalar(select(DeliveryRow).where(DeliveryRow.provider_id == sid))
    if delivery is not None:
        _apply(session, directory.family(delivery.family), delivery, row, now)


def settle(session: Session, family: Family | None, sid: str, now: datetime) -> None:
    """Take up what the carrier said of a text before the outbox knew its number `sid`, in the caller's unit of work."""
    if session.connection().scalar(_ANY, {"sid": sid}) is None:
        return
    there = select(DeliveryRow).where(DeliveryRow.provider_id == sid, DeliveryRow.channel == "sms")
    for delivery in session.scalars(there).all():
        for row in session.scalars(select(StatusRow).where(StatusRow.sid == sid).order_by(StatusRow.id)):
            _apply(session, family, delivery, row, now)


def _apply(session: Session, family: Family | None, delivery: DeliveryRow, row: StatusRow, now: datetime) -> None:
    body: dict[str, Any] = {"delivery": delivery.out_id, "status": row.status}
    if row.error_code:
        body["error_code"] = row.error_code
    zone = family.time_zone if family else "UTC"
    append(session, delivery.family, "carrier status", body, now=now, zone=zone)
    if row.status not in FINAL or delivery.state in FINAL.values():
        return
    if FINAL[row.status] != "failed":
        delivery.state = FINAL[row.status]
        return
    why = carrier_errors.why(row.error_code)
    outbox.fail(session, delivery, now, why, zone)
    if family is None:
        return
    if row.error_code == carrier_errors.OPTED_OUT:
        note_refusal(session, family, delivery.address, delivery.out_id, now)
    if not otherwise.spared_by(delivery, family, opted_out=row.error_code == carrier_errors.OPTED_OUT):
        otherwise.tell(session, family, delivery, why, now=now)
