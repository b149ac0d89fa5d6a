"""Takes what the parent wrote and says what becomes of it: refused, asked, sent. Reads the store, writes nothing.

Proof: a mail must answer one of our own mails to that address (its Message-ID is a secret that only the parent got), or be
vouched for by its domain, where senders are checked; then it must be addressed to the relay and be of these days, since a mail
of long ago, or to somebody else, is vouched for just as well. The same mail does not count twice. A text must bear the code of
one of our cards of the last month, or of the draft that it speaks of; after `proof.MOST_WRONG` wrong ones in a day texts are not taken
as the parent's for the rest of it. Only what the parent typed is looked at (see `parsing.own`).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.clock import Clock
from gateway.concluded import Stored
from gateway.family import Family
from gateway.parsing import Reading
from gateway.parsing.own import names_in, own_text, parse_own
from gateway.parsing.reading import Kind
from gateway.reply import letters
from gateway.reply.outgoing import MOST_WORDS, Outgoing, clean, holds_card, own_subject, own_words_in, subject_of
from gateway.reply.place import Place, answered, by_code
from gateway.reply.proof import LOCKED, is_for_us, is_locked, is_replay
from gateway.reply.rows import Replied, Told
from gateway.reply.written import Command, Written, code_of, read_mail, read_text
from gateway.store import Store
from gateway.store.tables import DecisionRow, MessageRow, ReplyRow

RECENT = timedelta(days=31)
OWN = "your words hold an address, number or name of your own, which the other parent does not know"
CARD = "your words hold lines of the card, which only you should see"
UNSURE = "it could not be told for certain which words are newly written; these are what would go"
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
class _Own:
    """What the parent typed, and the words of the headers by which the parent may be known."""

    reading: Reading
    names: tuple[str, ...] = ()

    def unknown_names(self, family: Family) -> tuple[str, ...]:
        """Those that the other parent does not see anyway."""
        seen = " ".join((family.parent.name, family.coparent.name, *(c.name for c in family.children))).lower().split()
        return tuple(name for name in self.names if name not in seen)


class ReplyDesk:
    """One for an installation."""

    def __init__(self, store: Store, clock: Clock, look: Look = no_look) -> None:
        self._store, self._clock, self._look = store, clock, look

    def take(self, stored: Stored, family: Family, raw: bytes, *, vouched: bool) -> Replied:
        """What becomes of one message of the parent's. `raw`: its bytes; `vouched`: its domain vouches for the mail."""
        by_mail = stored.channel == "email"
        reading = parse_own(raw) if by_mail else own_text(raw)
        if reading.kind is not Kind.MESSAGE or (by_mail and stored.peer and not stored.mail_from):
            return self._no_person(family, stored, reading)
        words = clean(reading.new_text)
        written = read_mail(words) if by_mail else read_text(words)
        with self._store.read() as session:
            locked, known = (False, False) if by_mail else is_locked(session, family, self._clock())
            if locked:  # told once a day
                return self._refuse(family, stored, LOCKED, "" if known else letters.LOCKED)
            place = self._place(session, family, reading, written, by_mail=by_mail)
            if by_mail and is_replay(session, stored, family, reading):
                return self._refuse(family, stored, "the same mail came before", letters.REFUSED_MAIL)
            vouched = vouched and (not by_mail or is_for_us(stored, family, reading))
            if not (place.proved or vouched):
                why = letters.REFUSED_MAIL if by_mail else letters.REFUSED_TEXT
                return self._refuse(family, stored, "nothing proves that the parent wrote it", why, wrong=not by_mail)
            own = _Own(reading, tuple(names_in(raw)) if by_mail else ())
            if written.command is Command.SEND or place.draft is not None:
                return self._about_draft(session, family, stored, own, written, place.draft)
            return self._new(session, family, stored, own, written.words, place.message_id)

    def _no_person(self, family: Family, stored: Stored, reading: Reading) -> Replied:
        """A program wrote it. Nobody is told, since it might answer that too; unless the parent pressed a button."""
        pressed = reading.kind in (Kind.CALENDAR, Kind.REACTION)
        told = self._back(family, stored, letters.SUBJECT_REFUSED, letters.NO_PERSON) if pressed else ()
        return Replied(refused=f"it is no message of a person ({reading.kind})", told=told)

    def _new(
        self,
        session: Session,
        family: Family,
        stored: Stored,
        own: _Own,
        words: str,
        answers_id: int | None,
        replaces: int | None = None,
    ) -> Replied:
        reading = own.reading
        if not words:
            return Replied(told=self._back(family, stored, letters.SUBJECT_REFUSED, letters.NO_WORDS))
        what = self._outgoing(session, family, words, answers_id, reading, self._clock())
        if what is None:
            return Replied(told=self._back(family, stored, letters.SUBJECT_REFUSED, letters.NO_ADDRESS))
        looked = self._looked(session, family, own, words, answers_id)
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
        own: _Own,
        written: Written,
        draft: ReplyRow | None,
    ) -> Replied:
        """SEND lets a draft go; anything else takes its place."""
        if draft is None:
            return Replied(told=self._back(family, stored, letters.SUBJECT_REFUSED, letters.NO_DRAFT))
        if written.command is not Command.SEND:
            return self._new(session, family, stored, own, written.words, draft.answers_id, replaces=draft.id)
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

    def _place(self, session: Session, family: Family, reading: Reading, written: Written, *, by_mail: bool) -> Place:
        if by_mail:
            return answered(session, family, reading)
        if written.code is None:
            return Place()
        return by_code(session, family, written.code, self._clock() - RECENT)

    def _looked(self, session: Session, family: Family, own: _Own, words: str, answers_id: int | None) -> Looked:
        private = tuple(a.address for a in (*family.parent.emails, *family.parent.phones))
        made = decision_words(session, answers_id)
        out = [OWN] if own_words_in(words, private, own.unknown_names(family)) else []
        out += [CARD] if holds_card(words) else []
        out += [UNSURE] if own.reading.hold else []
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

    def _refuse(self, family: Family, stored: Stored, why: str, words: str, *, wrong: bool = False) -> Replied:
        """Told over every way of the parent's but never to where the message came from, if there is another.

        `words`: empty where nobody is told once more; `wrong`: a code was wrong or missing.
        """
        day = self._clock().date()
        ways = [
            ("email", family.parent.email_on(day)),
            ("sms", family.parent.phone_on(day) if family.relay_phone else None),
        ]
        there = [(channel, address) for channel, address in ways if address]
        others = [way for way in there if way[0] != stored.channel] or there
        told = tuple(Told(channel, address, letters.SUBJECT_REFUSED, words) for channel, address in others if words)
        return Replied(refused=why, told=told, wrong_code=wrong)

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
