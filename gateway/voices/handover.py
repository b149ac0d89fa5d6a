"""Handing over what a child wrote: its words at the moment of sending, and the end of its bytes once it has arrived.

    waiting ─ files fetched ─ every delivery ended, one was taken `child_kept_days` ago ─► entry, in one transaction ─► removing ─► removed
       └─ all deliveries failed, or came back ─► put again a day later, kept meanwhile

What a mail host has taken it may still give back, for as long as it tries to pass it on: four to five days (RFC 5321 sections
4.5.4.1 and 6.1). Hence the days; with 0 the bytes go at once, and what comes back is lost.
That they are gone is committed first and then done: no row that still counts on its bytes is ever without them. They are removed inside
the database's write lock, so that nobody may come to need them meanwhile; a crash before `removed` is committed, or a disk that refuses,
leaves `removing`, and the removal is done again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, exists, func, select, text
from sqlalchemy.orm import Session

from gateway.clock import Clock
from gateway.delivery.outbox import CHILD, Parcel
from gateway.errors import StoreError
from gateway.family import Directory, Family, Role
from gateway.intake.archives.kept import parse_kept
from gateway.language import SOURCE
from gateway.ledger import append
from gateway.parsing.files import describe_file
from gateway.provenance import HANDED_OVER
from gateway.store import Blobs, Store
from gateway.store.tables import AttachmentRow, DeliveryRow, HandoverRow, MediaRow, MessageRow
from gateway.voices import letters
from gateway.voices.rows import address_of, put

log = logging.getLogger(__name__)
AGAIN = timedelta(days=1)
FIRST_LOOK, LONGEST_LOOK = timedelta(seconds=2), timedelta(minutes=10)
ENDED = ("sent", "delivered", "failed")
WAITING, REMOVING, REMOVED, SHARED = "waiting", "removing", "removed", "shared"
_WAITS = HandoverRow.state.in_((WAITING, REMOVING)), HandoverRow.next_at <= bindparam("now")
_ANY_DUE = select(HandoverRow.message_id).where(*_WAITS).limit(1)
_DUE = select(HandoverRow).where(*_WAITS).order_by(HandoverRow.next_at).limit(1)


class Handovers:
    """One for an installation; `fill` serves the edge, `step` the worker."""

    def __init__(self, store: Store, blobs: Blobs, directory: Directory, clock: Clock) -> None:
        self._store, self._blobs, self._directory, self._clock = store, blobs, directory, clock

    def fill(self, parcel: Parcel) -> Parcel:
        """A child's parcel with its words; any other as it was. Raises StoreError when the bytes cannot be read."""
        if parcel.kind != CHILD:
            return parcel
        with self._store.read() as session:
            delivery = session.get_one(DeliveryRow, parcel.id)
            message = session.get_one(MessageRow, delivery.message_id)
            media = session.scalars(
                select(MediaRow).where(MediaRow.message_id == message.id).order_by(MediaRow.id)
            ).all()
            session.expunge_all()
        raw = self._blobs.get(message.family, message.sha256)
        reading, family = parse_kept(message.channel, raw), self._directory.family(parcel.family)
        language = family.language if family else SOURCE
        who = str(parcel.content.get("who") or _who(family, reading.from_, message))
        if parcel.channel == "sms":
            return replace(parcel, content={**parcel.content, **letters.by_text(who, reading, language)})
        files = [self._file(message.family, row, number) for number, row in enumerate(media, 1) if row.sha256]
        made = letters.by_mail(
            who, message.channel, reading, raw, files,
            first=bool(parcel.content.get("first")), missing=len(media) - len(files), language=language,
        )  # fmt: skip
        return replace(parcel, content={**parcel.content, **made})

    def knows(self, fingerprint: str) -> bool:
        """Whether the same bytes over the same envelope were handed over before, or are being handed over."""
        query = select(HandoverRow.message_id).join(MessageRow, MessageRow.id == HandoverRow.message_id)
        with self._store.read() as session:
            return session.scalar(query.where(MessageRow.fingerprint == fingerprint).limit(1)) is not None

    def step(self) -> bool:
        """Look at one handover that is due; False when there is none. Raises StoreError."""
        now = self._clock()
        with self._store.glance() as connection:  # without the right to write, for mostly there is none
            if connection.scalar(_ANY_DUE, {"now": now}) is None:
                return False
        with self._store.write() as session:
            row = session.scalars(_DUE.with_for_update(skip_locked=True), {"now": now}).first()
            family = self._directory.family(row.family) if row is not None else None
            if row is None:
                return False
            row.looks += 1
            row.next_at = now + min(LONGEST_LOOK, FIRST_LOOK * 2 ** min(row.looks, 10))
            if row.state == REMOVING:
                self._remove(session, row)
                return True
            if family is None or not family.parent.emails or (row.files and not self._put_files(session, row, family)):
                return True
            self._look(session, row, family)
        return True

    def forget(self) -> int:
        """Remove what is kept no longer by the settings of now, and send nothing; how many. For an installation that does not run yet.

        Raises StoreError.
        """
        count = 0
        with self._store.write() as session:
            for row in session.scalars(select(HandoverRow).where(HandoverRow.state == WAITING)).all():
                family, sent = self._directory.family(row.family), _deliveries(session, row)
                until = self._until(sent, family) if family is not None and not row.files else None
                if family is not None and until is not None and until <= self._clock():
                    self._end(session, row, family)
        with self._store.write() as session:
            for row in session.scalars(select(HandoverRow).where(HandoverRow.state == REMOVING)).all():
                count += self._remove(session, row)
        return count

    def _put_files(self, session: Session, row: HandoverRow, family: Family) -> bool:
        """Put the mail of a text whose files have been fetched, or given up; False while one is still to come."""
        waits = select(func.count()).where(MediaRow.message_id == row.message_id, MediaRow.state == "waiting")
        if session.scalar(waits):
            return False
        now = self._clock()
        before = select(func.count()).where(HandoverRow.family == row.family, HandoverRow.message_id < row.message_id)
        to, who = address_of(family, now), _kept_name(_deliveries(session, row))
        put(session, row.message_id, family, "email", to, now, first=not session.scalar(before), who=who)
        row.files, row.looks = False, 0
        session.flush()
        return True

    def _until(self, sent: Sequence[DeliveryRow], family: Family) -> datetime | None:
        """Until when the bytes are kept; None while a delivery is on its way, or none was taken. Aware."""
        if any(delivery.state not in ENDED for delivery in sent):
            return None
        mails = [delivery for delivery in sent if delivery.channel == "email"]  # a text has no room for all of it
        taken = [mail.sent_at or self._clock() for mail in mails if mail.state != "failed"]
        if sent and not taken:
            return None
        return max(taken, default=self._clock()) + timedelta(days=family.child_kept_days if sent else 0)

    def _look(self, session: Session, row: HandoverRow, family: Family) -> None:
        sent = _deliveries(session, row)
        if any(delivery.state not in ENDED for delivery in sent):
            return
        until = self._until(sent, family)
        if until is None:
            again = self._clock() + AGAIN
            first = any(one.content.get("first") for one in sent if one.channel == "email")
            to, who = address_of(family, again), _kept_name(sent)
            put(session, row.message_id, family, "email", to, again, first=first, who=who)
            row.next_at = again
        elif until > self._clock():
            row.next_at = until
        else:
            self._end(session, row, family)

    def _end(self, session: Session, row: HandoverRow, family: Family) -> None:
        """Say in the log that the bytes are kept no longer, unless another message needs them. They go with the next step."""
        now, message = self._clock(), session.get_one(MessageRow, row.message_id)
        hashes, shared = _bytes_of(session, message)
        row.state, row.next_at, row.looks, row.done_at = REMOVING, now, 0, now
        body: dict[str, Any] = {
            "message": row.message_id,
            "received_entry": message.entry_seq,
            "bytes": SHARED if message.sha256 in shared else REMOVED,
            "blobs": len(hashes),
        }
        append(session, row.family, HANDED_OVER, body, now=now, zone=family.time_zone)

    def _remove(self, session: Session, row: HandoverRow) -> bool:
        """Take the bytes away that no other message needs by now; False where the disk refuses: then it is tried again."""
        message = session.get_one(MessageRow, row.message_id)
        hashes, shared = _bytes_of(session, message)
        try:
            for sha256 in hashes - shared:
                self._blobs.remove(session, row.family, sha256)
        except StoreError as error:
            log.error("what was handed over is to be removed and cannot be yet: %s", error)
            return False
        row.state = SHARED if message.sha256 in shared else REMOVED
        return True

    def _file(self, family: str, row: MediaRow, number: int) -> dict[str, Any]:
        data = self._blobs.get(family, str(row.sha256))
        kind = describe_file(data, "", row.content_type).type
        if not kind.startswith(("image/", "audio/", "video/")):
            kind = "application/octet-stream"
        ending = kind.partition("/")[2].partition("+")[0].replace("jpeg", "jpg")
        return {"name": f"file-{number}.{ending if ending.isalnum() else 'bin'}", "type": kind, "data": data}


