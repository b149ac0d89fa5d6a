"""From store, log and blobs to a `Record`: the only place of this room that reads the database.

Messages come in the order of the log. Each is read again from its kept bytes by the same parser; what was decided, sent and
viewed comes from the kept decision and from the log's own entries, never from a summary.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway import __version__
from gateway.errors import UserError
from gateway.family import Family, Person, Role
from gateway.language import SOURCE
from gateway.ledger import INSTALLATION, entries
from gateway.policy import Lane, Ruleset
from gateway.policy.decide import CODED
from gateway.provenance import ALARM_ANSWER, FROM_THE_PARENT, IMPORTED
from gateway.record.heap import uncollected
from gateway.record.items import File, Gap, Message, Party, Record, Scope
from gateway.record.journal import notes
from gateway.record.told import Kept, Sentence, Told, Who, message_of, moment, sent_message
from gateway.store import Blobs, Store
from gateway.store.tables import AttachmentRow, CardRow, DecisionRow, MessageRow, ReplyRow
from gateway.tagging.spans import CATEGORIES, DANGERS, TOPICS

LANES = ("facts", "emergency", "danger", "legal", "unsorted", "withheld", "whole", "archived")
PRIVATE_ROLES = (Role.SAFETY_CONTACT, Role.REVIEWER, Role.CHILD)
Progress = Callable[[int, int], None]


def no_progress(_done: int, _total: int) -> None:
    """For callers that show none."""


@uncollected()
def gather(
    store: Store,
    blobs: Blobs,
    family: Family,
    rules: Ruleset,
    scope: Scope,
    *,
    fingerprint: str,
    now: datetime,
    journal: bool = False,
    language: str = SOURCE,
    progress: Progress = no_progress,
) -> Record:
    """The record of a family's log. Raises UserError for a scope that nothing fits, StoreError for lost bytes."""
    with store.read() as session:
        log = Told()
        for entry in entries(session, family.key):
            log.take(entry.seq, entry.kind, entry.at, entry.hash, entry.body)
        rows = session.scalars(
            select(MessageRow).where(MessageRow.family == family.key).order_by(MessageRow.entry_seq)
        ).all()
        made = _decisions(session, family.key)
        newest = select(CardRow).where(CardRow.family == family.key).order_by(CardRow.id.desc())
        cards = {c.message_id: c.content for c in session.scalars(newest)}  # the first: later ones are sorted passages
        files = _files(session, family.key)
        gaps = _gaps(session)
        own, own_total = notes(session, log, family.key, scope) if journal else ((), 0)
        replies = session.scalars(
            select(ReplyRow).where(ReplyRow.family == family.key, ReplyRow.state == "sent").order_by(ReplyRow.id)
        ).all()
    titles = CODED | {rule.id: rule.title for rule in rules.rules}
    chosen: list[Message] = []
    out: Counter[str] = Counter()
    answers = {reply.message_id: reply for reply in replies if reply.message_id in log.answers}
    theirs = [row for row in rows if not (_is_own(row, made.get(row.id)) or _is_a_childs(made.get(row.id)))]
    sent = [row for row in rows if row.id in answers and row not in theirs]
    every = sorted((*theirs, *sent), key=lambda row: log.answers.get(row.id, row.entry_seq))
    numbers: dict[int, int] = {}
    for done, row in enumerate(every, 1):
        decision, reply = made.get(row.id), answers.get(row.id)
        reason = _left_out(scope, family, row, decision, reply)
        if reason is not None:
            out[reason] += 1
            continue
        number = numbers[row.id] = len(chosen) + 1
        if reply is not None:
            answered = numbers.get(reply.answers_id or 0)
            chosen.append(sent_message(number, _sent_words(reply, row, family), log, answered))
        else:
            theirs_files = tuple(_file(number, f) for f in files[row.id])
            kept = _kept(row, decision, family)
            chosen.append(
                message_of(
                    number, kept, blobs.get(family.key, row.sha256), cards.get(row.id), theirs_files, log, titles
                )
            )
        progress(done, len(every))
    if not chosen and every:
        raise UserError("no message fits what was chosen; widen the period, the people or the topics")
    return Record(
        log=family.key,
        zone=family.time_zone,
        currency=family.currency,
        parties=_parties(family, chosen),
        children=tuple(child.name for child in family.children),
        scope=scope,
        messages=tuple(chosen),
        total=len(every),
        entries=log.size,
        gaps=gaps,
        made_at=now,
        version=__version__,
        fingerprint=fingerprint,
        rulesets=tuple(sorted({str(d.detail["ruleset"]) for d in made.values() if d.detail.get("ruleset")})),
        taggers=tuple(sorted({str(d.detail["tagger"]) for d in made.values() if d.detail.get("tagger")})),
        left_out=tuple(sorted(out.items())),
        from_children=log.children,
        notes=own,
        notes_total=own_total,
        language=language,
        titles=tuple(
            sorted((rule, titles[rule]) for rule in {p.rule for m in chosen for p in m.passages} if rule in titles)
        ),
    )


