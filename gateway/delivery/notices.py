"""Plain words of ours to the parent that belong to no card: something waits that could not be taken in or sorted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from gateway.clock import local
from gateway.delivery import outbox, schedule
from gateway.delivery.schedule import Matter, Modes
from gateway.family import Family
from gateway.policy import Lane

SUBJECT = "Update, 1 item"


def put(session: Session, family: Family, text: str, *, now: datetime, until: datetime | None = None) -> None:
    """Queue the words over the parent's ways, at the hours of an unsorted card, in the caller's unit of work.

    `until`: when they would come too late; what the next chosen hour would bring too late goes now.
    """
    whens = (local(until, family.time_zone).replace(tzinfo=None).isoformat(),) if until is not None else ()
    due = schedule.due(now, family.deliver, family.time_zone, Matter(Lane.UNSORTED, whens), Modes.of(family))
    for channel, address in family.ways(now.date()):
        outbox.put(
            session,
            family=family.key,
            message_id=None,
            card_id=None,
            kind="notice",
            channel=channel,
            address=address,
            content={"subject": SUBJECT, "text": text, "link": None},
            due=due,
            planned=due > now,
        )