def open_handovers(session: Session, older_than: Any) -> int:
    """How many messages of children wait since before that moment, and no mail host has taken them."""
    taken = exists().where(
        DeliveryRow.message_id == HandoverRow.message_id,
        DeliveryRow.kind == CHILD,
        DeliveryRow.channel == "email",
        DeliveryRow.state.in_(("sent", "delivered")),
    )
    query = select(func.count()).where(HandoverRow.state == WAITING, HandoverRow.made_at < older_than, ~taken)
    return session.scalar(query) or 0


def without_a_way(session: Session, directory: Iterable[Family]) -> set[str]:
    """Families for which messages of children wait although nothing can be handed over by the settings of now."""
    waiting = set(session.scalars(select(HandoverRow.family).where(HandoverRow.state == WAITING)))
    return waiting - {family.key for family in directory if family.parent.emails}


def removed(session: Session) -> set[tuple[str, str]]:
    """Families and hashes of the bytes of all that was handed over, and are gone or about to go. Raises DBAPIError."""
    over = select(HandoverRow.message_id).where(HandoverRow.state.in_((REMOVING, REMOVED)))
    own = select(MessageRow.family, MessageRow.sha256).where(MessageRow.id.in_(over))
    files = (
        select(MessageRow.family, MediaRow.sha256)
        .join(MessageRow, MessageRow.id == MediaRow.message_id)
        .where(MediaRow.message_id.in_(over), MediaRow.sha256.is_not(None))
    )
    return {(family, str(sha256)) for query in (own, files) for family, sha256 in session.execute(query)}


