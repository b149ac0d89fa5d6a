"""The calls that read: cards, questions, dates and sums, as the pages show them and none that the pages would not show yet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal

from gateway.api import cursor, news
from gateway.api.call import Answer, Asked
from gateway.api.problems import NOT_HERE, REFUSED, Problem
from gateway.api.shapes import (
    CardPage,
    CardShape,
    DatePage,
    DateShape,
    Fact,
    QuestionPage,
    QuestionShape,
    SumPage,
    SumShape,
)
from gateway.clock import stamp
from gateway.delivery.card import Card, Item
from gateway.family import Family
from gateway.policy import Lane
from gateway.store import Store
from gateway.store.tables import CardRow, ExpenseRow, QuestionRow
from gateway.web.pages.almanac import Dated, date_rows, entries_of
from gateway.web.pages.answerable import asking_card
from gateway.web.pages.expenses import Line, lines_of, shown_sums
from gateway.web.pages.questions import Asked as Question
from gateway.web.pages.questions import open_rows, shown_questions

CardLane = Literal["facts", "emergency", "danger", "legal", "unsorted", "whole"]
LANES: Final[Mapping[Lane, CardLane]] = {
    Lane.FACTS: "facts",
    Lane.EMERGENCY: "emergency",
    Lane.DANGER: "danger",
    Lane.LEGAL: "legal",
    Lane.UNSORTED: "unsorted",
    Lane.WHOLE: "whole",
}
"""What a card's lane is called to a program."""
NO_CHILD = "this family has no child of that name"


class Reading:
    """Of the family of a token."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def cards(self, asked: Asked) -> Answer:
        """Cards in the order of the news; the place behind the last one is given also at the end, to go on from there."""
        most, place = asked.query.limit, cursor.number("cards", asked.query.after) or 0
        news.keep_up(self._store, asked.family.key, asked.now)
        with self._store.read() as session:
            rows = news.cards(session, asked.family.key, place, most + 1)
            items = [card_shape(row) for _, row in rows[:most]]
        following = cursor.write("cards", rows[:most][-1][0] if rows else place)
        return Answer(CardPage(items=items, next=following, more=len(rows) > most), len(items))

    def card(self, asked: Asked) -> Answer:
        """One of them."""
        number = asked.numbers["number"]
        news.keep_up(self._store, asked.family.key, asked.now)
        with self._store.read() as session:
            row = session.get(CardRow, number) if news.is_out(session, asked.family.key, number) else None
            if row is None:
                raise Problem(NOT_HERE)
            return Answer(card_shape(row))

    def questions(self, asked: Asked) -> Answer:
        """What waits for an answer."""
        most, found = asked.query.limit, cursor.read("questions", asked.query.after, (str, int))
        with self._store.read() as session:
            behind = (_moment(found[0]), int(found[1])) if found is not None else None
            rows = open_rows(session, asked.family, most=most, after=behind)
            shown = shown_questions(session, asked.family, rows[:most], asked.now)
            items = [question_shape(one) for one in shown]
            more = len(rows) > most
            following = cursor.write("questions", stamp(rows[most - 1].answer_by), rows[most - 1].id) if more else None
        return Answer(QuestionPage(items=items, next=following, more=more), len(items))

    def question(self, asked: Asked) -> Answer:
        """One question, answered or not."""
        with self._store.read() as session:
            row = session.get(QuestionRow, asked.numbers["number"])
            if row is None or row.family != asked.family.key or asking_card(session, row) is None:
                raise Problem(NOT_HERE)
            (one,) = shown_questions(session, asked.family, [row], asked.now) or (None,)
            if one is None:
                raise Problem(NOT_HERE)
            return Answer(question_shape(one, row.answered_at))

    def dates(self, asked: Asked) -> Answer:
        """What has a date, of some days."""
        query, most = asked.query, asked.query.limit
        found: Any = cursor.read("dates", query.after, (str, str, int))
        children = (_child(asked.family, query.child),) if query.child is not None else ()
        with self._store.read() as session:
            rows = date_rows(
                session, asked.family, asked.now, query.first, query.last, children=children, most=most + 1, after=found
            )
            items = [date_shape(one) for one in entries_of(session, asked.family, rows[:most])]
            more = len(rows) > most
            last = rows[most - 1] if more else None
            following = cursor.write("dates", last.day, last.at, last.id) if last is not None else None
        return Answer(DatePage(items=items, next=following, more=more), len(items))

    def sums(self, asked: Asked) -> Answer:
        """Sums, newest first."""
        most, before = asked.query.limit, cursor.number("sums", asked.query.after)
        query = shown_sums(asked.family, "", asked.now)
        if asked.query.state is not None:
            settled = ExpenseRow.settled_at
            query = query.where(settled.is_(None) if asked.query.state == "open" else settled.is_not(None))
        if before is not None:
            query = query.where(ExpenseRow.id < before)
        with self._store.read() as session:
            rows = session.scalars(query.order_by(ExpenseRow.id.desc()).limit(most + 1)).all()
            lines = lines_of(session, rows[:most])
            items = [sum_shape(line, row) for line, row in zip(lines, rows[:most], strict=True)]
            more = len(rows) > most
            following = cursor.write("sums", rows[most - 1].id) if more else None
        return Answer(SumPage(items=items, next=following, more=more), len(items))


def card_shape(row: CardRow) -> CardShape:
    """A card as the API shows it: the words that came through, and never the rest of its message."""
    card = Card.from_json(row.content)
    return CardShape(
        number=row.id, made_at=row.made_at, lane=LANES.get(card.lane, "unsorted"), heading=card.heading, sender=card.who, channel=card.channel,
        received=card.received, facts=[fact_of(item) for item in card.items], notes=list(card.notes), files=list(card.files),
        more=card.whole is not None,
    )  # fmt: skip


def fact_of(item: Item) -> Fact:
    """A fact of a card."""
    return Fact(
        words=item.text, topic=item.topic, child=item.child, when=item.when, amount=item.amount, where=item.where,
        asks=item.asks, answer_by=item.answer_by,
    )  # fmt: skip


def question_shape(one: Question, answered: datetime | None = None) -> QuestionShape:
    """A question as the API shows it."""
    return QuestionShape(
        number=one.number, words=one.words, answer_by=one.by, named=one.named, child=one.child, topic=one.topic,
        card=one.view.id, answered_at=answered,
    )  # fmt: skip


def date_shape(one: Dated) -> DateShape:
    """A date as the API shows it."""
    return DateShape(
        number=one.number, day=one.day, at=one.moment, answer=one.answer, card=one.view.id, fact=fact_of(one.item)
    )


def sum_shape(line: Line, row: ExpenseRow) -> SumShape:
    """A sum as the API shows it."""
    return SumShape(
        number=line.number, made_at=line.made_at, amount=line.amount, cents=row.cents, currency=row.currency,
        state=line.state, settled_at=line.settled_at, card=line.view.id, fact=fact_of(line.item),
    )  # fmt: skip


def _child(family: Family, name: str) -> str:
    if name not in {child.name for child in family.children}:
        raise Problem(REFUSED, NO_CHILD)
    return name


def _moment(written: Any) -> datetime:
    try:
        found = datetime.fromisoformat(str(written))
    except ValueError:
        raise Problem(REFUSED, cursor.UNKNOWN) from None
    if found.tzinfo is None:
        raise Problem(REFUSED, cursor.UNKNOWN)
    return found
