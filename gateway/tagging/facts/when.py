"""When: the one date or date-time that a fact gives.

Of the days in a span the first counts; a time joins it when it stands beside it or beside another mention of the same
date, or stands alone after it. A span with a time and no day takes the day of the fact before (or of a day named
earlier in the message), else the day of the message. Repetitions ("Tuesdays at 5") give nothing by themselves.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, time, timedelta

from gateway.tagging.facts.calendar_words import PARTS_OF_DAY, WEEKDAYS, known
from gateway.tagging.facts.clock import Clock
from gateway.tagging.facts.first_day import first_day
from gateway.tagging.facts.joining import (
    LIMITS,
    chain,
    day_beside,
    dosing,
    is_repeated,
    is_same_weekday,
    is_vague,
    joins,
)
from gateway.tagging.facts.mentions import Dated, Mentions
from gateway.tagging.facts.meridiem import is_up, settle
from gateway.tagging.facts.stretch import Stretch
from gateway.tagging.facts.tense import Tense, is_report, tense_at, tense_before
from gateway.tagging.facts.words import Text, ends_sentence, text_at

MOST = 24
"""Days and times of one passage that are looked at; no honest fact has more."""


@dataclass(frozen=True, slots=True)
class When:
    """A local date and perhaps a time of day; `back` when it lies behind the message."""

    date: date
    time: time | None = None
    back: bool = False

    def iso(self) -> str:
        """``2026-11-26`` or ``2026-11-26T15:00``."""
        return self.date.isoformat() + (f"T{self.time:%H:%M}" if self.time else "")


def read_when(mentions: Mentions, stretch: Stretch, earlier: date | None) -> When | None:
    """The date that the words of `stretch` give. `earlier` is the day that the message spoke of before."""
    words = mentions.words
    low = bisect_left(mentions.days, stretch.first, key=lambda d: d.day.first)
    days = mentions.days[low : bisect_left(mentions.days, stretch.last, key=lambda d: d.day.first)][:MOST]
    days = tuple(d for d in days if text_at(words, d.day.first - 1) not in ("not", "nt")) or days
    low = bisect_left(mentions.clocks, stretch.first, key=lambda c: c.first)
    clocks = mentions.clocks[low : bisect_left(mentions.clocks, stretch.last, key=lambda c: c.first)][:MOST]
    clocks = tuple(c for c in clocks if not is_vague(words, c))
    if stretch.topic == "medical":
        clocks = clocks[dosing(words, clocks, stretch) :]
    if not days:
        return _from_time_alone(mentions, stretch, clocks, earlier)
    chosen = first_day(words, days, stretch.topic)
    if clocks and _tells_of_before(mentions, stretch, clocks[0], chosen, days):
        return _from_time_alone(mentions, stretch, clocks[:1], earlier)
    if clocks and _is_answer_day(words, clocks[0], chosen):
        alone = _from_time_alone(mentions, stretch, clocks[:1], earlier)
        if alone is not None:
            return alone
    chained = chain(words, days, chosen)
    late: When | None = None
    for clock in clocks:
        beside = day_beside(words, clock, days)
        if beside is not None:
            if beside is not chosen and beside in chained and _ends_a_stay(words, beside):
                continue
            if beside in chained or beside.date == chosen.date or is_same_weekday(words, beside, chosen):
                return _joined(mentions, stretch, clock, chosen, beside)
        elif late is None and joins(mentions, stretch, clock, chosen, chained, days):
            if clock.first > chosen.day.first:
                return _joined(mentions, stretch, clock, chosen, None)
            late = _joined(mentions, stretch, clock, chosen, None)
    return late or When(chosen.date, None, chosen.back)


def _is_answer_day(words: Text, clock: Clock, day: Dated) -> bool:
    """``could I bring her at 6.30? Let me know by the 3rd``: the day of the answer is not the day of the hour."""
    if clock.last > day.day.first or text_at(words, day.day.first - 1) not in ("by", "before"):
        return False
    between = range(clock.last, day.day.first)
    asked = {text_at(words, k) for k in between} & {"know", "confirm", "reply", "answer", "tell", "lmk"}
    return bool(asked) and any(ends_sentence(words, k) for k in between)


def _ends_a_stay(words: Text, day: Dated) -> bool:
    """``the 26th through April 4 at 6``: the hour is of the last day, not of the first."""
    return text_at(words, day.day.first - 1) in ("through", "thru", "until", "till", "til")


def _tells_of_before(
    mentions: Mentions, stretch: Stretch, clock: Clock, chosen: Dated, days: tuple[Dated, ...]
) -> bool:
    """``given at 5.30, next is tomorrow``: a time that lies behind before a day that lies ahead."""
    if clock.last > chosen.day.first or chosen.date < mentions.sent.date() or chosen.back:
        return False
    if chosen.date == mentions.sent.date() and not any(
        text_at(mentions.words, k) == "next" for k in range(clock.last, chosen.day.first)
    ):
        return False
    before = Stretch(stretch.first, clock.last, stretch.topic)
    return day_beside(mentions.words, clock, days) is None and _is_behind(mentions.words, clock, before)


def _from_time_alone(
    mentions: Mentions, stretch: Stretch, clocks: tuple[Clock, ...], earlier: date | None
) -> When | None:
    words, today, now = mentions.words, mentions.sent.date(), mentions.sent.time()
    if (
        len(clocks) > 1
        and text_at(words, clocks[0].first - 1) in LIMITS
        and text_at(words, clocks[1].first - 1) == "at"
    ):
        clocks = clocks[1:]
    for clock in clocks:
        if is_repeated(mentions, clock, stretch):
            return None
        back = _is_behind(words, clock, stretch)
        part = _part_beside(words, clock, stretch.last)
        if not back and not part and earlier is not None and earlier >= today:
            is_today = earlier == today
            found = settle(words, clock, part, stretch, back=False, sent=mentions.sent, is_today=is_today)
            return When(earlier, found)
        found = settle(words, clock, part, stretch, back=back, sent=mentions.sent, is_today=True)
        back = back or (stretch.topic in REPORTING and _is_just_past(words, clock, found, now, stretch))
        if (
            back
            and found > now
            and (stretch.topic not in REPORTING or _is_still_ahead(words, clock, stretch, found.hour - now.hour))
        ):
            return When(today, found)
        if back:
            return When(today if found <= now else today - timedelta(days=1), found, True)
        return When(today if found > now else today + timedelta(days=1), found)
    return None


def _is_still_ahead(words: Text, clock: Clock, stretch: Stretch, hours: int) -> bool:
    """``second dose 6pm`` at noon: a medicine without a verb, at an hour that is still to come."""
    return (
        clock.mark != "" and hours <= SAME_HALF and tense_at(words, clock.first, clock.last, stretch) is not Tense.BACK
    )


def _is_just_past(words: Text, clock: Clock, found: time, now: time, stretch: Stretch) -> bool:
    """``fever 38.4, dipirona 19h`` at 20:03: what is told of an hour that has just gone by has happened then."""
    if not clock.mark and (clock.first, clock.last) != (stretch.first, stretch.last):
        return False
    ago = (now.hour - found.hour) * 60 + now.minute - found.minute
    return 0 <= ago <= JUST_PAST and tense_at(words, clock.first, clock.last, stretch) is Tense.OPEN


SAME_HALF = 9
"""Hours ahead at which a dose without a verb is still one of today, and not of the day before."""
JUST_PAST = 180


def _is_behind(words: Text, clock: Clock, stretch: Stretch) -> bool:
    """Whether a time without a day lies behind the message: told in the past, or of a dose or fever."""
    if stretch.topic in REPORTING and clock.hour <= 5 and is_up(words, clock):
        return True
    if stretch.topic in REPORTING and is_report(words, clock.first, stretch):
        return (
            tense_before(words, clock.first, Stretch(max(stretch.first, clock.first - 5), clock.first))
            is not Tense.AHEAD
        )
    return tense_at(words, clock.first, clock.last, stretch) is Tense.BACK


REPORTING = frozenset({"medical", "wellbeing", "emergency"})


def _joined(mentions: Mentions, stretch: Stretch, clock: Clock, chosen: Dated, beside: Dated | None) -> When:
    part = (beside or chosen).day.part if beside or chosen.day.last <= clock.first else ""
    part = _part_beside(mentions.words, clock, stretch.last) or part
    if part == "morning" and beside is None and clock.hour <= 4 and not clock.mark:
        part = ""  # "the drop-off that morning, if you get them at 3.05"
    is_today = chosen.date == mentions.sent.date()
    back = chosen.back
    if is_today and not back:
        back = tense_at(mentions.words, clock.first, clock.last, stretch) is Tense.BACK
    found = settle(mentions.words, clock, part, stretch, back=back, sent=mentions.sent, is_today=is_today)
    return When(chosen.date, found, chosen.back)


def _part_beside(words: Text, clock: Clock, last: int) -> str:
    """``8 in the morning``, ``6 at night``."""
    j = clock.last
    if text_at(words, j) in ("in", "at"):
        j += 1 + (text_at(words, j + 1) in ("the", "d", "da"))
    text = text_at(words, j) if j < last else ""
    if text in ("lunch", "lunchtime", "bedtime", "eve", "aft") or known(text) in WEEKDAYS:
        return ""
    return PARTS_OF_DAY.get(text, "")
