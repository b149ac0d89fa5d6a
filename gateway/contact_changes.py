"""Changes of the contact mode and of the answers about orders: entries in the log, and words to the parent.

What was last in force is read from the log itself. The first entry of a family's log about it says what it began with.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.delivery import notices, outbox
from gateway.family import Contact, Family
from gateway.family.contact import told
from gateway.language import said
from gateway.ledger import append
from gateway.store.tables import DeliveryRow, EntryRow

CONTACT, ORDER, CALLED_BACK = "contact mode", "order check", "not sent any more"
BY_MACHINE = ("receipt", "disclosure")
NOTE_CALLED_BACK = (
    "An answer of yours had not gone out yet when no-contact began. It was called back and is not sent. It is kept."
)


WAITS = ("pending", "sending", "uncertain")
"""States of what may still go, at the start of the gateway."""


def note_contact(session: Session, family: Family, now: datetime) -> None:
    """In the caller's unit of work: an entry where the mode is another than before, and a notice to the parent."""
    before = last(session, family.key, CONTACT)
    body: dict[str, Any] = {"mode": str(family.contact)}
    if family.contact is Contact.ARCHIVE:
        body["archive"] = family.archive
    was = {name: before.get(name) for name in ("mode", "archive") if name in before} if before else None
    if was == body:
        return
    append(
        session, family.key, CONTACT, body | {"before": was["mode"] if was else None}, now=now, zone=family.time_zone
    )
    if was is not None or family.contact is not Contact.MODIFIED:
        notices.put(session, family, told(family.contact, family.archive), now=now)


def call_back(session: Session, family: Family, now: datetime) -> None:
    """In no-contact nothing that still waits for the other parent goes out, in the caller's unit of work: receipts and disclosures,
    and answers where the parent does not answer any more. It may be contact that an order forbids. What may have left already
    (`uncertain`) is not sent a second time either.
    """
    if family.contact is not Contact.NONE:
        return
    kinds = (*BY_MACHINE, outbox.REPLY) if family.replies == "off" else BY_MACHINE
    waits = (DeliveryRow.family == family.key, DeliveryRow.kind.in_(kinds), DeliveryRow.state.in_(WAITS))
    rows = session.scalars(select(DeliveryRow).where(*waits).order_by(DeliveryRow.id)).all()
    for row in rows:
        body: dict[str, Any] = {
            "delivery": row.out_id,
            "kind": row.kind,
            "channel": row.channel,
            "why": "no-contact began",
            "was": row.state,
        }
        if row.message_id is not None:
            body["message"] = row.message_id
        row.state = "withdrawn"
        append(session, family.key, CALLED_BACK, body, now=now, zone=family.time_zone)
    if any(row.kind == outbox.REPLY for row in rows):
        notices.put(session, family, said(NOTE_CALLED_BACK), now=now)


def note_order(session: Session, family: Family, now: datetime) -> None:
    """In the caller's unit of work: an entry with the answers where they are others than before."""
    body = family.order.model_dump(mode="json")
    before = last(session, family.key, ORDER)
    asked = any(value not in (None, "", "not asked") for value in body.values())
    if before != body and (asked or before is not None):
        append(session, family.key, ORDER, body, now=now, zone=family.time_zone)


def last(session: Session, log: str, kind: str) -> dict[str, Any] | None:
    """The body of the newest entry of that kind."""
    query = select(EntryRow.body).where(EntryRow.log == log, EntryRow.kind == kind).order_by(EntryRow.seq.desc())
    found = session.scalar(query.limit(1))
    return dict(json.loads(found)) if found is not None else None
