"""Dates of a card or digest as a calendar file (RFC 5545). Pure.

The words of an event are our own (child, topic, place), so that a calendar that shows itself on a lock screen quotes
nobody; the sender's words are in it only where the family chose so. Nothing in it can be answered or rings: no
organiser, guest or alarm. Times are in UTC (section 3.3.5, form 2), which every program shows in its own zone; a date
without a time is an event of that whole day. The same fact has the same UID in card and digest, so that it stands once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from gateway.attachments.calendars import HEAD, folded
from gateway.delivery.card import Card, Item

Words = Literal["neutral", "words", "off"]
TYPE: Final = "text/calendar"
FILE_NAME: Final = "dates.ics"
NAMESPACE: Final = "breakwater.invalid"
_ESCAPED: Final = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a calendar. `when`: a local ISO date or date-time."""

    uid: str
    when: str
    summary: str
    place: str | None = None
    words: str | None = None


def events(card: Card, link: str, *, words: Words) -> tuple[Event, ...]:
    """What of a card has a date: the facts, and by when an answer is wanted. `link` names the card for all time."""
    if words == "off":
        return ()
    seed = hashlib.sha256(link.encode()).hexdigest()[:32]
    found: list[Event] = []
    for place, item in enumerate(card.items):
        said = item.text if words == "words" else None
        if item.when:
            found.append(Event(f"{seed}-{place}@{NAMESPACE}", item.when, _summary(item), item.where, said))
        if item.answer_by and item.answer_by != item.when:
            answer = f"Answer by: {_summary(item)}"
            found.append(Event(f"{seed}-{place}a@{NAMESPACE}", item.answer_by, answer, None, said))
    return tuple(found)


def calendar(found: Iterable[Event], zone: str, made: datetime) -> str | None:
    """The file with all of `found`, lines ended by CRLF; None when there is none. `made`: aware, when the card was made."""
    blocks = [line for event in found for line in _event(event, zone, made)]
    if not blocks:
        return None
    lines = ["BEGIN:VCALENDAR", *HEAD, "METHOD:PUBLISH", *blocks, "END:VCALENDAR"]
    return "".join(folded(line) for line in lines)


def _event(event: Event, zone: str, made: datetime) -> list[str]:
    lines = [
        "BEGIN:VEVENT",
        f"UID:{event.uid}",
        f"DTSTAMP:{_utc(made)}",
        _start(event.when, zone),
        f"SUMMARY:{_text(event.summary)}",
    ]
    if event.place:
        lines.append(f"LOCATION:{_text(event.place)}")
    if event.words:
        lines.append(f"DESCRIPTION:{_text(event.words)}")
    return [*lines, "TRANSP:TRANSPARENT", "CLASS:PRIVATE", "END:VEVENT"]


def _start(when: str, zone: str) -> str:
    if len(when) == 10:
        return f"DTSTART;VALUE=DATE:{date.fromisoformat(when):%Y%m%d}"
    return f"DTSTART:{_utc(datetime.fromisoformat(when).replace(tzinfo=ZoneInfo(zone)))}"


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _summary(item: Item) -> str:
    named = f"{item.child}: {item.topic}" if item.child else item.topic
    return f"{named}, {item.where}" if item.where else named


def _text(words: str) -> str:
    """A value of type TEXT (section 3.3.11), without control characters."""
    kept = "".join(c for c in words if c in "\n\r\t" or c.isprintable() or ord(c) > 0x9F)
    return kept.replace("\r\n", "\n").translate(_ESCAPED)
