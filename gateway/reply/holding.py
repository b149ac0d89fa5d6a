"""Heated answers that wait overnight, where the family chose that (`coach.hold_heated`).

    heated draft ─► held ─ SEND: goes now (the log says so)
                     ├──── new words: another draft takes its place
                     └──── the next morning, at the parent's hour ─► asked once more (SEND or EDIT)

Never held: an answer to an emergency, to a question that is due before the next morning or soon after it, to what happens
before then, to medical news without a date; an answer to nobody knows what while such a question is open; a draft that
tells an emergency itself; and words that take the place of a draft which waited already.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.clock import Clock
from gateway.concluded import DUE_WITHOUT_A_DATE
from gateway.delivery import outbox, schedule
from gateway.delivery.card import Card
from gateway.delivery.schedule import DUE_SOON, Modes
from gateway.family import Directory, Family
from gateway.language import Moment, speech, texting
from gateway.ledger import append
from gateway.policy import Lane
from gateway.reply import letters
from gateway.reply.looked import Looked
from gateway.reply.routes import NAMES
from gateway.reply.rows import RELEASED
from gateway.reply.written import code_of
from gateway.store import Store
from gateway.store.tables import CardRow, QuestionRow, ReplyRow


def until(
    session: Session,
    family: Family,
    looked: Looked,
    answers_id: int | None,
    now: datetime,
    *,
    among: Sequence[int] = (),
    before: ReplyRow | None = None,
) -> datetime | None:
    """Until when (UTC) a draft is held; None: not at all. `among`: messages of which one is answered, nobody knows which;
    `before`: the draft whose place it takes.
    """
    if not (family.coach.hold_heated and looked.heated) or looked.urgent:
        return None
    if before is not None and before.held_until is not None and before.state != "held":
        return None
    morning = schedule.next_morning(now, family.deliver, family.time_zone, Modes.of(family))
    if before is not None and before.state == "held" and before.held_until is not None:
        morning = min(morning, before.held_until)
    numbers = [answers_id] if answers_id is not None else list(among)
    return None if _is_due(session, family, numbers, now, morning) else morning


def _is_due(session: Session, family: Family, numbers: Sequence[int], now: datetime, morning: datetime) -> bool:
    open_ = select(QuestionRow.id).where(
        QuestionRow.family == family.key,
        QuestionRow.answered_at.is_(None),
        QuestionRow.answer_by > now - timedelta(days=1),
        QuestionRow.answer_by <= morning + DUE_SOON,
    )
    if numbers:
        open_ = open_.where(QuestionRow.message_id.in_(numbers))
    if session.scalar(open_.limit(1)) is not None:
        return True
    for content in session.scalars(select(CardRow.content).where(CardRow.message_id.in_(numbers))):
        card = Card.from_json(content)
        whens = [when for item in card.items for when in (item.when, item.answer_by)]
        undated = any(item.topic in DUE_WITHOUT_A_DATE and not (item.when or item.answer_by) for item in card.items)
        if card.lane is Lane.EMERGENCY or undated or schedule.any_due(whens, now, morning, family.time_zone):
            return True
    return False


class HeldDrafts:
    """Asks the parent once more about what was held; `step` is called now and then."""

    def __init__(self, store: Store, directory: Directory, clock: Clock, public_url: str) -> None:
        self._store, self._directory, self._clock = store, directory, clock
        self._public_url = public_url.rstrip("/")

    def step(self) -> int:
        """Ask about what has waited long enough; how many. Raises StoreError."""
        now = self._clock()
        with self._store.write() as session:
            due = session.scalars(
                select(ReplyRow)
                .where(ReplyRow.state == "held", ReplyRow.held_until <= now)
                .order_by(ReplyRow.id)
                .limit(100)
                .with_for_update(skip_locked=True)
            ).all()
            for row in due:
                row.state = "asked"
                family = self._directory.family(row.family)
                if family is not None:
                    self._ask(session, row, family, now)
            return len(due)

    def _ask(self, session: Session, row: ReplyRow, family: Family, now: datetime) -> None:
        there = [("email", family.parent.email_on(now.date())), ("sms", family.parent.phone_on(now.date()))]
        known = {
            channel: address for channel, address in there if address and (channel == "email" or family.relay_phone)
        }
        by = row.hints.get("by")
        channel = by if by in known else next((c for c, _ in family.ways(now.date()) if c in known), None)
        if channel is not None:
            token = session.scalar(select(CardRow.token).where(CardRow.message_id == row.answers_id).limit(1))
            text = self._words(row, family, channel, f"{self._public_url}/card/{token}" if token else None)
            subject = speech(family.language).text(letters.SUBJECT_ASK)
            content = {"subject": subject, "text": text, "link": None}
            outbox.put(
                session, family=family.key, message_id=None, card_id=None, kind="ask", channel=channel,
                address=known[channel], content=content, due=now, reply_id=row.id,
            )  # fmt: skip
        append(session, family.key, RELEASED, {"message": row.message_id}, now=now, zone=family.time_zone)

    def _words(self, row: ReplyRow, family: Family, channel: str, link: str | None) -> str:
        words, code = str(row.content["text"]).rstrip("\n"), code_of(row.token)
        hints, ready = tuple(row.hints.get("hints", ())), tuple(row.hints.get("ready", ()))
        if channel == "sms":
            return letters.ask_text(texting(family.language), words, code, hints)
        to, spoken = letters.To(family.coparent.name, NAMES[row.channel]), speech(family.language)
        written = Moment(row.made_at, family.time_zone)
        return letters.ask_mail(spoken, words, to, hints, ready, files=False, waited=written, link=link)
