"""The log: its entries, the leaves of its tree, its checkpoints and their stamps."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gateway.store.tables.base import Base, Key


class EntryRow(Base):
    """One entry of a log; `body` holds canonical JSON, `hash` is over everything else of the row."""

    __tablename__ = "entry"
    __table_args__ = (UniqueConstraint("log", "seq"), UniqueConstraint("log", "prev"))

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    log: Mapped[str] = mapped_column(String(64))
    seq: Mapped[int]
    at: Mapped[str] = mapped_column(String(32))
    offset: Mapped[str] = mapped_column(String(6))
    kind: Mapped[str] = mapped_column(String(40))
    body: Mapped[str] = mapped_column(Text)
    prev: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class LeafRow(Base):
    """An entry's leaf in the tree: its hash, and the secret seed of its salts, which may be forgotten one day."""

    __tablename__ = "leaf"
    __table_args__ = (UniqueConstraint("log", "seq"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    log: Mapped[str] = mapped_column(String(64))
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
    seed: Mapped[str | None] = mapped_column(String(32))


class CheckpointRow(Base):
    """A signed checkpoint of a log, as it was made."""

    __tablename__ = "checkpoint"
    __table_args__ = (Index("checkpoint_size", "log", "size"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    log: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    made_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(Text)


class AnchorRow(Base):
    """A checkpoint's stamp by one time-stamping authority.

    ``state``: waiting → stamped | failed. ``reply``: the authority's answer as it came (RFC 3161 TimeStampResp, DER).
    ``stamped_at``: the time that it names. ``late``: an attempt before it had failed, and the log says so.
    """

    __tablename__ = "anchor"
    __table_args__ = (UniqueConstraint("checkpoint_id", "authority"), Index("anchor_todo", "state", "next_at"))

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    checkpoint_id: Mapped[int] = mapped_column(ForeignKey("checkpoint.id"))
    authority: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    reply: Mapped[bytes | None] = mapped_column(LargeBinary)
    stamped_at: Mapped[datetime | None]
    late: Mapped[bool] = mapped_column(default=False)
    why: Mapped[str] = mapped_column(String(200), default="")
