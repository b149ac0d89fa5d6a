"""From a `Record` to what the pages say, as plain values for the typesetter. Pure.

Every message is printed with its own words first, under the label "Original"; what was delivered of them, and what was
not and by which rule, stands below under labels of its own, so that the two cannot be taken for one another. Words of
messages are lists of lines, each a text or a list of runs (`glyphs.py`); the typesetter never reads them as commands.
Fixed words are in the record's language (`speech.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from gateway.record.asked import expenses, questions
from gateway.record.heap import uncollected
from gateway.record.items import LANES, Message, Passage, Record, Style
from gateway.record.lines import lines
from gateway.record.speech import Court, court
from gateway.record.timeline import WAITS, hours, late, waits, weeks

CHANNELS = {
    "email": "email",
    "sms": "text message",
    "voice": "voicemail, written down by a machine",
    "whatsapp": "WhatsApp (imported)",
    "imessage": "iMessage (imported)",
}
BY_ACTION = {"withhold": "Withheld", "hold": "Held for a look", "escalate": "Not quoted on the card (alarm)"}
TITLES = {Style.US: "Exhibit: record of messages", Style.EW: "Record of messages", Style.PLAIN: "Record of messages"}
DIRECTIONS = {"sent": "sent", "received": "received", "parent": "written by the parent"}
NOT_LISTED, BY_RELAY = "not on the family's list", "through the relay"
"""What stands for the name or the address of a sender (see `gather.py`)."""
PROOFS = (
    "imported, as given by the parent: nothing proves who wrote it",
    "a number, as the carrier's signed call gave it",
    "who sent it was not checked",
    "the parent, by a card's secret or a code",
)
"""As `told.py` says who sent a message, beside what was found of its mail."""
ROLES = (
    "co-parent", "parent", "parent, through the relay", "safety contact", "reviewer", "lawyer", "professional", "relative",
    "partner", "child", "other",
)  # fmt: skip
NOT_READ = "not read yet"
KINDS = ("auto reply", "bounce", "receipt", "reaction", "calendar", "list", "from the parent", "answer to an alarm")
SENT_KINDS = ("card", "alarm", "digest", "quiet", "notice", "ask", "reply", "receipt", "disclosure")
WAYS = ("email", "sms", "voice", "web", "push")
FILES = ("waiting", "listed", "step", "held")
"""What became of a file, where no rule says why (`gateway.attachments.settle.FileState`)."""
LEFT_OUT = ("outside the period", "from or to other people", "about other things")


@uncollected()
def transcript(
    record: Record, style: Style, *, prefix: str = "BW", thumbs: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """All that the pages say. `thumbs`: hashes of pictures of which a small copy lies beside the pages."""
    speak = court(record.language)
    return spoken(record) | {
        "title": speak.say(TITLES[style]),
        "style": str(style),
        "prefix": prefix,
        "extract": extract_line(record),
        "cover": cover(record),
        "parties": parties(record),
        "months": months(record),
        "messages": [message(m, record, thumbs) for m in record.messages],
        "weeks": weeks(record.messages, record.zone, speak),
        "hours": hours(record.messages, record.zone),
        "waits": waits(record.messages, speak),
        "wait_names": [speak.known(name) for name in WAITS],
        "late": [
            [m.number, speak.when(m.moment, record.zone), lines(words)] for m, words in late(record.messages)
        ],
        "lanes": [speak.known(lane) for lane in LANES],
        "questions": questions(record),
        "expenses": expenses(record),
        "gaps": [
            [
                speak.when(g.since, record.zone),
                speak.when(g.until, record.zone),
                speak.say("stopped") if g.clean else speak.say("broken off"),
            ]
            for g in record.gaps
        ],
    }  # fmt: skip


def spoken(record: Record) -> dict[str, Any]:
    """The language and the fixed words of the template; nothing where it is the template's own."""
    words = court(record.language).template()
    return {"lang": record.language, "said": words} if words else {}


def parties(record: Record) -> list[list[Any]]:
    """Everybody with their role and addresses."""
    speak = court(record.language)
    none = speak.say("none")
    return [[lines(p.name), speak.known(p.role), lines(", ".join(p.addresses) or none)] for p in record.parties]


def extract_line(record: Record) -> str | None:
    """What stands on every page of an extract; None for the whole log."""
    if not record.is_extract:
        return None
    return court(record.language).say(
        "Extract: {count:,} of {total:,} messages of this log", count=len(record.messages), total=record.total
    )


