"""What has a date on the cards of a family: days with their entries, and the grid of a month. Reads the store.

The words of a card name local times. They are counted in the family's zone: an hour that the clock change skips is the moment
that follows it, an hour that it repeats is the first of the two.
"""

from __future__ import annotations

import calendar
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select, tuple_
from sqlalchemy.orm import Session

from gateway.delivery.card import Item
from gateway.family import Family
from gateway.store.tables import DateRow
from gateway.web.pages.shown import CardView, cards_of, waiting_cards

NO_CHILD: Final = ""
"""Chosen in a filter: what names no child."""
SUNDAY_FIRST: Final = frozenset({"US", "CA", "MX", "BR", "IN", "JP", "IL", "ZA", "PH", "TW", "KR"})
"""Countries whose weeks begin on Sunday (CLDR, supplemental data, weekData)."""
MOST: Final = 120
"""Entries of one page."""


@dataclass(frozen=True, slots=True)
class Dated:
    """One entry. `moment`: aware, None for a whole day; `answer`: by then an answer is wanted."""

    day: date
    moment: datetime | None
    item: Item
    view: CardView
    answer: bool
    number: int


@dataclass(frozen=True, slots=True)
class Day:
    """A day with what is on it, in order: first what has no hour."""

    date: date
    entries: tuple[Dated, ...]


def moment_of(at: str, zone: str) -> datetime | None:
    """The moment of a local ISO date-time; None for a date."""
    if len(at) == 10:
        return None
    here = datetime.fromisoformat(at).replace(tzinfo=ZoneInfo(zone))
    return here.astimezone(UTC).astimezone(ZoneInfo(zone))


def between(
    session: Session,
    family: Family,
    now: datetime,
    first: date,
    last: date,
    *,
    children: Collection[str] = (),
    most: int = MOST,
) -> tuple[Day, ...]:
    """The days from `first` to `last` that have something on them. `children`: only of these; empty: of all."""
    rows = date_rows(session, family, now, first, last, children=children, most=most)
    return _days(entries_of(session, family, rows))


def date_rows(
    session: Session,
    family: Family,
    now: datetime,
    first: date,
    last: date,
    *,
    children: Collection[str] = (),
    most: int,
    after: tuple[str, str, int] | None = None,
) -> Sequence[DateRow]:
    """The rows of these days, in order. `after`: only behind that day, time and number."""
    query = (
        select(DateRow)
        .where(
            DateRow.family == family.key,
            DateRow.day >= first.isoformat(),
            DateRow.day <= last.isoformat(),
            DateRow.card_id.not_in(waiting_cards(family.key, now)),
        )
        .order_by(DateRow.day, DateRow.at, DateRow.id)
        .limit(most)
    )
    if children:
        named = DateRow.child.in_([name for name in children if name])
        query = query.where(or_(named, DateRow.child.is_(None)) if NO_CHILD in children else named)
    if after is not None:
        query = query.where(tuple_(DateRow.day, DateRow.at, DateRow.id) > after)
    return session.scalars(query).all()


def entries_of(session: Session, family: Family, rows: Sequence[DateRow]) -> list[Dated]:
    """What the rows say, in their order."""
    cards = cards_of(session, [row.card_id for row in rows])
    return [_entry(row, cards[row.card_id], family.time_zone) for row in rows]


def month_of(day: date, first_weekday: int) -> list[list[date]]:
    """The weeks of a month, with the days of its neighbours that fill them."""
    return calendar.Calendar(first_weekday).monthdatescalendar(day.year, day.month)


def week_of(day: date, first_weekday: int) -> list[date]:
    """The seven days of a week."""
    start = day - timedelta(days=(day.weekday() - first_weekday) % 7)
    return [start + timedelta(days=n) for n in range(7)]


def first_weekday(family: Family) -> int:
    """0 for Monday, 6 for Sunday."""
    return 6 if family.lives_in in SUNDAY_FIRST else 0


def _entry(row: DateRow, view: CardView, zone: str) -> Dated:
    moment = moment_of(row.at, zone)
    day = moment.date() if moment is not None else date.fromisoformat(row.at)
    return Dated(day, moment, view.card.items[row.place], view, row.answer, row.id)


def _days(entries: Iterable[Dated]) -> tuple[Day, ...]:
    found: dict[date, list[Dated]] = {}
    for one in entries:
        found.setdefault(one.day, []).append(one)
    early = datetime.min.replace(tzinfo=UTC)
    return tuple(
        Day(day, tuple(sorted(found[day], key=lambda e: (e.moment is not None, e.moment or early))))
        for day in sorted(found)
    )
