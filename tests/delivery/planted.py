"""Cards that wait in the outbox, put there as the worker puts them, without reading a message."""

import secrets
from datetime import datetime

from sqlalchemy import select

from gateway.concluded import Conclusion, Stored, write
from gateway.delivery.card import Card
from gateway.family import Family
from gateway.store import Store
from gateway.store.tables import DeliveryRow, MessageRow

URL = "https://relay.example.org"


def plant(
    store: Store, family: Family, *cards: Card, at: datetime, whens: tuple[str | None, ...] = (), state: str = "stored"
) -> list[int]:
    """Conclude one message for each card at `at`; their numbers."""
    numbers = []
    for card in cards:
        with store.write() as session:
            row = MessageRow(
                family=family.key,
                channel="email",
                received_at=at,
                sha256=secrets.token_hex(32),
                size=1,
                envelope={},
                fingerprint=secrets.token_hex(32),
                entry_seq=0,
                state=state,
            )
            session.add(row)
            session.flush()
            stored = Stored(row.id, family.key, "email", at, row.sha256, "mark@example.net", 0, 1, row.fingerprint)
            conclusion = Conclusion(card.lane, "forward", "", {"kind": "message"}, card, whens=whens)
            write(session, stored, conclusion, family, public_url=URL, now=at)
            numbers.append(row.id)
    return numbers


def deliveries(store: Store, **where: str) -> list[DeliveryRow]:
    with store.read() as session:
        rows = list(session.scalars(select(DeliveryRow).filter_by(**where).order_by(DeliveryRow.id)))
        session.expunge_all()
        return rows
