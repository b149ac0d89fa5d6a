"""The dates of cards as rows, so that a month is found without reading every card.

The rows are written with the card, in the same unit of work, and hold no word of a message: the words stand on the card.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from gateway.delivery.card import Card
from gateway.store.tables import CardRow, DateRow


@dataclass(frozen=True, slots=True)
class Dated:
    """A date of a card. `place`: of the item; `at`: a local ISO date or date-time; `answer`: by then an answer is wanted."""

    place: int
    at: str
    child: str | None
    answer: bool


def dates_of(card: Card) -> Iterator[Dated]:
    """The dates of a card in order: those that facts name, and by when an answer is wanted where that is another one."""
    for place, item in enumerate(card.items):
        if item.when:
            yield Dated(place, item.when, item.child, False)
        if item.answer_by and item.answer_by != item.when:
            yield Dated(place, item.answer_by, item.child, True)


def note_dates(session: Session, row: CardRow, card: Card) -> None:
    """The rows of a new card, in the caller's unit of work."""
    for one in dates_of(card):
        session.add(
            DateRow(
                family=row.family,
                card_id=row.id,
                place=one.place,
                day=one.at[:10],
                at=one.at,
                child=one.child,
                answer=one.answer,
            )
        )