def check_about(words: Iterable[str]) -> tuple[str, ...]:
    """Topics, categories, dangers and lanes that exist. Raises UserError."""
    known = {*TOPICS, *CATEGORIES, *DANGERS, *LANES}
    given = tuple(word.strip().lower() for word in words if word.strip())
    if unknown := [word for word in given if word not in known]:
        raise UserError(f"--about: found {unknown[0]!r}; known are {', '.join(sorted(known))}")
    return given


def _decisions(session: Session, family: str) -> dict[int, DecisionRow]:
    query = select(DecisionRow).where(DecisionRow.family == family).order_by(DecisionRow.id)
    return {row.message_id: row for row in session.scalars(query)}


def _files(session: Session, family: str) -> defaultdict[int, list[AttachmentRow]]:
    found: defaultdict[int, list[AttachmentRow]] = defaultdict(list)
    query = select(AttachmentRow).where(AttachmentRow.family == family)
    for row in session.scalars(query.order_by(AttachmentRow.message_id, AttachmentRow.place)):
        found[row.message_id].append(row)
    return found


def _gaps(session: Session) -> tuple[Gap, ...]:
    return tuple(
        Gap(moment(str(e.body.get("alive", e.body["since"]))), moment(e.at), bool(e.body.get("clean")))
        for e in entries(session, INSTALLATION)
        if e.kind == "gap"
    )


def _is_own(row: MessageRow, decision: DecisionRow | None) -> bool:
    """Whether the parent wrote it to the gateway: its headers are the parent's own and nobody else's business. What of it was
    sent on is in the record as what was sent.
    """
    return (
        row.provenance != IMPORTED
        and decision is not None
        and decision.detail.get("kind") in (FROM_THE_PARENT, ALARM_ANSWER)
    )


def _is_a_childs(decision: DecisionRow | None) -> bool:
    """Whether a child wrote it to the parent: handed over, and no part of any record."""
    return decision is not None and decision.lane == Lane.CHILD


def _left_out(
    scope: Scope, family: Family, row: MessageRow, decision: DecisionRow | None, reply: ReplyRow | None = None
) -> str | None:
    """Why a message is not in the record; None when it is."""
    moment = row.written_at or row.received_at
    if (scope.since and moment < scope.since) or (scope.until and moment >= scope.until):
        return "outside the period"
    if scope.people and not _by_whom(scope.people, family, row):
        return "from or to other people"
    if reply is not None and scope.about:
        return "about other things"
    if scope.about and not (set(scope.about) & _labels(decision)):
        return "about other things"
    return None


def _by_whom(people: Sequence[str], family: Family, row: MessageRow) -> bool:
    address = _sender_address(row)
    known = family.who(address, row.received_at.date())
    names = {address.lower(), (known[1].lower() if known else ""), (str(known[0]) if known else "")}
    return any(person.strip().lower() in names for person in people)


def _labels(decision: DecisionRow | None) -> set[str]:
    if decision is None:
        return set()
    choices = [*decision.detail.get("choices", ()), *decision.detail.get("subject_choices", ())]
    return {decision.lane, *(str(c["label"]).partition(":")[2] for c in choices)}


def _kept(row: MessageRow, made: DecisionRow | None, family: Family) -> Kept:
    address = _sender_address(row)
    known = family.who(address, row.received_at.date())
    detail = made.detail if made else {}
    return Kept(
        id=row.id,
        entry=row.entry_seq,
        channel=row.channel,
        written_at=row.written_at,
        sha256=row.sha256,
        size=row.size,
        detail=detail,
        who=Who(
            known[1] if known else "not on the family's list",
            address,
            str(known[0]) if known else str(detail.get("role", "other")),
            ", ".join(str(a) for a in row.envelope.get("rcpt_to", ())) or str(row.envelope.get("direction", "")),
        ),
    )


def _sent_words(reply: ReplyRow, row: MessageRow, family: Family) -> Sentence:
    subject = reply.content.get("subject")
    return Sentence(
        row.id,
        reply.channel,
        str(reply.content["text"]).rstrip("\n"),
        str(subject) if subject else None,
        Who(family.parent.name, "through the relay", "parent", reply.address),
    )


def _sender_address(row: MessageRow) -> str:
    envelope = row.envelope
    return str(envelope.get("mail_from") or envelope.get("from") or envelope.get("sender") or "").lower()


def _file(number: int, row: AttachmentRow) -> File:
    ending = row.ending if row.ending.isalnum() else "bin"
    path = f"native/{number:06d}-{row.place + 1}.{ending or 'bin'}" if row.sha256 else None
    return File(
        row.name, row.type, row.size, row.sha256, row.why or row.state, path, is_picture=row.type.startswith("image/")
    )


def _parties(family: Family, messages: Sequence[Message]) -> tuple[Party, ...]:
    """The parents, and whoever else wrote. The parent's own addresses and those of safety contacts are nobody's business:
    the record goes to the other side, who knows the relay's.
    """
    relay = tuple(a for a in (family.relay_email, family.relay_phone) if a)
    wrote = {m.sender for m in messages}
    out = [_party(family.coparent, "co-parent"), Party(family.parent.name, "parent, through the relay", relay)]
    out += [_party(p, str(p.role)) for p in family.people if p.name in wrote and p.role not in PRIVATE_ROLES]
    return tuple(out)


def _party(person: Person, role: str) -> Party:
    return Party(person.name, role, tuple(a.address for a in (*person.emails, *person.phones)))
