"""Resolving: which date a mention means, seen from the day of the message.

Rules, learnt from the annotated messages: a weekday is the coming one (the one a week ahead when it is today's);
a number is the coming day of that number; a month and day is this year's, next year's when it is well past.
Under words that look back ("gave", "since", "last") each is the latest one before. "Next Thursday" is the Thursday of
the next calendar week (Monday to Sunday). "The Monday", without a number, stands near a date named before.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from gateway.tagging.facts.day import Day, Form
from gateway.tagging.facts.holidays import BY_REGION, CANADIAN_THANKSGIVING

RECENTLY_PAST = 45
"""Days for which a bare month and day may lie behind the message without being meant for next year."""
LOOKING_BACK = 2.5
"""How much nearer than it is a day behind counts when the words look back."""
FAR_OFF = 120
NEAR_BY = 31
"""Days: a date in figures that would be so far off is read the other way round if it is then so near."""
AFTERNOON = 15
PART_BEGINS = {"morning": 9, "afternoon": 14, "evening": 18, "night": 20}
"""Until which hour "Friday night", said on a Friday, means the same day."""
DEEP_NIGHT = 3
"""Until this hour "tonight", of what has happened, is the evening before."""
SMALL_HOURS = 4
"""Before this hour the weekday that has just begun may be called by its name."""


@dataclass(frozen=True, slots=True)
class View:
    """From where a day is seen: the day and hour of the message, the calendar, and a date spoken of before, if any."""

    today: date
    hour: int
    region: str
    canada: bool
    earlier: date | None = None
    month: date | None = None
    """A date in a later month than this one that the message named with its month."""


def shifted(day: date, days: int) -> date | None:
    """`day` moved by `days`, or None outside the calendar."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return None


