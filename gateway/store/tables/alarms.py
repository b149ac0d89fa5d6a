"""Alarms and the ways in which they ring."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from gateway.store.tables.base import Base, Key


class AlarmRow(Base):
    """An alarm, or a test of one. It is open until somebody answers.

    ``kind``: danger | emergency | test. ``step``: the last one taken; ``next_at``: when the next is due, None where none is left.
    Of a test ``next_at`` is when its result is drawn. ``by``, ``via``: who answered, over which way.
    """

    __tablename__ = "alarm"
    __table_args__ = (
        Index("alarm_due", "next_at"),
        Index("alarm_family", "family", "raised_at"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    family: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(10))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    card_id: Mapped[int | None] = mapped_column(ForeignKey("card.id"), index=True)
    raised_at: Mapped[datetime]
    step: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    by: Mapped[str] = mapped_column(String(20), default="")
    via: Mapped[str] = mapped_column(String(10), default="")


class AlarmCallRow(Base):
    """One way of an alarm to one person. `token` is the secret of the link by which they answer.

    ``stands_for``: the call that could not get through and that this one goes round. ``rounded``: that was looked after.
    """

    __tablename__ = "alarm_call"
    __table_args__ = (Index("alarm_call_address", "channel", "address"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    alarm_id: Mapped[int] = mapped_column(ForeignKey("alarm.id"), index=True)
    family: Mapped[str] = mapped_column(String(40))
    who: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200))
    channel: Mapped[str] = mapped_column(String(8))
    address: Mapped[str] = mapped_column(String(254))
    token: Mapped[str] = mapped_column(String(43), unique=True)
    acknowledged_at: Mapped[datetime | None]
    stands_for: Mapped[int | None] = mapped_column(Key)
    rounded: Mapped[bool] = mapped_column(default=False)
