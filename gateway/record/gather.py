"""From store, log and blobs to a `Record`: the only place of this room that reads the database.

Messages come in the order of the log. Each is read again from its kept bytes by the same parser; what was decided, sent and
viewed comes from the kept decision and from the log's own entries, never from a summary.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway import __version__
from gateway.errors import UserError
from gateway.family import Family, Person
from gateway.intake.archives.kept import parse_kept
from gateway.ledger import INSTALLATION, Entry, entries
from gateway.policy import Ruleset
from gateway.policy.decide import CODED
from gateway.provenance import IMPORTED, KEPT_KINDS
from gateway.record.items import File, Gap, Message, Party, Passage, Record, Scope, Sent
from gateway.store import Blobs, Store
from gateway.store.tables import AttachmentRow, CardRow, DecisionRow, MessageRow
from gateway.tagging.spans import CATEGORIES, DANGERS, TOPICS

LANES = ("facts", "emergency", "danger", "legal", "unsorted", "withheld")
ENDINGS = {"email": ".eml", "sms": ".form", "voice": ".form", "whatsapp": ".txt", "imessage": ".csv"}
SEEN = ("card opened", "original opened", "original shown", "viewed")
Progress = Callable[[int, int], None]


def no_progress(_done: int, _total: int) -> None:
    """For callers that show none."""


def gather(
    store: Store,
    blobs: Blobs,
    family: Family,
    rules: Ruleset,
    scope: Scope,
    *,
    fingerprint: str,
    now: datetime,
    progress: Progress = no_progress,
) -> Record:
    """The record of a family's log. Raises UserError for a scope that nothing fits, StoreError for lost bytes."""
    with store.read() as session:
        log = _Log(session, family.key)
        rows = session.scalars(
            select(MessageRow).where(MessageRow.family == family.key).order_by(MessageRow.entry_seq)
        ).all()
        made = _decisions(session, family.key)
        cards = {c.message_id: c.content for c in session.scalars(select(CardRow).where(CardRow.family == family.key))}
        files = _files(session, family.key)
        gaps = _gaps(session)
    titles = CODED | {rule.id: rule.title for rule in rules.rules}
    chosen: list[Message] = []
    out: Counter[str] = Counter()
    for done, row in enumerate(rows, 1):
        decision = made.get(row.id)
        reason = _left_out(scope, family, row, decision)
        if reason is not None:
            out[reason] += 1
            continue
        chosen.append(
            _message(len(chosen) + 1, row, decision, cards.get(row.id), files[row.id], log, family, blobs, titles)
        )
        progress(done, len(rows))
    if not chosen and rows:
        raise UserError("no message fits what was chosen; widen the period, the people or the topics")
    return Record(
        log=family.key,
        zone=family.time_zone,
        currency=family.currency,
        parties=tuple(_party(p, role) for p, role in _people(family)),
        children=tuple(child.name for child in family.children),
        scope=scope,
        messages=tuple(chosen),
        total=len(rows),
        entries=log.size,
        gaps=gaps,
        made_at=now,
        version=__version__,
        fingerprint=fingerprint,
        rulesets=tuple(sorted({str(d.detail["ruleset"]) for d in made.values() if d.detail.get("ruleset")})),
        taggers=tuple(sorted({str(d.detail["tagger"]) for d in made.values() if d.detail.get("tagger")})),
        left_out=tuple(sorted(out.items())),
    )


def check_about(words: Iterable[str]) -> tuple[str, ...]:
    """Topics, categories, dangers and lanes that exist. Raises UserError."""
    known = {*TOPICS, *CATEGORIES, *DANGERS, *LANES}
    given = tuple(word.strip().lower() for word in words if word.strip())
    if unknown := [word for word in given if word not in known]:
        raise UserError(f"--about: found {unknown[0]!r}; known are {', '.join(sorted(known))}")
    return given


class _Log:
    """What the log's entries say of each message."""

    def __init__(self, session: Session, log: str) -> None:
        self.kept: dict[int, Entry] = {}
        self.decided: dict[int, int] = {}
        self.sent: defaultdict[int, list[Sent]] = defaultdict(list)
        self.viewed: defaultdict[int, list[datetime]] = defaultdict(list)
        self.size = 0
        for entry in entries(session, log):
            self.size = entry.seq
            number = entry.body.get("message")
            if entry.kind in KEPT_KINDS:
                self.kept[entry.seq] = entry
            elif entry.kind in ("decided", "shunted") and isinstance(number, int):
                self.decided[number] = entry.seq
            elif entry.kind.endswith(" sent") and ("messages" in entry.body or isinstance(number, int)):
                kind = entry.kind.removesuffix(" sent")
                sent = Sent(kind, str(entry.body.get("channel", "")), _at(entry.at), entry.seq)
                for brought in entry.body.get("messages", [number]):  # a digest brings the cards of several
                    self.sent[brought].append(sent)
            elif isinstance(number, int) and ("opened" in entry.kind or "viewed" in entry.kind):
                self.viewed[number].append(_at(entry.at))


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
        Gap(_at(str(e.body["since"])), _at(e.at), bool(e.body.get("clean")))
        for e in entries(session, INSTALLATION)
        if e.kind == "gap"
    )


