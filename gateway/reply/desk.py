"""Takes what the parent wrote and says what becomes of it: refused, asked, sent. Reads the store, writes nothing.

Proof: a mail must answer one of our own mails to that address (its Message-ID is a secret that only the parent got), or be
vouched for by its domain, where senders are checked. A text must bear the code of one of our cards of the last month, or of the
draft that it speaks of; after `MOST_WRONG` wrong ones in a day texts are not taken as the parent's for the rest of it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gateway.clock import Clock, stamp
from gateway.concluded import Stored
from gateway.delivery import outbox
from gateway.family import Family
from gateway.parsing import Reading
from gateway.parsing.reading import Kind
from gateway.reply import letters
from gateway.reply.outgoing import MOST_WORDS, Outgoing, clean, own_subject, own_words_in, subject_of
from gateway.reply.rows import REFUSED, Replied, Told
from gateway.reply.written import Command, Written, code_of, read_mail, read_text
from gateway.store import Store
from gateway.store.tables import (
    CardRow,
    DecisionRow,
    DeliveryRow,
    DigestRow,
    EntryRow,
    MessageRow,
    QuestionRow,
    ReplyRow,
)

RECENT = timedelta(days=31)
MOST_WRONG = 5
OWN = "your words hold an address or number of your own, which the other parent does not know"
LONG = "your words are longer than what is sent on at once; shorten them"


@dataclass(frozen=True, slots=True)
class Looked:
    """What the coach says: `hints`, each a sentence, what matters most first; `ready`: short answers that would fit."""

    hints: tuple[str, ...] = ()
    ready: tuple[str, ...] = ()


Look = Callable[[str, Family, tuple[str, ...]], Looked]
"""The coach: words, family, what was asked of the parent."""


def no_look(_words: str, _family: Family, _context: tuple[str, ...]) -> Looked:
    """No coach: nothing is said."""
    return Looked()


@dataclass(frozen=True, slots=True)
class _Place:
    """What a message of the parent's answers: a message of the other side, or a draft of the parent's own."""

    message_id: int | None = None
    draft: ReplyRow | None = None
    proved: bool = False
    to_a_child: bool = False


class ReplyDesk:
    """One for an installation."""

    def __init__(self, store: Store, clock: Clock, look: Look = no_look) -> None:
        self._store, self._clock, self._look = store, clock, look

    def take(self, stored: Stored, family: Family, reading: Reading, *, vouched: bool) -> Replied:
        """What becomes of one message of the parent's. `vouched`: its domain vouches for the mail."""
        if reading.kind is not Kind.MESSAGE:
            return Replied(refused=f"it is no message of a person ({reading.kind})")
        words = clean(reading.new_text)
        written = read_mail(words) if stored.channel == "email" else read_text(words)
        with self._store.read() as session:
            if stored.channel == "sms" and self._locked(session, family):
                return self._refuse(family, stored, "too many wrong codes in a day", letters.LOCKED)
            place = self._place(session, stored, family, reading, written)
            if not (place.proved or vouched):
                why = letters.REFUSED_MAIL if stored.channel == "email" else letters.REFUSED_TEXT
                return self._refuse(family, stored, "nothing proves that the parent wrote it", why)
            if place.to_a_child:
                return Replied(told=self._back(family, stored, letters.SUBJECT_REFUSED, letters.TO_A_CHILD))
            if written.command is Command.SEND or place.draft is not None:
                return self._about_draft(session, family, stored, reading, written, place.draft)
            return self._new(session, family, stored, reading, written.words, place.message_id)

    def _new(
        self,
        session: Session,
        family: Family,
        stored: Stored,
        reading: Reading,
        words: str,
        answers_id: int | None,
        replaces: int | None = None,
    ) -> Replied:
        if not words:
            return Replied(told=self._back(family, stored, letters.SUBJECT_REFUSED, letters.NO_WORDS))
        what = self._outgoing(session, family, words, answers_id, reading, self._clock())
        if what is None:
            return Replied(told=self._back(family, stored, letters.SUBJECT_REFUSED, letters.NO_ADDRESS))
        looked = self._looked(session, family, words, answers_id)
        hints = looked.hints
        token = secrets.token_urlsafe(32)
        common = {"token": token, "answers_id": answers_id, "replaces": replaces, "hints": hints}
        if family.replies == "on" and not hints:
            return Replied(goes=what, from_name=family.parent.name, **common)  # type: ignore[arg-type]
        files = bool(reading.attachments or reading.media)
        to = f"{family.coparent.name} by {'email' if what.channel == 'email' else 'text message'}"
        text = (
            letters.ask_mail(words, to, hints, looked.ready if hints else (), files=files)
            if stored.channel == "email"
            else letters.ask_text(words, code_of(token), hints)
        )
        told = self._back(family, stored, letters.SUBJECT_ASK, text)
        return Replied(draft=what, told=told, from_name=family.parent.name, **common)  # type: ignore[arg-type]

    def _about_draft(
        self,
        session: Session,
        family: Family,
        stored: Stored,
        reading: Reading,
        written: Written,
        draft: ReplyRow | None,
    ) -> Replied:
        """SEND lets a draft go; anything else takes its place."""
        if draft is None:
            return Replied(told=self._back(family, stored, letters.SUBJECT_REFUSED, letters.NO_DRAFT))
        if written.command is not Command.SEND:
            return self._new(session, family, stored, reading, written.words, draft.answers_id, replaces=draft.id)
        kept = draft.content
        what = Outgoing(
            draft.channel,
            draft.address,
            str(kept["text"]).rstrip("\n"),
            str(kept.get("subject", "")),
            kept.get("answers"),
        )
        return Replied(
            goes=what,
            token=secrets.token_urlsafe(32),
            answers_id=draft.answers_id,
            drafted=draft.id,
            from_name=family.parent.name,
        )

    def _place(self, session: Session, stored: Stored, family: Family, reading: Reading, written: Written) -> _Place:
        if stored.channel == "email":
            return _answered(session, family, stored, reading)
        if written.code is None:
            return _Place()
        return _by_code(session, family, written.code, self._clock() - RECENT)

    def _looked(self, session: Session, family: Family, words: str, answers_id: int | None) -> Looked:
        own = tuple(a.address for a in (*family.parent.emails, *family.parent.phones))
        made = decision_words(session, answers_id)
        out = [OWN] if own_words_in(words, own) else []
        if len(words) > MOST_WORDS:
            out.append(LONG)
        looked = self._look(words, family, (made,) if made else ())
        return Looked((*out, *looked.hints), looked.ready)

    def _outgoing(
        self, session: Session, family: Family, words: str, answers_id: int | None, reading: Reading, now: datetime
    ) -> Outgoing | None:
        """To whom and how: over the way that the other side used, or else the one that there is."""
        day = now.date()
        theirs = session.get(MessageRow, answers_id) if answers_id is not None else None
        email, phone = family.coparent.email_on(day), family.coparent.phone_on(day) if family.relay_phone else None
        wants_text = theirs is not None and theirs.channel in ("sms", "voice")
        if phone is not None and (wants_text or email is None):
            return Outgoing("sms", phone, words)
        if email is None:
            return None
        subject, answered = reading.subject, None
        if theirs is not None and theirs.channel == "email":
            detail = session.scalar(select(DecisionRow.detail).where(DecisionRow.message_id == theirs.id)) or {}
            subject, answered = detail.get("subject"), detail.get("message_id")
        elif theirs is not None:
            subject = None
        return Outgoing(
            "email",
            email,
            words,
            subject_of(subject) if theirs is not None else own_subject(subject) or subject_of(None),
            answered,
        )

    def _locked(self, session: Session, family: Family) -> bool:
        since = stamp(self._clock() - timedelta(days=1))
        query = select(func.count()).where(EntryRow.log == family.key, EntryRow.kind == REFUSED, EntryRow.at >= since)
        return (session.scalar(query) or 0) >= MOST_WRONG

    def _refuse(self, family: Family, stored: Stored, why: str, words: str) -> Replied:
        """Told over every way of the parent's but never to where the message came from, if there is another."""
        day = self._clock().date()
        ways = [
            ("email", family.parent.email_on(day)),
            ("sms", family.parent.phone_on(day) if family.relay_phone else None),
        ]
        there = [(channel, address) for channel, address in ways if address]
        others = [way for way in there if way[0] != stored.channel] or there
        told = tuple(Told(channel, address, letters.SUBJECT_REFUSED, words) for channel, address in others)
        return Replied(refused=why, told=told)

    def _back(self, family: Family, stored: Stored, subject: str, text: str) -> tuple[Told, ...]:
        """To the parent over the channel that was used, at the parent's own address in the settings."""
        day = self._clock().date()
        address = family.parent.email_on(day) if stored.channel == "email" else family.parent.phone_on(day)
        return (Told("email" if stored.channel == "email" else "sms", address, subject, text),) if address else ()


