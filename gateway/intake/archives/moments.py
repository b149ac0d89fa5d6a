"""Dates in numbers, whose order nobody wrote down.

``3/4/24`` is 4 March or 3 April, depending on the phone that made the export. One file has one order, so the whole file is
asked: a part over 12 cannot be a month, and messages do not run backwards. Where both orders fit, a person must say.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from gateway.intake.archives.found import ArchiveError


class Order(StrEnum):
    """In which order a date in numbers is written."""

    DAY = "day first"
    MONTH = "month first"
    YEAR = "year first"


@dataclass(frozen=True, slots=True)
class Numbers:
    """The three numbers of a date as written, and the sign between them."""

    one: str
    two: str
    three: str
    sign: str

    def day(self, order: Order) -> date | None:
        """The day in that order; None when there is no such day. A year of two digits is of this century."""
        if len(self.one) == 4:
            order = Order.YEAR
        year, month, day = {
            Order.DAY: (self.three, self.two, self.one),
            Order.MONTH: (self.three, self.one, self.two),
            Order.YEAR: (self.one, self.two, self.three),
        }[order]
        try:
            return date(int(year) + (2000 if len(year) < 3 else 0), int(month), int(day))
        except ValueError:
            return None


def order_of(dates: Iterable[Numbers], name: str) -> Order:
    """The order of all dates of one file. Raises ArchiveError when two orders fit equally well.

    Dates between dots are written day first everywhere (CLDR has no month-first pattern with dots), so those win a draw.
    """
    orders = (Order.DAY, Order.MONTH)
    impossible = dict.fromkeys(orders, 0)
    backward = dict.fromkeys(orders, 0)
    last: dict[Order, date] = {}
    signs: set[str] = set()
    differ = False
    for numbers in dates:
        signs.add(numbers.sign)
        days = {order: numbers.day(order) for order in orders}
        differ = differ or days[Order.DAY] != days[Order.MONTH]
        for order, day in days.items():
            if day is None:
                impossible[order] += 1
                continue
            backward[order] += order in last and day < last[order]
            last[order] = day
    best = min(orders, key=lambda order: (impossible[order], backward[order]))
    other = Order.MONTH if best is Order.DAY else Order.DAY
    if not differ or (impossible[best], backward[best]) < (impossible[other], backward[other]):
        return best
    if signs == {"."}:
        return Order.DAY
    raise ArchiveError(
        f"{name}: the dates can be read in two ways (3/4 is 3 April or March 4).\n"
        "Say which: --dates 'day first' or --dates 'month first'"
    )


def hour_of(hour: str, half: str) -> int | None:
    """``2`` and ``pm`` -> 14; an hour without half stays. None when there is no such hour."""
    number = int(hour)
    if not half:
        return number if number < 24 else None
    if not 1 <= number <= 12:
        return number if half == "p" and 12 < number < 24 else None
    return number % 12 + (12 if half == "p" else 0)


def in_zone(
    day: date, hour: int, minute: int, second: int, zone: str, after: datetime | None = None
) -> datetime | None:
    """Local time of the phone as UTC; None if impossible.

    Of an hour that occurs twice, when clocks go back, the first is taken unless that lies before `after`.
    """
    first: datetime | None = None
    try:
        for fold in (0, 1):
            local = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=ZoneInfo(zone), fold=fold)
            moment = local.astimezone(UTC)
            first = first or moment
            if after is None or moment >= after:
                return moment
    except (ValueError, OverflowError):
        return None
    return first
