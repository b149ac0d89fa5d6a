"""The question clock: what the other parent asked about the children, by when an answer is wanted, and whether there was one.

    card with a question ─► open ─ `remind_at` ─► reminded once, at one of the parent's hours before its time
                              ├─ the parent says that it needs none ─► closed
                              └─ an answer through the relay ─► answered (every question of that message); a reminder
                                                                that still waits for its hour is withdrawn

The moment is the one that the words name ("let me know by Thursday"), or else the family's own (`answer_hours`, 48 by
default, as many an order has it). Where no chosen hour lies between card and that moment, there is no reminder, and the log
says so. Nothing is ever answered for the parent, and nobody is told of a question left open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from gateway.clock import Clock
from gateway.delivery import notices, outbox
from gateway.delivery.card import Item
from gateway.delivery.schedule import Modes, hours_between
from gateway.family import Directory, Family
from gateway.language import Moment, Part, joined, said
from gateway.ledger import append
from gateway.store import Store
from gateway.store.tables import CardRow, QuestionRow

BEFORE = timedelta(hours=24)
LEAST = timedelta(hours=2)
END_OF_DAY = 18
"""A day without an hour wants its answer by then, local time."""
FARTHEST = timedelta(days=5 * 366)
"""No question about children waits longer for its answer."""
AHEAD = timedelta(minutes=5)
"""How long before a chosen hour a reminder for it is queued."""
LATE = timedelta(hours=2)
"""An hour that passed no longer ago, while the gateway was off, still counts: the reminder comes at once."""
WAITS = "A question waits for an answer."
ASKED_BY, USUAL_BY = "The message asks for an answer by {by}.", "An answer is usual by {by}."
CLOSED = "question closed"
"""Kind of the entry where the parent said that a question needs no answer."""
ANSWERED, REMINDED, LEFT_OUT = "question answered", "question reminder", "question reminder left out"


_OPEN = QuestionRow.answered_at.is_(None)
_NEXT = select(func.min(QuestionRow.remind_at)).where(_OPEN)
_DUE = select(QuestionRow).where(_OPEN, QuestionRow.remind_at <= bindparam("now")).order_by(QuestionRow.id).limit(100)


@dataclass(frozen=True, slots=True)
class Wanted:
    """By when an answer is wanted (aware, UTC), and whether the words themselves say so."""

    by: datetime
    named: bool


def wanted(item: Item, asked_at: datetime, zone: str, hours: int) -> Wanted:
    """By when. A moment that had passed when the question came does not count, nor does one that is years away: it is a slip of the
    pen or a trick, and the hours until then would be too many to look at.
    """
    if item.answer_by is not None:
        named = datetime.fromisoformat(item.answer_by)
        if len(item.answer_by) == 10:
            named = named.replace(hour=END_OF_DAY)
        moment = named.replace(tzinfo=ZoneInfo(zone))
        if asked_at < moment <= asked_at + FARTHEST:
            return Wanted(moment, True)
    return Wanted(asked_at + timedelta(hours=hours), False)


def remind_at(asked_at: datetime, by: datetime, shown_at: datetime | None = None) -> datetime:
    """A day before, or halfway where less than two days are left; never within two hours of the card itself.

    `shown_at`: when its card goes out, where that is later.
    """
    early = by - BEFORE if by - asked_at > 2 * BEFORE else asked_at + (by - asked_at) / 2
    return max(early, (shown_at or asked_at) + LEAST)


def look_at(asked_at: datetime, by: datetime, shown_at: datetime, family: Family) -> datetime | None:
    """When to queue the reminder, so that one of the parent's hours before `by` is still to come; None where there is none.

    An earlier hour is taken where the usual one would leave less than `LEAST`.
    """
    moment = remind_at(asked_at, by, shown_at)
    if family.deliver == "at once" or not family.deliver:
        return moment if moment < by else None
    hours = hours_between(shown_at, by, family.deliver, family.time_zone, Modes.of(family))
    usual = next((hour for hour in hours if hour > moment), None)
    roomy = [hour for hour in hours if shown_at + LEAST <= hour <= by - LEAST]
    if usual is not None and (usual <= by - LEAST or not roomy):
        return moment
    earlier = roomy or hours
    return max(earlier[-1] - AHEAD, shown_at) if earlier else None


def note_questions(
    session: Session,
    message_id: int,
    items: Sequence[Item],
    family: Family,
    asked_at: datetime,
    shown_at: datetime | None = None,
    *,
    first: int = 0,
) -> None:
    """Open a row for each question of a card, in the caller's unit of work. `shown_at`: when the card goes out; `first`: number
    of its first item, where the message has more than one card.
    """
    shown = max(shown_at or asked_at, asked_at)
    for place, item in enumerate(items, first):
        if not item.asks:
            continue
        until = wanted(item, asked_at, family.time_zone, family.answer_hours)
        moment = look_at(asked_at, until.by, shown, family)
        session.add(
            QuestionRow(
                family=family.key,
                message_id=message_id,
                place=place,
                words=item.text,
                asked_at=asked_at,
                answer_by=until.by,
                named=until.named,
                remind_at=moment,
            )
        )
        if moment is None:
            body = {"message": message_id, "place": place}
            append(session, family.key, LEFT_OUT, body, now=asked_at, zone=family.time_zone)


def settle(session: Session, family: Family, answers_id: int | None, reply_id: int, now: datetime) -> None:
    """An answer to a message settles its questions and withdraws what would still remind of them, in the caller's unit of work."""
    if answers_id is None:
        return
    open_ = session.scalars(
        select(QuestionRow).where(QuestionRow.message_id == answers_id, QuestionRow.answered_at.is_(None))
    ).all()
    for row in open_:
        row.answered_at, row.answer_id, row.remind_at = now, reply_id, None
    if open_:
        body = {"message": answers_id, "answer": reply_id, "questions": len(open_)}
        if withdrawn := outbox.withdraw(session, outbox.about_questions([row.id for row in open_])):
            body["reminders_withdrawn"] = withdrawn
        append(session, family.key, ANSWERED, body, now=now, zone=family.time_zone)