def cover(record: Record) -> list[list[Any]]:
    """What the cover says, a name and words for each row."""
    speak = court(record.language)
    say, messages = speak.say, record.messages
    count, total = len(messages), record.total
    channels = Counter(speak.say(CHANNELS[m.channel]) if m.channel in CHANNELS else m.channel for m in messages)
    imported = sum(m.provenance == "imported" for m in messages)
    rows: list[list[Any]] = [
        [say("Log"), say("{log}, {entries:,} entries", log=record.log, entries=record.entries)],
        [say("Children"), ", ".join(record.children)],
        [say("Period"), _period(record, speak)],
        [say("Messages"), say("{count:,} of {total:,} in this log", count=count, total=total)],
        [say("By channel"), ", ".join(f"{name} {n:,}" for name, n in sorted(channels.items())) or say("none")],
        [say("What became of them"), _lane_counts(messages, speak)],
    ]
    if record.left_out:
        left_out = "; ".join(f"{n:,} {speak.known(reason)}" for reason, n in record.left_out)
        rows += [[say("Left out"), left_out], [say("Chosen"), _chosen(record, speak)]]
    if imported:
        words = say("{count:,} messages as given by the parent; no transport brought them", count=imported)
        rows.append([say("Imported"), words])
    if modes := Counter(m.mode for m in messages if m.mode):
        words = "; ".join(f"{speak.known(mode)} {n:,}" for mode, n in sorted(modes.items()))
        rows.append([say("Contact modes"), words])
    if record.from_children:
        rows.append([say("From the children"), say(CHILDREN, count=record.from_children)])
    broken = sum(not g.clean for g in record.gaps)
    made = say("{at} by Breakwater {version}", at=speak.when(record.made_at, record.zone), version=record.version)
    rows += [
        [say("Times"), say(TIMES, zone=record.zone)],
        [say("Gaps"), say(GAPS, count=len(record.gaps), broken=broken)],
        [say("Made"), made],
        [say("How it was made"), say(HOW)],
        [say("Rules and tagger"), "; ".join([*record.rulesets, *record.taggers]) or say("none")],
        [say("Fingerprint of the key"), _spaced(record.fingerprint)],
    ]
    return [[name, lines(words)] for name, words in rows]


TIMES = "Local time in {zone} with its offset from UTC"
GAPS = "{count:,} times not running, {broken:,} of them broken off; listed at the end"
CHILDREN = "{count:,}, handed over to the parent; they are not recorded, and are in none of the numbers"
CONTACT = ("modified-contact", "no-contact", "archive-only")
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
    speak = court(record.language)
    say = speak.say
    delivered = m.shown or tuple(
        p.text for p in m.passages if m.sent and p.action == "forward" and not p.label.startswith("N")
    )
    sender = say(m.sender) if m.sender == NOT_LISTED else m.sender
    address = say(m.sender_address) if m.sender_address == BY_RELAY else m.sender_address
    viewed = "; ".join(speak.when(v, record.zone) for v in m.viewed[:3])
    direction = "sent" if m.provenance == "sent" else "received" if m.role != "parent" else "parent"
    return {
        "n": m.number,
        "at": speak.when(m.moment, record.zone),
        "kept": say("kept {at}", at=speak.when(m.at, record.zone)) if m.written_at else "",
        "entry": f"{record.log}/{m.entry}",
        "hash": m.entry_hash[:16],
        "from": lines(f"{sender} ({speak.known(m.role)}), {address or say('no address')}"),
        "to": lines(m.to or say("not known")),
        "channel": say(CHANNELS[m.channel]) if m.channel in CHANNELS else m.channel,
        "direction": say(DIRECTIONS[direction]),
        "proof": lines(speak.known(m.proof)),
        "kind": _kind(m, speak),
        "mode": say(MODES[m.mode]) if m.mode in MODES else "",
        "subject": lines(m.subject) if m.subject else None,
        "text": lines(m.text.rstrip("\n")),
        "native": say("{file}, {size:,} bytes, SHA-256 {hash}", file=m.native, size=m.raw_size, hash=m.raw_sha256),
        "lane": speak.known(m.lane),
        "delivered": [lines(words) for words in delivered],
        "all-delivered": bool(delivered) and _same("".join(delivered), m.text),
        "sent": sent(m, record),
        "viewed": viewed + (f"; {say('and later')}" if len(m.viewed) > 3 else ""),
        "withheld": withheld(m, speak),
        "brief": m.provenance == "sent",
        "files": [
            [
                lines(f.name or say("without a name")),
                say("{type}, {size:,} bytes, SHA-256 {hash}; {became}", type=f.type, size=f.size or 0,
                    hash=f.sha256 or say("not kept"), became=speak.known(f.became)),
                f.sha256 if f.sha256 in thumbs else None,
            ]
            for f in m.files
        ],
    }  # fmt: skip


