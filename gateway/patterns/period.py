"""Which days the patterns are about. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from gateway.errors import UserError

WEEKS: Final = (4, 13, 26, 52, 104)
USUAL: Final = 13
MOST_DAYS: Final = 104 * 7
TOO_LONG: Final = "The period is longer than two years. Choose at most 104 weeks at once."
BAD_DAY: Final = "A day of the period is not a date. Write it as year, month and day, such as 2026-11-27."
BAD_ORDER: Final = "The period ends before it begins. Choose a first day that is not after the last one."


@dataclass(frozen=True, slots=True)
class Period:
    """Local days, both included. `weeks`: the choice of the list that it is, or 0."""

    first: date
    last: date
    weeks: int

    def moments(self, zone: str) -> tuple[datetime, datetime]:
        """From the first moment included to the first not included."""
        return _midnight(self.first, zone), _midnight(self.last + timedelta(days=1), zone)


def period_of(given: Mapping[str, str], today: date) -> Period:
    """The period of an address: two days, or so many weeks up to today. Raises UserError for days that make none."""
    first, last = _day(given.get("from", "")), _day(given.get("to", ""))
    if first is None and last is None:
        words = given.get("weeks", "")
        weeks = (
            int(words) if words.isdecimal() and words.isascii() and len(words) < 4 and int(words) in WEEKS else USUAL
        )
        return Period(today - timedelta(days=7 * weeks - 1), today, weeks)
    last = last or today
    first = first or last - timedelta(days=7 * USUAL - 1)
    if first > last:
        raise UserError(BAD_ORDER)
    if (last - first).days >= MOST_DAYS:
        raise UserError(TOO_LONG)
    return Period(first, last, 0)


def _day(words: str) -> date | None:
    words = words.strip()
    if not words:
        return None
    try:
        day = date.fromisoformat(words)
    except ValueError:
        raise UserError(BAD_DAY) from None
    if not 1970 <= day.year <= 9000:
        raise UserError(BAD_DAY)
    return day


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
