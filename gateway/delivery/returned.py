"""Bounces that came back: which mail of ours each speaks of, and what follows.

    report ─► the mail whose return path it came to, or whose Message-ID it names ─► failed | delayed | delivered

Both are secrets that only the receiver of that mail and the systems on its way have seen. A report that has neither says nothing:
it is read like any other mail. Of a mail to the other parent the other parent's side could say anything; it is believed, since
nobody else can know, and the parent is told what that side says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.delivery import bounce_words, otherwise, outbox
from gateway.delivery.return_path import untagged
from gateway.family import Family
from gateway.ledger import append
from gateway.parsing.bounces import Outcome, Report
from gateway.store.tables import DeliveryRow

BOUNCE = "bounce"
OVER = ("failed", "merged", "spared", "withdrawn")


@dataclass(frozen=True, slots=True)
class Returned:
    """A report about a delivery of ours. `by`: ``return path`` or ``message id``."""

    delivery_id: int
    outcome: Outcome
    code: str | None
    by: str

    def as_json(self) -> dict[str, Any]:
        """For the decision."""
        return {"outcome": str(self.outcome), "code": self.code, "by": self.by, "delivery": self.delivery_id}


def find(session: Session, family: Family, recipients: Sequence[str], report: Report) -> Returned | None:
    """The delivery that a report speaks of. `recipients`: the addresses that it came to."""
    mine = select(DeliveryRow.id).where(DeliveryRow.family == family.key, DeliveryRow.channel == "email")
    tags = [found[1] for address in recipients if (found := untagged(address))]
    for by, column, values in (
        ("return path", DeliveryRow.tag, tags),
        ("message id", DeliveryRow.out_id, list(report.ids[:20])),
    ):
        number = session.scalar(mine.where(column.in_(values)).limit(1)) if values else None
        if number is not None:
            return Returned(number, report.outcome, report.code, by)
    return None


def family_of(session: Session, tag: str) -> str | None:
    """The family whose mail had that return path."""
    return session.scalar(select(DeliveryRow.family).where(DeliveryRow.tag == tag))


def note(session: Session, returned: Returned, report_id: int, family: Family, now: datetime) -> None:
    """Keep in the caller's unit of work what a report says; tell what did not arrive. `report_id`: its message."""
    row = session.get_one(DeliveryRow, returned.delivery_id)
    said = bounce_words.why(returned.code)
    body = {
        "delivery": row.out_id, "channel": row.channel, "kind": row.kind, "report": report_id,
        "outcome": str(returned.outcome), "code": returned.code, "by": returned.by,
    }  # fmt: skip
    append(session, family.key, BOUNCE, body, now=now, zone=family.time_zone)
    if returned.outcome is Outcome.DELIVERED and row.state == "sent":
        row.state = "delivered"
    elif returned.outcome is Outcome.DELAYED and row.state == "sent":
        row.last_error = f"late: {said}"[:200]
        if otherwise.is_urgent(session, row):
            otherwise.tell(session, family, row, f"it is late: {said}", now=now)
    elif returned.outcome is Outcome.FAILED and row.state not in OVER:
        outbox.fail(session, row, now, f"came back: {said}", family.time_zone)
        otherwise.tell(session, family, row, said, now=now)
