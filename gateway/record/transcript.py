"""From a `Record` to what the pages say, as plain values for the typesetter. Pure.

Every message is printed with its own words first, under the label "Original"; what was delivered of them, and what was
not and by which rule, stands below under labels of its own, so that the two cannot be taken for one another. Words of
messages are lists of lines, each a text or a list of runs (`glyphs.py`); the typesetter never reads them as commands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from gateway.clock import for_people, local
from gateway.record.glyphs import is_plain, is_right_to_left, runs
from gateway.record.heap import uncollected
from gateway.record.items import LANES, Message, Passage, Record, Style
from gateway.record.timeline import WAITS, answer_by, hours, late, waits, weeks

CHANNELS = {
    "email": "email",
    "sms": "text message",
    "voice": "voicemail, written down by a machine",
    "whatsapp": "WhatsApp (imported)",
    "imessage": "iMessage (imported)",
}
BY_ACTION = {"withhold": "Withheld", "hold": "Held for a look", "escalate": "Not quoted on the card (alarm)"}
TITLES = {Style.US: "Exhibit: record of messages", Style.EW: "Record of messages", Style.PLAIN: "Record of messages"}
THUMB_PICTURES = 200
Line = str | dict[str, Any]


@uncollected()
def transcript(
    record: Record, style: Style, *, prefix: str = "BW", thumbs: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """All that the pages say. `thumbs`: hashes of pictures of which a small copy lies beside the pages."""
    return {
        "title": TITLES[style],
        "style": str(style),
        "prefix": prefix,
        "extract": extract_line(record),
        "cover": cover(record),
        "parties": [[lines(p.name), p.role, lines(", ".join(p.addresses) or "none")] for p in record.parties],
        "months": months(record),
        "messages": [message(m, record, thumbs) for m in record.messages],
        "weeks": weeks(record.messages, record.zone),
        "hours": hours(record.messages, record.zone),
        "waits": waits(record.messages),
        "wait_names": list(WAITS),
        "late": [[m.number, when(m.written_at or m.at, record), lines(words)] for m, words in late(record.messages)],
        "lanes": list(LANES),
        "questions": questions(record),
        "expenses": expenses(record),
        "gaps": [
            [when(g.since, record), when(g.until, record), "stopped" if g.clean else "broken off"] for g in record.gaps
        ],
    }


def extract_line(record: Record) -> str | None:
    """What stands on every page of an extract; None for the whole log."""
    if not record.is_extract:
        return None
    return f"Extract: {len(record.messages):,} of {record.total:,} messages of this log"


def cover(record: Record) -> list[list[Any]]:
    """What the cover says, a name and words for each row."""
    messages = record.messages
    channels = Counter(CHANNELS.get(m.channel, m.channel) for m in messages)
    imported = sum(m.provenance == "imported" for m in messages)
    rows: list[list[Any]] = [
        ["Log", f"{record.log}, {record.entries:,} entries"],
        ["Children", ", ".join(record.children)],
        ["Period", _period(record)],
        ["Messages", f"{len(messages):,} of {record.total:,} in this log"],
        ["By channel", ", ".join(f"{name} {count:,}" for name, count in sorted(channels.items())) or "none"],
        ["What became of them", _lane_counts(messages)],
    ]
    if record.left_out:
        rows.append(["Left out", "; ".join(f"{count:,} {reason}" for reason, count in record.left_out)])
        rows.append(["Chosen", _chosen(record)])
    if imported:
        rows.append(["Imported", f"{imported:,} messages as given by the parent; no transport brought them"])
    if modes := Counter(m.mode for m in messages if m.mode):
        rows.append(["Contact modes", "; ".join(f"{mode} {count:,}" for mode, count in sorted(modes.items()))])
    if record.from_children:
        rows.append(["From the children", CHILDREN.format(count=record.from_children)])
    gaps = [g for g in record.gaps if not g.clean]
    rows += [
        ["Times", f"Local time in {record.zone} with its offset from UTC"],
        ["Gaps", f"{len(record.gaps):,} times not running, {len(gaps):,} of them broken off; listed at the end"],
        ["Made", f"{when(record.made_at, record)} by Breakwater {record.version}"],
        ["How it was made", HOW],
        ["Rules and tagger", "; ".join([*record.rulesets, *record.taggers]) or "none"],
        ["Fingerprint of the key", _spaced(record.fingerprint)],
    ]
    return [[name, lines(words)] for name, words in rows]


CHILDREN = "{count:,}, handed over to the parent; they are not recorded, and are in none of the numbers"
MODES = {
    "no-contact": "no-contact: only danger, emergencies and legal mail were delivered",
    "archive-only": "archive-only: nothing was sorted",
}
"""What a message says of the mode in which it was handled; one without such words was handled in modified-contact."""
HOW = (
    "Each message was stored byte for byte, and an entry with its SHA-256 written to an append-only log, before anything else "
    "happened to it. This record was made by reading the stored bytes again. The words under Original are all words of the "
    "message. A program chose which of them were delivered; it added none. The bundle holds the stored bytes and the proofs."
)


def message(m: Message, record: Record, thumbs: frozenset[str]) -> dict[str, Any]:
    """One message as it is printed."""
    delivered = m.shown or tuple(
        p.text for p in m.passages if m.sent and p.action == "forward" and not p.label.startswith("N")
    )
    return {
        "n": m.number,
        "at": when(m.written_at or m.at, record),
        "kept": f"kept {when(m.at, record)}" if m.written_at else "",
        "entry": f"{record.log}/{m.entry}",
        "hash": m.entry_hash[:16],
        "from": lines(f"{m.sender} ({m.role}), {m.sender_address or 'no address'}"),
        "to": lines(m.to or "not known"),
        "channel": CHANNELS.get(m.channel, m.channel),
        "direction": "sent" if m.provenance == "sent" else "received" if m.role != "parent" else "written by the parent",
        "proof": lines(m.proof),
        "kind": "" if m.kind == "message" else m.kind.replace("_", " "),
        "mode": MODES.get(m.mode, ""),
        "subject": lines(m.subject) if m.subject else None,
        "text": lines(m.text.rstrip("\n")),
        "native": f"{m.native}, {m.raw_size:,} bytes, SHA-256 {m.raw_sha256}",
        "lane": m.lane,
        "delivered": [lines(words) for words in delivered],
        "all-delivered": bool(delivered) and _same("".join(delivered), m.text),
        "sent": sent(m, record),
        "viewed": "; ".join(when(v, record) for v in m.viewed[:3]) + ("; and later" if len(m.viewed) > 3 else ""),
        "withheld": withheld(m),
        "brief": m.provenance == "sent",
        "files": [
            [lines(f.name or "without a name"), f"{f.type}, {f.size or 0:,} bytes, SHA-256 {f.sha256 or 'not kept'}; {f.became}",
             f.sha256 if f.sha256 in thumbs else None]
            for f in m.files
        ],
    }  # fmt: skip


def sent(m: Message, record: Record) -> str:
    """What went out about a message, those of one minute together: ``card by email (entry 8), sms (entry 9) Fri 9 Jan …``."""
    found: dict[tuple[str, str], list[str]] = {}
    for s in m.sent:
        found.setdefault((s.kind, when(s.at, record)), []).append(f"{s.channel} (entry {s.entry})")
    return "; ".join(f"{kind} by {', '.join(ways)} {at}" for (kind, at), ways in found.items())


def withheld(m: Message) -> list[list[Any]]:
    """What was not delivered: how, by which rule, the words. Neighbours under one rule are one row."""
    rows: list[tuple[str, str, list[str]]] = []
    for passage in m.passages:
        how = BY_ACTION.get(passage.action)
        if how is None or (passage.action == "escalate" and passage.label == "F:emergency"):
            continue
        rule = f"{passage.title} ({passage.rule})"
        if rows and rows[-1][:2] == (how, rule):
            rows[-1][2].append(passage.text)
        else:
            rows.append((how, rule, [passage.text]))
    held = [["Held for a look", "; ".join(m.holds), lines("the whole message")]] if m.holds else []
    if len(rows) == 1 and _same("".join(rows[0][2]), m.text):
        return [*held, [*rows[0][:2], None]]
    return held + [[how, rule, lines("\n".join(texts))] for how, rule, texts in rows]


def _same(words: str, text: str) -> bool:
    """Whether two texts differ in nothing but blanks and line breaks."""
    return "".join(words.split()) == "".join(text.split())


def lines(text: str) -> list[Line]:
    """Words as lines for the page; a line without anything odd is a plain text."""
    out: list[Line] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        if is_plain(line):
            out.append(line)
        else:
            out.append({"rtl": is_right_to_left(line), "runs": [list(run) for run in runs(line)]})
    return out


def months(record: Record) -> list[list[Any]]:
    """The contents: a month, its first message, how many."""
    found: dict[str, list[Any]] = {}
    for m in record.messages:
        name = local(m.written_at or m.at, record.zone).strftime("%B %Y")
        row = found.setdefault(name, [name, m.number, 0])
        row[2] += 1
    return list(found.values())


def questions(record: Record) -> list[list[Any]]:
    """What was asked: message, when, the words, by when an answer was wanted, and where, when and how timely it was answered.

    A day without an hour ends at midnight; whether a date was missed is said only where the words name one.
    """
    answered = {m.kind.removeprefix("answer to No "): m for m in reversed(record.messages) if m.provenance == "sent"}
    out = []
    for m in record.messages:
        back = answered.get(str(m.number))
        for words, fact in _passages_of_facts(m):
            if fact[4]:
                by = answer_by(fact[5], record.zone)
                said = f"No {back.number}, {when(back.at, record)}" if back else "no answer through the relay"
                said += "; not delivered yet" if back and not back.sent else ""
                if by is not None and by < (back.at if back else record.made_at):
                    said += "; after the date" if back else "; the date passed"
                out.append([m.number, when(m.written_at or m.at, record), lines(words), wanted(fact[5], record), said])
    return out


def wanted(words: str | None, record: Record) -> str:
    """By when an answer was wanted, as a person reads it: a day, or a moment with its offset."""
    if words is None:
        return "no date"
    moment = datetime.fromisoformat(words)
    if len(words) == len("2026-01-05"):
        return f"{moment:%a} {moment.day} {moment:%b %Y}"
    return when(moment.replace(tzinfo=ZoneInfo(record.zone)), record)


def expenses(record: Record) -> list[list[Any]]:
    """Sums that were asked for or reported: message, when, the words, the sum."""
    out = []
    for m in record.messages:
        for words, fact in _passages_of_facts(m):
            if fact[3] is not None:
                out.append(
                    [m.number, when(m.written_at or m.at, record), lines(words), f"{fact[3]:,.2f} {record.currency}"]
                )
    return out


def when(moment: datetime, record: Record) -> str:
    """A moment as a person reads it: local, with its offset."""
    return for_people(moment, record.zone)


def _passages_of_facts(
    m: Message,
) -> list[tuple[str, tuple[str, str | None, str | None, float | None, bool, str | None]]]:
    shown = [p for p in m.passages if _is_shown_fact(p)]
    return [(p.text, fact) for p, fact in zip(shown[-len(m.facts) :] if m.facts else [], m.facts, strict=False)]


def _is_shown_fact(passage: Passage) -> bool:
    return passage.label.startswith("F:") and (passage.action == "forward" or passage.label == "F:emergency")


def _period(record: Record) -> str:
    if not record.messages:
        return "no message"
    moments = [m.written_at or m.at for m in record.messages]
    return f"{when(min(moments), record)} to {when(max(moments), record)}"


def _lane_counts(messages: Sequence[Message]) -> str:
    found = Counter(m.lane for m in messages)
    return ", ".join(f"{lane} {found[lane]:,}" for lane in sorted(found)) or "none"


def _chosen(record: Record) -> str:
    scope = record.scope
    words = [
        f"from {when(scope.since, record)}" if scope.since else "",
        f"until {when(scope.until, record)}" if scope.until else "",
        f"people: {', '.join(scope.people)}" if scope.people else "",
        f"about: {', '.join(scope.about)}" if scope.about else "",
    ]
    return "; ".join(word for word in words if word)


def _spaced(fingerprint: str) -> str:
    return " ".join(fingerprint[i : i + 8] for i in range(0, len(fingerprint), 8))
