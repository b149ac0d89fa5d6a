"""The tables. Times are UTC. Rows of `entry` and `message` are never deleted (triggers see to it)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from gateway.provenance import RECEIVED

Key = BigInteger().with_variant(Integer, "sqlite")


class Utc(TypeDecorator[datetime]):
    """An aware UTC datetime; SQLite keeps it without a zone, so the zone is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times: they mean nothing."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of all tables."""

    type_annotation_map = {  # noqa: RUF012
        datetime: Utc(),
        dict[str, Any]: JSON(),
        list[int]: JSON(),
        list[str]: JSON(),
        list[int] | None: JSON(none_as_null=True),
    }


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


def _kind(context: Any) -> str | None:
    kind = context.get_current_parameters()["detail"].get("kind")
    return None if kind is None else str(kind)


class DecisionRow(Base):
    """What was concluded about a message, with all versions needed to conclude it again.

    ``kind`` stands in `detail` too; here it is found without reading the details of all that a family ever wrote.
    """

    __tablename__ = "decision"
    __table_args__ = (Index("decision_newest", "family", "id"), Index("decision_kind", "family", "kind", "message_id"))

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), index=True)
    family: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(20))
    lane: Mapped[str] = mapped_column(String(20))
    outcome: Mapped[str] = mapped_column(String(10))
    new_text: Mapped[str] = mapped_column(Text)
    detail: Mapped[dict[str, Any]]
    kind: Mapped[str | None] = mapped_column(String(40), default=_kind)


class CardRow(Base):
    """What the parent sees of one message. `token` opens it in the browser. A passage that a person sorted has a card of its own."""

    __tablename__ = "card"
    __table_args__ = (Index("card_made", "family", "made_at"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), index=True)
    family: Mapped[str] = mapped_column(String(40), index=True)
    lane: Mapped[str] = mapped_column(String(20))
    token: Mapped[str] = mapped_column(String(43), unique=True)
    made_at: Mapped[datetime]
    content: Mapped[dict[str, Any]]


class DeliveryRow(Base):
    """One card, digest, alarm or notice to one address by one channel.

    ``state``: pending → sending → sent → delivered, or failed, or uncertain (handed over, no answer), or merged: what it
    would have brought goes in the digest `digest_id`, or spared: at a cap, and the same comes by email, or withdrawn: it was
    not needed any more. ``planned_at``: the hour that it waits for; None: at once. ``question_id``: the question that it
    reminds of. ``reply_id``: the draft that it asks about. ``call_id``: of an alarm, the way to the person; ``step``: the
    how-manieth time. ``sent_at``: when the other side took it. ``tag``: secret of its return path, by which a bounce is
    known. ``handed_at``: when its words last left; ``segments``: of a text then. Both are for the caps.
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


class FeedRow(Base):
    """The address of a family's calendar. ``sha256``: of its secret, which is shown once and kept nowhere."""

    __tablename__ = "feed"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    family: Mapped[str] = mapped_column(String(40), index=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


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

    ``state``: waiting → removed | shared (another message has the same bytes, so that they stay). ``files``: files of a text
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


class StatusRow(Base):
    """A status callback of the text carrier, once per message and status."""

    __tablename__ = "sms_status"
    __table_args__ = (UniqueConstraint("sid", "status"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    sid: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(20))
    error_code: Mapped[str | None] = mapped_column(String(10))
    at: Mapped[datetime]


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


class ReconciledRow(Base):
    """How far the texts of a relay number were compared with the carrier's own list."""

    __tablename__ = "reconciled"

    relay: Mapped[str] = mapped_column(String(16), primary_key=True)
    until: Mapped[datetime]
    found: Mapped[int] = mapped_column(default=0)


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


class AccountRow(Base):
    """Somebody who may sign in. `login`: as it is compared, lower case. `password`: an argon2id hash; None until the invitation
    is taken. `totp`: the sealed secret of a code app; `totp_step`: the newest of its codes that was used. `recovery`: SHA-256 of the
    recovery codes, with a minus before those that were used. `family`: None for an operator. `warned_at`: when failed tries
    were last told. `invite`: SHA-256 of the newest link; it is good until `invite_until`, None once it was taken.
    """

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    family: Mapped[str | None] = mapped_column(String(40), index=True)
    role: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(200))
    login: Mapped[str | None] = mapped_column(String(254), unique=True)
    password: Mapped[str | None] = mapped_column(String(200))
    totp: Mapped[str | None] = mapped_column(String(64))
    totp_step: Mapped[int | None] = mapped_column(BigInteger)
    recovery: Mapped[list[str]]
    language: Mapped[str] = mapped_column(String(8), default="en")
    idle_minutes: Mapped[int] = mapped_column(default=10)
    invite: Mapped[str | None] = mapped_column(String(64), unique=True)
    invite_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    warned_at: Mapped[datetime | None]


class PasskeyRow(Base):
    """A passkey of an account (WebAuthn). `credential` and `public_key` as the authenticator gave them."""

    __tablename__ = "passkey"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    credential: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    counter: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class VisitRow(Base):
    """A signed-in browser. `token`: SHA-256 of its cookie. `proved`: how (password, passkey; with "+code" a second factor)."""

    __tablename__ = "visit"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    browser_id: Mapped[int | None] = mapped_column(ForeignKey("browser.id"))
    token: Mapped[str] = mapped_column(String(64), unique=True)
    device: Mapped[str] = mapped_column(String(100))
    proved: Mapped[str] = mapped_column(String(24))
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class KnockRow(Base):
    """A try to sign in that failed. `source`: a keyed hash of where it is counted, never the address itself. `kind`: name (network
    and sign-in name), network, browser (one that is known) or code (after the right password).
    """

    __tablename__ = "knock"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    source: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime] = mapped_column(index=True)


