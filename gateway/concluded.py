"""What is written about one message once it is concluded: decision, log entry, card, deliveries, alarm, state.

All of it in one transaction of the worker's: either the message is done and everything follows from it, or nothing is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Row, Table, bindparam, literal_column, select, update
from sqlalchemy.orm import Session

from gateway.alarms import acknowledge
from gateway.alarms.answer import Answered
from gateway.alarms.rows import ALARMING, ask_of, raise_alarm
from gateway.attachments.rows import write_rows
from gateway.attachments.settle import Settled
from gateway.conclusion import topic_of
from gateway.dates import note_dates
from gateway.delivery import outbox, returned, schedule
from gateway.delivery.calendar import calendar, events
from gateway.delivery.card import NOTE_HELD, Card
from gateway.delivery.compose import Ask, how_to_answer, letter, text_message
from gateway.delivery.returned import Returned
from gateway.delivery.schedule import FLOOD, FLOOD_WINDOW, Matter, Modes
from gateway.expenses import note_expenses
from gateway.family import Family, Role
from gateway.ledger import append
from gateway.ledger.leaf import canonical
from gateway.optout import note_command
from gateway.policy import Lane
from gateway.provenance import AS_GIVEN, IMPORTED, KNOWN_COPY, RECEIVED
from gateway.questions import note_questions
from gateway.receipt import rows as receipts
from gateway.receipt.rows import Due
from gateway.reply.codes import new_secret
from gateway.reply.posted import CHANNEL, Posted
from gateway.reply.rows import Replied, write_reply
from gateway.reply.written import code_of
from gateway.sorting.rows import note_passages
from gateway.store.tables import AlarmCallRow, CardRow, DecisionRow, MessageRow
from gateway.vault import rows as vault
from gateway.voices.rows import hand_over

_MESSAGES = cast(Table, MessageRow.__table__)
DUE_WITHOUT_A_DATE = ("Medical", "Emergency")
"""Topics of facts that count from the moment they are told (requirement 1)."""
_BEFORE = (
    select(CardRow.made_at)
    .where(CardRow.family == bindparam("family"))
    .order_by(CardRow.id.desc())
    .limit(literal_column("1"))
    .offset(literal_column(str(FLOOD - 1)))
)
_CONCLUDED = (
    update(_MESSAGES)
    .where(_MESSAGES.c.id == bindparam("this"), _MESSAGES.c.state == "stored")
    .values(state=bindparam("becomes"))
)
"""Every message passes by these, so they are made once."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A message as the worker takes it from the store. `posted`: what a page of ours said besides the words."""

    id: int
    family: str
    channel: str
    received_at: datetime
    sha256: str
    mail_from: str
    entry_seq: int
    starts: int
    fingerprint: str
    provenance: str = RECEIVED
    written_at: datetime | None = None
    role: str = ""
    kind: str = ""
    peer: str = ""
    helo: str = ""
    rcpt_to: tuple[str, ...] = ()
    posted: Posted | None = None

    @property
    def imported(self) -> bool:
        """Whether it was read from an archive. Then `role` and `kind` are what the import found."""
        return self.provenance == IMPORTED

    @property
    def moment(self) -> datetime:
        """When it was written as far as is known: what the archive says, else when it came."""
        return self.written_at or self.received_at


