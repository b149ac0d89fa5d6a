"""Test alarms: now and then, plainly marked, over every way; an alarm that nobody ever tried is not known to work.

    the chosen day, at the parent's hours ─► one message over each way ─► after `outage_minutes`: handed over? else told otherwise
                                                                     └─► after two days: answered? else the parent reads by whom not

The day is Monday, of every week or the first of the month. A test repeats nothing and calls on nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, func, select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from gateway.alarms.rows import TEST, add_call, calls_of, put, told
from gateway.clock import Clock
from gateway.delivery import alarms, notices, schedule
from gateway.delivery.escalation import Reach
from gateway.delivery.schedule import Deliver, Modes
from gateway.family import Directory, Family
from gateway.language import Moment, Part, joined, said
from gateway.ledger import append
from gateway.outages.tell import tell
from gateway.policy import Lane
from gateway.store import Store
from gateway.store.tables import AlarmCallRow, AlarmRow, DeliveryRow, SettingsRow

SENT, RESULT, ANSWERS = "alarm test", "alarm test result", "alarm test answers"
HOUR = time(10)
"""Of a family that chose no hours."""
PROMPT = timedelta(hours=1)
"""A test that is late by more than that waits for an hour of the parent's."""
TO_ANSWER = timedelta(days=2)
NOT_OVER = (
    "A test alarm of {at} could not be handed over: {what}. An alarm would have the same fate. Please look at the address, "
    "or ask whoever looks after this service."
)
NOT_ANSWERED = "Nobody has answered the test alarm of {at} over these ways: {what}. Please see that it arrives there."

