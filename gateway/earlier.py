"""What stood before a message in its thread, as the tagger takes it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import and_, or_, select

from gateway.concluded import Stored
from gateway.family import Role
from gateway.policy import Lane
from gateway.store import Store
from gateway.store.tables import DecisionRow, MessageRow

THREAD = timedelta(days=2)
PREVIOUS = 2


def earlier(store: Store, stored: Stored) -> tuple[str, ...]:
    """The last messages over the same channel, oldest first, led by ``>`` (or ``<``: the parent's own).

    What was a danger or an emergency is left out: beside it the tagger would see another in the plainest words. So is what
    others wrote. Imported messages follow each other by the time that the archive gives, and never mix with what a
    transport brought.
    """
    moment = MessageRow.written_at if stored.imported else MessageRow.received_at
    before = MessageRow.id < stored.id
    if stored.imported:
        before = or_(moment < stored.moment, and_(moment == stored.moment, before))
    role = DecisionRow.detail["role"].as_string()
    with store.read() as session:
        rows = session.execute(
            select(DecisionRow.new_text, MessageRow.envelope)
            .join(MessageRow, MessageRow.id == DecisionRow.message_id)
            .where(
                MessageRow.family == stored.family,
                MessageRow.channel == stored.channel,
                MessageRow.provenance == stored.provenance,
                before,
                moment >= stored.moment - THREAD,
                DecisionRow.who == "gateway",
                DecisionRow.lane.not_in((Lane.DANGER.value, Lane.EMERGENCY.value)),
                or_(role.is_(None), role.in_((Role.COPARENT.value, Role.PARENT.value))),
            )
            .order_by(moment.desc(), MessageRow.id.desc())
            .limit(PREVIOUS)
        ).all()
    signs = ("<" if row.envelope.get("role") == Role.PARENT else ">" for row in rows)
    return tuple(sign + row.new_text for sign, row in reversed(list(zip(signs, rows, strict=True))))
