"""The worker: takes stored messages in order of arrival (alarms first, see `ahead`) and concludes what becomes of each.

    count the start ─ commit │ read bytes, parse, tag, decide, compose (pure) │ write everything ─ commit

All that is concluded about a message (decision, card, deliveries, log entries, state) is written in one transaction: a
crash repeats the message and never half-does it. The start is counted before, in a commit of its own; a message that
has killed the process `MAX_STARTS` times is set aside (shunted) instead of killing it for ever. A message that makes
the code fail is shunted too. Each shunted message gives the parent an unsorted card, stays whole, and can be replayed.

Texts of one sender that come within minutes are read together (see `grouping`): such a text is looked at on arrival and
waits, unless it alarms. Then all of the group is concluded in one transaction.

Imported messages wait until nothing that a transport brought is left, are read in the order in which they were written,
and end without card and alarm (see `concluded.write`).
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select, update

from gateway.ahead import Ahead
from gateway.alarms.answer import answered
from gateway.alarms.rows import ALARMING
from gateway.attachments.carding import nothing_but_facts, with_files
from gateway.attachments.desk import Desk, Scanner
from gateway.carrier_words import with_command
from gateway.clock import Clock
from gateway.concluded import Conclusion, Stored, write
from gateway.conclusion import (
    NOTE_IN_A_CHILDS_NAME,
    NOTE_NOT_THEIRS,
    NOTE_OWN_FAILED,
    UNKNOWN,
    Story,
    announced,
    echo_card,
    own_notice,
    summary,
    unproved_card,
    unsorted_card,
    urgent_card,
    with_beside,
    with_notes,
)
from gateway.contact import IN_A_PROFESSIONALS_NAME, in_mode, whole
from gateway.delivery import returned
from gateway.delivery.otherwise import TO_THE_OTHER
from gateway.delivery.outbox import CHILD
from gateway.delivery.returned import Returned
from gateway.doubts import about_quotes, names_a_child
from gateway.earlier import earlier
from gateway.errors import StoreError
from gateway.family import Directory, Family, Role, normal_email, normal_phone
from gateway.family.people import PROFESSIONALS
from gateway.grouping import Texts, all_open, conclusions
from gateway.heard import HEARD, Heard, alarmed, hear, in_bytes, loudest
from gateway.intake.archives.kept import SYSTEM, parse_kept
from gateway.many.claims import READING, Claims, Everything
from gateway.optout import number_of
from gateway.parsing import Kind, Reading, unread
from gateway.parsing.authentication import Authentication, Verdict
from gateway.parsing.bounces import read_report
from gateway.parsing.keywords import command
from gateway.pipeline import Context, Judgement, context_of, judge, without_tagger
from gateway.policy import Action, Lane, Ruleset
from gateway.policy.rulesets import Rulesets
from gateway.provenance import ALARM_ANSWER, FROM_A_CHILD, FROM_THE_PARENT, KNOWN_COPY
from gateway.receipt.decide import receipt_for
from gateway.reply.desk import ReplyDesk
from gateway.reply.looked import Look, no_look
from gateway.reply.rows import Replied
from gateway.senders import SenderCheck
from gateway.store import Blobs, Store
from gateway.store.tables import DeliveryRow, MessageRow
from gateway.tagging.fallback import Fallback
from gateway.tagging.spans import Tagger
from gateway.turns import families, take, take_this
from gateway.vault.listed import searched
from gateway.voices.handover import Handovers

log = logging.getLogger(__name__)
MAX_STARTS = 5
LATER = timedelta(seconds=30)
"""Pause for a message whose files could not be kept."""
COPY_WINDOW = timedelta(days=7)
SHORT_WINDOW = timedelta(minutes=10)
ECHOES = (Kind.AUTO_REPLY, Kind.BOUNCE, Kind.RECEIPT)
"""What a machine answers by itself repeats a subject, and often all of the mail, of whoever wrote to it in another's name."""
NOT_CHECKED = "senders are not checked here"
UNREADABLE = "it could not be read by the program"
CLAIMED = "someone who writes as {who} (not proved)"


