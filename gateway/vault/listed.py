"""A message as the vault's list and the patterns know it: dates and types, and no word of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from gateway.intake.archives.found import SYSTEM
from gateway.parsing import Kind, Reading, SegmentKind
from gateway.patterns.count import COPARENT, PARENT, speaks_of_lateness
from gateway.provenance import ALARM_ANSWER, FROM_THE_PARENT, KNOWN_COPY
from gateway.tagging.facts.question import asks
from gateway.tagging.facts.words import words_of

FROM_COPARENT, FROM_PARENT, FROM_OTHERS = "coparent", "parent", "other"
OWN, COPY, REPORT = "own", "copy", "report"
"""Lanes of the list beside those of the rules: the parent's own words, the same message once more, a report of a machine of ours."""
LANES: Final = {
    "facts": "About the children: sent on",
    "emergency": "Emergency: told at once",
    "danger": "Sign of danger: alarm raised",
    "legal": "Legal mail: sent on whole",
    "unsorted": "Unsorted: kept for a look",
    "withheld": "Not about the children: withheld",
    "whole": "Sent on whole",
    "archived": "Kept only",
    OWN: "Written by you",
    COPY: "The same message again",
    REPORT: "Notice of a program",
}
"""What became of a message, in plain words."""
SIDES: Final = {
    FROM_COPARENT: "From the other parent",
    FROM_PARENT: "From you",
    FROM_OTHERS: "From somebody else",
}
CHANNELS: Final = {
    "email": "Email",
    "sms": "Text message",
    "voice": "Voicemail",
    "web": "Page",
    "whatsapp": "WhatsApp",
    "imessage": "iMessage",
}
BAR: Final = "|"
_MACHINE: Final = (Kind.BOUNCE, SYSTEM)


@dataclass(frozen=True, slots=True)
class Listed:
    """The values of a row of `vault`; see there."""

    message_id: int
    family: str
    at: datetime
    channel: str
    side: str
    lane: str
    provenance: str
    topics: str
    children: str
    files: int
    signs: int
    about: int
    late: bool
    asks: bool
    sent: bool


@dataclass(frozen=True, slots=True)
class Decided:
    """What is known of a message and its newest decision. `before`: side of the message that this one repeats."""

    message_id: int
    family: str
    at: datetime
    channel: str
    provenance: str
    lane: str
    new_text: str
    detail: Mapping[str, Any]
    files: int = 0
    sent: bool = False
    before: str | None = None


def listed_of(made: Decided) -> Listed:
    """The row of a message."""
    detail, side = made.detail, side_of(made.detail, made.before)
    own = side == FROM_PARENT
    passages = list(_passages(detail, made.new_text))
    about = sum(len(words) for label, words, in_subject in passages if label.startswith("F:") and not in_subject)
    topics = {label[2:] for label, _, _ in passages if label.startswith("F:")}
    children = {str(f["child"]) for f in detail.get("facts", ()) if f.get("child")}
    spoken = [made.new_text] if own and made.sent else [words for _, words, _ in passages]
    return Listed(
        message_id=made.message_id,
        family=made.family,
        at=made.at,
        channel=made.channel,
        side=side,
        lane=_lane(detail, made.lane, own=own),
        provenance=made.provenance,
        topics=joined(topics),
        children=joined(children),
        files=made.files,
        signs=len(made.new_text),
        about=about,
        late=any(speaks_of_lateness(words) for words in spoken),
        asks=own and made.sent and _asks(made.new_text),
        sent=made.sent,
    )


def side_of(detail: Mapping[str, Any], before: str | None = None) -> str:
    """Who wrote it. A decision that names nobody is of a message that could not be read: then the other parent."""
    kind, role = detail.get("kind"), detail.get("role")
    if kind in (FROM_THE_PARENT, ALARM_ANSWER) or role == PARENT:
        return FROM_PARENT
    if kind == KNOWN_COPY:
        return before or FROM_COPARENT
    if _is_report(detail):
        return FROM_OTHERS
    return FROM_COPARENT if role in (None, "", COPARENT) else FROM_OTHERS


def searched(reading: Reading) -> str:
    """The words of a message that it is found by: subject, new and forwarded words, captions. Not what it quotes of messages before,
    which are found themselves.
    """
    kinds = (SegmentKind.NEW, SegmentKind.FORWARDED)
    parts = [reading.body[s.start : s.end] for s in reading.segments if s.kind in kinds]
    return "\n".join((reading.subject or "", *parts, *reading.beside))


def decided_words(detail: Mapping[str, Any], new_text: str) -> str:
    """The words of a message whose bytes are not read again: subject and new words, as they were decided."""
    return f"{detail.get('subject') or ''}\n{new_text}"


def joined(names: Iterable[str]) -> str:
    """``|medical|school|``; empty for none."""
    found = sorted(name.replace(BAR, " ") for name in names)
    return f"{BAR}{BAR.join(found)}{BAR}" if found else ""


def split(names: str) -> list[str]:
    """The names again."""
    return [name for name in names.split(BAR) if name]


def _is_report(detail: Mapping[str, Any]) -> bool:
    return detail.get("kind") in _MACHINE and "role" not in detail


def _lane(detail: Mapping[str, Any], lane: str, *, own: bool) -> str:
    if own:
        return OWN
    if detail.get("kind") == KNOWN_COPY:
        return COPY
    return REPORT if _is_report(detail) or detail.get("kind") == SYSTEM else lane


def _asks(words: str) -> bool:
    found = words_of(words)
    return asks(found, 0, len(found))


def _passages(detail: Mapping[str, Any], new_text: str) -> Iterable[tuple[str, str, bool]]:
    """Label and words of each decided passage, and whether it stands in the subject."""
    for field, words in (("subject_choices", detail.get("subject") or ""), ("choices", new_text)):
        for choice in detail.get(field, ()):
            yield str(choice["label"]), words[choice["start"] : choice["end"]], field == "subject_choices"
