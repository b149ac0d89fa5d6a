"""What is written of a child's message in the worker's one transaction: that it came, and that it is to be handed over."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gateway.delivery import outbox
from gateway.delivery.outbox import CHILD
from gateway.family import Family
from gateway.ledger import append
from gateway.policy import Lane
from gateway.provenance import FROM_A_CHILD
from gateway.store.tables import DecisionRow, HandoverRow, MediaRow


def hand_over(
    session: Session,
    message_id: int,
    channel: str,
    entry_seq: int,
    family: Family,
    now: datetime,
    *,
    who: str = "",
    again: bool = False,
) -> None:
    """Put it in the outbox. `who`: the child's name, kept with it, so that an address that is taken out of the settings keeps
    nothing from the parent that was taken as the child's before. `again`: the same bytes came before, and nothing more goes out.

    By email always, since only that has room for all of it; a text by text too. Files of a text are fetched first.
    """
    detail = {"kind": FROM_A_CHILD}
    session.add(
        DecisionRow(
            message_id=message_id, family=family.key, made_at=now, who="gateway", lane=Lane.CHILD.value,
            outcome="forward", new_text="", detail=detail,
        )
    )  # fmt: skip
    body = {"message": message_id, "received_entry": entry_seq}
    append(session, family.key, FROM_A_CHILD, body, now=now, zone=family.time_zone)
    first = not session.scalar(select(func.count()).where(HandoverRow.family == family.key))
    files = not again and bool(session.scalar(select(func.count()).where(MediaRow.message_id == message_id)))
    if not again:
        phone = family.parent.phone_on(now.date()) if family.relay_phone and channel == "sms" else None
        if not files:
            put(session, message_id, family, "email", address_of(family, now), now, first=first, who=who)
        if phone is not None:
            put(session, message_id, family, "sms", phone, now, who=who)
    session.add(HandoverRow(message_id=message_id, family=family.key, files=files, made_at=now, next_at=now))


def put(
    session: Session,
    message_id: int,
    family: Family,
    channel: str,
    address: str,
    now: datetime,
    *,
    first: bool = False,
    who: str = "",
) -> None:
    """A delivery that names the message and the child, and holds no word of it."""
    content: dict[str, Any] = {"subject": "", "text": "", "link": None, "first": first, "who": who}
    outbox.put(
        session, family=family.key, message_id=message_id, card_id=None, kind=CHILD, channel=channel, address=address,
        content=content, due=now,
    )  # fmt: skip


def address_of(family: Family, now: datetime) -> str:
    """The parent's email address; the last one where none holds today. Settings with a child's address have one."""
    return family.parent.email_on(now.date()) or family.parent.emails[-1].address