def sent(m: Message, record: Record) -> str:
    """What went out about a message, those of one minute together: ``card by email (entry 8), sms (entry 9) Fri 9 Jan …``."""
    speak = court(record.language)
    found: dict[tuple[str, str], list[str]] = {}
    for s in m.sent:
        way = speak.say("{way} (entry {entry})", way=speak.known(s.channel), entry=s.entry)
        found.setdefault((s.kind, speak.when(s.at, record.zone)), []).append(way)
    return "; ".join(
        speak.say("{what} by {ways} {at}", what=speak.known(kind), ways=", ".join(ways), at=at)
        for (kind, at), ways in found.items()
    )


def withheld(m: Message, speak: Court) -> list[list[Any]]:
    """What was not delivered: how, by which rule, the words. Neighbours under one rule are one row."""
    rows: list[tuple[str, str, list[str]]] = []
    for passage in m.passages:
        how = _how(passage, speak)
        if how is None:
            continue
        rule = f"{speak.known(passage.title)} ({passage.rule})"
        if rows and rows[-1][:2] == (how, rule):
            rows[-1][2].append(passage.text)
        else:
            rows.append((how, rule, [passage.text]))
    why = "; ".join(speak.known(hold) for hold in m.holds)
    held = [[speak.say("Held for a look"), why, lines(speak.say("the whole message"))]] if m.holds else []
    if len(rows) == 1 and _same("".join(rows[0][2]), m.text):
        return [*held, [*rows[0][:2], None]]
    return held + [[how, rule, lines("\n".join(texts))] for how, rule, texts in rows]


def months(record: Record) -> list[list[Any]]:
    """The contents: a month, its first message, how many."""
    speak = court(record.language)
    found: dict[str, list[Any]] = {}
    for m in record.messages:
        name = speak.month(m.moment, record.zone)
        row = found.setdefault(name, [name, m.number, 0])
        row[2] += 1
    return list(found.values())


def _how(passage: Passage, speak: Court) -> str | None:
    how = BY_ACTION.get(passage.action)
    if how is None or (passage.action == "escalate" and passage.label == "F:emergency"):
        return None
    return speak.say(how)


def _kind(m: Message, speak: Court) -> str:
    if m.kind == "message":
        return ""
    answered = m.kind.removeprefix("answer to No ")
    return speak.say("answer to No {n}", n=answered) if answered != m.kind else speak.known(m.kind.replace("_", " "))


def _same(words: str, text: str) -> bool:
    """Whether two texts differ in nothing but blanks and line breaks."""
    return "".join(words.split()) == "".join(text.split())


def _period(record: Record, speak: Court) -> str:
    if not record.messages:
        return speak.say("no message")
    moments = [m.moment for m in record.messages]
    first, last = speak.when(min(moments), record.zone), speak.when(max(moments), record.zone)
    return speak.say("{first} to {last}", first=first, last=last)


def _lane_counts(messages: Sequence[Message], speak: Court) -> str:
    found = Counter(m.lane for m in messages)
    return ", ".join(f"{speak.known(lane)} {found[lane]:,}" for lane in sorted(found)) or speak.say("none")


def _chosen(record: Record, speak: Court) -> str:
    scope, say = record.scope, speak.say
    words = [
        say("from {at}", at=speak.when(scope.since, record.zone)) if scope.since else "",
        say("until {at}", at=speak.when(scope.until, record.zone)) if scope.until else "",
        say("people: {names}", names=", ".join(scope.people)) if scope.people else "",
        say("about: {names}", names=", ".join(map(speak.known, scope.about))) if scope.about else "",
    ]
    return "; ".join(word for word in words if word)


def _spaced(fingerprint: str) -> str:
    return " ".join(fingerprint[i : i + 8] for i in range(0, len(fingerprint), 8))
