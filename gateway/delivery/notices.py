"""Plain words of ours to the parent that belong to no card: something waits that could not be taken in or sorted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from gateway.delivery import outbox, schedule
from gateway.delivery.schedule import Matter, Modes
from gateway.family import Family
from gateway.policy import Lane

SUBJECT = "Update, 1 item"


def put(
    session: Session,
    family: Family,
    text: str,
    *,
    now: datetime,
    due: datetime | None = None,
    question_id: int | None = None,
) -> None:
    """Queue the words over the parent's ways, at the hours of an unsorted card, in the caller's unit of work.

    `due`: the hour that was chosen for them already. `question_id`: the question that they remind of, so that an answer
    withdraws them.
    """
    if due is None:
        due = schedule.due(now, family.deliver, family.time_zone, Matter(Lane.UNSORTED), Modes.of(family))
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
            question_id=question_id,
        )
