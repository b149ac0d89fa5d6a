"""When an alarm that nobody has answered comes again, and to whom. Pure.

    alarm ──► 10 ──► 30 ──► 60 minutes ──► every hour, so many times ──► no more
    first     parent and safety contacts    and everybody whom the family named, at every address

The moments are counted from the alarm. The hourly ones of a danger alarm wait for the morning where the family has not
chosen otherwise; those of an emergency never wait. After a silence of the gateway only the last of the missed ones goes out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import IntEnum
from zoneinfo import ZoneInfo

from gateway.family.alarms import AlarmChoices
from gateway.policy.lane import Lane

HOUR = timedelta(hours=1)
NIGHT, MORNING = time(22), time(7)
"""Local times between which what can wait does."""


class Reach(IntEnum):
    """How far an alarm goes: as at first, to the safety contacts too, to every address that the family named."""

    FIRST = 0
    CONTACTS = 1
    FURTHER = 2


@dataclass(frozen=True, slots=True)
class Alarm:
    """What counts of an alarm. `raised_at` is aware; `zone` an IANA name."""

    lane: Lane
    raised_at: datetime
    zone: str
    choices: AlarmChoices


@dataclass(frozen=True, slots=True)
class Step:
    """One time that an alarm goes out. `number` 0 is the alarm itself. `at` is aware, in UTC."""

    number: int
    at: datetime
    reach: Reach


def steps(alarm: Alarm) -> tuple[Step, ...]:
    """All of them, in order."""
    raised = alarm.raised_at.astimezone(UTC)
    waits = alarm.lane is not Lane.EMERGENCY and not alarm.choices.danger_by_night
    out = [Step(0, raised, Reach.FIRST)]
    last = len(alarm.choices.repeat_minutes)
    for number, minutes in enumerate(alarm.choices.repeat_minutes, 1):
        reach = Reach.FURTHER if number == last else Reach.CONTACTS
        out.append(Step(number, raised + timedelta(minutes=minutes), reach))
    for number in range(last + 1, last + 1 + alarm.choices.hourly):
        at = out[-1].at + HOUR
        out.append(Step(number, by_day(at, alarm.zone) if waits else at, Reach.FURTHER))
    return tuple(out)


def following(alarm: Alarm, sent: Sequence[int], acknowledged: datetime | None, now: datetime) -> Step | None:
    """The step to take next: due where its `at` is not after `now`. None once somebody has answered, or none is left.

    `sent`: the numbers of the steps that were taken.
    """
    if acknowledged is not None:
        return None
    left = [step for step in steps(alarm) if step.number > max(sent, default=-1)]
    missed = [step for step in left if step.at <= now]
    return missed[-1] if missed else next(iter(left), None)


def is_night(moment: datetime, zone: str) -> bool:
    """Whether it is night there."""
    here = moment.astimezone(ZoneInfo(zone)).time()
    return here >= NIGHT or here < MORNING


def by_day(moment: datetime, zone: str) -> datetime:
    """The moment itself, or the end of the night that it falls into; in UTC."""
    if not is_night(moment, zone):
        return moment.astimezone(UTC)
    here = moment.astimezone(ZoneInfo(zone))
    day = here.date() + timedelta(days=1) if here.time() >= NIGHT else here.date()
    return datetime.combine(day, MORNING, ZoneInfo(zone)).astimezone(UTC)
