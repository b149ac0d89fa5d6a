"""What the pages read and what the parent writes there: vault, calendar, expenses, journal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gateway.store.tables.base import Base, Key


class VaultRow(Base):
    """What the vault's list and the patterns know of a message: dates and types, no word of it (gateway/vault/listed.py).

    ``at``: when it was written as far as is known. ``side``: coparent | parent | other. ``topics`` and ``children``: names between
    bars. ``files``: how many came with it. ``signs``: length of its new words; ``about``: of those about the children. ``late``: it
    speaks of lateness. ``sent``: the parent's own, and it went out; ``asks``: it asks something. Its words
    lie in the search's own table, `vault_words` (gateway/vault/search.py).
    """

    __tablename__ = "vault"
    __table_args__ = (
        Index("vault_newest", "family", "at", "message_id"),
        Index("vault_lane", "family", "lane", "at", "message_id"),
    )

    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), primary_key=True, autoincrement=False)
    family: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
    channel: Mapped[str] = mapped_column(String(8))
    side: Mapped[str] = mapped_column(String(8))
    lane: Mapped[str] = mapped_column(String(20))
    provenance: Mapped[str] = mapped_column(String(10))
    topics: Mapped[str] = mapped_column(Text)
    children: Mapped[str] = mapped_column(Text)
    files: Mapped[int]
    signs: Mapped[int]
    about: Mapped[int]
    late: Mapped[bool]
    asks: Mapped[bool]
    sent: Mapped[bool]


class OpeningRow(Base):
    """An original that somebody asked for in the vault. It can be read from ``opens_at`` on, for an hour. ``reason``: why it was not
    waited (safety, court, health, danger, known), or empty. ``opened_at``: when it was first read.
    """

    __tablename__ = "opening"
    __table_args__ = (Index("opening_of", "account_id", "message_id", "opens_at"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    family: Mapped[str] = mapped_column(String(40), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    asked_at: Mapped[datetime]
    opens_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(10), default="")
    opened_at: Mapped[datetime | None]


class SeenRow(Base):
    """A card that an account has marked as seen."""

    __tablename__ = "card_seen"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True, autoincrement=False)
    card_id: Mapped[int] = mapped_column(ForeignKey("card.id"), primary_key=True, autoincrement=False)
    at: Mapped[datetime]


class DateRow(Base):
    """A date on a card: of a fact, or by when it wants an answer (`answer`). `day`, `at`: local ISO date, and date or date-time."""

    __tablename__ = "calendar_date"
    __table_args__ = (Index("calendar_day", "family", "day"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    family: Mapped[str] = mapped_column(String(40))
    card_id: Mapped[int] = mapped_column(ForeignKey("card.id"), index=True)
    place: Mapped[int]
    day: Mapped[str] = mapped_column(String(10))
    at: Mapped[str] = mapped_column(String(26))
    child: Mapped[str | None] = mapped_column(String(200))
    answer: Mapped[bool]


class ExpenseRow(Base):
    """A sum for a child's need that a card tells. `cents`: hundredths of `currency`. `settled_at`, `settled_by`: the parent's mark."""

    __tablename__ = "expense"
    __table_args__ = (Index("expense_family", "family", "id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    family: Mapped[str] = mapped_column(String(40))
    card_id: Mapped[int] = mapped_column(ForeignKey("card.id"), index=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    place: Mapped[int]
    made_at: Mapped[datetime]
    child: Mapped[str | None] = mapped_column(String(200))
    asks: Mapped[bool]
    cents: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[int | None] = mapped_column(Key)


class NoteRow(Base):
    """A note of the parent's own journal. `content`: as it was hashed (`sha256`). `entry`: its number in the family's log."""

    __tablename__ = "note"
    __table_args__ = (UniqueConstraint("family", "nonce"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    family: Mapped[str] = mapped_column(String(40), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    nonce: Mapped[str] = mapped_column(String(64))
    written_at: Mapped[datetime]
    happened_at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(16))
    child: Mapped[str] = mapped_column(String(100))
    corrects: Mapped[int | None] = mapped_column(ForeignKey("note.id"))
    content: Mapped[dict[str, Any]]
    sha256: Mapped[str] = mapped_column(String(64))
    entry: Mapped[int]