def decision_words(session: Session, message_id: int | None) -> str:
    """The new words of a message of the other side, for the coach to compare with."""
    if message_id is None:
        return ""
    return session.scalar(select(DecisionRow.new_text).where(DecisionRow.message_id == message_id)) or ""


def _answered(session: Session, family: Family, stored: Stored, reading: Reading) -> _Place:
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
            return _Place(draft=draft, message_id=draft.answers_id if draft else None, proved=True)
        if delivery.kind == outbox.CHILD:
            return _Place(proved=True, to_a_child=True)
        if delivery.digest_id is not None:
            return _Place(message_id=_meant(session, delivery.digest_id), proved=True)
        return _Place(message_id=delivery.message_id, proved=True)
    return _Place()


def _by_code(session: Session, family: Family, code: str, since: datetime) -> _Place:
    drafts = session.scalars(
        select(ReplyRow).where(ReplyRow.family == family.key, ReplyRow.state == "asked", ReplyRow.made_at >= since)
    ).all()
    for draft in reversed(drafts):
        if code_of(draft.token) == code:
            return _Place(draft=draft, message_id=draft.answers_id, proved=True)
    cards = session.execute(
        select(CardRow.token, CardRow.message_id)
        .where(CardRow.family == family.key, CardRow.made_at >= since)
        .order_by(CardRow.id.desc())
    ).all()
    for card in cards:
        if code_of(card.token) == code:
            return _Place(message_id=card.message_id, proved=True)
    digests = session.execute(
        select(DigestRow.token, DigestRow.id).where(DigestRow.family == family.key, DigestRow.made_at >= since)
    ).all()
    for digest in digests:
        if code_of(digest.token) == code:
            return _Place(message_id=_meant(session, digest.id), proved=True)
    return _Place()


def _meant(session: Session, digest_id: int) -> int | None:
    """The message that an answer to a digest answers: the one that asks, or else the last; of several that ask, none."""
    messages = outbox.messages_of(session, digest_id)
    asked = set(session.scalars(select(QuestionRow.message_id).where(QuestionRow.message_id.in_(messages))))
    if len(asked) > 1:
        return None
    return asked.pop() if asked else messages[-1]