def close(session: Session, family: Family, row: QuestionRow, account: int, now: datetime) -> bool:
    """The parent says that it needs no answer, in the caller's unit of work; False where that is settled already."""
    query = update(QuestionRow).where(QuestionRow.id == row.id, QuestionRow.answered_at.is_(None))
    changed = session.execute(
        query.values(answered_at=now, remind_at=None), execution_options={"synchronize_session": False}
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        return False
    outbox.withdraw(session, outbox.about_questions([row.id]))
    body = {"message": row.message_id, "place": row.place, "account": account}
    append(session, family.key, CLOSED, body, now=now, zone=family.time_zone)
    return True


class Reminders:
    """Reminds once of open questions, of those of one message together; `step` is called now and then."""

    def __init__(self, store: Store, directory: Directory, clock: Clock, public_url: str) -> None:
        self._store, self._directory, self._clock = store, directory, clock
        self._public_url = public_url.rstrip("/")

    def next_due(self) -> datetime | None:
        """When the next reminder is to be queued, as far as is known now; None where none is. Raises StoreError."""
        with self._store.glance() as connection:
            return connection.scalar(_NEXT)

    def step(self) -> int:
        """Queue what is due; how many. Raises StoreError."""
        now, following = self._clock(), self.next_due()
        if following is None or following > now:
            return 0
        with self._store.write() as session:
            due = session.scalars(_DUE, {"now": now}).all()
            told: set[int] = set()
            for row in sorted(due, key=lambda row: (row.answer_by, row.id)):
                since, row.remind_at = max(row.remind_at or now, now - LATE), None
                family = self._directory.family(row.family)
                if family is not None and now < row.answer_by:
                    self._remind(session, row, family, since, now, told)
            return len(due)

    def _remind(
        self, session: Session, row: QuestionRow, family: Family, since: datetime, now: datetime, told: set[int]
    ) -> None:
        """At the first chosen hour after `since` and before its time; a family without chosen hours at once. `told`: messages of
        which the parent is reminded now already, by the soonest of their times: a message of ten questions must not ring ten times.
        """
        hour, body = now, {"message": row.message_id, "place": row.place}
        if row.message_id in told:
            append(session, family.key, REMINDED, body, now=now, zone=family.time_zone)
            return
        if family.deliver != "at once" and family.deliver:
            hours = hours_between(since, row.answer_by, family.deliver, family.time_zone, Modes.of(family))
            if not hours:
                append(session, family.key, LEFT_OUT, body, now=now, zone=family.time_zone)
                return
            hour = max(now, hours[0])
        token = session.scalar(select(CardRow.token).where(CardRow.message_id == row.message_id).limit(1))
        words = self._words(row, family, token)
        notices.put(session, family, words, now=now, due=hour, question_id=row.id)
        told.add(row.message_id)
        append(session, family.key, REMINDED, body, now=now, zone=family.time_zone)

    def _words(self, row: QuestionRow, family: Family, token: str | None) -> Part:
        by = said(ASKED_BY if row.named else USUAL_BY, by=Moment(row.answer_by, family.time_zone))
        link: Part = said(notices.OPEN, link=f"{self._public_url}/card/{token}") if token else ""
        return joined(said(WAITS), by, link)


def overdue(session: Session, family: str, now: datetime) -> int:
    """How many questions are open after their time."""
    query = select(QuestionRow.id).where(
        QuestionRow.family == family, QuestionRow.answered_at.is_(None), QuestionRow.answer_by < now
    )
    return len(session.scalars(query).all())
