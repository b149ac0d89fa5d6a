"""Sums for the children that cards tell: as rows, with the parent's mark that one is settled.

The program neither pays nor claims anything: a sum is what the sender's words say, and the mark is the parent's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import update
from sqlalchemy.orm import Session

from gateway.conclusion import SYMBOLS, topic_of
from gateway.delivery.card import Card
from gateway.family import Family
from gateway.ledger import append
from gateway.store.tables import CardRow, ExpenseRow

MARKED: Final = "expense marked"
"""Kind of the entry of a mark."""
TOPIC: Final = topic_of("expense")
_NUMBER: Final = re.compile(r"(?P<before>\D*?)(?P<whole>[\d,]+)\.(?P<cents>\d\d)(?: (?P<after>[A-Z]{3}))?")
_CURRENCIES: Final = {symbol: currency for currency, symbol in SYMBOLS.items()}


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum of a card. `place`: of its item; `cents`: hundredths of `currency` (ISO 4217)."""

    place: int
    cents: int
    currency: str


def sums_of(card: Card) -> Iterator[Sum]:
    """The sums for a child's need on a card, in order."""
    for place, item in enumerate(card.items):
        read = read_money(item.amount) if item.topic == TOPIC and item.amount else None
        if read is not None:
            yield Sum(place, *read)


def read_money(written: str) -> tuple[int, str] | None:
    """``$1,042.50`` -> (104250, "USD"): back from what `conclusion.money` wrote. None for anything else."""
    found = _NUMBER.fullmatch(written)
    currency = found["after"] or _CURRENCIES.get(found["before"]) if found else None
    if found is None or currency is None or (found["after"] and found["before"]):
        return None
    return int(found["whole"].replace(",", "")) * 100 + int(found["cents"]), currency


def note_expenses(session: Session, row: CardRow, card: Card) -> None:
    """The rows of a new card, in the caller's unit of work."""
    for one in sums_of(card):
        item = card.items[one.place]
        session.add(
            ExpenseRow(
                family=row.family,
                card_id=row.id,
                message_id=row.message_id,
                place=one.place,
                made_at=row.made_at,
                child=item.child,
                asks=item.asks,
                cents=one.cents,
                currency=one.currency,
            )
        )


def mark(session: Session, family: Family, number: int, account: int, now: datetime, *, settled: bool) -> bool | None:
    """The parent says that a sum is settled, or is open again, in the caller's unit of work.

    True: marked, and the log says so; False: it was so before; None: the family has no such sum.
    """
    row = session.get(ExpenseRow, number)
    if row is None or row.family != family.key:
        return None
    was = ExpenseRow.settled_at.is_(None) if settled else ExpenseRow.settled_at.is_not(None)
    values = {"settled_at": now if settled else None, "settled_by": account if settled else None}
    changed = session.execute(
        update(ExpenseRow).where(ExpenseRow.id == number, was).values(values),
        execution_options={"synchronize_session": False},
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        return False
    state = "settled" if settled else "open"
    body: dict[str, Any] = {"expense": number, "message": row.message_id, "state": state, "account": account}
    append(session, family.key, MARKED, body, now=now, zone=family.time_zone)
    return True
