"""Records for a court and the links under which they are handed over."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gateway.store.tables.base import Base, Key


class ExportRow(Base):
    """A record that was asked for in the pages. `wanted`: the order. `state`: see `gateway.record.shelf`. `stage`, `done`, `total`: how
    far it is. `said`: what it came to, or why not, for the person who asked.
    """

    __tablename__ = "export"
    __table_args__ = (UniqueConstraint("family", "nonce"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    family: Mapped[str] = mapped_column(String(40), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    nonce: Mapped[str] = mapped_column(String(64))
    asked_at: Mapped[datetime]
    wanted: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(10), index=True)
    stage: Mapped[str] = mapped_column(String(10), default="")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    said: Mapped[dict[str, Any]]
    size: Mapped[int | None] = mapped_column(BigInteger)
    finished_at: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]


class ExportLinkRow(Base):
    """A link under which one record can be fetched without signing in. `token`: its SHA-256."""

    __tablename__ = "export_link"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    export_id: Mapped[int] = mapped_column(ForeignKey("export.id"), index=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    until: Mapped[datetime]
    fetched: Mapped[int] = mapped_column(default=0)
    fetched_at: Mapped[datetime | None]