def stored_of(row: MessageRow | Row[*tuple[Any, ...]]) -> Stored:
    """The message of a row."""
    return Stored(
        id=row.id,
        family=row.family,
        channel=row.channel,
        received_at=row.received_at,
        sha256=row.sha256,
        mail_from=str(row.envelope.get("mail_from", "")),
        entry_seq=row.entry_seq,
        starts=row.starts,
        fingerprint=row.fingerprint,
        provenance=row.provenance,
        written_at=row.written_at,
        role=str(row.envelope.get("role", "")),
        kind=str(row.envelope.get("kind", "")),
        peer=str(row.envelope.get("peer", "")),
        helo=str(row.envelope.get("helo", "")),
        rcpt_to=tuple(str(to) for to in row.envelope.get("rcpt_to") or ()),
        posted=Posted.of(row.envelope) if row.channel == CHANNEL else None,
    )


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What is written about one message in one transaction. `card` is None where nothing is for the parent. `searched`: the words
    that the vault finds it by.
    """

    lane: Lane
    outcome: str
    new_text: str
    detail: dict[str, Any]
    card: Card | None
    card_kind: str = "card"
    shunted: bool = False
    whens: tuple[str | None, ...] = ()
    files: tuple[Settled, ...] = ()
    reply: Replied | None = None
    answers: Answered | None = None
    returned: Returned | None = None
    receipt: Due | None = None
    searched: str = ""

    @property
    def is_copy(self) -> bool:
        """Whether it was concluded before under another number."""
        return self.detail.get("kind") == KNOWN_COPY


def write(
    session: Session, stored: Stored, conclusion: Conclusion, family: Family | None, *, public_url: str, now: datetime
) -> None:
    """Write all of it in the caller's unit of work; nothing when the message was concluded already.

    An imported message has no card, whatever was concluded: nobody is alarmed by an old threat, and nothing old looks new.
    """
    if stored.imported:
        conclusion = replace(conclusion, card=None, detail={**conclusion.detail, "provenance": AS_GIVEN})
    zone = family.time_zone if family else "UTC"
    state = "shunted" if conclusion.shunted else "done"
    changed = session.connection().execute(_CONCLUDED, {"this": stored.id, "becomes": state})
    if changed.rowcount != 1:
        return
    if conclusion.lane is Lane.CHILD and family is not None:
        vault.forget(session, stored.id)
        who = str(conclusion.detail.get("who", ""))
        hand_over(session, stored.id, stored.channel, stored.entry_seq, family, now, who=who, again=conclusion.is_copy)
        if conclusion.returned is not None:
            returned.note(session, conclusion.returned, stored.id, family, now)
        return
    session.add(
        DecisionRow(
            message_id=stored.id,
            family=stored.family,
            made_at=now,
            who="gateway",
            lane=conclusion.lane.value,
            outcome=conclusion.outcome,
            new_text=conclusion.new_text,
            detail=conclusion.detail,
        )
    )
    kind = "shunted" if conclusion.shunted else "decided"
    append(session, stored.family, kind, _entry_body(stored, conclusion), now=now, zone=zone)
    if family is not None and conclusion.reply is not None:
        write_reply(session, stored.id, conclusion.reply, family, now)
        said = conclusion.reply
        if said.answers_id is not None and (said.goes is not None or said.draft is not None):
            acknowledge.by_reply(session, said.answers_id, family, now)
    if family is not None and conclusion.returned is not None:
        returned.note(session, conclusion.returned, stored.id, family, now)
    if family is not None:
        note_command(session, stored.id, stored.mail_from, conclusion.detail, family, now)
        for number in conclusion.answers.calls if conclusion.answers else ():
            call, via = session.get_one(AlarmCallRow, number), conclusion.answers.via if conclusion.answers else ""
            acknowledge.by_call(session, call, via, family, now, public_url)
    media = stored.channel == "sms" and not (stored.imported or conclusion.shunted or conclusion.is_copy)
    if family is not None and conclusion.receipt is not None:
        receipts.put(session, stored.id, conclusion.receipt, family, now)
    write_rows(session, stored.id, stored.family, conclusion.files, now=now, zone=zone, media=media)
    vault.note(session, stored.id, conclusion.searched)
    if family is not None and conclusion.card is not None:
        matter = matter_of(conclusion.card, conclusion.whens, family)
        kind = conclusion.card_kind
        theirs = is_the_other_parents(conclusion.detail)
        _, shown = put_card(
            session, stored.id, conclusion.card, matter, family, public_url, now, theirs=theirs, kind=kind
        )
        if kind == "card" and theirs:
            note_questions(session, stored.id, conclusion.card.items, family, now, shown)
    if family is not None and conclusion.card_kind == "card" and not stored.imported:
        note_passages(session, family, stored.id, conclusion.detail, conclusion.new_text, now)


def put_card(
    session: Session,
    message_id: int,
    card: Card,
    matter: Matter,
    family: Family,
    public_url: str,
    now: datetime,
    *,
    theirs: bool,
    kind: str = "card",
) -> tuple[CardRow, datetime]:
    """A new card with its dates, sums and deliveries, in the caller's unit of work; and from when on it may go out.

    `theirs`: the other parent wrote the message; nobody else is answered through the relay.
    """
    token = new_secret(session, family.key, now)
    flooded = FLOOD if _flooded(session, family.key, now) else 0
    when = schedule.due(now, family.deliver, family.time_zone, matter, Modes.of(family), recent=flooded)
    row = CardRow(
        message_id=message_id,
        family=family.key,
        lane=card.lane.value,
        token=token,
        made_at=now,
        content=card.as_json(),
    )
    session.add(row)
    session.flush()
    note_dates(session, row, card)
    note_expenses(session, row, card)
    link = f"{public_url}/card/{token}"
    about: dict[str, Any] = {"family": family.key, "message_id": message_id, "card_id": row.id}
    raised = None
    if card.lane in ALARMING:
        raised = raise_alarm(session, family, card.lane, now, message_id=message_id, card_id=row.id)
    answered = theirs and family.replies != "off" and card.lane is not Lane.DANGER
    code = code_of(token) if answered else ""
    for channel, address in family.ways(now.date()):
        if raised and (channel, address) in raised.crowded and not card.items:
            continue  # it would say no more than the repetition will; a fact never waits for that
        call = raised.by(session, family, channel, address) if raised else None
        ask = ask_of(public_url, call) if call else None
        outbox.put(
            session,
            **about,
            kind=kind,
            channel=channel,
            address=address,
            content=_content(card, channel, link, code, family, now, ask),
            due=when,
            planned=when > now,
            call_id=call.id if call else None,
            step=0 if call else None,
        )
    if raised is not None:
        raised.ring(session, family, public_url, link, now)
    return row, when


def is_the_other_parents(detail: Mapping[str, Any]) -> bool:
    """Whether a decided message is the other parent's. A decision that names nobody is of one that could not be read."""
    return bool(detail.get("role", Role.COPARENT) == Role.COPARENT)


