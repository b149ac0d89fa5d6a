"""Calls to the relay number and what was recorded."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.store.tables.base import Base, Key


class CallRow(Base):
    """A call to a relay number. It was answered by a machine; `envelope` is what the carrier said of it."""

    __tablename__ = "voice_call"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    sid: Mapped[str] = mapped_column(String(64), unique=True)
    family: Mapped[str] = mapped_column(String(40))
    caller: Mapped[str] = mapped_column(String(254))
    relay: Mapped[str] = mapped_column(String(254))
    came_at: Mapped[datetime]
    envelope: Mapped[dict[str, Any]]


class RecordingRow(Base):
    """The recording of a voicemail. ``state``: waiting → kept | refused | failed, or absent (nothing was said)."""

    __tablename__ = "recording"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    sid: Mapped[str] = mapped_column(String(64), unique=True)
    call_sid: Mapped[str] = mapped_column(String(64), index=True)
    family: Mapped[str] = mapped_column(String(40))
    url: Mapped[str] = mapped_column(Text)
    seconds: Mapped[int | None]
    noted_at: Mapped[datetime]
    told: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(10), default="waiting", index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    sha256: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int | None]
