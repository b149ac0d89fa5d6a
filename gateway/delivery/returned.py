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
from gateway.delivery.reached import LATE
from gateway.delivery.return_path import untagged
from gateway.family import Family
from gateway.language import said as ours
from gateway.ledger import append
from gateway.parsing.bounces import Outcome, Report
from gateway.store.tables import DeliveryRow, HandoverRow

BOUNCE = "bounce"
CHILD_AGAIN = "A message of your child's came back from your mailbox. It is kept, and sent to you again tomorrow. Look whether your mailbox is full."
CHILD_GONE = (
    "A message of your child's came back from your mailbox, and is not kept any more. Ask your child what it was."
)
OVER = ("failed", "merged", "spared", "withdrawn")


@dataclass(frozen=True, slots=True)
class Returned:
    """A report about a delivery of ours. `by`: ``return path`` or ``message id``; `kind`: of the delivery."""

    delivery_id: int
    outcome: Outcome
    code: str | None
    by: str
    kind: str

    def as_json(self) -> dict[str, Any]:
        """For the decision."""
        return {"outcome": str(self.outcome), "code": self.code, "by": self.by, "delivery": self.delivery_id}


def find(session: Session, family: Family, recipients: Sequence[str], report: Report) -> Returned | None:
    """The delivery that a report speaks of. `recipients`: the addresses that it came to."""
    mine = select(DeliveryRow).where(DeliveryRow.family == family.key, DeliveryRow.channel == "email")
    tags = [found[1] for address in recipients if (found := untagged(address))]
    for by, column, values in (
        ("return path", DeliveryRow.tag, tags),
        ("message id", DeliveryRow.out_id, list(report.ids[:20])),
    ):
        row = session.scalar(mine.where(column.in_(values)).limit(1)) if values else None
        if row is not None:
            return Returned(row.id, report.outcome, report.code, by, row.kind)
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
        row.last_error = f"{LATE}{said}"[:200]
        if row.call_id is None and otherwise.is_urgent(session, row):  # of an alarm's ways its desk knows more
            otherwise.tell(session, family, row, f"it is late: {said}", now=now)
    elif returned.outcome is Outcome.FAILED and row.state not in OVER:
        outbox.fail(session, row, now, f"came back: {said}", family.time_zone)
        if row.kind == outbox.CHILD:
            otherwise.tell_words(session, family, row, ours(_child(session, row, now)), now=now)
        else:
            otherwise.tell(session, family, row, said, now=now)


def _child(session: Session, row: DeliveryRow, now: datetime) -> str:
    """A child's message that is still kept is looked at now, and put in the outbox once more."""
    handover = session.get(HandoverRow, row.message_id)
    if handover is None or handover.state != "waiting":
        return CHILD_GONE
    handover.next_at = now
    return CHILD_AGAIN