def matter_of(card: Card, whens: tuple[str | None, ...], family: Family) -> Matter:
    """What counts of a card for its hour. A held passage may be due at any time, so it counts as due."""
    undated = [item for item in card.items if not item.when and not item.answer_by]
    lasting = NOTE_HELD in card.notes or any(item.topic in DUE_WITHOUT_A_DATE for item in undated)
    asks = any(item.asks for item in undated)
    wanted = {topic_of(topic) for topic, choice in family.topics.items() if choice == "now"}
    at_once = any(item.topic in wanted for item in card.items)
    return Matter(card.lane, whens, lasting, timedelta(hours=family.answer_hours) if asks else None, at_once)


def _flooded(session: Session, family: str, now: datetime) -> bool:
    """Whether so many cards were made lately that more of them are gathered."""
    before = session.connection().scalar(_BEFORE, {"family": family})
    return before is not None and before > now - FLOOD_WINDOW


def _content(
    card: Card, channel: str, link: str, code: str, family: Family, now: datetime, ask: Ask | None
) -> dict[str, Any]:
    if channel == "sms":
        return {"text": text_message(card, link, code, ask, family.language), "link": link}
    answer = how_to_answer(family.replies, family.coparent.name) if code else ""
    topics, language = family.subject == "topics", family.language
    written = letter(card, link, topics=topics, ask=ask, answer=answer, language=language)
    return {
        "subject": written.subject,
        "text": written.text,
        "html": written.html,
        "link": link,
        "calendar": calendar(events(card, link, words=family.calendar, language=language), family.time_zone, now),
    }


def _entry_body(stored: Stored, conclusion: Conclusion) -> dict[str, Any]:
    """Hashes and names only: no word of a message stands in the log."""
    body: dict[str, Any] = {
        "message": stored.id,
        "received_entry": stored.entry_seq,
        "lane": conclusion.lane.value,
        "outcome": conclusion.outcome,
        "decision_sha256": hashlib.sha256(canonical(conclusion.detail).encode("utf8", "surrogatepass")).hexdigest(),
        "card": conclusion.card is not None,
    }
    for name in ("ruleset", "tagger", "provenance", "group", "opt_out", "mode", "heard"):
        if name in conclusion.detail:
            body[name] = conclusion.detail[name]
    if conclusion.card is not None:
        content = canonical(conclusion.card.as_json()).encode("utf8", "surrogatepass")
        body["card_sha256"] = hashlib.sha256(content).hexdigest()
    if conclusion.shunted or conclusion.is_copy:
        body["why"] = conclusion.detail.get("why", KNOWN_COPY)
    return body
