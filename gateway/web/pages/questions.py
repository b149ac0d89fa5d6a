"""What the other parent asked: ``/questions`` lists what is open, ``/questions/N`` shows one with the box for its answer.

The answer is taken as on the page behind a card's link (see `taking`): the same hints, ready sentences, hold over night and outbox.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from sqlalchemy import or_, select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from gateway.clock import Clock
from gateway.family import Family
from gateway.questions import close
from gateway.reply.posted import MOST_BYTES
from gateway.store import Store
from gateway.store.tables import QuestionRow
from gateway.web.guard import NOT_HERE
from gateway.web.pages.answerable import Page, asking_card, page_of_question
from gateway.web.pages.answering import Box, box, said
from gateway.web.pages.shown import CardView, Left, left, view_of, waiting_cards
from gateway.web.pages.taking import CLOSED, Again, Filled, Taking
from gateway.web.room import PARENT, Room, Visitor

MOST: Final = 50
FIELDS: Final = ("form", "words", "answers", "route", "replaces", "seen", "act", "pick", "draft")
"""What is kept of a posted form, as of a form behind a card's link."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An open question. `box`: to answer it in place; None where that is a page of its own."""

    number: int
    words: str
    by: datetime
    named: bool
    left: Left
    view: CardView
    child: str | None
    topic: str
    box: Box | None = None


class Questions:
    """Of the family of the visitor."""

    def __init__(self, store: Store, clock: Clock, taking: Taking) -> None:
        self._store, self._clock, self._taking = store, clock, taking

    def rooms(self) -> list[Room]:
        """For the guard."""
        return [
            Room("questions", "/questions", self.every, PARENT),
            Room("question", "/questions/{number:int}", self.show, PARENT),
            Room(
                "answer",
                "/questions/{number:int}/answer",
                self.answer,
                PARENT,
                ("POST",),
                most_bytes=MOST_BYTES,
                stands="/questions/{number:int}",
            ),
            Room("no answer needed", "/questions/{number:int}/close", self.close, PARENT, ("POST",)),
        ]

    def every(self, request: Request, visitor: Visitor) -> Response:
        """All that is open, by its time."""
        page = _page(request)
        with self._store.read() as session:
            found, more = open_questions(session, visitor.home, self._clock(), skip=page * MOST)
        return visitor.show("questions.html", asked=found, page=page, more=more)

    def show(self, request: Request, visitor: Visitor) -> Response:
        """One question, and what was answered."""
        with self._store.read() as session:
            found = self._find(session, request, visitor.home)
            if found is None:
                return PlainTextResponse(NOT_HERE, 404)
            row, page, view = found
            return self._shown(visitor, session, row, page, view, box(session, page, self._clock()))

    def answer(self, request: Request, visitor: Visitor) -> Response:
        """A form with an answer."""
        with self._store.read() as session:
            found = self._find(session, request, visitor.home)
        if found is None:
            return PlainTextResponse(NOT_HERE, 404)
        row, page, view = found
        made = self._taking.take(page, filled(visitor))
        if not isinstance(made, Again):
            closed = not page.is_open(self._clock())
            return visitor.show("mistake.html", 410, said=CLOSED, back=page.path) if closed else _to(page)
        with self._store.read() as session:
            return self._shown(visitor, session, row, page, view, made.box, made.status)

    def close(self, request: Request, visitor: Visitor) -> Response:
        """The parent says that it needs no answer."""
        with self._store.write() as session:
            found = self._find(session, request, visitor.home)
            if found is None:
                return PlainTextResponse(NOT_HERE, 404)
            close(session, visitor.home, found[0], visitor.visit.account, self._clock())
        return RedirectResponse("/", 303)

    def _find(self, session: Session, request: Request, family: Family) -> tuple[QuestionRow, Page, CardView] | None:
        row = session.get(QuestionRow, request.path_params["number"])
        if row is None or row.family != family.key:
            return None
        found = page_of_question(session, family, row)
        if found is None:
            return None
        return row, found[0], view_of(found[1])

    def _shown(
        self,
        visitor: Visitor,
        session: Session,
        row: QuestionRow,
        page: Page,
        view: CardView,
        made: Box | None,
        status: int = 200,
    ) -> Response:
        values: dict[str, Any] = {
            "question": asked_of(row, view, self._clock()),
            "answered": row.answered_at,
            "said": said(session, page),
            "box": made,
        }
        return visitor.show("question.html", status, **values)


def open_questions(
    session: Session, family: Family, now: datetime, *, most: int = MOST, skip: int = 0
) -> tuple[list[Asked], bool]:
    """What waits for an answer, by its time, and whether there is more than `most`."""
    rows = open_rows(session, family, most=most, skip=skip)
    return shown_questions(session, family, rows[:most], now), len(rows) > most


def open_rows(
    session: Session, family: Family, *, most: int, skip: int = 0, after: tuple[datetime, int] | None = None
) -> Sequence[QuestionRow]:
    """Rows of what waits for an answer, by its time, one more than `most`. `after`: only behind that time and number."""
    query = select(QuestionRow).where(QuestionRow.family == family.key, QuestionRow.answered_at.is_(None))
    if after is not None:
        by, number = after
        same = (QuestionRow.answer_by == by) & (QuestionRow.id > number)
        query = query.where(or_(QuestionRow.answer_by > by, same))
    return session.scalars(query.order_by(QuestionRow.answer_by, QuestionRow.id).offset(skip).limit(most + 1)).all()


def shown_questions(session: Session, family: Family, rows: Sequence[QuestionRow], now: datetime) -> list[Asked]:
    """Those of the rows whose card may be shown now."""
    later, found = set(session.scalars(waiting_cards(family.key, now))), []
    for row in rows:
        card = asking_card(session, row)
        if card is not None and card.id not in later:
            found.append(asked_of(row, view_of(card), now))
    return found


def with_boxes(session: Session, family: Family, asked: Sequence[Asked], now: datetime, most: int) -> list[Asked]:
    """The same with a box to write in for the first ones."""
    out = []
    for place, one in enumerate(asked):
        row = session.get_one(QuestionRow, one.number)
        page = page_of_question(session, family, row) if place < most else None
        out.append(replace(one, box=box(session, page[0], now)) if page is not None else one)
    return out


def asked_of(row: QuestionRow, view: CardView, now: datetime) -> Asked:
    """A question as a page shows it."""
    item = next(i for i in view.card.items if i.asks and i.text == row.words)
    return Asked(row.id, row.words, row.answer_by, row.named, left(row.answer_by, now), view, item.child, item.topic)


def filled(visitor: Visitor) -> Filled:
    """The form that the guard has checked, as it is kept."""
    fields = {name: visitor.field(name, MOST_BYTES) for name in FIELDS if name in visitor.form}
    return Filled(visitor.nonce, urlencode(fields).encode("ascii"), fields)


def _to(page: Page) -> Response:
    return RedirectResponse(f"{page.path}#answer", 303)


def _page(request: Request) -> int:
    written = request.query_params.get("page", "0")
    return int(written) if written.isascii() and written.isdigit() and len(written) < 5 else 0
