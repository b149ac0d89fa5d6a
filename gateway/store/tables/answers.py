"""Between the two sides: questions, replies, receipts, what is handed over for a child."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gateway.store.tables.base import Base, Key


class QuestionRow(Base):
    """A question of the other parent's. ``named``: the words themselves say by when. ``remind_at``: None when that is done."""

    __tablename__ = "question"
    __table_args__ = (
        UniqueConstraint("message_id", "place"),
        Index("question_open", "family", "answered_at", "remind_at"),
        Index("question_due", "remind_at"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    family: Mapped[str] = mapped_column(String(40))
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    place: Mapped[int]
    words: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime]
    answer_by: Mapped[datetime]
    named: Mapped[bool]
    remind_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answer_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))


class ReplyRow(Base):
    """Words of the parent's that go, or may go, to the other parent.

    ``state``: asked (the parent was shown them, nothing went) → sent | replaced (by newer words) | dropped; held, before
    that, waits until `held_until` and is asked then. ``token``: secret of the draft, its code is made from it. ``out_id``:
    of the delivery that asked. ``content``: what goes. ``hints``: what the coach said, and over which way the parent wrote.
    ``digest_id``: the digest that it answers, where that does not tell which of its messages.
    """

    __tablename__ = "reply"
    __table_args__ = (
        Index("reply_waiting", "family", "state"),
        Index("reply_out", "out_id"),
        Index("reply_held", "state", "held_until"),
        Index("reply_answers", "answers_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    family: Mapped[str] = mapped_column(String(40))
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), unique=True)
    answers_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    channel: Mapped[str] = mapped_column(String(8))
    address: Mapped[str] = mapped_column(String(254))
    content: Mapped[dict[str, Any]]
    hints: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(10))
    token: Mapped[str] = mapped_column(String(43), unique=True)
    out_id: Mapped[str | None] = mapped_column(String(100))
    made_at: Mapped[datetime]
    digest_id: Mapped[int | None] = mapped_column(Key)
    held_until: Mapped[datetime | None]


class ReceiptRow(Base):
    """A receipt to the other parent. ``day``: the family's local day; one a day by each route, held by the database."""

    __tablename__ = "receipt"
    __table_args__ = (UniqueConstraint("family", "channel", "day"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    family: Mapped[str] = mapped_column(String(40))
    channel: Mapped[str] = mapped_column(String(8))
    day: Mapped[date]
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    at: Mapped[datetime]


class HandoverRow(Base):
    """What a child wrote, on its way to the parent; its bytes are kept until it is there.

    ``state``: waiting → removing → removed | shared (another message has the same bytes, so that they stay). ``files``: files of a text
    are still to be put in the outbox. ``looks``: how often it was looked whether it had arrived.
    """

    __tablename__ = "handover"
    __table_args__ = (Index("handover_todo", "state", "next_at"),)

    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), primary_key=True, autoincrement=False)
    family: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    files: Mapped[bool] = mapped_column(default=False)
    looks: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime]
    next_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
