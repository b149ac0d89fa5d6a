"""What speaks against a message that bears the parent's address: an old copy, another addressee."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.concluded import Stored
from gateway.family import Family
from gateway.parsing import Reading
from gateway.provenance import FROM_THE_PARENT
from gateway.store.tables import DecisionRow

FRESH = timedelta(days=7)
"""How far the date of a mail that answers none of ours may be from its arrival."""


def is_replay(session: Session, stored: Stored, family: Family, reading: Reading) -> bool:
    """Whether a mail of the parent's with this Message-ID was taken before."""
    if reading.message_id is None:
        return False
    query = select(DecisionRow.id).where(
        DecisionRow.family == family.key,
        DecisionRow.message_id != stored.id,
        DecisionRow.kind == FROM_THE_PARENT,
        DecisionRow.detail["message_id"].as_string() == reading.message_id,
    )
    return session.scalar(query.limit(1)) is not None


def is_for_us(stored: Stored, family: Family, reading: Reading) -> bool:
    """Whether a mail that answers none of ours is addressed to the relay, and of these days."""
    fresh = reading.date is not None and abs(stored.received_at - reading.date) <= FRESH
    return fresh and family.relay_email in (*reading.to, *reading.cc)
