"""What of a family's cards the pages of an account may show now, and the words for how long there is. Reads the store.

A card that waits for the parent's next hour is not shown before it, here as little as by mail: the hours protect whoever chose them.
One that could not be delivered is shown all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from gateway.delivery.card import Card
from gateway.delivery.outbox import URGENT_KIND
from gateway.store.tables import CardRow, DeliveryRow


@dataclass(frozen=True, slots=True)
class Left:
    """How long there is. `unit`: minutes | hours | days; `past`: the time is over for so long."""

    number: int
    unit: str
    past: bool = False


@dataclass(frozen=True, slots=True)
class CardView:
    """A card as the pages show it. `link`: its own page."""

    id: int
    card: Card
    link: str


def left(moment: datetime, now: datetime) -> Left:
    """Whole minutes, hours or days, always rounded down: nobody is told that there is more time than there is."""
    past, between = moment < now, abs(moment - now)
    if between < timedelta(hours=1):
        return Left(int(between.total_seconds() // 60), "minutes", past)
    if between < timedelta(days=2):
        return Left(int(between.total_seconds() // 3600), "hours", past)
    return Left(between.days, "days", past)


def waiting_cards(family: str, now: datetime) -> Select[int | None]:
    """The numbers of cards that wait for one of the parent's hours, as a query."""
    return select(DeliveryRow.card_id).where(
        DeliveryRow.family == family,
        DeliveryRow.planned_at > now,
        DeliveryRow.state == "pending",
        DeliveryRow.kind != URGENT_KIND,
        DeliveryRow.card_id.is_not(None),
    )


def waiting_until(session: Session, family: str, now: datetime) -> tuple[int, datetime | None]:
    """How many cards wait, and until when the first of them does."""
    query = waiting_cards(family, now)
    count = session.scalar(query.with_only_columns(func.count(DeliveryRow.card_id.distinct()))) or 0
    return count, session.scalar(query.with_only_columns(func.min(DeliveryRow.planned_at)))


def view_of(row: CardRow) -> CardView:
    """A card of a row."""
    return CardView(row.id, Card.from_json(row.content), f"/card/{row.token}")


def cards_of(session: Session, numbers: Sequence[int]) -> dict[int, CardView]:
    """Cards by their numbers."""
    query = select(CardRow).where(CardRow.id.in_(set(numbers)))
    return {row.id: view_of(row) for row in session.scalars(query)}
