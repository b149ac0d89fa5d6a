"""The calendar, ``/calendar``: what has a date on the cards, as a list, a week or a month; and the family's private address for
calendar programs (see `gateway.feeds`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal
from urllib.parse import urlencode

from babel.dates import format_date
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway import feeds
from gateway.accounts import Role
from gateway.accounts.opened import What
from gateway.accounts.proofs import Proofs
from gateway.clock import Clock, local
from gateway.errors import UserError
from gateway.family import Family
from gateway.store import Store
from gateway.store.tables import FeedRow
from gateway.web.pages.account import NOT_YOURS
from gateway.web.pages.almanac import MOST, NO_CHILD, between, first_weekday, month_of, week_of
from gateway.web.room import PARENT, READERS, Room, Visitor

View = Literal["agenda", "week", "month"]
VIEWS: Final[tuple[tuple[View, str], ...]] = (("agenda", "List"), ("week", "Week"), ("month", "Month"))
AGENDA_DAYS: Final = 30
UNNAMED: Final = "none"
"""In an address: what names no child."""
FIRST, LAST = date(1990, 1, 1), date(2099, 12, 1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be shown. `on`: a day in it; `children`: only of these, empty for all."""

    view: View
    on: date
    children: tuple[str, ...]

    def link(self, view: View | None = None, on: date | None = None) -> str:
        """The same with another view or day."""
        day = min(max(on or self.on, FIRST), LAST)
        names = [("child", name or UNNAMED) for name in self.children]
        return "/calendar?" + urlencode([("view", view or self.view), ("on", day.isoformat()), *names])


class CalendarPages:
    """Of the family of the visitor. `public_url`: where calendar programs reach the gateway. A professional sees the dates while they are opened, without the private address and the cards' own links."""

    def __init__(self, store: Store, clock: Clock, public_url: str, proofs: Proofs) -> None:
        self._store, self._clock, self._public_url = store, clock, public_url.rstrip("/")
        self._proofs = proofs

    def rooms(self) -> list[Room]:
        """For the guard."""
        return [
            Room("calendar", "/calendar", self.show, READERS, menu="Calendar", place=30, needs=What.CALENDAR),
            Room("calendar address", "/calendar/address", self.address, PARENT, methods=("POST",)),
        ]

    def show(self, request: Request, visitor: Visitor) -> Response:
        """The page."""
        family, now = visitor.home, self._clock()
        today = local(now, family.time_zone).date()
        wanted = wanted_of(request.query_params, request.query_params.getlist("child"), family, today)
        start = first_weekday(family)
        if wanted.view == "month":
            weeks = month_of(wanted.on, start)
        else:
            weeks = [week_of(wanted.on, start)] if wanted.view == "week" else []
        first, last = (weeks[0][0], weeks[-1][-1]) if weeks else (wanted.on, wanted.on + timedelta(AGENDA_DAYS - 1))
        own = visitor.visit.role is Role.PARENT
        with self._store.read() as session:
            days = between(session, family, now, first, last, children=wanted.children, most=MOST + 1)
            feed = session.scalars(
                select(FeedRow).where(FeedRow.family == family.key, FeedRow.revoked_at.is_(None)).limit(1)
            ).first()
            made_at = feed.made_at if feed is not None else None
        language = visitor.visit.language
        values: dict[str, Any] = {
            "own": own,
            "wanted": wanted,
            "views": [(view, words, wanted.link(view)) for view, words in VIEWS],
            "weeks": weeks,
            "weekdays": [
                (format_date(d, "EEEE", language), format_date(d, "EEE", language)) for d in week_of(today, start)
            ],
            "days": days,
            "most": MOST,
            "more": sum(len(day.entries) for day in days) > MOST,
            "on_day": {day.date: day for day in days},
            "today": today,
            "title": _title(wanted, first, last, language),
            "steps": _steps(wanted, today),
            "feed": made_at,
        }
        return visitor.show("calendar.html", **values)

    def address(self, _request: Request, visitor: Visitor) -> Response:
        """A new private address, shown once, for whoever gives the password again, since it goes on giving dates; or none any more."""
        family = visitor.home
        if visitor.field("act") == "revoke":
            with self._store.write() as session:
                feeds.revoke(session, family, self._clock())
            return RedirectResponse("/calendar#address", 303)
        if visitor.field("act") != "new" or family.calendar == "off":
            return RedirectResponse("/calendar#address", 303)
        if not self._proofs.same(visitor.visit.account, visitor.field("old", 1000)):
            raise UserError(NOT_YOURS)
        with self._store.write() as session:
            token = feeds.new(session, family, self._clock())
        return visitor.show("calendar-address.html", address=f"{self._public_url}/dates/{token}.ics")


def wanted_of(given: Mapping[str, str], children: list[str], family: Family, today: date) -> Wanted:
    """What an address asks for. Whatever makes no sense in it counts as not said."""
    view: View = next((name for name, _ in VIEWS if name == given.get("view")), "agenda")
    try:
        on = date.fromisoformat(given.get("on", ""))
    except ValueError:
        on = today
    known = {**{child.name: child.name for child in family.children}, UNNAMED: NO_CHILD}
    chosen = tuple(dict.fromkeys(known[name] for name in children if name in known))
    return Wanted(view, on if FIRST <= on <= LAST else today, chosen)


def _steps(wanted: Wanted, today: date) -> dict[str, Any]:
    """Addresses of what comes before and after, and of now."""
    if wanted.view == "month":
        this = wanted.on.replace(day=1)
        before, after = (this - timedelta(days=1)).replace(day=1), (this + timedelta(days=32)).replace(day=1)
    else:
        days = timedelta(days=7 if wanted.view == "week" else AGENDA_DAYS)
        before, after = wanted.on - days, wanted.on + days
    return {"before": wanted.link(on=before), "after": wanted.link(on=after), "now": wanted.link(on=today)}


def _title(wanted: Wanted, first: date, last: date, language: str) -> str:
    if wanted.view == "month":
        return str(format_date(wanted.on, "MMMM y", language))
    return f"{format_date(first, 'd MMM', language)} – {format_date(last, 'd MMM y', language)}"
