"""Takes what the parent wrote and says what becomes of it: refused, asked, held, sent. Reads the store, writes nothing.

Proof: a mail must answer one of our own mails to that address (its Message-ID is a secret that only the parent got), or be
vouched for by its domain, where senders are checked; then it must be addressed to the relay and be of these days, since a mail
of long ago, or to somebody else, is vouched for just as well. The same mail does not count twice. A text must bear the code of
one of our cards of the last month, or of the draft that it speaks of; after too many wrong ones in a day texts are not taken
as the parent's for the rest of it (`refusing`). A page was opened by its secret, and its form was made for it (see `gateway.web.pages.taking`).
Of a mail or text only what the parent typed is looked at (see `parsing.own`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.clock import Clock
from gateway.concluded import Stored, is_the_other_parents
from gateway.family import Family
from gateway.language import Moment, Part, Said, speech, texting
from gateway.language import said as ours
from gateway.parsing import Reading
from gateway.parsing.own import names_in, own_text, parse_own
from gateway.parsing.reading import Kind
from gateway.reply import holding, letters, refusing, routes
from gateway.reply.codes import new_secret
from gateway.reply.looked import Look, Looked, no_look
from gateway.reply.outgoing import MOST_WORDS, PLAIN_SUBJECT, Outgoing, clean, holds_card, own_words_in
from gateway.reply.places import WAITING, Place, answered_by_code, answered_by_mail
from gateway.reply.posted import Posted, read_posted
from gateway.reply.proof import is_for_us, is_replay
from gateway.reply.rows import Replied, Told, tell
from gateway.reply.written import Command, Written, code_of, read_mail, read_number, read_text
from gateway.store import Store
from gateway.store.tables import DecisionRow, ReplyRow

__all__ = ["Look", "Looked", "ReplyDesk", "no_look"]
RECENT = timedelta(days=31)
OWN = "your words hold an address, number or name of your own, which the other parent does not know"
CARD = "your words hold lines of the card, which only you should see"
UNSURE = "it could not be told for certain which words are newly written; these are what would go"
LONG_TEXT = "your words are longer than a text can be, and would not arrive; shorten them"
LONG = "your words are longer than what is sent on at once, and only their beginning was looked over; shorten them"


@dataclass(frozen=True, slots=True)
class _Draft:
    """Words that may go, and what they answer. `replaces`: a draft of before; `files`: pictures or files came with them.

    `names`: words of the headers by which the parent may be known; `unsure`: not all of it was surely typed; `edit`: with the
    command that says so.
    """

    words: str
    place: Place
    replaces: ReplyRow | None = None
    subject: str | None = None
    files: bool = False
    names: tuple[str, ...] = ()
    unsure: bool = False
    edit: bool = False


class ReplyDesk:
    """One for an installation."""

    def __init__(self, store: Store, clock: Clock, look: Look = no_look) -> None:
        self._store, self._clock, self._look = store, clock, look

    def take(self, stored: Stored, family: Family, raw: bytes, *, vouched: bool) -> Replied:
        """What becomes of one message of the parent's. `raw`: its bytes; `vouched`: its domain vouches for the mail."""
        reading = _read(stored, raw)
        by_mail = stored.channel == "email"
        if reading.kind is not Kind.MESSAGE or (by_mail and stored.peer and not stored.mail_from):
            return self._no_person(family, stored, reading)
        words = clean(reading.new_text)
        with self._store.read() as session:
            if stored.posted is not None:
                return self._from_a_page(session, family, stored, stored.posted, words)
            written = read_mail(words) if by_mail else read_text(words)
            place = self._place(session, stored, family, reading, written)
            refused = self._distrust(session, family, stored, reading, place, vouched=vouched)
            if refused is not None:
                return refused
            if place.twofold:
                return self._refused_words(family, stored, letters.TWO_CODES)
            if place.to_a_child:
                return self._refused_words(family, stored, letters.TO_A_CHILD)
            said = (written.meant if place.asked else None) or written.command
            if said is Command.SEND:
                return self._send(session, family, stored, place.draft)
            if said is Command.UNCLEAR:
                told = self._back(family, stored, letters.SUBJECT_REFUSED, ours(letters.SEND_ALONE))
                about = place.draft.id if place.draft is not None else None
                return Replied(told=tuple(replace(one, about=about) for one in told), by=stored.channel)
            if said is Command.DROP and place.draft is not None:
                told = self._back(family, stored, letters.SUBJECT_REFUSED, ours(letters.DROPPED))
                return Replied(drops=place.draft.id, told=told, by=stored.channel)
            subject = reading.subject if not place.proved else None  # an answer to a mail of ours bears our subject
            files = bool(reading.attachments or reading.media)
            names = _unknown(names_in(raw), family) if by_mail else ()
            edit = said is Command.EDIT
            draft = _Draft(written.words, place, place.draft, subject, files, names, bool(reading.hold), edit)
            return self._new(session, family, stored, draft)

    def _distrust(
        self, session: Session, family: Family, stored: Stored, reading: Reading, place: Place, *, vouched: bool
    ) -> Replied | None:
        """The refusal of what is not surely the parent's; None where it is."""
        now = self._clock()
        if stored.channel == "email":
            if is_replay(session, stored, family, reading):
                return refusing.refuse(session, family, stored, refusing.CAME_BEFORE, letters.REFUSED_MAIL, now)
            if place.proved or (vouched and is_for_us(stored, family, reading)):
                return None
            return refusing.refuse(session, family, stored, refusing.NO_PROOF, letters.REFUSED_MAIL, now)
        if refusing.locked(session, family, now):
            return refusing.refuse(session, family, stored, refusing.TOO_MANY, letters.LOCKED, now)
        if place.proved or vouched:
            return None
        return refusing.refuse(session, family, stored, refusing.NO_PROOF, letters.REFUSED_TEXT, now)

    def _no_person(self, family: Family, stored: Stored, reading: Reading) -> Replied:
        """A program wrote it. Nobody is told, since it might answer that too; unless the parent pressed a button."""
        pressed = reading.kind in (Kind.CALENDAR, Kind.REACTION)
        told = self._back(family, stored, letters.SUBJECT_REFUSED, ours(letters.NO_PERSON)) if pressed else ()
        return Replied(refused=f"it is no message of a person ({reading.kind})", told=told)

    def look(
        self,
        session: Session,
        family: Family,
        words: str,
        answers_id: int | None,
        *,
        names: tuple[str, ...] = (),
        unsure: bool = False,
        subject: str = "",
    ) -> Looked:
        """What is to be said about words before they go. `names`: words by which the parent may be known; `unsure`: not all
        of it was surely typed; `subject`: goes with them.
        """
        own = tuple(a.address for a in (*family.parent.emails, *family.parent.phones))
        made = decision_words(session, answers_id)
        # The coach takes seconds for the longest words that are looked over, and minutes for a file that was pasted: alarms wait behind it.
        said = self._look(words[:MOST_WORDS], family, (made,) if made else ())
        seen = (
            (OWN, bool(own_words_in(f"{subject}\n{words}", own, names))),
            (CARD, holds_card(words)),
            (UNSURE, unsure),
        )
        long = (LONG,) if len(words) > MOST_WORDS else ()
        return said.after(*(hint for hint, there in seen if there), *long)

    def _from_a_page(self, session: Session, family: Family, stored: Stored, posted: Posted, words: str) -> Replied:
        """Written on a page that shows what would go and what is to be said about it: it goes, or is held."""
        if posted.draft is not None:
            return self._send(session, family, stored, _waiting(session, family, posted.draft))
        if posted.drops is not None:
            return Replied(drops=posted.drops, by=stored.channel)
        before = _waiting(session, family, posted.replaces) if posted.replaces is not None else None
        digest_id = before.digest_id if before is not None else posted.digest
        place = Place(posted.answers, before, proved=True, digest_id=digest_id)
        what = self._outgoing(session, family, _Draft(words, place), posted.route) if words else None
        if what is None or not _is_answerable(session, place.message_id):
            return Replied(by=stored.channel)
        looked = self.look(session, family, words, place.message_id)
        morning = holding.until(
            session, family, looked, place.message_id, self._clock(), among=place.asking, before=before
        )
        held = morning if not posted.at_once else None
        return Replied(
            goes=None if held else what,
            draft=what if held else None,
            token=new_secret(session, family.key, self._clock()),
            answers_id=place.message_id,
            digest_id=place.digest_id,
            replaces=before.id if before is not None else None,
            hints=looked.hints,
            ready=looked.ready,
            from_name=family.parent.name,
            by=stored.channel,
            held_until=held,
            override=bool(morning and posted.at_once),
        )

    def _new(self, session: Session, family: Family, stored: Stored, draft: _Draft) -> Replied:
        place, words = draft.place, draft.words
        if place.asking:
            found = read_number(words, len(place.asking))
            if found.several:
                return self._refused_words(family, stored, letters.ONE_AT_A_TIME)
            if found.number is not None:
                place, words = Place(place.asking[found.number - 1], place.draft, True, place.digest_id), found.words
        if not words:
            return self._refused_words(family, stored, letters.NO_WORDS)
        if not _is_answerable(session, place.message_id):
            about = ours(letters.NOT_THEIRS, name=family.coparent.name)
            return self._refused_words(family, stored, about)
        what = self._outgoing(session, family, _Draft(words, place, subject=draft.subject))
        if what is None:
            return self._refused_words(family, stored, letters.NO_ADDRESS)
        looked = self.look(
            session, family, words, place.message_id, names=draft.names, unsure=draft.unsure, subject=what.subject
        )
        if place.asking:
            looked = looked.after(letters.SEVERAL)
        if what.channel == "sms" and len(what.text) > routes.LONGEST_TEXT:
            looked = looked.after(LONG_TEXT)
        now = self._clock()
        held = holding.until(session, family, looked, place.message_id, now, among=place.asking, before=draft.replaces)
        made = Replied(
            token=new_secret(session, family.key, self._clock()),
            answers_id=place.message_id,
            digest_id=place.digest_id,
            replaces=draft.replaces.id if draft.replaces is not None else None,
            hints=looked.hints,
            ready=looked.ready if looked.hints else (),
            from_name=family.parent.name,
            by=stored.channel,
            held_until=held,
        )
        meant = not place.asked or (draft.edit and draft.replaces is not None)  # "No" to our question is for us
        if family.replies == "on" and not looked.hints and held is None and meant:
            return replace(made, goes=what)
        told = self._ask(family, stored, made, what, files=draft.files)
        return replace(made, draft=what, told=told)

    def _ask(self, family: Family, stored: Stored, made: Replied, what: Outgoing, *, files: bool) -> tuple[Told, ...]:
        held: Part = Moment(made.held_until, family.time_zone) if made.held_until is not None else ""
        to = letters.To(family.coparent.name, routes.NAMES[what.channel])
        spoken = (speech if stored.channel == "email" else texting)(family.language)
        text = (
            letters.ask_mail(
                spoken, what.text, to, made.hints, made.ready, files=files, held=held, subject=_own_subject(what)
            )
            if stored.channel == "email"
            else letters.ask_text(spoken, what.text, code_of(made.token), made.hints, held=held)
        )
        return self._back(family, stored, letters.SUBJECT_HELD if held else letters.SUBJECT_ASK, text)

    def _send(self, session: Session, family: Family, stored: Stored, draft: ReplyRow | None) -> Replied:
        """SEND lets a draft go, as it was shown."""
        if draft is None:
            return self._refused_words(family, stored, letters.NO_DRAFT)
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
            token=new_secret(session, family.key, self._clock()),
            answers_id=draft.answers_id,
            digest_id=draft.digest_id,
            drafted=draft.id,
            from_name=family.parent.name,
            by=stored.channel,
            override=draft.state == "held",
        )

    def _place(self, session: Session, stored: Stored, family: Family, reading: Reading, written: Written) -> Place:
        if stored.channel == "email":
            return answered_by_mail(session, family, reading)
        if written.code is None:
            return Place()
        return answered_by_code(session, family, written.code, self._clock() - RECENT)

    def _outgoing(self, session: Session, family: Family, draft: _Draft, route: str = "") -> Outgoing | None:
        """To whom and how: over the way that the parent chose, or that the other side used, or else the one that there is."""
        day = self._clock().date()
        answers, kept = draft.place.message_id, draft.place.draft
        return routes.outgoing(
            session,
            family,
            draft.words,
            answers,
            day=day,
            subject=draft.subject,
            route=route or (kept.channel if kept else ""),
        )

    def _refused_words(self, family: Family, stored: Stored, words: str | Said) -> Replied:
        return Replied(
            told=self._back(family, stored, letters.SUBJECT_REFUSED, ours(words) if isinstance(words, str) else words),
            by=stored.channel,
        )

    def _back(self, family: Family, stored: Stored, subject: str, text: Part) -> tuple[Told, ...]:
        """To the parent over the channel that was used, at the parent's own address in the settings. A page tells it itself."""
        if stored.posted is not None:
            return ()
        day = self._clock().date()
        address = family.parent.email_on(day) if stored.channel == "email" else family.parent.phone_on(day)
        channel = "email" if stored.channel == "email" else "sms"
        return (tell(family, channel, address, subject, text),) if address else ()


