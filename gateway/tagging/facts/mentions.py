"""Mentions: every day, time and repetition of a message, found in one walk from left to right.

Each day is resolved as it is met, so that "that day" and "the Monday" can lean on what the passage before named first
(deadlines apart). Times are looked for afterwards in what is left, because whether a bare figure is a time depends on
the days beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from gateway.tagging.facts.clock import MARKS, MAY_BEGIN_A_TIME, Clock, read_clock
from gateway.tagging.facts.clock_cues import counts_as_time
from gateway.tagging.facts.date_signs import month_at
from gateway.tagging.facts.day import Day, Form
from gateway.tagging.facts.day_words import read_day
from gateway.tagging.facts.holidays import region_of
from gateway.tagging.facts.repeats import THROUGH, Repeat, repeat_end
from gateway.tagging.facts.resolve import View, resolve, shifted
from gateway.tagging.facts.stays import read_stay
from gateway.tagging.facts.stretch import Stretch, stretches_of
from gateway.tagging.facts.tense import Tense, tense_at
from gateway.tagging.facts.words import Text, text_at, words_of

HABITS = frozenset({"medical", "wellbeing", "expense", ""})
"""Topics in which "in the morning" tells a habit rather than a day."""
DEADLINES = frozenset({"by", "due", "before", "until", "till", "til"})


@dataclass(frozen=True, slots=True)
class Dated:
    """A mention of a day with the date that it means and whether it looks back."""

    day: Day
    date: date
    back: bool


@dataclass(frozen=True, slots=True)
class Mentions:
    """What a message says of days and times. `sent` is aware; dates and times are local to it."""

    words: Text
    sent: datetime
    stretches: tuple[Stretch, ...]
    days: tuple[Dated, ...]
    clocks: tuple[Clock, ...]
    repeats: tuple[Repeat, ...]


def mentions_of(
    text: str, spans: Sequence[tuple[int, int, str]], sent: datetime, *, day_first: bool, canada: bool = False
) -> Mentions:
    """Every mention of a day or time in `text`, whose passages are `spans`. Linear in its length."""
    words = words_of(text)
    offset = sent.utcoffset()
    region = region_of(day_first, offset.total_seconds() / 3600 if offset else 0.0)
    view = View(sent.date(), sent.hour, region, canada)
    stretches = stretches_of(words, spans)
    days: list[Dated] = []
    repeats: list[Repeat] = []
    for stretch in stretches:
        found, again = _days_in(words[: stretch.last], stretch, view, day_first)
        days += found
        repeats += again
        view = replace(
            view,
            earlier=_spoken_of(words, found) or view.earlier,
            month=_month_of(found, view) or view.month,
        )
    is_day = [0] * len(words)
    for first, last in ((d.day.first, d.day.last) for d in days):
        is_day[first:last] = [1] * (last - first)
    for again_ in repeats:
        is_day[again_.first : again_.last] = [2] * (again_.last - again_.first)
    clocks = tuple(c for stretch in stretches for c in _clocks_in(words[: stretch.last], is_day, stretch))
    return Mentions(words, sent, stretches, tuple(days), clocks, tuple(repeats))


def _days_in(words: Text, stretch: Stretch, view: View, day_first: bool) -> tuple[list[Dated], list[Repeat]]:
    days: list[Dated] = []
    repeats: list[Repeat] = []
    i = stretch.first
    while i < stretch.last:
        last = repeat_end(words, i, stretch.topic)
        if last:
            repeats.append(Repeat(i, last))
            i = last
            continue
        day = read_stay(words, i, stretch) or read_day(words, i, day_first=day_first, region=view.region)
        if day is None or (day.name == "next morning" and (stretch.topic in HABITS or days)):
            i += 1
            continue
        tense = tense_at(words, day.first, day.last, stretch)
        day = _figure_settled(words, day, view, days)
        is_deadline = {text_at(words, day.first - 1), text_at(words, day.first - 2)} & DEADLINES
        seen = replace(
            view,
            earlier=(_spoken_of(words, days) if days else None) or view.earlier,
            month=None
            if is_deadline
            else (_month_of(days, view) if days else None)
            or _named_month(words, max(stretch.first, i - 40), i, view)
            or view.month,
        )
        found = resolve(day, seen, tense is Tense.BACK)
        if found is not None:
            days.append(Dated(day, found, found < view.today or (found == view.today and tense is Tense.BACK)))
        i = max(day.last, i + 1)
    return days, repeats


def _spoken_of(words: Text, days: list[Dated]) -> date | None:
    """The day that a passage is about, for what follows: its first day that is no deadline."""
    for found in days[:8]:
        before = {text_at(words, k) for k in (found.day.first - 1, found.day.first - 2)}
        if not before & DEADLINES and not (found.back and found.day.form is Form.SHIFT):
            return found.date
    return None


def _month_of(days: list[Dated], view: View) -> date | None:
    """The first date that a passage names with its month, when that month is still to come."""
    for found in days[:8]:
        if found.day.form is Form.DATE and found.day.month is not None and found.day.name == "":
            return found.date if found.date > view.today and found.date.month != view.today.month else None
    return None


def _named_month(words: Text, first: int, last: int, view: View) -> date | None:
    """The first of the month that words `first` to `last` name alone (``in July``, ``March:``), when it is to come."""
    for k in range(first, last):
        month = month_at(words, k)
        alone = text_at(words, k - 1) in ("in", "for", "see") or text_at(words, k + 1) in (":", ",", "is")
        dated = any(0 <= m < len(words) and words[m].is_number for m in (k - 1, k + 1, k + 2))
        if month is not None and month != view.today.month and alone and not dated:
            ahead = (month - view.today.month) % 12
            if ahead <= 6 and view.today.year < 9990:
                return date(view.today.year + (month < view.today.month), month, 1)
    return None


def _clocks_in(words: Text, is_day: list[int], stretch: Stretch) -> list[Clock]:
    clocks: list[Clock] = []
    i = stretch.first
    while i < stretch.last:
        clock = (
            read_clock(words, i)
            if not is_day[i] and (words[i].is_number or words[i].text in MAY_BEGIN_A_TIME)
            else None
        )
        if clock and clock.last <= stretch.last and not any(is_day[clock.first : clock.last]):
            if counts_as_time(words, clock, is_day, stretch):
                clocks.append(clock)
                i = clock.last
                continue
            if not clock.bare_hour:
                i = clock.last
                continue
        i += 1
    return clocks


def _has_its_own_time(words: Text, k: int) -> bool:
    """``Wed 12, first Rainbows, 6pm``: a figure before a mark, with a sure time after it, is no hour."""
    if text_at(words, k) not in (",", ":", "-", "–"):
        return False
    return any(text_at(words, m) in MARKS or ":" in text_at(words, m)[1:] for m in range(k, k + 9))


def _figure_settled(words: Text, day: Day, view: View, days: list[Dated]) -> Day:
    """``Fri 25`` is a date where the 25th is a Friday near; ``Sunday 6`` is otherwise a weekday before an hour."""
    if day.name != "maybe an hour":
        return day
    if text_at(words, day.last) in THROUGH and text_at(words, day.last + 2) == text_at(words, day.last - 1):
        return replace(day, form=Form.WEEKDAY, last=day.last - 1, day=None, name="")  # Friday 6 until Sunday 6
    found = resolve(day, view, False)
    reach = 7 if (day.day or 0) <= 12 and not _has_its_own_time(words, day.last) else 45
    if (day.day or 0) > 9 and text_at(words, day.last) in (",", ".", "", "\n"):
        reach = max(reach, 14)
    if found is not None and found.weekday() == day.weekday and abs((found - view.today).days) <= reach:
        return replace(day, name="")
    if days and day.first - days[-1].day.last <= 2 and text_at(words, day.first - 1) in THROUGH:
        ahead = (day.weekday or 0) - days[-1].date.weekday()
        for days_on in (ahead % 7, ahead % 7 + 7):
            last = shifted(days[-1].date, days_on)
            if last is not None and last.day == day.day:
                return replace(day, name="", month=last.month, year=last.year)
    return replace(day, form=Form.WEEKDAY, last=day.last - 1, day=None, name="")
