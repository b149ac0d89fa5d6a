"""Mail of ours that comes back: which delivery it was, and what follows. A mail host may refuse what it, or one before it, took.

    a report (RFC 3464) or an old bounce ─ names the Message-ID of one of our deliveries? ─► entry "delivery came back"
       a child's message ─► failed: its bytes are still kept, and it is handed over once more; the report is not kept, since it
                            holds the child's words
       to the parent     ─► told over another way; the report makes no card, since only mail hosts of the parent's know that name
       to somebody else  ─► the parent is told what the report says; it is read like any mail too, since the other parent can write
                            one. So nothing is taken for failed, and no state changes

Each delivery comes back once; a second report says nothing new, so that two machines cannot keep each other busy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.delivery import outbox
from gateway.delivery.notices import SUBJECT
from gateway.family import Family
from gateway.ledger import append
from gateway.parsing import Kind, Reading
from gateway.store import Store
from gateway.store.tables import DeliveryRow, HandoverRow

CAME_BACK: Final = "delivery came back"
"""Kind of the entry, and of the decision about a report."""
SILENT: Final = ("notice", "ask", "checkpoint", "receipt")
"""Kinds of which nothing more is said to the parent."""
CHILD_AGAIN: Final = "A message of your child's came back from your mailbox. It is kept, and sent to you again tomorrow. Look whether your mailbox is full."
CHILD_GONE: Final = (
    "A message of your child's came back from your mailbox, and is not kept any more. Ask your child what it was."
)
TO_THE_PARENT: Final = "An update could not be delivered the usual way."
TO_THE_OTHER: Final = "A mail says that what you sent could not be delivered to the other parent. It is kept."
MOST_NAMES: Final = 40
_NAME: Final = re.compile(rb"(?<![0-9a-f])([0-9a-f]{32})@")
_ACTION: Final = re.compile(rb"^Action:[ \t]*([a-z]+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Returned:
    """A delivery of ours of which a report speaks. `failed`: it says that it will not arrive (not only late)."""

    delivery: int
    kind: str
    to_the_parent: bool
    failed: bool


def returned(store: Store, family: Family, reading: Reading, raw: bytes) -> Returned | None:
    """The delivery that came back; None where it is no report, or of nothing of ours. Raises StoreError."""
    if reading.kind is not Kind.BOUNCE:
        return None
    names = list(dict.fromkeys(name.decode("ascii") for name in _NAME.findall(raw)))[:MOST_NAMES]
    with store.read() as session:
        query = select(DeliveryRow).where(
            DeliveryRow.family == family.key, DeliveryRow.channel == "email", DeliveryRow.out_id.in_(names)
        )
        row = session.scalars(query.order_by(DeliveryRow.id).limit(1)).first()
        if row is None:
            return None
        actions = {action.lower() for action in _ACTION.findall(raw)}
        own = row.address in {a.address for a in family.parent.emails}
        return Returned(row.id, row.kind, own, failed=not actions or b"failed" in actions)


def note(session: Session, message_id: int, back: Returned, family: Family, now: datetime) -> None:
    """What follows from it, in the caller's unit of work."""
    row = session.get_one(DeliveryRow, back.delivery)
    if not back.failed or row.last_error == CAME_BACK:
        return
    row.last_error = CAME_BACK
    body = {"delivery": row.out_id, "kind": row.kind, "channel": row.channel, "report": message_id}
    if row.message_id is not None and row.kind in outbox.ABOUT_A_MESSAGE:
        body["message"] = row.message_id
    append(session, family.key, CAME_BACK, body, now=now, zone=family.time_zone)
    if row.kind == outbox.CHILD:
        _tell(session, family, _child(session, row, now), None, now)
    elif row.kind not in SILENT:
        link = row.content.get("link") if back.to_the_parent else None
        _tell(
            session,
            family,
            TO_THE_PARENT if back.to_the_parent else TO_THE_OTHER,
            link,
            now,
            by_mail=not back.to_the_parent,
        )


def _child(session: Session, row: DeliveryRow, now: datetime) -> str:
    """A child's message that is still kept is looked at now, and put in the outbox once more."""
    handover = session.get(HandoverRow, row.message_id)
    if handover is None or handover.state != "waiting":
        return CHILD_GONE
    row.state, handover.next_at = "failed", now
    return CHILD_AGAIN


def _tell(
    session: Session, family: Family, words: str, link: str | None, now: datetime, *, by_mail: bool = False
) -> None:
    """At once, by text where there is a number: the mailbox may be full. What went to somebody else is told by mail."""
    day = now.date()
    phone, email = family.parent.phone_on(day) if family.relay_phone else None, family.parent.email_on(day)
    channel, address = ("email", email) if email and (by_mail or not phone) else ("sms", phone)
    if address is None:
        return
    outbox.put(
        session, family=family.key, message_id=None, card_id=None, kind="notice", channel=channel, address=address,
        content={"subject": SUBJECT, "text": f"{words} Open: {link}" if link else words, "link": link}, due=now,
    )  # fmt: skip
