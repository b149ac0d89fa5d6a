"""When a card goes out: at the hours that the parent chose, or at once for what cannot wait. Pure.

At once: danger, emergencies, legal mail, a fact that is due before the next chosen hour, and a question that wants an
answer before it. Hours are local times of the family's zone; a time that the clock change skips counts as the moment
that follows it, a time that it repeats counts once.

In a pause, and before `hold_until`, the rest waits for the end. What is due before that end does not: dates and answers
that the facts name, a question without a date (silence may be taken for consent after a while), medical facts without
a date, and what could not be sorted, since nobody knows when that is due (requirements 1, 2 and 7). These come at the
usual hours. On a hard day there is one hour, the last one.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from gateway.family.modes import Pause, holds
from gateway.family.people import Family
from gateway.policy.lane import AT_ONCE, Lane

DUE_SOON = timedelta(hours=3)
"""What is due within this time after the next chosen hour does not wait for that hour."""
MORNING, EVENING = time(8), time(18)
"""Hours of a family that chose none: for what a pause held back, and for hard days."""
NIGHT_ENDS = time(4)
"""What is written before that hour was written in the night before it."""
FLOOD = 30
"""Cards within an hour; what comes on top of them is gathered until the next full hour."""
FLOOD_WINDOW = timedelta(hours=1)
Deliver = Literal["at once"] | tuple[time, ...]


@dataclass(frozen=True, slots=True)
class Modes:
    """What changes the usual hours. `hold_until` is a local time without a zone."""

    pauses: tuple[Pause, ...] = ()
    hold_until: datetime | None = None
    hard_days: tuple[date, ...] = ()

    @classmethod
    def of(cls, family: Family) -> Modes:
        """Those of the family's settings."""
        return cls(family.pause, family.hold_until, family.hard_days)

    def rests(self, moment: datetime) -> bool:
        """Whether the rest waits at that local moment (without a zone)."""
        return holds(moment, self.hold_until) or any(pause.covers(moment.date()) for pause in self.pauses)

    def wakes(self, moment: datetime) -> bool:
        """Whether it is the night in which a pause ended: for a family without hours it ends with the morning after."""
        night = moment.date() - timedelta(days=1)
        return moment.time() < MORNING and any(pause.covers(night) for pause in self.pauses)


@dataclass(frozen=True, slots=True)
class Matter:
    """What counts of a card for its hour. `whens`: local ISO dates and date-times that its facts name, and by when they
    want an answer. `lasting`: something in it is due in a way that names no date. `answer_within`: it asks without one,
    and an answer is wanted that soon, since some plans take silence for consent (domain.md, section 1). `at_once`: it tells of
    a topic that the parent wants at once; pauses, held days and hard days still count.
    """

    lane: Lane
    whens: tuple[str | None, ...] = ()
    lasting: bool = False
    answer_within: timedelta | None = None
    at_once: bool = False


def next_hour(now: datetime, hours: Iterable[time], zone: str) -> datetime:
    """The first of the chosen local hours after `now`, in UTC. `hours` must not be empty."""
    return next(_slots(now, tuple(hours), zone, Modes()))


def last_hour(now: datetime, deliver: Deliver, zone: str, modes: Modes) -> datetime | None:
    """The latest chosen hour at or before `now`, in UTC; None without chosen hours and where that hour rests."""
    if deliver == "at once" or not deliver:
        return None
    day_before = now - timedelta(days=2)
    past = itertools.takewhile(lambda moment: moment <= now, _slots(day_before, deliver, zone, modes))
    moment = max(past, default=None)
    return None if moment is None or modes.rests(_here(moment, zone)) else moment


