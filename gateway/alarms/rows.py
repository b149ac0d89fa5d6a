"""The rows of an alarm, in the caller's unit of work: the alarm, its ways to people, what goes out over them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gateway.delivery import alarms, outbox
from gateway.delivery.alarms import Call
from gateway.delivery.compose import Ask
from gateway.delivery.escalation import Alarm, Reach, following
from gateway.family import Family
from gateway.ledger import append
from gateway.policy import Lane
from gateway.store.tables import AlarmCallRow, AlarmRow

RAISED = "alarm"
"""Kind of the entry of a raised alarm, and of its deliveries."""
TEST = "test"
ALARMING = (Lane.DANGER, Lane.EMERGENCY)
MOST_NOTES, WITHIN = 10, timedelta(hours=1)
"""Alarms of danger that ring at one address within that time one by one. Anybody can write threats, hundreds of them, until the carrier's
queue is full, the mail host's day is used up and the bill is high; then nothing else gets through in time.
"""
SOON = timedelta(minutes=15)
"""What does not ring by itself comes with the next repetition, of all alarms together, if that is no farther away."""


def ask_of(public_url: str, call: AlarmCallRow) -> Ask:
    """The addresses that an alarm names to one person."""
    return Ask(f"{public_url}/alarm/{call.token}", f"{public_url}/numbers/{call.token}")


def pure(row: AlarmRow, family: Family) -> Alarm:
    """What the due-function needs of an alarm."""
    return Alarm(Lane(row.kind), row.raised_at, family.time_zone, family.alarms)


@dataclass
class Raised:
    """A new alarm with its ways; some of them the card takes along, the others ring by themselves. `crowded`: ways that had so many
    that this one comes with the next repetition.
    """

    row: AlarmRow
    crowded: frozenset[tuple[str, str]] = frozenset()
    calls: dict[tuple[str, str], AlarmCallRow] = field(default_factory=dict)

    def by(self, session: Session, family: Family, channel: str, address: str) -> AlarmCallRow:
        """The parent's call over that way."""
        found = self.calls.pop((channel, address), None)
        return found or add_call(session, self.row, Call(alarms.PARENT, family.parent.name, channel, address))

    def ring(self, session: Session, family: Family, public_url: str, link: str, now: datetime) -> None:
        """Put what the card did not take along."""
        for call in self.calls.values():
            put(session, family, self.row, call, public_url, link, now=now, step=0)


def raise_alarm(
    session: Session, family: Family, lane: Lane, now: datetime, *, message_id: int | None, card_id: int | None
) -> Raised:
    """Open an alarm and a call for everybody whom it goes to at first; logged."""
    row = AlarmRow(family=family.key, kind=lane.value, message_id=message_id, card_id=card_id, raised_at=now)
    step = following(Alarm(lane, now, family.time_zone, family.alarms), (0,), None, now)
    row.next_at = step.at if step else None
    session.add(row)
    session.flush()
    comes_again = step is not None and step.at - now <= SOON
    made = Raised(row, _crowded(session, family, now) if comes_again and lane is Lane.DANGER else frozenset())
    for call in alarms.people(family, lane, Reach.FIRST, now.date()):
        if (call.channel, call.address) not in made.crowded:
            made.calls[call.channel, call.address] = add_call(session, row, call)
    body = {"message": message_id, "lane": lane.value, "alarm": row.id, "to": told(list(made.calls.values()))}
    body |= {"with_the_next": len(made.crowded)} if made.crowded else {}
    append(session, family.key, RAISED, body, now=now, zone=family.time_zone)
    return made


def _crowded(session: Session, family: Family, now: datetime) -> frozenset[tuple[str, str]]:
    """Channel and address of the ways at which so many alarms rang lately."""
    query = (
        select(AlarmCallRow.channel, AlarmCallRow.address)
        .join(AlarmRow, AlarmRow.id == AlarmCallRow.alarm_id)
        .where(AlarmRow.family == family.key, AlarmRow.kind != TEST, AlarmRow.raised_at.between(now - WITHIN, now))
        .group_by(AlarmCallRow.channel, AlarmCallRow.address)
        .having(func.count() >= MOST_NOTES)
    )
    return frozenset((channel, address) for channel, address in session.execute(query))


def add_call(session: Session, alarm: AlarmRow, call: Call, *, stands_for: int | None = None) -> AlarmCallRow:
    """A way of an alarm to one person, with its secret."""
    row = AlarmCallRow(
        alarm_id=alarm.id,
        family=alarm.family,
        who=call.who,
        name=call.name,
        channel=call.channel,
        address=call.address,
        token=secrets.token_urlsafe(32),
        stands_for=stands_for,
    )
    session.add(row)
    session.flush()
    return row


def calls_of(session: Session, alarm: AlarmRow) -> list[AlarmCallRow]:
    """All ways that an alarm has taken, in order."""
    return list(
        session.scalars(select(AlarmCallRow).where(AlarmCallRow.alarm_id == alarm.id).order_by(AlarmCallRow.id))
    )


def put(
    session: Session,
    family: Family,
    alarm: AlarmRow,
    call: AlarmCallRow,
    public_url: str,
    link: str | None,
    *,
    now: datetime,
    step: int,
    unreached: str = "",
    due: datetime | None = None,
) -> None:
    """Put one message of an alarm. `link`: of the card, which only the parent's hold; `due`: not before then."""
    ask, plain = ask_of(public_url, call), Call(call.who, call.name, call.channel, call.address)
    if alarm.kind == TEST:
        words = alarms.test_words(plain, ask, family.language)
    else:
        words = alarms.words(plain, family, ask, again=step > 0 and not unreached, unreached=unreached)
    outbox.put(
        session,
        family=family.key,
        message_id=alarm.message_id,
        card_id=alarm.card_id,
        kind=TEST if alarm.kind == TEST else RAISED,
        channel=call.channel,
        address=call.address,
        content={"subject": words.subject, "text": words.text, "link": link if call.who == alarms.PARENT else None},
        due=due or now,
        call_id=call.id,
        step=step,
    )


def told(calls: Sequence[AlarmCallRow]) -> list[dict[str, Any]]:
    """Who is told and how, for the log: what they are and the channel, no name and no address."""
    return [{"who": call.who, "by": call.channel} for call in calls]
