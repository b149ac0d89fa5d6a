"""What was concluded of a message: decision, card, the passages that wait for a look."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.store.tables.base import Base, Key


def _kind(context: Any) -> str | None:
    kind = context.get_current_parameters()["detail"].get("kind")
    return None if kind is None else str(kind)


class DecisionRow(Base):
    """What was concluded about a message, with all versions needed to conclude it again.

    ``kind`` stands in `detail` too; here it is found without reading the details of all that a family ever wrote.
    """

    __tablename__ = "decision"
    __table_args__ = (Index("decision_newest", "family", "id"), Index("decision_kind", "family", "kind", "message_id"))

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), index=True)
    family: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(20))
    lane: Mapped[str] = mapped_column(String(20))
    outcome: Mapped[str] = mapped_column(String(10))
    new_text: Mapped[str] = mapped_column(Text)
    detail: Mapped[dict[str, Any]]
    kind: Mapped[str | None] = mapped_column(String(40), default=_kind)


class CardRow(Base):
    """What the parent sees of one message. `token` opens it in the browser. A passage that a person sorted has a card of its own."""

    __tablename__ = "card"
    __table_args__ = (Index("card_made", "family", "made_at"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), index=True)
    family: Mapped[str] = mapped_column(String(40), index=True)
    lane: Mapped[str] = mapped_column(String(20))
    token: Mapped[str] = mapped_column(String(43), unique=True)
    made_at: Mapped[datetime]
    content: Mapped[dict[str, Any]]


class PassageRow(Base):
    """A passage that waits for a person to sort it. It holds no words: `start` and `end` are code points of the decided text.

    ``field``: text | subject | whole (all of the message). ``state``: open → children | other. ``sorted_by``: the account.
    ``card_id``: of the card that told that it waits; ``made_card_id``: of the card that was made of it. ``due_at``: when
    that is made; until then the choice can be taken back.
    """

    __tablename__ = "passage"
    __table_args__ = (Index("passage_open", "family", "state", "id"), Index("passage_due", "due_at"))

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    family: Mapped[str] = mapped_column(String(40))
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), index=True)
    card_id: Mapped[int] = mapped_column(ForeignKey("card.id"))
    field: Mapped[str] = mapped_column(String(8))
    start: Mapped[int]
    end: Mapped[int]
    label: Mapped[str] = mapped_column(String(24))
    rule: Mapped[str] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(10), default="open")
    made_at: Mapped[datetime]
    sorted_at: Mapped[datetime | None]
    sorted_by: Mapped[int | None] = mapped_column(Key)
    due_at: Mapped[datetime | None]
    made_card_id: Mapped[int | None] = mapped_column(Key)