def decision_words(session: Session, message_id: int | None) -> str:
    """The new words of a message of the other side, for the coach to compare with."""
    if message_id is None:
        return ""
    return session.scalar(select(DecisionRow.new_text).where(DecisionRow.message_id == message_id)) or ""


def _is_answerable(session: Session, message_id: int | None) -> bool:
    """Whether what is answered is the other parent's, or nothing in particular."""
    if message_id is None:
        return True
    detail = session.scalar(select(DecisionRow.detail).where(DecisionRow.message_id == message_id))
    return is_the_other_parents(detail or {})


def _waiting(session: Session, family: Family, number: int) -> ReplyRow | None:
    row = session.get(ReplyRow, number)
    return row if row is not None and row.family == family.key and row.state in WAITING else None


def _own_subject(what: Outgoing) -> str:
    """A subject of the parent's own, which is shown before it goes."""
    return what.subject if what.answers is None and what.subject != PLAIN_SUBJECT else ""


def _read(stored: Stored, raw: bytes) -> Reading:
    if stored.posted is not None:
        return read_posted(raw)
    return parse_own(raw) if stored.channel == "email" else own_text(raw)


def _unknown(names: tuple[str, ...], family: Family) -> tuple[str, ...]:
    """The names that the other parent does not see anyway."""
    seen = " ".join((family.parent.name, family.coparent.name, *(c.name for c in family.children))).lower().split()
    return tuple(name for name in names if name not in seen)
