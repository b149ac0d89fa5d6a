"""Plain words of ours to the parent that belong to no card: something waits that could not be taken in or sorted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from gateway.delivery import outbox, schedule
from gateway.delivery.gsm import plain
from gateway.delivery.schedule import Matter, Modes
from gateway.family import Family
from gateway.language import Part, speech, texting
from gateway.policy import Lane

SUBJECT = "Update, 1 item"
NOTICE = "notice"
OPEN = "Open: {link}"


def say(
    session: Session,
    family: Family,
    ways: Iterable[tuple[str, str]],
    text: Part,
    *,
    due: datetime,
    kind: str = NOTICE,
    subject: str = SUBJECT,
    link: str | None = None,
    planned: bool = False,
    question_id: int | None = None,
    marks: Mapping[str, Any] = {},
    language: str | None = None,
    is_plain: bool = False,
) -> None:
    """Queue the words over each of these ways (channel and address), in the caller's unit of work. `marks`: what else the
    delivery keeps beside its words; `language`: of somebody who does not read the family's; `is_plain`: without the marks of
    typography.
    """
    for channel, address in ways:
        spoken = (texting if channel == "sms" else speech)(language or family.language)
        words = spoken.say(text)
        outbox.put(
            session,
            family=family.key,
            message_id=None,
            card_id=None,
            kind=kind,
            channel=channel,
            address=address,
            content={
                "subject": spoken.text(subject),
                "text": plain(words) if is_plain else words,
                "link": link,
                **marks,
            },
            due=due,
            planned=planned,
            question_id=question_id,
        )


def put(
    session: Session,
    family: Family,
    text: Part,
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
    ways = family.ways(now.date())
    say(session, family, ways, text, due=due, planned=due > now, question_id=question_id)
