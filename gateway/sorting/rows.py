"""The rows of passages that wait: written with their message, sorted once, taken back for a while."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from gateway.delivery.card import Card
from gateway.family import Family
from gateway.ledger import append
from gateway.sorting.passages import passages_of
from gateway.store.tables import CardRow, PassageRow

Choice = Literal["children", "other"]
CHOICES: Final[tuple[Choice, ...]] = ("children", "other")
OPEN: Final = "open"
SORTED, TAKEN_BACK = "passage sorted", "sorting taken back"
"""Kinds of entries."""
UNDO: Final = timedelta(minutes=5)
"""How long a card waits before it is made of a passage."""
TAKE_BACK: Final = timedelta(days=1)
"""How long it can be taken back that a passage is not about the children."""

_FIRST_CARD = (
    select(CardRow.id, CardRow.content).where(CardRow.message_id == bindparam("first")).order_by(CardRow.id).limit(1)
)
"""Asked for every message, so it is made once."""


def note_passages(
    session: Session, family: Family, message_id: int, detail: dict[str, Any], new_text: str, now: datetime
) -> None:
    """Open a row for each passage of a message that waits, in the caller's unit of work. Texts that were read together have the
    card of the first of them.
    """
    session.flush()
    first = detail.get("group", {}).get("messages", [message_id])[0]
    row = session.connection().execute(_FIRST_CARD, {"first": first}).first()
    if row is None:
        return
    for one in passages_of(Card.from_json(row.content), detail, new_text):
        session.add(
            PassageRow(
                family=family.key,
                message_id=message_id,
                card_id=row.id,
                field=one.field,
                start=one.start,
                end=one.end,
                label=one.label,
                rule=one.rule,
                state=OPEN,
                made_at=now,
            )
        )


def waiting(session: Session, family: str) -> int:
    """How many passages wait."""
    query = select(func.count()).where(PassageRow.family == family, PassageRow.state == OPEN)
    return session.scalar(query) or 0


def find(session: Session, family: str, number: int) -> PassageRow | None:
    """A passage of that family."""
    row = session.get(PassageRow, number)
    return row if row is not None and row.family == family else None


def sort(session: Session, family: Family, row: PassageRow, choice: Choice, account: int, now: datetime) -> bool:
    """A person's choice, in the caller's unit of work; logged with who. False where it was sorted before: it counts once."""
    values = {
        "state": choice,
        "sorted_at": now,
        "sorted_by": account,
        "due_at": now + UNDO if choice == "children" else None,
    }
    if not _changed(session, row.id, OPEN, values):
        return False
    body = {"passage": row.id, "message": row.message_id, "as": choice, "account": account}
    append(session, family.key, SORTED, body, now=now, zone=family.time_zone)
    return True


def can_take_back(row: PassageRow, now: datetime) -> bool:
    """Whether a choice can be taken back: before its card is made; where none is made, for a day."""
    if row.state == OPEN or row.sorted_at is None or row.made_card_id is not None:
        return False
    return now < (row.due_at or row.sorted_at + TAKE_BACK)


def take_back(session: Session, family: Family, row: PassageRow, account: int, now: datetime) -> bool:
    """The passage waits again, in the caller's unit of work; False where it is too late."""
    if not can_take_back(row, now):
        return False
    values = {"state": OPEN, "sorted_at": None, "sorted_by": None, "due_at": None}
    if not _changed(session, row.id, row.state, values):
        return False
    body = {"passage": row.id, "message": row.message_id, "account": account}
    append(session, family.key, TAKEN_BACK, body, now=now, zone=family.time_zone)
    return True


def _changed(session: Session, number: int, state: str, values: dict[str, Any]) -> bool:
    query = update(PassageRow).where(
        PassageRow.id == number, PassageRow.state == state, PassageRow.made_card_id.is_(None)
    )
    changed = session.execute(query.values(**values), execution_options={"synchronize_session": False})
    return bool(changed.rowcount == 1)  # type: ignore[attr-defined]
