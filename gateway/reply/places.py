"""What a message of the parent's answers: a message of the other side, a digest, or a draft of the parent's own. Reads the store.

A mail names a Message-ID of ours, a text begins with the code of a card, a digest or a draft. An answer to a digest answers
the one of its messages that asks, or the last one where none does; where several ask it answers none, until the parent
says which: by the number that the digest shows (``2: yes``), or on the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from gateway.concluded import is_the_other_parents
from gateway.delivery import outbox
from gateway.family import Family
from gateway.parsing import Reading
from gateway.reply.written import code_of
from gateway.store.tables import CardRow, DecisionRow, DeliveryRow, DigestRow, QuestionRow, ReplyRow

WAITING = ("asked", "held")
"""States of a draft that may still go."""


@dataclass(frozen=True, slots=True)
class Place:
    """What is answered. `proved`: only the parent can have known it. `asking`: messages of a digest by their numbers, where
    several ask. `to_a_child`: what a child wrote, to whom nothing goes through the relay. `asked`: it answers words of ours, such as
    whether something is to go, be it that nothing waits any more; so they may be meant for us. `twofold`: two things have that
    code, and nobody knows which is meant.
    """

    message_id: int | None = None
    draft: ReplyRow | None = None
    proved: bool = False
    digest_id: int | None = None
    asking: tuple[int, ...] = ()
    to_a_child: bool = False
    asked: bool = False
    twofold: bool = False


def answered_by_mail(session: Session, family: Family, reading: Reading) -> Place:
    """The card, digest or question of ours that a mail answers, by the Message-ID that it names."""
    named = [n for n in (reading.in_reply_to, *reversed(reading.references)) if n]
    own = {a.address for a in family.parent.emails}
    for name in named[:20]:
        delivery = session.scalar(
            select(DeliveryRow).where(
                DeliveryRow.family == family.key,
                DeliveryRow.out_id == name.partition("@")[0],
                DeliveryRow.channel == "email",
            )
        )
        if delivery is None or delivery.address not in own:
            continue
        about = or_(ReplyRow.out_id == delivery.out_id, ReplyRow.id == delivery.reply_id)
        drafts = session.scalars(
            select(ReplyRow).where(about, ReplyRow.family == family.key).order_by(ReplyRow.id.desc())
        )
        found = sorted(drafts, key=lambda row: row.state not in WAITING)
        if found:
            return of_draft(session, found[0])
        if delivery.kind == "ask":
            return Place(proved=True, asked=True)
        if delivery.kind == outbox.CHILD:
            return Place(proved=True, to_a_child=True)
        if delivery.digest_id is not None:
            return of_digest(session, delivery.digest_id)
        if delivery.question_id is not None:
            question = session.get(QuestionRow, delivery.question_id)
            return Place(question.message_id if question is not None else None, proved=True)
        return Place(message_id=delivery.message_id, proved=True, asked=delivery.message_id is None)
    return Place()


def answered_by_code(session: Session, family: Family, code: str, since: datetime) -> Place:
    """The draft, card or digest since `since` that has the code."""

    def of(row: type[CardRow | DigestRow | ReplyRow]) -> list[int]:
        made = select(row.id, row.token).where(row.family == family.key, row.made_at >= since).order_by(row.id)
        return [number for number, token in session.execute(made) if code_of(token) == code]

    drafts, cards, digests = of(ReplyRow), of(CardRow), of(DigestRow)
    if len(drafts) + len(cards) + len(digests) > 1:
        return Place(proved=True, twofold=True)
    if drafts:
        return of_draft(session, session.get_one(ReplyRow, drafts[0]))
    if cards:
        return Place(message_id=session.get_one(CardRow, cards[0]).message_id, proved=True)
    return of_digest(session, digests[0]) if digests else Place()


def of_draft(session: Session, draft: ReplyRow) -> Place:
    """A draft keeps what it answers; of a digest it can still be said which message. One that went, or is over, is no draft any more, but
    what is said to it belongs to the same message.
    """
    asking = _asking(session, draft.digest_id) if draft.digest_id is not None and draft.answers_id is None else ()
    waits = draft if draft.state in WAITING else None
    return Place(draft.answers_id, waits, proved=True, digest_id=draft.digest_id, asking=asking, asked=True)


def of_digest(session: Session, digest_id: int) -> Place:
    """The message that an answer to a digest answers: the one that asks, or else the last; of several that ask, none."""
    theirs = answerable(session, outbox.messages_of(session, digest_id))
    asked = set(session.scalars(select(QuestionRow.message_id).where(QuestionRow.message_id.in_(theirs))))
    if len(asked) > 1:
        return Place(proved=True, digest_id=digest_id, asking=_asking(session, digest_id))
    message_id = asked.pop() if asked else theirs[-1] if theirs else None
    return Place(message_id, proved=True, digest_id=digest_id)


def answerable(session: Session, messages: list[int]) -> list[int]:
    """Which of these messages are the other parent's, in their order: nobody else is answered through the relay."""
    query = select(DecisionRow.message_id, DecisionRow.detail).where(DecisionRow.message_id.in_(messages))
    theirs = {number for number, detail in session.execute(query) if is_the_other_parents(detail)}
    return [number for number in messages if number in theirs]


def _asking(session: Session, digest_id: int) -> tuple[int, ...]:
    row = session.get(DigestRow, digest_id)
    return tuple(row.asking or ()) if row is not None else ()
