"""What is new for a family, in the order in which it could first be looked at. Reads and writes the store.

A card that waits for one of the parent's hours is none until then, so the numbers of cards do not tell their order for whoever reads
along: a card with a lower number may come after one with a higher. A place in the news never changes and no later one precedes it, so a
program that goes on behind the last place that it saw misses nothing. Webhooks go along the same places.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, exists, func, insert, or_, select, text, union
from sqlalchemy.orm import Session

from gateway.record.shelf import READY
from gateway.store import Store
from gateway.store.tables import CardRow, DeliveryRow, ExportRow, NewsRow
from gateway.web.pages.shown import waiting_cards

CARD, RECORD, TEST = "card.new", "record.ready", "test"
KINDS: Final = (CARD, RECORD, TEST)
LOOK_BACK: Final = timedelta(days=1)
"""How much further back than the last noting is looked: what was concluded then may have been committed after."""


def keep_up(store: Store, family: str, now: datetime) -> None:
    """Note what can be looked at by now, where there is something. Raises StoreError."""
    with store.read() as session:
        fresh = there_is(session, family, now)
    if fresh:
        with store.write() as session:
            note(session, family, now)


def there_is(session: Session, family: str, now: datetime) -> bool:
    """Whether something is not noted yet."""
    return any(session.scalar(query.limit(1)) is not None for _, query in _unnoted(session, family, now))


def note(session: Session, family: str, now: datetime) -> int:
    """Note what can be looked at now, in the caller's unit of work; how much there was. One process at a time notes for a family."""
    if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer at a time
        session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:family, 9))"), {"family": family})
    rows: list[dict[str, Any]] = [
        {"family": family, "kind": kind, "number": number, "event": new_event(), "webhook_id": None, "at": now}
        for kind, query in _unnoted(session, family, now)
        for number in session.scalars(query).all()
    ]
    if rows:
        session.execute(insert(NewsRow), rows)
    return len(rows)


def new_event() -> str:
    """A name by which a webhook speaks of news; it leads nowhere."""
    return f"evt_{secrets.token_urlsafe(18)}"


def newest(session: Session, family: str) -> int:
    """The last place; 0 where there is none."""
    return session.scalar(select(func.max(NewsRow.id)).where(NewsRow.family == family)) or 0


def after(session: Session, webhook: int, family: str, place: int) -> NewsRow | None:
    """What a webhook is to be told next."""
    query = select(NewsRow).where(
        NewsRow.family == family, NewsRow.id > place, or_(NewsRow.webhook_id.is_(None), NewsRow.webhook_id == webhook)
    )
    return session.scalar(query.order_by(NewsRow.id).limit(1))


def cards(session: Session, family: str, place: int, most: int) -> Sequence[tuple[int, CardRow]]:
    """Cards behind a place, each with its own."""
    query = (
        select(NewsRow.id, CardRow)
        .join(CardRow, CardRow.id == NewsRow.number)
        .where(NewsRow.family == family, NewsRow.kind == CARD, NewsRow.id > place)
        .order_by(NewsRow.id)
        .limit(most)
    )
    return [(number, row) for number, row in session.execute(query)]


def is_out(session: Session, family: str, card: int) -> bool:
    """Whether a card of that family is among the news."""
    query = select(NewsRow.id).where(NewsRow.kind == CARD, NewsRow.number == card, NewsRow.family == family)
    return session.scalar(query) is not None


def _unnoted(session: Session, family: str, now: datetime) -> tuple[tuple[str, Select[Any]], ...]:
    """Queries for what is not noted: of all where nothing was noted yet, else of what was made, or waited, since the last time."""
    last = select(NewsRow.at).where(NewsRow.family == family, NewsRow.kind == CARD).order_by(NewsRow.id.desc())
    noted_at, fresh = session.scalar(last.limit(1)), CardRow.family == family
    if noted_at is not None:
        since = min(noted_at, now) - LOOK_BACK
        made = select(CardRow.id).where(CardRow.family == family, CardRow.made_at > since)
        waited = select(DeliveryRow.card_id).where(
            DeliveryRow.family == family, DeliveryRow.planned_at > since, DeliveryRow.card_id.is_not(None)
        )
        fresh = CardRow.id.in_(union(made, waited)) & fresh
    card = (
        select(CardRow.id)
        .where(fresh, CardRow.id.not_in(waiting_cards(family, now)), ~_noted(CARD, CardRow.id))
        .order_by(CardRow.made_at, CardRow.id)
    )
    record = (
        select(ExportRow.id)
        .where(ExportRow.family == family, ExportRow.state == READY, ~_noted(RECORD, ExportRow.id))
        .order_by(ExportRow.id)
    )
    return (CARD, card), (RECORD, record)


def _noted(kind: str, number: Any) -> ColumnElement[bool]:
    return exists().where(NewsRow.kind == kind, NewsRow.number == number)
