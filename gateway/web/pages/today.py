"""The first page, ``/``: what is urgent, what needs an answer, what is new, what waits to be sorted, what is coming.

Looking changes nothing. Reviewer, professional and operator find the pages that are theirs, and no word of the family here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.accounts import Role
from gateway.accounts.opened import What, opened
from gateway.alarms import acknowledge
from gateway.alarms.rows import TEST
from gateway.clock import Clock, local
from gateway.delivery.card import Item
from gateway.family import Family
from gateway.sorting import rows as sorting
from gateway.store import Store
from gateway.store.tables import AlarmRow, CardRow, SeenRow
from gateway.web.pages.almanac import Day, between
from gateway.web.pages.questions import Asked, open_questions, with_boxes
from gateway.web.pages.shown import CardView, view_of, waiting_cards, waiting_until
from gateway.web.room import ANYBODY, PARENT, Room, Visitor

NEW_FOR: Final = timedelta(days=14)
AHEAD: Final = 7
"""Days of what is coming, after this one."""
MOST_NEW, MOST_ASKED, MOST_BOXES, MOST_COMING = 40, 20, 3, 40


@dataclass(frozen=True, slots=True)
class Urgent:
    """An alarm that nobody has answered. `view`: its card."""

    number: int
    kind: str
    raised_at: datetime
    view: CardView | None


@dataclass(frozen=True, slots=True)
class Told:
    """What a card tells of one child."""

    view: CardView
    items: list[Item]


@dataclass(frozen=True, slots=True)
class New:
    """What was not seen yet: by child (empty: none is named), and what has no facts to spell out. `numbers`: of these cards."""

    groups: tuple[tuple[str, tuple[Told, ...]], ...]
    others: tuple[CardView, ...]
    numbers: tuple[int, ...]
    more: bool


class Today:
    """Of the family of the visitor."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def rooms(self) -> list[Room]:
        """For the guard."""
        return [
            Room("today", "/", self.show, ANYBODY, menu="Today", place=10),
            Room("seen", "/seen", self.seen, PARENT, methods=("POST",)),
            Room("alarm read", "/alarm-read", self.read, PARENT, methods=("POST",)),
        ]

    def show(self, request: Request, visitor: Visitor) -> Response:
        """The page."""
        if visitor.visit.role is not Role.PARENT:
            return self._others(visitor)
        now, family = self._clock(), visitor.home
        early = request.query_params.get("early") == "1"
        with self._store.read() as session:
            asked, more_asked = open_questions(session, family, now, most=MOST_ASKED)
            new = new_cards(session, family, visitor.visit.account, now, early=early, but=asked)
            values: dict[str, Any] = {
                "alarms": open_alarms(session, family),
                "asked": with_boxes(session, family, asked, now, MOST_BOXES),
                "more_asked": more_asked,
                "new": new,
                "later": (0, None) if early else waiting_until(session, family.key, now),
                "unsorted": sorting.waiting(session, family.key),
                "coming": coming(session, family, now),
            }
        return visitor.show("today.html", **values)

    def seen(self, _request: Request, visitor: Visitor) -> Response:
        """The cards that were listed are not new any more, for this account."""
        named = {int(n) for n in visitor.field("cards").split(",") if n.isascii() and n.isdigit() and len(n) < 18}
        account, now = visitor.visit.account, self._clock()
        with self._store.write() as session:
            mine = select(CardRow.id).where(CardRow.family == visitor.home.key, CardRow.id.in_(named))
            known = set(session.scalars(select(SeenRow.card_id).where(SeenRow.account_id == account)))
            for number in set(session.scalars(mine)) - known:
                session.add(SeenRow(account_id=account, card_id=number, at=now))
        return RedirectResponse("/", 303)

    def read(self, _request: Request, visitor: Visitor) -> Response:
        """The parent has read what an alarm is about."""
        number = visitor.field("alarm", 18)
        with self._store.write() as session:
            alarm = session.get(AlarmRow, int(number)) if number.isascii() and number.isdigit() else None
            card = session.get(CardRow, alarm.card_id) if alarm is not None and alarm.card_id else None
            if card is not None and card.family == visitor.home.key:
                acknowledge.by_card(session, card, visitor.home, self._clock())
        return RedirectResponse("/", 303)

    def _others(self, visitor: Visitor) -> Response:
        count = None
        if visitor.visit.role is Role.REVIEWER:
            with self._store.read() as session:
                if opened(session, visitor.visit.account, What.UNSORTED, self._clock()) is not None:
                    count = sorting.waiting(session, visitor.home.key)
        return visitor.show("today-others.html", unsorted=count)


def open_alarms(session: Session, family: Family) -> tuple[Urgent, ...]:
    """Alarms that nobody has answered, newest first; tests are not among them."""
    query = (
        select(AlarmRow)
        .where(AlarmRow.family == family.key, AlarmRow.acknowledged_at.is_(None), AlarmRow.kind != TEST)
        .order_by(AlarmRow.id.desc())
        .limit(MOST_ASKED)
    )
    found = []
    for row in session.scalars(query):
        card = session.get(CardRow, row.card_id) if row.card_id is not None else None
        found.append(Urgent(row.id, row.kind, row.raised_at, view_of(card) if card is not None else None))
    return tuple(found)


def new_cards(
    session: Session, family: Family, account: int, now: datetime, *, early: bool = False, but: Sequence[Asked] = ()
) -> New:
    """Cards of the last days that the account has not marked as seen. `early`: with those that wait for an hour; `but`: questions
    that stand on the page already.
    """
    query = (
        select(CardRow)
        .where(
            CardRow.family == family.key,
            CardRow.made_at >= now - NEW_FOR,
            CardRow.id.not_in(select(SeenRow.card_id).where(SeenRow.account_id == account)),
        )
        .order_by(CardRow.made_at.desc(), CardRow.id.desc())
        .limit(MOST_NEW + 1)
    )
    if not early:
        query = query.where(CardRow.id.not_in(waiting_cards(family.key, now)))
    rows = session.scalars(query).all()
    views = [view_of(row) for row in rows[:MOST_NEW]]
    asked = {(one.view.id, one.words) for one in but}
    groups: dict[str, dict[int, Told]] = {}
    for view in views:
        for item in view.card.items:
            if (view.id, item.text) not in asked:
                told = groups.setdefault(item.child or "", {}).setdefault(view.id, Told(view, []))
                told.items.append(item)
    names = sorted(groups, key=lambda name: (not name, name))
    told_of = tuple((name, tuple(groups[name].values())) for name in names)
    others = tuple(view for view in views if not view.card.items)
    return New(told_of, others, tuple(view.id for view in views), len(rows) > MOST_NEW)


def coming(session: Session, family: Family, now: datetime) -> tuple[Day, ...]:
    """What has a date from today on, for a week."""
    today = local(now, family.time_zone).date()
    return between(session, family, now, today, today + timedelta(days=AHEAD), most=MOST_COMING)
