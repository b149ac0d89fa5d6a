"""Changes of the contact mode and of the answers about orders: entries in the log, and words to the parent.

What was last in force is read from the log itself. The first entry of a family's log about it says what it began with.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.delivery import notices
from gateway.family import Contact, Family
from gateway.family.contact import told
from gateway.ledger import append
from gateway.store.tables import EntryRow

CONTACT, ORDER = "contact mode", "order check"


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
