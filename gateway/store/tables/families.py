"""A family's settings, its set-up, its new addresses."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from gateway.store.tables.base import Base, Key


class SettingsRow(Base):
    """A family's settings as they stood from a moment on; changes are dated and never retroactive.

    ``by``: who changed them in the pages, as the log names them (``parent 3``: role and account); empty where the file was edited.
    """

    __tablename__ = "family_settings"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    family: Mapped[str] = mapped_column(String(40), index=True)
    since: Mapped[datetime]
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[dict[str, Any]]
    by: Mapped[str] = mapped_column(String(80), default="", server_default="")


class SetupRow(Base):
    """An interview that sets up a family in the pages. `token`: SHA-256 of its link. `answers`: what was typed so far, right or
    wrong, without any password; emptied once it is done. `family`: the family that it made. `invited_by`: the operator's account whose
    link it is, for a further family called `name` meanwhile; None for the first family's, made on the command line.
    """

    __tablename__ = "setup"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime]
    until: Mapped[datetime]
    answers: Mapped[dict[str, Any]]
    password: Mapped[str | None] = mapped_column(String(200))
    done_at: Mapped[datetime | None]
    family: Mapped[str | None] = mapped_column(String(40))
    invited_by: Mapped[int | None] = mapped_column(Key)
    name: Mapped[str] = mapped_column(String(100), default="", server_default="")


class MoveRow(Base):
    """A new address or number for the parent's updates that was given in the pages. ``state``: waiting → done | dropped; `tries`: codes
    that did not fit. It is in force once the destination of that address is confirmed.
    """

    __tablename__ = "move"
    __table_args__ = (Index("move_family", "family", "state"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    family: Mapped[str] = mapped_column(String(40))
    channel: Mapped[str] = mapped_column(String(8))
    address: Mapped[str] = mapped_column(String(254))
    by: Mapped[str] = mapped_column(String(40))
    asked_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