class Worker:
    """One worker; `run` in a thread of its own. Messages of one family are concluded in order of arrival."""

    def __init__(
        self,
        store: Store,
        blobs: Blobs,
        directory: Directory,
        tagger: Tagger,
        rules: Ruleset,
        clock: Clock,
        *,
        public_url: str,
        on_concluded: Callable[[], None] = lambda: None,
        senders: SenderCheck | None = None,
        text_wait: timedelta = timedelta(0),
        scanner: Scanner | None = None,
        look: Look = no_look,
        claims: Claims | None = None,
        has_post: Callable[[], bool] = lambda: True,
    ) -> None:
        """`claims`: how it takes families from others that work on the same data; `has_post`: whether this one settles files and
        hands over what children wrote.
        """
        self._store, self._blobs, self._directory, self._tagger = store, blobs, directory, tagger
        self._rules = Rulesets(rules, lambda: directory.by_key)
        for key in directory.by_key:
            _ = self._rules[key]  # a mistake in a family's own words is told now, not at its first message
        self._ahead = Ahead(store, blobs, self._rules)
        self._texts = Texts(store, clock, text_wait, directory, alone=self._conclude, together=self._together)
        self._clock, self._public_url, self._on_concluded = clock, public_url.rstrip("/"), on_concluded
        self._senders = senders
        self._claims, self._has_post = claims or Everything(), has_post
        self._desk = Desk(store, blobs, directory, self._rules, clock, self._is_plain, scanner)
        self.kept = threading.Event()
        self._replies = ReplyDesk(store, clock, look)
        self._handovers = Handovers(store, blobs, directory, clock)
        self._stopping = threading.Event()
        self._later: dict[int, datetime] = {}

    def run(self) -> None:
        """Work until told to stop; sleep while there is nothing to do."""
        while not self._stopping.is_set():
            self.kept.clear()
            try:
                busy = self.step()
            except StoreError:
                log.error("the database refused; trying again")
                busy = False
            except Exception as error:  # noqa: BLE001 (the worker must outlive every fault)
                log.error("fault in the worker: %s", type(error).__name__)
                busy = False
            if not busy:
                self.kept.wait(2.0)

    def stop(self) -> None:
        """End after the message at hand."""
        self._stopping.set()
        self.kept.set()

    def step(self, *provenances: str) -> bool:
        """Conclude the next stored message (of one of `provenances`, if named); False when there is none."""
        now = self._clock()
        self._later = {number: until for number, until in self._later.items() if until > now}
        waiting = partial(families, self._store, now, provenances, self._later)
        with self._claims.hold(READING, waiting) as claim:
            if claim is not None and not provenances and self._first(claim.family):
                return True
            stored = None if claim is None else take(self._store, now, provenances, claim.family, self._later)
            if stored is not None:
                self._settle(stored, now)
                return True
        return not provenances and self._has_post() and (self._one_file() or self._handovers.step())

    def _first(self, family: str | None) -> bool:
        """Conclude a message before its turn if it sounds like an alarm and is one; else leave it as it was. Raises StoreError."""
        number = self._ahead.next(family, self._later)
        stored = None if number is None else take_this(self._store, number)
        if stored is None:
            return False
        if stored.starts > 1:  # it has stopped the program before: it comes in its turn
            self._forgive(stored)
            return False
        written = False
        try:
            self._claims.refresh()
            made = self._conclude(stored)
            if made.lane not in ALARMING or made.shunted:
                return False
            self._commit(((stored, made),))
            written = True
        finally:
            if not written:
                self._forgive(stored)
        self._on_concluded()
        return True

    def _settle(self, stored: Stored, now: datetime) -> None:
        """Conclude one message. Raises StoreError; then it is as it was, and its turn comes again."""
        made: Sequence[tuple[Stored, Conclusion]] = ()
        try:
            self._claims.refresh()
            made = self._texts.conclude(stored)
            self._commit(made)
        except StoreError as error:
            if not error.lasting:  # else it is set aside after some starts, and keeps nobody waiting for ever
                self._forgive(stored)
            if any(conclusion.files for _, conclusion in made):  # the folder of blobs may refuse: others need not wait
                self._later |= {one.id: now + LATER for one in (stored, *(each for each, _ in made))}
            raise
        except Exception as error:  # noqa: BLE001 (a card that cannot be composed must not stop the messages behind it)
            log.error("message %d: its card failed (%s)", stored.id, type(error).__name__)
            aside = self._set_aside(stored, f"a fault while composing: {type(error).__name__}")
            self._commit(((stored, aside),))
            made = ((stored, aside),)
        if made:  # a text that waits is nothing to be sent
            self._on_concluded()

    def _one_file(self) -> bool:
        """Settle a file that had to wait; where the folder of blobs refuses it, whatever else there is goes on."""
        try:
            return self._desk.step()
        except StoreError as error:
            log.error("a file has to wait: %s", error)
            return False

    def _commit(self, made: Sequence[tuple[Stored, Conclusion]]) -> None:
        if not made:  # a text that waits for others
            return
        for stored, conclusion in made:
            self._desk.keep(stored.family, conclusion.files)
        with self._store.write() as session:
            if not all_open(session, [stored.id for stored, _ in made]):
                return
            for stored, conclusion in made:
                family = self._directory.family(stored.family)
                write(session, stored, conclusion, family, public_url=self._public_url, now=self._clock())
                self._blobs.make_sure(stored.family, ((each.file.sha256, each.file.data) for each in conclusion.files))

    def _forgive(self, stored: Stored) -> None:
        """A start that the database broke off says nothing against the message."""
        with contextlib.suppress(StoreError), self._store.write() as session:
            session.execute(update(MessageRow).where(MessageRow.id == stored.id).values(starts=stored.starts - 1))

    def _conclude(self, stored: Stored) -> Conclusion:
        family = self._directory.family(stored.family)
        if family is None or stored.starts > MAX_STARTS:
            return self._set_aside(stored, "reading it stopped the program several times")
        try:
            raw = self._blobs.get(stored.family, stored.sha256)
            reading = parse_kept(stored.channel, raw)
            bounced = self._returned(stored, family, reading, raw)
            if bounced is not None:
                return replace(bounced, searched=searched(reading))
            made = self._with_files(stored, family, reading, self._read(stored, family, reading, raw))
            made = with_command(self._store, stored, family, raw, made)
            return replace(self._settled(stored, family, reading, raw, made), searched=searched(reading))
        except StoreError as error:
            if not error.lasting:  # the database is away: that says nothing of the message
                raise
            log.error("message %d: its bytes cannot be read", stored.id)
            return self._set_aside(stored, "its stored bytes cannot be read")
        except Exception as error:  # noqa: BLE001 (every fault ends in a record, never in silence)
            log.error("message %d: %s", stored.id, type(error).__name__)
            return self._set_aside(stored, f"a fault while reading it: {type(error).__name__}")

    def _returned(self, stored: Stored, family: Family, reading: Reading, raw: bytes) -> Conclusion | None:
        """A report that a mail of ours did or did not arrive: kept, noted, no card. None for every other message.

        A threat that somebody puts into a report is read as a threat, and so is what the other parent's side says of the children
        in one about a mail to them: anybody can dress a message up as a report. The report counts all the same.
        """
        if stored.channel != "email" or stored.imported:
            return None
        by_smtp = bool(stored.peer)
        report = read_report(raw, null_sender=by_smtp and not stored.mail_from)
        if report is None:
            return None
        with self._store.read() as session:
            found = returned.find(session, family, stored.rcpt_to, report)
        if found is None:
            return None
        if found.kind == CHILD:  # the report holds the child's words: it is not kept either
            return Conclusion(Lane.CHILD, "forward", "", {"kind": KNOWN_COPY}, None, returned=found)
        if self._hears(family, reading.new_text) or self._tells_something(family, reading, found):
            return replace(self._read(stored, family, reading, raw), returned=found)
        detail = {"kind": str(Kind.BOUNCE), "returned": found.as_json()}
        return Conclusion(Lane.WITHHELD, "withhold", reading.new_text, detail, None, returned=found)

    def _tells_something(self, family: Family, reading: Reading, found: Returned) -> bool:
        """Whether a report about a mail to the other parent says more than that mail itself does, and of the children."""
        if found.kind not in TO_THE_OTHER:
            return False
        with self._store.read() as session:
            own = str(session.get_one(DeliveryRow, found.delivery_id).content.get("text", ""))
        lines = (line for line in reading.new_text.split("\n") if line.strip(" >\t") not in own)
        words = "\n".join(lines)
        try:
            context = Context(family.readable_children(), self._clock(), family.coparent.name, family.parent.name)
            decision = judge(words, None, context, self._tagger, self._rules[family.key]).decision
        except Exception:  # noqa: BLE001 (words that cannot be judged are announced)
            return True
        # Machine's prose looks like dates and law to the tagger, never like illness; and it names no child.
        told = [choice.span for choice in decision.choices if choice.action is not Action.WITHHOLD]
        grave = any(span.kind == "D" or span.label in ("F:medical", "F:emergency") for span in told)
        return grave or (any(span.kind == "F" for span in told) and names_a_child(words, family))

    def _settled(self, stored: Stored, family: Family, reading: Reading, raw: bytes, made: Conclusion) -> Conclusion:
        """The conclusion as the family's contact mode lets it pass, with the receipt that is due."""
        if stored.imported:
            return made
        made = in_mode(made, family.contact)
        return replace(made, receipt=receipt_for(stored, family, reading, raw, made))

    def _with_files(self, stored: Stored, family: Family, reading: Reading, made: Conclusion) -> Conclusion:
        """The conclusion with what becomes of the files; a copy has none of its own, nor has our own mail come back."""
        if made.is_copy or made.lane is Lane.CHILD or made.returned is not None:
            return made
        files = self._desk.settle_all(
            family.key, stored.channel, made.lane, made.detail, reading.attachments, imported=stored.imported
        )
        role, who = _sender(family, reading, stored)
        story = Story(family, role, who, stored.channel, stored.received_at)
        return alarmed(with_files(made, story, files, () if stored.imported else reading.media), story)

    def _is_plain(self, key: str, words: str) -> bool:
        """Whether words beside a message, such as a file's name, are nothing but facts about the children."""
        family = self._directory.family(key)
        if family is None:
            return False
        try:
            context = Context(family.readable_children(), self._clock(), family.coparent.name, family.parent.name)
            return nothing_but_facts(judge(words, None, context, self._tagger, self._rules[key]))
        except Exception:  # noqa: BLE001 (words that cannot be judged are not shown)
            return False

    def _read(self, stored: Stored, family: Family, reading: Reading, raw: bytes) -> Conclusion:
        if stored.imported:
            return self._read_imported(stored, family, reading)
        if stored.posted is not None:
            return self._from_a_page(stored, family, reading, raw)
        role, who = _sender(family, reading, stored)
        proof = self._senders.of_mail(raw, reading, stored) if self._senders and stored.channel == "email" else None
        proved = proof.verdict is Verdict.VERIFIED if proof else _names_somebody(stored)
        child = role is Role.CHILD
        if child and _is_the_childs(stored, reading, proof):
            again = self._is_copy(stored, reading) and self._handovers.knows(stored.fingerprint)
            about = {"kind": KNOWN_COPY if again else FROM_A_CHILD, "who": who}
            return Conclusion(Lane.CHILD, "forward", "", about, None)
        unproved = (child or (proof is not None and not proved)) and role != Role.OTHER
        notes, claimed = (NOTE_IN_A_CHILDS_NAME.format(who=who),) if child else (), role
        if unproved:
            role, who = (role if role == Role.COPARENT else Role.OTHER), CLAIMED.format(who=who)
        story = Story(family, role, who, stored.channel, stored.received_at)
        if self._is_copy(stored, reading):
            return Conclusion(Lane.WITHHELD, "withhold", reading.new_text, {"kind": KNOWN_COPY}, None)
        if (taken := self._answers_an_alarm(stored, family, reading, role)) is not None:
            return taken
        if role == Role.PARENT and (proof is not None or self._hears(family, reading.body) is not Lane.DANGER):
            return self._from_the_parent(stored, family, reading, story, raw, vouched=proof is not None)
        previous = earlier(self._store, stored)
        echo = role in PROFESSIONALS and reading.kind in ECHOES
        reading, judged, quoted = self._judge(stored, family, reading, Role.OTHER if echo else role, previous, raw)
        detail = summary(judged, reading) | {"role": str(role), "previous": list(previous)} | quoted
        if proof is not None:
            detail["authentication"] = proof.as_json()
        why = proof.why if proof is not None else NOT_CHECKED
        if claimed in PROFESSIONALS and (unproved or echo):
            detail[IN_A_PROFESSIONALS_NAME] = True
        if echo and not unproved and judged.decision.lane not in (Lane.DANGER, Lane.EMERGENCY):
            made = Conclusion(Lane.UNSORTED, judged.decision.outcome, judged.text, detail, echo_card(story))
            return whole(made, replace(story, role=Role.OTHER), reading)
        if unproved and judged.decision.lane not in (Lane.DANGER, Lane.EMERGENCY):
            held = unproved_card(story, why, *notes)
            made = Conclusion(Lane.UNSORTED, judged.decision.outcome, judged.text, detail, held)
            return whole(made, story, reading, NOTE_NOT_THEIRS.format(why=why), *notes)
        whens = tuple(when for f in judged.forwarded for when in (f.fact.when, f.fact.answer_by))
        lane, card = announced(story, reading, judged, proved=proved)
        if quoted.get("beside"):
            lane, card = with_beside(story, lane, card)
        card = with_notes(card, *notes) if card is not None else card
        made = Conclusion(lane, judged.decision.outcome, judged.text, detail, card, whens=whens)
        return whole(made, story, reading, *notes)

    def _answers_an_alarm(self, stored: Stored, family: Family, reading: Reading, role: Role) -> Conclusion | None:
        """A message that says no more than that an alarm was read: taken as its answer. The other parent has none to give."""
        if role == Role.COPARENT or stored.channel not in ("email", "sms"):
            return None
        with self._store.read() as session:
            found = answered(session, family, stored.channel, stored.mail_from, reading, self._clock())
        if found is None:
            return None
        about = {"kind": ALARM_ANSWER, "message_id": reading.message_id}
        return Conclusion(Lane.WITHHELD, "withhold", reading.new_text, about, None, answers=found)

    def _from_the_parent(
        self, stored: Stored, family: Family, reading: Reading, story: Story, raw: bytes, *, vouched: bool
    ) -> Conclusion:
        """Words of the parent's own: kept, and sent on where that is switched on. Never a card."""
        own = {"kind": FROM_THE_PARENT, "message_id": reading.message_id}
        for_the_carrier = stored.channel == "sms" and command(reading.new_text, reading.opt_out) is not None
        if family.replies == "off" or for_the_carrier or stored.channel not in ("email", "sms"):
            notice = own_notice(story)
            return Conclusion(Lane.WITHHELD, "withhold", reading.new_text, own, notice, "notice", reply=Replied())
        made = self._replies.take(stored, family, raw, vouched=vouched)
        return Conclusion(Lane.WITHHELD, "withhold", reading.new_text, own, None, reply=made)

    def _from_a_page(self, stored: Stored, family: Family, reading: Reading, raw: bytes) -> Conclusion:
        """Words of the parent's own, written on a page of ours; a form that is sent twice is kept once."""
        made = self._replies.take(stored, family, raw, vouched=True) if family.replies != "off" else Replied()
        own = {"kind": FROM_THE_PARENT}
        return Conclusion(Lane.WITHHELD, "withhold", reading.new_text, own, None, reply=made)

    def _together(self, group: Sequence[Stored]) -> tuple[Conclusion, ...]:
        """What becomes of texts of one sender that are read together. Raises where one of them cannot be read."""
        first = group[0]
        family = self._directory.by_key[first.family]
        readings = [parse_kept(stored.channel, self._blobs.get(stored.family, stored.sha256)) for stored in group]
        role, who = _sender(family, readings[0], first)
        story = Story(family, role, who, first.channel, first.received_at)
        made = conclusions(story, group, readings, earlier(self._store, first), self._tagger, self._rules[family.key])
        filed = [
            self._with_files(stored, family, reading, whole(one, story, reading))
            for stored, reading, one in zip(group, readings, made, strict=True)
        ]
        return tuple(
            replace(self._settled(stored, family, reading, b"", one), searched=searched(reading))
            for stored, reading, one in zip(group, readings, filed, strict=True)
        )

    def _read_imported(self, stored: Stored, family: Family, reading: Reading) -> Conclusion:
        """The same tagger and rules as for what is new, so that patterns show; nothing of it is for the parent now."""
        if stored.kind == SYSTEM or stored.role == Role.PARENT:
            detail = {"kind": SYSTEM if stored.kind == SYSTEM else FROM_THE_PARENT, "role": stored.role}
            return Conclusion(Lane.WITHHELD, "withhold", reading.new_text, detail, None)
        previous = earlier(self._store, stored)
        reading, judged, _ = self._judge(stored, family, reading, stored.role, previous)
        detail = summary(judged, reading) | {"role": stored.role, "previous": list(previous)}
        return Conclusion(judged.decision.lane, judged.decision.outcome, judged.text, detail, None)

    def _judge(
        self, stored: Stored, family: Family, reading: Reading, role: str, previous: tuple[str, ...], raw: bytes = b""
    ) -> tuple[Reading, Judgement, dict[str, Any]]:
        """The reading, held where words outside the new ones ask for it; what tagger and rules say; what was quoted."""
        rules = self._rules[family.key]
        doubt = about_quotes(self._store, stored, family, reading, self._tagger, rules)
        heard = doubt.heard
        if not unread.UNREAD.isdisjoint(reading.hold):
            heard = loudest((heard, in_bytes(stored.channel, raw, rules)))
        if doubt.why is not None or doubt.beside is not None:
            kind = Kind.MESSAGE if reading.kind is Kind.REACTION else reading.kind
            # The words of a reaction are quoted ones: there is nothing else that could come through.
            why = doubt.why or (doubt.beside if reading.kind is Kind.REACTION else None)
            reading = replace(reading, kind=kind, hold=(*reading.hold, why) if why else reading.hold)
        context = context_of(
            reading,
            family,
            sender_role=str(role),
            channel=stored.channel,
            received_at=stored.moment,
            previous=previous,
        )
        try:
            judged = judge(reading.new_text, reading.subject, context, self._tagger, rules)
        except Exception as error:  # noqa: BLE001 (every fault ends in a record, never in silence)
            log.error("message %d: the tagger failed (%s); everything is held", stored.id, type(error).__name__)
            held = without_tagger(context, unread.NOT_TAGGED)
            judged = judge(reading.new_text, reading.subject, held, Fallback(), rules)
        about = {"quoted": doubt.unknown, "beside": doubt.beside, HEARD: heard.as_json() if heard else None}
        return reading, judged, {name: value for name, value in about.items() if value}

    def _set_aside(self, stored: Stored, why: str) -> Conclusion:
        """What cannot be read is announced; if its raw words sound like danger or an emergency, as that."""
        family = self._directory.family(stored.family)
        if family is None:
            return _shunted("the family is no longer in the settings", None, None)
        story = Story(family, "co-parent", family.coparent.name, stored.channel, stored.received_at)
        if stored.posted is not None:
            own = Story(family, Role.PARENT, family.parent.name, stored.channel, stored.received_at)
            told, kind = own_notice(own, NOTE_OWN_FAILED), {"kind": FROM_THE_PARENT, "why": why}
            return Conclusion(Lane.WITHHELD, "withhold", "", kind, told, "notice", shunted=True, reply=Replied())
        heard = None
        with contextlib.suppress(Exception):
            raw = self._blobs.get(stored.family, stored.sha256)
            heard = in_bytes(stored.channel, raw, self._rules[family.key])
        return _shunted(why, story, heard)

    def _hears(self, family: Family, words: str) -> Lane | None:
        """What the phrase rules say, without the tagger: danger, an emergency or neither."""
        heard = hear(words, self._rules[family.key])
        return heard.lane if heard else None

    def _is_copy(self, stored: Stored, reading: Reading) -> bool:
        """Whether the same bytes came before over the same envelope: kept and logged, concluded once.

        Mail systems repeat a message for days under its Message-ID. Without one, only a repetition within minutes is taken
        for a copy: a person may well write the same line twice.
        """
        window = COPY_WINDOW if reading.message_id or stored.channel == "sms" else SHORT_WINDOW
        with self._store.read() as session:
            query = select(MessageRow.id).where(
                MessageRow.fingerprint == stored.fingerprint,
                MessageRow.id < stored.id,
                MessageRow.state == "done",
                MessageRow.received_at >= stored.received_at - window,
            )
            return session.scalar(query.limit(1)) is not None