def _left_out(scope: Scope, family: Family, row: MessageRow, decision: DecisionRow | None) -> str | None:
    """Why a message is not in the record; None when it is."""
    moment = row.written_at or row.received_at
    if (scope.since and moment < scope.since) or (scope.until and moment >= scope.until):
        return "outside the period"
    if scope.people and not _by_whom(scope.people, family, row):
        return "from or to other people"
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


def _message(
    number: int,
    row: MessageRow,
    decision: DecisionRow | None,
    card: dict[str, Any] | None,
    files: Sequence[AttachmentRow],
    log: _Log,
    family: Family,
    blobs: Blobs,
    titles: dict[str, str],
) -> Message:
    raw = blobs.get(row.sha256)
    reading = parse_kept(row.channel, raw)
    detail = decision.detail if decision else {}
    entry = log.kept[row.entry_seq]
    address = _sender_address(row) or (reading.from_[0] if reading.from_ else "")
    known = family.who(address, row.received_at.date())
    native = f"native/{number:06d}{ENDINGS.get(row.channel, '.bin')}"
    return Message(
        number=number,
        id=row.id,
        entry=row.entry_seq,
        entry_hash=entry.hash,
        decided_entry=log.decided.get(row.id),
        at=row.received_at,
        written_at=row.written_at,
        channel=row.channel,
        sender=known[1] if known else "not on the family's list",
        sender_address=address,
        to=", ".join(str(a) for a in row.envelope.get("rcpt_to", ())) or str(row.envelope.get("direction", "")),
        role=str(known[0]) if known else str(detail.get("role", "other")),
        subject=reading.subject,
        text=reading.body,
        kind=str(detail.get("kind", reading.kind)),
        lane=decision.lane if decision else "not read yet",
        outcome=decision.outcome if decision else "",
        proof=_proof(row, detail),
        provenance=row.provenance,
        raw_sha256=row.sha256,
        raw_size=row.size,
        native=native,
        shown=_shown(card),
        facts=_facts(detail),
        passages=_passages(decision, titles),
        sent=tuple(log.sent[row.id]),
        viewed=tuple(log.viewed[row.id]),
        files=tuple(_file(number, f) for f in files),
        holds=tuple(str(h) for h in detail.get("holds", ())),
    )


def _sender_address(row: MessageRow) -> str:
    envelope = row.envelope
    return str(envelope.get("mail_from") or envelope.get("from") or envelope.get("sender") or "").lower()


def _proof(row: MessageRow, detail: dict[str, Any]) -> str:
    """What is known of who sent it, in a sentence."""
    if row.provenance == IMPORTED:
        return "imported, as given by the parent: nothing proves who wrote it"
    if row.channel != "email":
        return "a number, as the carrier's signed call gave it"
    found = detail.get("authentication")
    return f"{found['verdict']}: {found['why']}" if found else "who sent it was not checked"


def _shown(card: dict[str, Any] | None) -> tuple[str, ...]:
    """The sender's words as the card showed them."""
    if card is None:
        return ()
    whole = [card["whole"]] if card.get("whole") else []
    return tuple(str(words) for words in [*(item["text"] for item in card.get("items", ())), *whole])


def _facts(detail: dict[str, Any]) -> tuple[tuple[str, str | None, str | None, float | None, bool, str | None], ...]:
    return tuple(
        (f["topic"], f["child"], f["when"], f["amount"], bool(f.get("asks")), f.get("answer_by"))
        for f in detail.get("facts", ())
    )


def _passages(decision: DecisionRow | None, titles: dict[str, str]) -> tuple[Passage, ...]:
    if decision is None:
        return ()
    out = []
    for field, words in (("subject_choices", decision.detail.get("subject") or ""), ("choices", decision.new_text)):
        for choice in decision.detail.get(field, ()):
            text = words[choice["start"] : choice["end"]].strip()
            if text:
                rule = str(choice["rule"])
                out.append(Passage(text, str(choice["action"]), str(choice["label"]), rule, titles.get(rule, rule)))
    return tuple(out)


def _file(number: int, row: AttachmentRow) -> File:
    ending = row.ending if row.ending.isalnum() else "bin"
    path = f"native/{number:06d}-{row.place + 1}.{ending or 'bin'}" if row.sha256 else None
    return File(
        row.name, row.type, row.size, row.sha256, row.why or row.state, path, is_picture=row.type.startswith("image/")
    )


def _people(family: Family) -> list[tuple[Person, str]]:
    return [
        (family.coparent, "co-parent"),
        (family.parent, "parent"),
        *((person, str(person.role)) for person in family.people),
    ]


def _party(person: Person, role: str) -> Party:
    return Party(person.name, role, tuple(a.address for a in (*person.emails, *person.phones)))


def _at(value: str) -> datetime:
    return datetime.fromisoformat(value.replace("Z", "+00:00")).astimezone(UTC)
