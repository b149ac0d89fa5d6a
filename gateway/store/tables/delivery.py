"""What goes out and where to: deliveries, digests, routes, addresses, what carriers say of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gateway.store.tables.base import Base, Key


class DeliveryRow(Base):
    """One card, digest, alarm or notice to one address by one channel.

    ``state``: pending → sending → sent → delivered, or failed, or uncertain (handed over, no answer), or merged: what it
    would have brought goes in the digest `digest_id`, or spared: at a cap, and the same comes by email, or withdrawn: it was
    not needed any more. ``planned_at``: the hour that it waits for; None: at once. ``question_id``: the question that it
    reminds of. ``reply_id``: the draft that it asks about. ``call_id``: of an alarm, the way to the person; ``step``: the
    how-manieth time. ``sent_at``: when the other side took it. ``tag``: secret of its return path, by which a bounce is
    known. ``handed_at``: when its words last left; ``segments``: of a text then. Both are for the caps.
    ``holder``: the process that handed them over.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        Index("delivery_due", "state", "channel", "next_at"),
        Index("delivery_planned", "family", "planned_at"),
        Index("delivery_digest", "digest_id"),
        Index("delivery_call", "call_id"),
        Index("delivery_tag", "tag", unique=True),
        Index("delivery_handed", "channel", "handed_at"),
        Index("delivery_question", "question_id"),
        Index("delivery_reply", "reply_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    family: Mapped[str] = mapped_column(String(40))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"), index=True)
    card_id: Mapped[int | None] = mapped_column(ForeignKey("card.id"))
    kind: Mapped[str] = mapped_column(String(10))
    channel: Mapped[str] = mapped_column(String(8))
    address: Mapped[str] = mapped_column(String(254))
    content: Mapped[dict[str, Any]]
    out_id: Mapped[str] = mapped_column(String(100), unique=True)
    state: Mapped[str] = mapped_column(String(10), default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    last_error: Mapped[str | None] = mapped_column(String(200))
    provider_id: Mapped[str | None] = mapped_column(String(64), index=True)
    planned_at: Mapped[datetime | None]
    digest_id: Mapped[int | None] = mapped_column(Key)
    call_id: Mapped[int | None] = mapped_column(Key)
    step: Mapped[int | None]
    question_id: Mapped[int | None] = mapped_column(Key)
    reply_id: Mapped[int | None] = mapped_column(Key)
    sent_at: Mapped[datetime | None]
    tag: Mapped[str | None] = mapped_column(String(20))
    handed_at: Mapped[datetime | None]
    segments: Mapped[int | None]
    holder: Mapped[str | None] = mapped_column(String(60))


class DestinationRow(Base):
    """An address or number that cards or alarms may go to. ``state``: waiting → verified. ``via``: code | page | before.

    ``code`` goes to it, ``token`` opens its page.
    """

    __tablename__ = "destination"
    __table_args__ = (UniqueConstraint("family", "channel", "address"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    family: Mapped[str] = mapped_column(String(40))
    channel: Mapped[str] = mapped_column(String(8))
    address: Mapped[str] = mapped_column(String(254))
    state: Mapped[str] = mapped_column(String(10))
    via: Mapped[str] = mapped_column(String(8), default="")
    code: Mapped[str] = mapped_column(String(8))
    token: Mapped[str] = mapped_column(String(43), unique=True)
    since: Mapped[datetime]
    verified_at: Mapped[datetime | None]


class DigestRow(Base):
    """Several cards that go out as one. `token` opens it in the browser. ``cards``: their numbers, in order of arrival.

    ``asking``: where several of their messages ask, these messages in the order of the numbers that the digest shows.
    """

    __tablename__ = "digest"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    family: Mapped[str] = mapped_column(String(40), index=True)
    token: Mapped[str] = mapped_column(String(43), unique=True)
    made_at: Mapped[datetime]
    hour: Mapped[datetime]
    cards: Mapped[list[int]]
    asking: Mapped[list[int] | None]


class RouteRow(Base):
    """How a way in or out of a family does. ``route``: email | sms (out), mailbox | carrier | door | reading (in).

    ``failing_since``: None while it works. ``told_at``, ``told_since``: when the parent was told of the outage that goes on,
    and since when it did. The gateway's own
    heartbeat is a row without a family, route ``gateway``.
    """

    __tablename__ = "route"

    family: Mapped[str] = mapped_column(String(40), primary_key=True)
    route: Mapped[str] = mapped_column(String(20), primary_key=True)
    last_good: Mapped[datetime | None]
    last_bad: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    told_since: Mapped[datetime | None]
    why: Mapped[str] = mapped_column(String(200), default="")


class StatusRow(Base):
    """A status callback of the text carrier, once per message and status."""

    __tablename__ = "sms_status"
    __table_args__ = (UniqueConstraint("sid", "status"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    sid: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(20))
    error_code: Mapped[str | None] = mapped_column(String(10))
    at: Mapped[datetime]


class OptOutRow(Base):
    """Whether a number takes texts of a relay number. ``state``: out | in. ``via``: text | carrier (its refusal)."""

    __tablename__ = "opt_out"
    __table_args__ = (UniqueConstraint("relay", "number"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    family: Mapped[str] = mapped_column(String(40), index=True)
    relay: Mapped[str] = mapped_column(String(16))
    number: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(3))
    since: Mapped[datetime]
    via: Mapped[str] = mapped_column(String(8))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))


class FeedRow(Base):
    """The address of a family's calendar. ``sha256``: of its secret, which is shown once and kept nowhere."""

    __tablename__ = "feed"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    family: Mapped[str] = mapped_column(String(40), index=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