def _sender(family: Family, reading: Reading, stored: Stored) -> tuple[Role, str]:
    """Who wrote it: by the From of the message, or the number of the text."""
    day = stored.received_at.date()
    claimed = reading.from_ if stored.channel == "email" else (stored.mail_from,)
    found = [known for address in claimed if (known := family.who(_normal(address, stored.channel), day))]
    if not found:
        return Role.OTHER, UNKNOWN
    # Several From addresses: the co-parent's is what must not slip past under another name, nor may an unknown one or another's.
    named = (next((known for known in found if known[0] is role), None) for role in (Role.COPARENT, Role.CHILD))
    alone = len(found) == len(claimed) and len(set(found)) == 1
    return next(filter(None, named), found[0] if alone else (Role.OTHER, UNKNOWN))


def _names_somebody(stored: Stored) -> bool:
    """Whether a text or call names its number. Mail that is not checked here was checked before."""
    return stored.channel == "email" or number_of(stored.mail_from) is not None


def _is_the_childs(stored: Stored, reading: Reading, proof: Authentication | None) -> bool:
    """Whether a message in a child's name is handed over as the child's: a text, as the carrier gives the number; a mail that
    names nobody else and is proved here. A voicemail is never: a child's call is not recorded.
    """
    if stored.channel == "sms":
        return True
    verified = proof is not None and proof.verdict is Verdict.VERIFIED
    return stored.channel == "email" and verified and len(reading.from_) == 1


def _normal(address: str, channel: str) -> str:
    try:
        return normal_email(address) if channel == "email" else normal_phone(address)
    except ValueError:
        return address


def _shunted(why: str, story: Story | None, heard: Heard | None) -> Conclusion:
    detail: dict[str, Any] = {"kind": "shunted", "why": why}
    if story is None:
        return Conclusion(Lane.UNSORTED, "withhold", "", detail, None, shunted=True)
    if heard is not None:
        detail[HEARD] = heard.as_json()
        return Conclusion(heard.lane, "escalate", "", detail, urgent_card(story, heard.lane), shunted=True)
    card = unsorted_card(story, UNREADABLE)
    return Conclusion(Lane.UNSORTED, "withhold", "", detail, card, shunted=True)
