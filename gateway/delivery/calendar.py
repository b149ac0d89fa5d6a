"""Dates of a card or digest as a calendar file (RFC 5545). Pure.

The words of an event are our own (child, topic, place), so that a calendar that shows itself on a lock screen quotes
nobody; the sender's words are in it only where the family chose so. Nothing in it can be answered or rings: no
organiser, guest or alarm. Times are in UTC (section 3.3.5, form 2), which every program shows in its own zone; a date
without a time is an event of that whole day. The same fact has the same UID in card and digest, so that it stands once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from gateway.attachments.calendars import HEAD, folded
from gateway.delivery.card import Card, Item
from gateway.language import SOURCE, Speech, speech

Words = Literal["neutral", "words", "off"]
TYPE: Final = "text/calendar"
FILE_NAME: Final = "dates.ics"
NAME: Final = "Dates"
NAMESPACE: Final = "breakwater.invalid"
ANSWER: Final = "Answer by:"
MOST_SUMMARY: Final = 120
EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
FEED_HEAD: Final = (
    "METHOD:PUBLISH",
    "X-WR-CALNAME:{name}",
    "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
    "X-PUBLISHED-TTL:PT1H",
)
UTC_ZONE: Final = (
    "BEGIN:VTIMEZONE", "TZID:Etc/UTC", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0000", "TZOFFSETTO:+0000",
    "TZNAME:UTC", "END:STANDARD", "END:VTIMEZONE",
)  # fmt: skip
_ESCAPED: Final = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a calendar. `when`: a local ISO date or date-time; `made`: when its card was made, where that is known."""

    uid: str
    when: str
    summary: str
    place: str | None = None
    words: str | None = None
    made: datetime | None = None


def events(card: Card, link: str, *, words: Words, language: str = SOURCE) -> tuple[Event, ...]:
    """What of a card has a date: the facts, and by when an answer is wanted. `link` names the card for all time."""
    if words == "off":
        return ()
    seed = hashlib.sha256(link.encode()).hexdigest()[:32]
    found: list[Event] = []
    spoken = speech(language)
    for place, item in enumerate(card.items):
        said = item.text if words == "words" else None
        if item.when:
            found.append(Event(f"{seed}-{place}@{NAMESPACE}", item.when, _summary(item, spoken), item.where, said))
        if by := _other_answer(item):
            found.append(Event(f"{seed}-{place}a@{NAMESPACE}", by, _answer(_summary(item, spoken), spoken), None, said))
    return tuple(found)


def listed(card: Card, link: str, made: datetime, *, words: Words, language: str = SOURCE) -> tuple[Event, ...]:
    """The same for a calendar that the parent asked for: the exact words stand in each description. The summary, which a
    screen shows by itself, is neutral unless the family chose words.
    """
    found = events(card, link, words="off" if words == "off" else "words", language=language)
    return tuple(
        replace(event, made=made, summary=_telling(event, speech(language)) if words == "words" else event.summary)
        for event in found
    )


def feed(found: Iterable[Event], zone: str, language: str = SOURCE) -> str:
    """A calendar to subscribe to. Section 3.6 wants a component in each calendar, so an empty one has a time zone alone."""
    blocks = [line for event in found for line in _event(event, zone, event.made or EPOCH)]
    head = [line.format(name=speech(language).text(NAME)) for line in FEED_HEAD]
    lines = ["BEGIN:VCALENDAR", *HEAD, *head, *(blocks or UTC_ZONE), "END:VCALENDAR"]
    return "".join(folded(line) for line in lines)


def calendar(found: Iterable[Event], zone: str, made: datetime) -> str | None:
    """The file with all of `found`, lines ended by CRLF; None when there is none. `made`: aware, when the card was made."""
    blocks = [line for event in found for line in _event(event, zone, made)]
    if not blocks:
        return None
    lines = ["BEGIN:VCALENDAR", *HEAD, "METHOD:PUBLISH", *blocks, "END:VCALENDAR"]
    return "".join(folded(line) for line in lines)


def _telling(event: Event, spoken: Speech) -> str:
    """The sender's words in place of our own, where they are one short line."""
    words = event.words or ""
    if not words or "\n" in words or len(words) > MOST_SUMMARY:
        return event.summary
    return _answer(words, spoken) if event.uid.endswith(f"a@{NAMESPACE}") else words


def _answer(words: str, spoken: Speech) -> str:
    return f"{spoken.text(ANSWER)} {words}"


def _other_answer(item: Item) -> str | None:
    return item.answer_by if item.answer_by and item.answer_by != item.when else None


def _event(event: Event, zone: str, made: datetime) -> list[str]:
    """The lines of one event; none where its time is before the first or after the last year that a calendar knows in UTC, so that
    the card of it goes out all the same.
    """
    try:
        start = _start(event.when, zone)
    except OverflowError:
        return []
    lines = [
        "BEGIN:VEVENT",
        f"UID:{event.uid}",
        f"DTSTAMP:{_utc(made)}",
        start,
        f"SUMMARY:{_text(event.summary)}",
    ]
    if event.place:
        lines.append(f"LOCATION:{_text(event.place)}")
    if event.words:
        lines.append(f"DESCRIPTION:{_text(event.words)}")
    return [*lines, "TRANSP:TRANSPARENT", "CLASS:PRIVATE", "END:VEVENT"]


def _start(when: str, zone: str) -> str:
    if len(when) == 10:
        return f"DTSTART;VALUE=DATE:{_day(date.fromisoformat(when))}"
    return f"DTSTART:{_utc(datetime.fromisoformat(when).replace(tzinfo=ZoneInfo(zone)))}"


def _utc(moment: datetime) -> str:
    there = moment.astimezone(UTC)
    return f"{_day(there)}T{there:%H%M%S}Z"


def _day(day: date) -> str:
    """Eight digits (section 3.3.4); ``%Y`` alone writes fewer of them for an early year."""
    return f"{day.year:04}{day:%m%d}"


def _summary(item: Item, spoken: Speech) -> str:
    topic = spoken.text(item.topic)
    named = f"{item.child}: {topic}" if item.child else topic
    return f"{named}, {item.where}" if item.where else named


def _text(words: str) -> str:
    """A value of type TEXT (section 3.3.11), without control characters."""
    kept = "".join(c for c in words if c in "\n\r\t" or c.isprintable() or ord(c) > 0x9F)
    return kept.replace("\r\n", "\n").translate(_ESCAPED)