_RESULTS = select(AlarmRow).where(AlarmRow.kind == TEST, AlarmRow.next_at <= bindparam("now")).order_by(AlarmRow.id)
"""Tests whose result is to be drawn."""
_ANY_RESULT = _RESULTS.with_only_columns(AlarmRow.id).order_by(None).limit(1)
_LAST = select(func.max(AlarmRow.raised_at)).where(AlarmRow.family == bindparam("family"), AlarmRow.kind == TEST)
_SINCE = select(func.min(SettingsRow.since)).where(SettingsRow.family == bindparam("family"))
YOURS = {"email": "your mail", "sms": "your text messages"}
THEIRS = {"email": "the {who}’s mail", "sms": "the {who}’s text messages"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a test over one way."""

    who: str
    by: str
    handed_over: bool
    answered: bool


def slot(now: datetime, choice: str, deliver: Deliver, zone: str) -> datetime | None:
    """The last moment, not after `now`, at which a test was to be sent (UTC); None where none is wanted. Pure."""
    if choice == "off":
        return None
    hour = min(deliver) if deliver != "at once" and deliver else HOUR
    day = now.astimezone(ZoneInfo(zone)).date()
    for back in range(40):
        one = day - timedelta(days=back)
        moment = datetime.combine(one, hour, ZoneInfo(zone)).astimezone(UTC)
        if moment <= now and _is_test_day(one, choice):
            return moment
    raise AssertionError("every forty days have a first Monday")


def _is_test_day(day: date, choice: str) -> bool:
    return day.weekday() == 0 and (choice == "weekly" or day.day <= 7)


class Drill:
    """One for an installation; `step` is called every minute."""

    def __init__(self, store: Store, directory: Directory, clock: Clock, public_url: str) -> None:
        self._store, self._directory, self._clock = store, directory, clock
        self._public_url = public_url.rstrip("/")

    def step(self) -> int:
        """Send the tests that are due and draw the results of those that went; how many. Raises StoreError."""
        now, count = self._clock(), 0
        with self._store.glance() as connection:
            due = [family for family in self._directory if _due(connection, family, now) is not None]
            ended = connection.scalar(_ANY_RESULT, {"now": now}) is not None
        for family in due:
            with self._store.write() as session:
                leaves = _due(session.connection(), family, now)
                if leaves is not None:
                    send_test(session, family, now, self._public_url, due=leaves)
                    count += 1
        if ended:
            with self._store.write() as session:
                for alarm in session.scalars(_RESULTS.with_for_update(skip_locked=True), {"now": now}).all():
                    count += self._draw(session, alarm, now)
        return count

    def _draw(self, session: Session, alarm: AlarmRow, now: datetime) -> bool:
        family = self._directory.family(alarm.family)
        if family is None:
            alarm.next_at = None
            return False
        _judge(session, family, alarm, now)
        return True


def send_test(session: Session, family: Family, now: datetime, public_url: str, *, due: datetime) -> AlarmRow:
    """Put a test over every way of the parent and the safety contacts, to leave at `due`; logged."""
    alarm = AlarmRow(family=family.key, kind=TEST, message_id=None, card_id=None, raised_at=now)
    alarm.next_at = due + timedelta(minutes=family.alarms.outage_minutes)
    session.add(alarm)
    session.flush()
    calls = [add_call(session, alarm, p) for p in alarms.people(family, Lane.DANGER, Reach.CONTACTS, now.date())]
    for call in calls:
        put(session, family, alarm, call, public_url, None, now=now, step=0, due=due)
    body = {"alarm": alarm.id, "to": told(calls)}
    append(session, family.key, SENT, body, now=now, zone=family.time_zone)
    return alarm


def outcomes(session: Session, alarm: AlarmRow) -> list[Outcome]:
    """What became of a test, way by way."""
    return [_outcome(session, call) for call in calls_of(session, alarm)]


def _outcome(session: Session, call: AlarmCallRow) -> Outcome:
    state = session.scalar(select(DeliveryRow.state).where(DeliveryRow.call_id == call.id))
    return Outcome(call.who, call.channel, state in ("sent", "delivered"), call.acknowledged_at is not None)


def _due(connection: Connection, family: Family, now: datetime) -> datetime | None:
    """When a test leaves that is due now; None where none is."""
    wanted = slot(now, family.alarms.test, family.deliver, family.time_zone)
    if wanted is None:
        return None
    last = connection.scalar(_LAST, {"family": family.key})
    since = last or connection.scalar(_SINCE, {"family": family.key})
    if since is None or since >= wanted:
        return None
    zone = ZoneInfo(family.time_zone)
    if last is not None and last.astimezone(zone).date() >= wanted.astimezone(zone).date():
        return None  # it went that day already, at an hour that was chosen then
    modes = Modes.of(family)
    here = now.astimezone(ZoneInfo(family.time_zone)).replace(tzinfo=None)
    if now - wanted <= PROMPT and not modes.rests(here):
        return now
    return schedule.release(now, family.deliver, family.time_zone, modes)


def _judge(session: Session, family: Family, alarm: AlarmRow, now: datetime) -> None:
    found, at = outcomes(session, alarm), Moment(alarm.raised_at, family.time_zone)
    routes = [{"who": o.who, "by": o.by, "handed_over": o.handed_over, "answered": o.answered} for o in found]
    body: dict[str, Any] = {"alarm": alarm.id, "routes": routes}
    if alarm.step == 0:
        alarm.step, alarm.next_at = 1, now + TO_ANSWER
        failed = [o for o in found if not o.handed_over]
        for channel in sorted({o.by for o in failed}):
            what = _named([o for o in failed if o.by == channel])
            body["told"] = tell(session, family, said(NOT_OVER, at=at, what=what), now, route=channel)
        append(session, family.key, RESULT, body, now=now, zone=family.time_zone)
        return
    alarm.next_at = None
    silent = [o for o in found if o.handed_over and not o.answered]
    if silent:
        notices.put(session, family, said(NOT_ANSWERED, at=at, what=_named(silent)), now=now)
    append(session, family.key, ANSWERS, body, now=now, zone=family.time_zone)


def _named(found: Sequence[Outcome]) -> Part:
    """``your text messages, the safety contact’s mail``."""
    return joined(
        *(said(YOURS[o.by]) if o.who == alarms.PARENT else said(THEIRS[o.by], who=said(o.who)) for o in found), by=", "
    )