class BrowserRow(Base):
    """A browser that an account signed in with. `token`: SHA-256 of its part of a long-lived cookie. `ended_at`: it is a stranger again."""

    __tablename__ = "browser"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class OpenedRow(Base):
    """What the parent opened to an account. `what`: see `gateway.accounts.opened`. `since`, `until`: the period whose content it is,
    half open; None where it has no bound. `ended_at`: when it was closed again.
    """

    __tablename__ = "opened"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    what: Mapped[str] = mapped_column(String(16))
    since: Mapped[datetime | None]
    until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


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


class KeptFormRow(Base):
    """What was typed into a form that came after the visit was locked. `sealed`: address and fields, for its account alone; `browser_id`:
    the browser that it came from. Gone once it is back on the page, or after `until`.
    """

    __tablename__ = "kept_form"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    browser_id: Mapped[int | None] = mapped_column(Key)
    until: Mapped[datetime]
    sealed: Mapped[str] = mapped_column(Text)


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


class PassageRow(Base):
    """A passage that waits for a person to sort it. It holds no words: `start` and `end` are code points of the decided text.

    ``field``: text | subject | whole (all of the message). ``state``: open → children | other. ``sorted_by``: the account.
    ``card_id``: of the card that told that it waits; ``made_card_id``: of the card that was made of it. ``due_at``: when
    that is made; until then the choice can be taken back.
    """

    __tablename__ = "passage"
    __table_args__ = (Index("passage_open", "family", "state", "id"), Index("passage_due", "due_at"))

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    family: Mapped[str] = mapped_column(String(40))
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), index=True)
    card_id: Mapped[int] = mapped_column(ForeignKey("card.id"))
    field: Mapped[str] = mapped_column(String(8))
    start: Mapped[int]
    end: Mapped[int]
    label: Mapped[str] = mapped_column(String(24))
    rule: Mapped[str] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(10), default="open")
    made_at: Mapped[datetime]
    sorted_at: Mapped[datetime | None]
    sorted_by: Mapped[int | None] = mapped_column(Key)
    due_at: Mapped[datetime | None]
    made_card_id: Mapped[int | None] = mapped_column(Key)


class SeenRow(Base):
    """A card that an account has marked as seen."""

    __tablename__ = "card_seen"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True, autoincrement=False)
    card_id: Mapped[int] = mapped_column(ForeignKey("card.id"), primary_key=True, autoincrement=False)
    at: Mapped[datetime]


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


class FreshRow(Base):
    """The bytes of a small message until they lie in the folder of blobs (`store.fresh`). `sha256`: the blob's name, which is another
    one where it is sealed; `content`: as it will lie in its file.
    """

    __tablename__ = "fresh"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class ToolTokenRow(Base):
    """With what a program of the parent's asks for them. `sha256`: of the token, which is shown once and kept nowhere. `scopes`: see
    `gateway.api.scopes`. `ends_at`: the end that was chosen; `ended_at`: when the parent ended it. `minute`, `calls`: how often it
    asked in that minute. `refused_at`: when it was last noted that somebody came with it after its end.
    """

    __tablename__ = "tool_token"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    family: Mapped[str] = mapped_column(String(40), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    name: Mapped[str] = mapped_column(String(100))
    scopes: Mapped[list[str]]
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    minute: Mapped[datetime | None]
    calls: Mapped[int] = mapped_column(default=0)
    refused_at: Mapped[datetime | None]


class NewsRow(Base):
    """That something can be looked at which could not before. `kind`: see `gateway.api.news`; `number`: of the card or record.
    `event`: the name by which a webhook speaks of it, which leads nowhere. `webhook_id`: for this webhook alone. Its own number is its place in
    the order in which a family's news came, which no later one precedes.
    """

    __tablename__ = "news"
    __table_args__ = (UniqueConstraint("kind", "number"), Index("news_family", "family", "id"))

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    family: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))
    number: Mapped[int | None] = mapped_column(Key)
    event: Mapped[str] = mapped_column(String(40), unique=True)
    webhook_id: Mapped[int | None] = mapped_column(Key)
    at: Mapped[datetime]


class WebhookRow(Base):
    """An address that is told of news. `secret`: sealed (`gateway.accounts.key`). `place`: of the last news that it took. `next_at`: when it
    is asked again; `failing_since`, `failures`, `why`: since when and how often it has not answered well, and how. `paused_at`: that
    went on for too long. `ended_at`: the parent took it out.
    """

    __tablename__ = "webhook"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    family: Mapped[str] = mapped_column(String(40), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    name: Mapped[str] = mapped_column(String(100))
    url: Mapped[str] = mapped_column(Text)
    nonce: Mapped[str] = mapped_column(String(64), unique=True)
    secret: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime]
    place: Mapped[int] = mapped_column(BigInteger)
    next_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    why: Mapped[str] = mapped_column(String(200), default="")
    paused_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
