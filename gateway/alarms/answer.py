"""Whether a message that came in answers an alarm: the one word OK, from a phone that got the alarm, or in answer to its mail.

A mail proves itself by the Message-ID that it answers, which only that person got. A text has nothing but its number, which can be
forged; so whoever answers by text is told that it was taken, and a forger's answer comes to light (see `acknowledge`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.alarms.acknowledge import OUT
from gateway.delivery.alarms import PARENT
from gateway.family import Family
from gateway.optout import number_of
from gateway.parsing import Reading
from gateway.store.tables import AlarmCallRow, AlarmRow, DeliveryRow, QuestionRow

RECENT = timedelta(days=7)
_PLAIN = frozenset("ok okay okey k read seen leído leido visto recibido 👍 👌".split())
_YES = _PLAIN | frozenset("yes yep si sí oui ja tak ndiyo".split())
_BESIDE = frozenset("i i've have it got that thanks thank you all now ya lo he leí lei gracias todo".split())
_WORD = re.compile(r"[\w'’]+|👍|👌")
MOST_WORDS = 5


@dataclass(frozen=True, slots=True)
class Answered:
    """The calls that a message answers; none where all had been answered before. `via`: as the log names it."""

    calls: tuple[int, ...]
    via: str


def is_ok(words: str, *, plainly: bool = False) -> bool:
    """Whether the words say that it was read, and nothing else. `plainly`: a yes is not enough, it may answer something else."""
    found = [word.replace("’", "'") for word in _WORD.findall(words.lower())]
    wanted = _PLAIN if plainly else _YES
    return 0 < len(found) <= MOST_WORDS and set(found) <= (_YES | _BESIDE) and bool(set(found) & wanted)


def answered(
    session: Session, family: Family, channel: str, sender: str, reading: Reading, now: datetime
) -> Answered | None:
    """What a message answers; None where it is no answer to an alarm."""
    if not is_ok(reading.new_text):
        return None
    found = _by_number(session, family, sender, now) if channel == "sms" else _by_mail(session, family, reading)
    if not found:
        return None
    if channel == "email" and not is_ok(reading.new_text, plainly=True) and _asks(session, found):
        return None
    opened = [call.id for call, alarm in found if call.acknowledged_at is None and alarm.acknowledged_at is None]
    if not opened and not is_ok(reading.new_text, plainly=True):
        return None
    return Answered(tuple(opened), "text" if channel == "sms" else "mail")


def _asks(session: Session, found: Sequence[tuple[AlarmCallRow, AlarmRow]]) -> bool:
    """Whether the parent's yes may be meant for the other parent: the urgent message asks something ("can you come?")."""
    messages = [alarm.message_id for call, alarm in found if call.who == PARENT and alarm.message_id is not None]
    query = select(QuestionRow.id).where(QuestionRow.message_id.in_(messages), QuestionRow.answered_at.is_(None))
    return bool(messages) and session.scalar(query.limit(1)) is not None


def _by_number(session: Session, family: Family, sender: str, now: datetime) -> list[tuple[AlarmCallRow, AlarmRow]]:
    """Calls that went to that phone lately."""
    number = number_of(sender)
    if number is None:
        return []
    rows = session.execute(
        select(AlarmCallRow, AlarmRow)
        .join(AlarmRow, AlarmRow.id == AlarmCallRow.alarm_id)
        .join(DeliveryRow, DeliveryRow.call_id == AlarmCallRow.id)
        .where(
            AlarmCallRow.family == family.key,
            AlarmCallRow.channel == "sms",
            AlarmCallRow.address == number,
            DeliveryRow.state.in_(OUT),
            DeliveryRow.next_at >= now - RECENT,
        )
        .distinct()
        .order_by(AlarmCallRow.id.desc())
    )
    return [(call, alarm) for call, alarm in rows]


def _by_mail(session: Session, family: Family, reading: Reading) -> list[tuple[AlarmCallRow, AlarmRow]]:
    names = [n.partition("@")[0] for n in (reading.in_reply_to, *reading.references) if n][:20]
    rows = session.execute(
        select(AlarmCallRow, AlarmRow)
        .join(AlarmRow, AlarmRow.id == AlarmCallRow.alarm_id)
        .join(DeliveryRow, DeliveryRow.call_id == AlarmCallRow.id)
        .where(AlarmCallRow.family == family.key, DeliveryRow.channel == "email", DeliveryRow.out_id.in_(names))
    )
    return [(call, alarm) for call, alarm in rows]