def due(
    now: datetime, deliver: Deliver, zone: str, matter: Matter, modes: Modes = Modes(), *, recent: int = 0
) -> datetime:
    """The moment (UTC) from which a card may go out. `recent`: how many cards were made in the last `FLOOD_WINDOW`."""
    if matter.lane in AT_ONCE:
        return now
    first = now if recent < FLOOD else _full_hour(now)
    usual = _usual(now, first, deliver, zone, modes)
    if matter.at_once and not modes.rests(_here(now, zone)) and _here(now, zone).date() not in modes.hard_days:
        return first
    if any_due(matter.whens, now, first, zone):
        return now
    if any_due(matter.whens, now, usual, zone):
        return min(first, usual)
    end = release(now, deliver, zone, modes)
    if end <= usual:
        return max(first, end)
    never_waits = matter.lane is Lane.UNSORTED or matter.lasting
    asks = matter.answer_within is not None and now + matter.answer_within < end
    return usual if never_waits or asks or any_due(matter.whens, now, end, zone) else end


def next_morning(now: datetime, deliver: Deliver, zone: str, modes: Modes = Modes()) -> datetime:
    """The first chosen hour (UTC) after the coming night: of this day while it is still night, else of the next one."""
    here = _here(now, zone)
    day = here.date() if here.time() < NIGHT_ENDS else here.date() + timedelta(days=1)
    evening = _moment(datetime.combine(day, time(0)), zone) - timedelta(microseconds=1)
    hours = (MORNING,) if deliver == "at once" or not deliver else deliver
    return next(_slots(max(now, evening), (min(hours),), zone, modes))


def hours_between(
    since: datetime, until: datetime, deliver: Deliver, zone: str, modes: Modes = Modes()
) -> tuple[datetime, ...]:
    """The chosen hours (UTC) after `since` and before `until`, in order; none for a family that chose no hours."""
    if deliver == "at once" or not deliver:
        return ()
    return tuple(itertools.takewhile(lambda moment: moment < until, _slots(since, deliver, zone, modes)))


def release(now: datetime, deliver: Deliver, zone: str, modes: Modes) -> datetime:
    """The first moment (UTC) at which nothing has to wait any longer: `now` itself, a chosen hour, or the end of a hold."""
    hours = () if deliver == "at once" else deliver
    here = _here(now, zone)
    if not hours and not modes.rests(here) and not modes.wakes(here) and here.date() not in modes.hard_days:
        return now
    free = next(m for m in _slots(now, hours or (MORNING,), zone, modes) if not modes.rests(_here(m, zone)))
    if modes.hold_until is not None:
        end = _moment(modes.hold_until, zone)
        if holds(here, modes.hold_until) and end < free and not modes.rests(modes.hold_until):
            return end
    return free


def _usual(now: datetime, first: datetime, deliver: Deliver, zone: str, modes: Modes) -> datetime:
    """The next moment of an ordinary day, or of a hard one."""
    if deliver != "at once" and deliver:
        return next(_slots(now, deliver, zone, modes))
    return next(_slots(now, (MORNING,), zone, modes)) if _here(now, zone).date() in modes.hard_days else first


def _slots(now: datetime, hours: tuple[time, ...], zone: str, modes: Modes) -> Iterator[datetime]:
    """The chosen hours after `now`, in order, in UTC; of a hard day only the last one (the evening where none is late)."""
    day = _here(now, zone).date() - timedelta(days=1)
    while True:
        chosen = hours if day not in modes.hard_days else (max(max(hours), EVENING),)
        for moment in sorted({_moment(datetime.combine(day, hour), zone) for hour in chosen}):
            if moment > now:
                yield moment
        day += timedelta(days=1)


def any_due(whens: Iterable[str | None], now: datetime, planned: datetime, zone: str) -> bool:
    """Whether one of these local dates and date-times begins to matter before `planned`, or soon after it."""
    return any(_soon(when, now, planned, zone) for when in whens if when)


def _soon(when: str, now: datetime, planned: datetime, zone: str) -> bool:
    moment = datetime.fromisoformat(when)
    if len(when) == 10:  # a date: its morning is when it starts to matter
        moment = moment.replace(hour=7)
    moment = moment.replace(tzinfo=ZoneInfo(zone))
    day_ago = now - timedelta(hours=12)
    return day_ago <= moment <= planned + DUE_SOON


def _full_hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def _here(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _moment(here: datetime, zone: str) -> datetime:
    return here.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
