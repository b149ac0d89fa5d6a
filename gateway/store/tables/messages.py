"""What came in, whole: messages, their files, what is still to be fetched, settled or put together."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gateway.provenance import RECEIVED
from gateway.store.tables.base import Base, Key


class MessageRow(Base):
    """A stored message: what came in, exactly, and how far the worker has got with it.

    ``state``: stored → done | shunted. ``starts`` counts how often work on it began, so that a message that
    kills the process is set aside instead of killing it for ever. ``provenance`` (see gateway/provenance.py) is
    ``received`` or ``imported``; ``written_at`` is the time that an archive claims for an imported message.
    """

    __tablename__ = "message"
    __table_args__ = (
        Index("message_todo", "state", "family", "id"),
        Index("message_fingerprint", "fingerprint"),
        Index("message_imports", "state", "provenance", "written_at", "id"),
        Index("message_written", "family", "written_at"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    family: Mapped[str] = mapped_column(String(40))
    channel: Mapped[str] = mapped_column(String(8))
    received_at: Mapped[datetime]
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    envelope: Mapped[dict[str, Any]]
    fingerprint: Mapped[str] = mapped_column(String(64))
    provider_id: Mapped[str | None] = mapped_column(String(64), unique=True)
    entry_seq: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default="stored")
    starts: Mapped[int] = mapped_column(default=0)
    provenance: Mapped[str] = mapped_column(String(10), default=RECEIVED, server_default=RECEIVED)
    written_at: Mapped[datetime | None]


class MediaRow(Base):
    """A picture or file of an MMS, fetched after the text. ``state``: waiting → kept | refused | failed."""

    __tablename__ = "media"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), index=True)
    url: Mapped[str] = mapped_column(Text)
    content_type: Mapped[str] = mapped_column(String(100))
    state: Mapped[str] = mapped_column(String(10), default="waiting", index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    sha256: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int | None]


class AttachmentRow(Base):
    """A file that came with a message, and what became of it (gateway/attachments/settle.py has the words).

    ``state``: waiting (for the carrier) → listed | step | held. ``name`` and ``claimed_type`` are the sender's words and
    never leave the vault; ``shown_name`` may. ``scan``: none | clean | found | away; ``next_at``: when a file that
    could not be scanned is tried again.
    """

    __tablename__ = "attachment"
    __table_args__ = (UniqueConstraint("message_id", "place"), Index("attachment_todo", "state", "next_at"))

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    family: Mapped[str] = mapped_column(String(40))
    place: Mapped[int]
    media_id: Mapped[int | None] = mapped_column(ForeignKey("media.id"))
    name: Mapped[str] = mapped_column(Text)
    shown_name: Mapped[str] = mapped_column(String(60))
    words: Mapped[str] = mapped_column(String(60))
    ending: Mapped[str] = mapped_column(String(8))
    type: Mapped[str] = mapped_column(String(100))
    claimed_type: Mapped[str] = mapped_column(String(200))
    size: Mapped[int | None]
    sha256: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10))
    rule: Mapped[str] = mapped_column(String(60))
    why: Mapped[str] = mapped_column(String(200))
    on_card: Mapped[bool]
    after_original: Mapped[bool]
    scan: Mapped[str] = mapped_column(String(10))
    found: Mapped[str] = mapped_column(String(100))
    next_at: Mapped[datetime | None]


class MailboxRow(Base):
    """A message as it lies in a polled mailbox: account, folder, UIDVALIDITY and UID name it (RFC 3501 section 2.3.1.1).

    ``state``: failing → kept | known (the same bytes were kept before) | refused (too large) | gone (before it could be
    fetched). ``marked``: the mailbox shows it too. ``size``, ``arrived``: as the server says. ``at``: first
    seen, or last tried in vain. This is a memory of what
    need not be fetched again; that nothing is kept twice rests on ``message.provider_id``.
    """

    __tablename__ = "mailbox_message"
    __table_args__ = (UniqueConstraint("family", "account", "folder", "validity", "uid"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    family: Mapped[str] = mapped_column(String(40))
    account: Mapped[str] = mapped_column(String(512))
    folder: Mapped[str] = mapped_column(String(512))
    validity: Mapped[int] = mapped_column(BigInteger)
    uid: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(10))
    marked: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(default=0)
    size: Mapped[int | None] = mapped_column(BigInteger)
    arrived: Mapped[datetime | None]
    at: Mapped[datetime]
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))


class FreshRow(Base):
    """The bytes of a small message until they lie in the folder of blobs (`store.fresh`). `sha256`: the blob's name, which is another
    one where it is sealed; `content`: as it will lie in its file.
    """

    __tablename__ = "fresh"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class WaitingRow(Base):
    """A text that waits for others of the same sender, to be read together with them.

    ``first_id``: the first text of the group. ``opened_at``: when that one was sent. ``due_at``: when the group is read.
    """

    __tablename__ = "waiting_text"
    __table_args__ = (Index("waiting_sender", "family", "sender", "due_at"),)

    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), primary_key=True, autoincrement=False)
    family: Mapped[str] = mapped_column(String(40))
    sender: Mapped[str] = mapped_column(String(254))
    first_id: Mapped[int] = mapped_column(ForeignKey("message.id"), index=True)
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]


class ReconciledRow(Base):
    """How far the texts of a relay number were compared with the carrier's own list."""

    __tablename__ = "reconciled"

    relay: Mapped[str] = mapped_column(String(16), primary_key=True)
    until: Mapped[datetime]
    found: Mapped[int] = mapped_column(default=0)