def gone_for_good(session: Session) -> set[tuple[str, str]]:
    """The same without what another message needs all the same. Nobody else may begin to until the commit. Raises DBAPIError."""
    _alone(session)
    return {(family, sha256) for family, sha256 in removed(session) if not _needed(session, sha256, 0)}


def _alone(session: Session) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE message, media, attachment IN SHARE ROW EXCLUSIVE MODE"))


def _bytes_of(session: Session, message: MessageRow) -> tuple[set[str], set[str]]:
    """Hashes of a message and its files, and those of them that another message needs. Nobody else may begin to until the commit."""
    _alone(session)
    media = session.scalars(select(MediaRow.sha256).where(MediaRow.message_id == message.id)).all()
    hashes = {message.sha256, *(sha256 for sha256 in media if sha256)}
    return hashes, {sha256 for sha256 in hashes if _needed(session, sha256, message.id)}


def _needed(session: Session, sha256: str, message_id: int) -> bool:
    """Whether another message has the same bytes, or a file of one; those of handovers that are over do not count."""
    over = select(HandoverRow.message_id).where(HandoverRow.state != WAITING)
    others: Sequence[Any] = (
        select(MessageRow.id).where(
            MessageRow.sha256 == sha256, MessageRow.id != message_id, MessageRow.id.not_in(over)
        ),
        select(MediaRow.id).where(
            MediaRow.sha256 == sha256, MediaRow.message_id != message_id, MediaRow.message_id.not_in(over)
        ),
        select(AttachmentRow.id).where(AttachmentRow.sha256 == sha256),
    )
    return any(session.scalar(query.limit(1)) is not None for query in others)


def _deliveries(session: Session, row: HandoverRow) -> Sequence[DeliveryRow]:
    mine = select(DeliveryRow).where(DeliveryRow.message_id == row.message_id, DeliveryRow.kind == CHILD)
    return session.scalars(mine.order_by(DeliveryRow.id)).all()


def _kept_name(sent: Sequence[DeliveryRow]) -> str:
    """The child's name as it was known when the message was taken."""
    return next((str(one.content["who"]) for one in sent if one.content.get("who")), "")


def _who(family: Family | None, written: tuple[str, ...], message: MessageRow) -> str:
    """The child's name by the settings of now, where it was not kept; it is handed over whether they still have it or not."""
    day = message.received_at.date()
    named = written if message.channel == "email" else (str(message.envelope.get("mail_from", "")),)
    known = family.who(named[0], day) if family is not None and named else None
    return known[1] if known is not None and known[0] is Role.CHILD else letters.A_CHILD
