"""One message of a record, made from what is known of it: its bytes, the log, what was decided. Pure.

The same functions serve `gather.py`, which takes all of it from the store, and `again.py`, which takes all of it from a bundle: so
whoever has a bundle can make the same record again and compare it with what is printed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gateway.intake.archives.kept import parse_kept
from gateway.provenance import FROM_A_CHILD, IMPORTED, KEPT_KINDS, RECEIVED
from gateway.record.items import File, Message, Passage, Sent
from gateway.reply.rows import ACCEPTED

ENDINGS = {"email": ".eml", "sms": ".form", "voice": ".form", "whatsapp": ".txt", "imessage": ".csv"}
NOTE = "journal note"
"""Kind of the entry that holds the hash of one of the parent's own notes."""
SENT = "sent"
"""Provenance of what the parent sent through the relay."""


@dataclass(frozen=True, slots=True)
class Who:
    """Who wrote a message and to whom, as the family's list has them. Only the operator says so."""

    sender: str
    address: str
    role: str
    to: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept message: its place, its bytes' hash, what was decided."""

    id: int
    entry: int
    channel: str
    written_at: datetime | None
    sha256: str
    size: int
    detail: Mapping[str, Any]
    who: Who


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words that the parent sent."""

    id: int
    channel: str
    words: str
    subject: str | None
    who: Who


class Told:
    """What the log's entries say of each message; they are taken in order."""

    def __init__(self) -> None:
        self.kept: dict[int, tuple[str, str, str]] = {}
        self.decided: dict[int, tuple[int, str, str]] = {}
        self.sent: defaultdict[int, list[Sent]] = defaultdict(list)
        self.viewed: defaultdict[int, list[datetime]] = defaultdict(list)
        self.answers: dict[int, int] = {}
        self.notes: dict[str, tuple[int, str]] = {}
        self.size = 0
        self.children = 0

    def take(self, seq: int, kind: str, at: str, digest: str, body: Mapping[str, Any]) -> None:
        """One entry."""
        self.size = seq
        self.children += kind == FROM_A_CHILD
        number = body.get("message")
        if kind == NOTE:
            self.notes.setdefault(str(body.get("sha256", "")), (seq, digest))
        if kind in KEPT_KINDS or kind == ACCEPTED:
            self.kept[seq] = (kind, at, digest)
        brought = body.get("messages")
        if kind.endswith(" sent") and isinstance(brought, list):  # a digest brings the cards of several
            told = Sent(kind.removesuffix(" sent"), str(body.get("channel", "")), moment(at), seq)
            for one in brought:
                if isinstance(one, int):
                    self.sent[one].append(told)
        if not isinstance(number, int):
            return
        if kind in ("decided", "shunted"):
            self.decided[number] = (seq, str(body.get("lane", "")), str(body.get("outcome", "")))
        elif kind == ACCEPTED:
            self.answers[number] = seq
        elif kind.endswith(" sent"):
            self.sent[number].append(Sent(kind.removesuffix(" sent"), str(body.get("channel", "")), moment(at), seq))
        elif "opened" in kind or "viewed" in kind:
            self.viewed[number].append(moment(at))


def message_of(
    number: int,
    kept: Kept,
    raw: bytes,
    card: Mapping[str, Any] | None,
    files: Sequence[File],
    log: Told,
    titles: Mapping[str, str],
) -> Message:
    """A message of others."""
    reading = parse_kept(kept.channel, raw)
    kind, at, digest = log.kept[kept.entry]
    seq, lane, outcome = log.decided.get(kept.id, (None, "not read yet", ""))
    detail = kept.detail
    return Message(
        number=number,
        id=kept.id,
        entry=kept.entry,
        entry_hash=digest,
        decided_entry=seq,
        at=moment(at),
        written_at=kept.written_at,
        channel=kept.channel,
        sender=kept.who.sender,
        sender_address=kept.who.address or (reading.from_[0] if reading.from_ else ""),
        to=kept.who.to,
        role=kept.who.role,
        subject=reading.subject,
        text=reading.body,
        kind=str(detail.get("kind", reading.kind)),
        lane=lane,
        outcome=outcome,
        proof=proof(kind, kept.channel, detail),
        provenance=IMPORTED if kind == IMPORTED else RECEIVED,
        raw_sha256=kept.sha256,
        raw_size=kept.size,
        native=f"native/{number:06d}{ENDINGS.get(kept.channel, '.bin')}",
        shown=_shown(card),
        facts=_facts(detail),
        passages=_passages(detail, reading.new_text, titles),
        sent=tuple(log.sent[kept.id]),
        viewed=tuple(log.viewed[kept.id]),
        files=tuple(files),
        holds=tuple(str(h) for h in detail.get("holds", ())),
        mode=str(detail.get("mode", "")),
    )


def sent_message(number: int, said: Sentence, log: Told, answered: int | None) -> Message:
    """What was sent to the other parent, as the log has its hash. `answered`: number of the message that it answers."""
    from gateway.store.blobs import digest as sha256

    seq = log.answers[said.id]
    _, at, digest = log.kept[seq]
    raw = said.words.encode("utf8")
    return Message(
        number=number,
        id=said.id,
        entry=seq,
        entry_hash=digest,
        decided_entry=None,
        at=moment(at),
        written_at=None,
        channel=said.channel,
        sender=said.who.sender,
        sender_address=said.who.address,
        to=said.who.to,
        role=said.who.role,
        subject=said.subject,
        text=said.words,
        kind=f"answer to No {answered}" if answered else "message",
        lane="answer",
        outcome="",
        proof="the parent, by a card's secret or a code",
        provenance=SENT,
        raw_sha256=sha256(raw),
        raw_size=len(raw),
        native=f"native/{number:06d}.txt",
        sent=tuple(log.sent[said.id]),
    )


def moment(value: str) -> datetime:
    """A time of the log."""
    return datetime.fromisoformat(value.replace("Z", "+00:00")).astimezone(UTC)


def proof(kind: str, channel: str, detail: Mapping[str, Any]) -> str:
    """What is known of who sent it, in a sentence."""
    if kind == IMPORTED:
        return "imported, as given by the parent: nothing proves who wrote it"
    if channel != "email":
        return "a number, as the carrier's signed call gave it"
    found = detail.get("authentication")
    return f"{found['verdict']}: {found['why']}" if found else "who sent it was not checked"


def _shown(card: Mapping[str, Any] | None) -> tuple[str, ...]:
    """The sender's words as the card showed them."""
    if card is None:
        return ()
    whole = [card["whole"]] if card.get("whole") else []
    return tuple(str(words) for words in [*(item["text"] for item in card.get("items", ())), *whole])


def _facts(detail: Mapping[str, Any]) -> tuple[tuple[str, str | None, str | None, float | None, bool, str | None], ...]:
    return tuple(
        (f["topic"], f["child"], f["when"], f["amount"], bool(f.get("asks")), f.get("answer_by"))
        for f in detail.get("facts", ())
    )


def _passages(detail: Mapping[str, Any], new_text: str, titles: Mapping[str, str]) -> tuple[Passage, ...]:
    out = []
    for field, words in (("subject_choices", detail.get("subject") or ""), ("choices", new_text)):
        for choice in detail.get(field, ()):
            text = words[choice["start"] : choice["end"]].strip()
            if text:
                rule = str(choice["rule"])
                out.append(Passage(text, str(choice["action"]), str(choice["label"]), rule, titles.get(rule, rule)))
    return tuple(out)
