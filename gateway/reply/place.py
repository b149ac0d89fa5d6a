"""What a message of the parent's answers, and whether that proves whose it is. Reads the store.

A mail proves itself by the Message-ID of one of our own mails to that address, a text by the code of a card of the last month,
or of the draft that it speaks of. Both are looked for within the family alone: what another family's parent got opens nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.delivery import outbox
from gateway.family import Family
from gateway.parsing import Reading
from gateway.reply.written import code_of
from gateway.store.tables import CardRow, DeliveryRow, DigestRow, QuestionRow, ReplyRow


@dataclass(frozen=True, slots=True)
class Place:
    """What a message of the parent's answers: a message of the other side, or a draft of the parent's own."""

    message_id: int | None = None
    draft: ReplyRow | None = None
    proved: bool = False


def answered(session: Session, family: Family, reading: Reading) -> Place:
    """The card or question of ours that a mail answers, by the Message-ID that it names."""
    named = [n for n in (reading.in_reply_to, *reversed(reading.references)) if n]
    for name in named[:20]:
        delivery = session.scalar(
            select(DeliveryRow).where(
                DeliveryRow.family == family.key,
                DeliveryRow.out_id == name.partition("@")[0],
                DeliveryRow.channel == "email",
            )
        )
        own = {a.address for a in family.parent.emails}
        if delivery is None or delivery.address not in own:
            continue
        draft = session.scalar(select(ReplyRow).where(ReplyRow.out_id == delivery.out_id, ReplyRow.state == "asked"))
        if draft is not None or delivery.kind == "ask":
            return Place(draft=draft, message_id=draft.answers_id if draft else None, proved=True)
        if delivery.digest_id is not None:
            return Place(message_id=_meant(session, delivery.digest_id), proved=True)
        return Place(message_id=delivery.message_id, proved=True)
    return Place()


def by_code(session: Session, family: Family, code: str, since: datetime) -> Place:
    """The draft, card or digest of the family whose code that is, the newest first; none from before `since`."""
    drafts = session.scalars(
        select(ReplyRow).where(ReplyRow.family == family.key, ReplyRow.state == "asked", ReplyRow.made_at >= since)
    ).all()
    for draft in reversed(drafts):
        if code_of(draft.token) == code:
            return Place(draft=draft, message_id=draft.answers_id, proved=True)
    cards = session.execute(
        select(CardRow.token, CardRow.message_id)
        .where(CardRow.family == family.key, CardRow.made_at >= since)
        .order_by(CardRow.id.desc())
    ).all()
    for card in cards:
        if code_of(card.token) == code:
            return Place(message_id=card.message_id, proved=True)
    digests = session.execute(
        select(DigestRow.token, DigestRow.id).where(DigestRow.family == family.key, DigestRow.made_at >= since)
    ).all()
    for digest in digests:
        if code_of(digest.token) == code:
            return Place(message_id=_meant(session, digest.id), proved=True)
    return Place()


def _meant(session: Session, digest_id: int) -> int | None:
    """The message that an answer to a digest answers: the one that asks, or else the last; of several that ask, none."""
    messages = outbox.messages_of(session, digest_id)
    asked = set(session.scalars(select(QuestionRow.message_id).where(QuestionRow.message_id.in_(messages))))
    if len(asked) > 1:
        return None
    return asked.pop() if asked else messages[-1]
