"""A receipt as it is written: in the worker's one transaction, at most one a day by each route, with an entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.clock import local
from gateway.delivery import outbox
from gateway.family import Contact, Family
from gateway.ledger import append
from gateway.questions import overdue
from gateway.receipt import words
from gateway.store.blobs import digest
from gateway.store.tables import ReceiptRow

RECEIPT = "receipt"
"""Kind of the delivery and of the entry."""


@dataclass(frozen=True, slots=True)
class Due:
    """A message that may be answered by a receipt. `answers`: its Message-ID, of a mail that has one; `received_at`: aware."""

    channel: str
    address: str
    received_at: datetime
    answers: str | None = None


def put(session: Session, message_id: int, due: Due, family: Family, now: datetime) -> None:
    """Queue the receipt in the caller's unit of work, unless one went out by that route today (the family's local day)."""
    day = local(now, family.time_zone).date()
    sent = select(ReceiptRow.id).where(
        ReceiptRow.family == family.key, ReceiptRow.channel == due.channel, ReceiptRow.day == day
    )
    if session.scalar(sent) is not None:
        return
    kind = family.receipt.kind
    text = words.receipt(kind, due.channel, family.contact, family.archive, _promise(session, due, family, now))
    session.add(ReceiptRow(family=family.key, channel=due.channel, day=day, message_id=message_id, at=now))
    row = outbox.put(
        session,
        family=family.key,
        message_id=message_id,
        card_id=None,
        kind=RECEIPT,
        channel=due.channel,
        address=due.address,
        content={
            "subject": words.SUBJECT,
            "text": text + ("\n" if due.channel == "email" else ""),
            "html": "",
            "link": None,
            "answers": due.answers,
            "from_name": words.FROM_NAME,
        },
        due=now,
    )
    body = {
        "message": message_id,
        "delivery": row.out_id,
        "channel": due.channel,
        "receipt": kind,
        "words_sha256": digest(text.encode("utf8")),
    }
    append(session, family.key, RECEIPT, body, now=now, zone=family.time_zone)


def _promise(session: Session, due: Due, family: Family, now: datetime) -> datetime | None:
    """By when the parent promises an answer; None where saying it would not be true: no promise, a mode in which messages do
    not come through or answers do not go out this way, an older question that is overdue, a time that has passed.
    """
    hours = family.receipt.answer_hours
    if hours is None or family.contact is not Contact.MODIFIED or family.replies == "off":
        return None
    moment = due.received_at + timedelta(hours=hours)
    return moment if moment > now and not overdue(session, family.key, now) else None
