"""The installation itself: keys of its families, processes and their turns."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gateway.store.tables.base import Base


class DataKeyRow(Base):
    """A data key, wrapped by the master key that `master` names (`gateway.sealing.keyring`, the only one who reads and writes it).

    ``family``: or ``installation``. ``purpose``: seal | names. No number is given twice, for sealed bytes name their key by it.
    """

    __tablename__ = "data_key"
    __table_args__ = (UniqueConstraint("family", "purpose", "version"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    family: Mapped[str] = mapped_column(String(64))
    purpose: Mapped[str] = mapped_column(String(8))
    version: Mapped[int]
    master: Mapped[str] = mapped_column(String(16))
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[str] = mapped_column(String(32))


class ProcessRow(Base):
    """A process that runs, or died without a word (`gateway.many.presence`). ``seen_at``: its last sign, by the database's clock."""

    __tablename__ = "process"

    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    roles: Mapped[str] = mapped_column(String(60))
    host: Mapped[str] = mapped_column(String(100))
    pid: Mapped[int]
    version: Mapped[str] = mapped_column(String(20))
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class TurnRow(Base):
    """Whose turn it is: the process that has locked this row works for the family (`gateway.many.claims`). ``work``: reading | email | sms."""

    __tablename__ = "family_turn"

    family: Mapped[str] = mapped_column(String(40), primary_key=True)
    work: Mapped[str] = mapped_column(String(10), primary_key=True)
