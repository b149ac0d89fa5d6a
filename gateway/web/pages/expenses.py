"""Sums for the children, ``/expenses``: what the other parent's words ask or tell, in these words, and what the parent has settled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from urllib.parse import urlencode

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from gateway.clock import Clock
from gateway.conclusion import money
from gateway.delivery.card import Item
from gateway.expenses import mark
from gateway.family import Family
from gateway.store import Store
from gateway.store.tables import ExpenseRow, QuestionRow
from gateway.web.guard import NOT_HERE
from gateway.web.pages.shown import CardView, cards_of, waiting_cards
from gateway.web.room import PARENT, Room, Visitor

State = Literal["open", "answered", "settled"]
FILTERS: Final = (("", "All"), ("open", "Open"), ("settled", "Settled"))
UNNAMED: Final = "none"
MOST: Final = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One sum. `state`: answered where its question was; `settled_at`: the parent's mark."""

    number: int
    made_at: datetime
    item: Item
    amount: str
    state: State
    settled_at: datetime | None
    asks: bool
    view: CardView


@dataclass(frozen=True, slots=True)
class Total:
    """All sums in one currency, as they are shown."""

    currency: str
    open: str
    settled: str


class Expenses:
    """Of the family of the visitor."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def rooms(self) -> list[Room]:
        """For the guard."""
        return [
            Room("expenses", "/expenses", self.show, PARENT, menu="Expenses", place=40),
            Room("expense mark", "/expenses/{number:int}", self.mark, PARENT, methods=("POST",)),
        ]

    def show(self, request: Request, visitor: Visitor) -> Response:
        """The page."""
        family, given = visitor.home, request.query_params
        child = given.get("child", "")
        child = child if child == UNNAMED or child in {c.name for c in family.children} else ""
        state = next((name for name, _ in FILTERS if name == given.get("state")), "")
        before = given.get("before", "")
        with self._store.read() as session:
            found = shown_sums(family, child, self._clock())
            totals = _totals(session, found)
            if state:
                found = found.where(
                    ExpenseRow.settled_at.is_(None) if state == "open" else ExpenseRow.settled_at.is_not(None)
                )
            if before.isascii() and before.isdigit() and len(before) < 18:
                found = found.where(ExpenseRow.id < int(before))
            rows = session.scalars(found.order_by(ExpenseRow.id.desc()).limit(MOST + 1)).all()
            lines = lines_of(session, rows[:MOST])
        older = (
            "/expenses?" + urlencode({"child": child, "state": state, "before": rows[MOST - 1].id})
            if len(rows) > MOST
            else ""
        )
        values: dict[str, Any] = {
            "lines": lines,
            "totals": totals,
            "child": child,
            "state": state,
            "filters": FILTERS,
            "older": older,
        }
        return visitor.show("expenses.html", **values)

    def mark(self, request: Request, visitor: Visitor) -> Response:
        """A sum is settled, or open again."""
        number, act = request.path_params["number"], visitor.field("act")
        if act not in ("settled", "open"):
            return PlainTextResponse(NOT_HERE, 404)
        with self._store.write() as session:
            account, now = visitor.visit.account, self._clock()
            if mark(session, visitor.home, number, account, now, settled=act == "settled") is None:
                return PlainTextResponse(NOT_HERE, 404)
        given = {name: visitor.field(name, 200) for name in ("child", "state", "before")}
        query = urlencode({name: value for name, value in given.items() if value})
        return RedirectResponse(f"/expenses{'?' + query if query else ''}#sum-{number}", 303)


def shown_sums(family: Family, child: str, now: datetime) -> Select[ExpenseRow]:
    """The sums of a family's cards that may be shown now."""
    later = waiting_cards(family.key, now)
    query = select(ExpenseRow).where(ExpenseRow.family == family.key, ExpenseRow.card_id.not_in(later))
    if child:
        query = query.where(ExpenseRow.child.is_(None) if child == UNNAMED else ExpenseRow.child == child)
    return query


def _totals(session: Session, found: Select[ExpenseRow]) -> tuple[Total, ...]:
    settled = ExpenseRow.settled_at.is_not(None)
    query = found.with_only_columns(ExpenseRow.currency, settled, func.sum(ExpenseRow.cents)).group_by(
        ExpenseRow.currency, settled
    )
    sums: dict[str, dict[bool, int]] = {}
    for currency, is_settled, cents in session.execute(query).all():
        sums.setdefault(currency, {})[bool(is_settled)] = int(cents)
    return tuple(
        Total(currency, _written(of.get(False, 0), currency), _written(of.get(True, 0), currency))
        for currency, of in sorted(sums.items())
    )


def lines_of(session: Session, rows: Sequence[ExpenseRow]) -> list[Line]:
    """What the rows say, in their order."""
    cards = cards_of(session, [row.card_id for row in rows])
    query = select(QuestionRow.message_id, QuestionRow.words).where(
        QuestionRow.message_id.in_({row.message_id for row in rows}), QuestionRow.answer_id.is_not(None)
    )
    answered = {(message, words) for message, words in session.execute(query)}
    return [_line(row, cards[row.card_id], answered) for row in rows]


def _line(row: ExpenseRow, view: CardView, answered: set[tuple[int, str]]) -> Line:
    item = view.card.items[row.place]
    state: State = "settled" if row.settled_at else "answered" if (row.message_id, item.text) in answered else "open"
    return Line(row.id, row.made_at, item, _written(row.cents, row.currency), state, row.settled_at, row.asks, view)


def _written(cents: int, currency: str) -> str:
    return money(cents / 100, currency) or ""