def a_date(year: int, month: int, day: int) -> date | None:
    """The date, or None where there is none."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def resolve(mention: Day, view: View, back: bool) -> date | None:
    """The date of `mention`; `back` when the words around look back."""
    today = view.today
    match mention.form:
        case Form.SHIFT if mention.name == "next morning":
            return _next_morning(view)
        case Form.SHIFT if mention.part == "night" and mention.shift == 0 and back and view.hour < DEEP_NIGHT:
            return shifted(today, -1)
        case Form.SHIFT:
            return shifted(today, -1 if back and mention.name == "kal" else mention.shift)
        case Form.SAME:
            return None if view.earlier is None else shifted(view.earlier, mention.shift)
        case Form.WEEKDAY:
            return _weekday(mention, view, back)
        case Form.WEEKEND:
            return _weekend(mention, today, back)
        case Form.HOLIDAY:
            return _holiday(mention, view, back)
        case Form.DATE:
            found = _dated(mention, today, back)
            return _in_the_month_of(mention, view, found) if found is not None and not back else found


def _next_morning(view: View) -> date | None:
    """ "In the morning", said late in the day or at night; earlier in the day it is no date."""
    if view.hour < SMALL_HOURS:
        return view.today
    return shifted(view.today, 1) if view.hour >= AFTERNOON else None


def _weekday(mention: Day, view: View, back: bool) -> date | None:
    today = view.today
    weekday = mention.weekday or 0
    ahead = (weekday - today.weekday()) % 7
    if mention.which == "the" and view.earlier is not None:
        near = (weekday - view.earlier.weekday()) % 7
        found = shifted(view.earlier, near - 7 if near > 3 else near)
        if found is not None and (found >= today or back):
            return found
    if mention.which == "next":
        return shifted(today, 7 - today.weekday() + weekday + mention.shift)
    if mention.which == "last" or (back and mention.which != "this" and not mention.shift):
        return shifted(today, ahead - 7)
    is_still_ahead = view.hour < SMALL_HOURS or view.hour < PART_BEGINS.get(mention.part, 0)
    if ahead == 0 and not mention.shift and (mention.which == "this" or is_still_ahead):
        return today
    return shifted(today, ahead + mention.shift if mention.shift else ahead or 7)


def _weekend(mention: Day, today: date, back: bool) -> date | None:
    saturday = 5 - today.weekday()
    if mention.which == "last" or (back and mention.which not in ("this", "next")):
        return shifted(today, saturday - 7)
    if mention.which == "next":
        return shifted(today, saturday + 7)
    if saturday < 0:
        return today if mention.which == "this" else shifted(today, saturday + 7)
    return shifted(today, saturday + mention.shift)


def _holiday(mention: Day, view: View, back: bool) -> date | None:
    today = view.today
    rule = BY_REGION[view.region].get(mention.name)
    if rule is None or not 1900 < today.year < 2200:
        return None
    if view.canada and mention.name.startswith("thanksgiving"):
        rule = CANADIAN_THANKSGIVING
    dates = [rule(year) for year in (today.year - 1, today.year, today.year + 1)]
    if back:
        return min(dates, key=lambda d: _distance(d, today))
    return min(d for d in dates if d >= today)


def _dated(mention: Day, today: date, back: bool) -> date | None:
    if mention.name == "end of month":
        return _end_of_month(mention.month, today)
    if mention.day is None:
        return None
    if mention.month is None:
        return _day_of_month(mention.day, mention.weekday, today, back)
    found = _month_and_day(mention.month, mention.day, mention.year, today, back)
    if mention.swap and (found is None or (mention.weekday is not None and found.weekday() != mention.weekday)):
        other = _month_and_day(mention.swap[0], mention.swap[1], mention.year, today, back)
        if other is not None and (found is None or other.weekday() == mention.weekday):
            return other
    if mention.swap and found is not None and mention.weekday is None and mention.year is None and not back:
        other = _month_and_day(mention.swap[0], mention.swap[1], None, today, back)
        if other is not None and (found - today).days > FAR_OFF and 0 <= (other - today).days <= NEAR_BY:
            return other  # 9/1 on the 28th of August
    return found


def _in_the_month_of(mention: Day, view: View, found: date) -> date:
    """``the break is October 12 ... the study is the 21st``: a bare day is of the month that the message speaks of."""
    if mention.month is not None or mention.day is None or view.month is None or mention.weekday is not None:
        return found
    there = a_date(view.month.year, view.month.month, mention.day)
    return there if there is not None and found < there and there >= view.month else found


def _end_of_month(month: int | None, today: date) -> date | None:
    """The last day of this month, or of the coming month of that number."""
    year = today.year + (month is not None and month < today.month)
    if not 1 <= year <= 9999:
        return None
    return date(year, month or today.month, monthrange(year, month or today.month)[1])


def _month_and_day(month: int, day: int, year: int | None, today: date, back: bool) -> date | None:
    if year is not None:
        return a_date(year, month, day)
    if not 2 < today.year < 9990:
        return None
    candidates = [d for y in (today.year - 1, today.year, today.year + 1) if (d := a_date(y, month, day))]
    if back:
        return min(candidates, key=lambda d: _distance(d, today), default=None)
    oldest = today - timedelta(days=RECENTLY_PAST)
    return next((d for d in candidates if d >= oldest), None)


def _distance(day: date, today: date) -> float:
    """Days between, those behind counting for less: the measure of words that look back."""
    days = (day - today).days
    return days if days > 0 else -days / LOOKING_BACK


def _day_of_month(day: int, weekday: int | None, today: date, back: bool) -> date | None:
    candidates = list(_days_numbered(day, today, 1))
    if back:
        candidates = sorted(
            [*candidates[:2], *list(_days_numbered(day, today, -1))[:2]], key=lambda d: _distance(d, today)
        )
    if weekday is not None:
        for found in candidates[:4]:
            if found.weekday() == weekday:
                return found
    return candidates[0] if candidates else None


def _days_numbered(day: int, today: date, step: int) -> Iterator[date]:
    """Days with that number in the next (step 1) or past (step -1) months, nearest first."""
    year, month = today.year, today.month
    for _ in range(7):
        found = a_date(year, month, day)
        if found and (found >= today if step > 0 else found <= today):
            yield found
        month += step
        if month == 0 or month == 13:
            year, month = (year - 1, 12) if month == 0 else (year + 1, 1)
