"""The tables of what was asked and of the sums that were named. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from gateway.record.items import Message, Passage, Record
from gateway.record.lines import lines
from gateway.record.speech import Court, court
from gateway.record.timeline import answer_by

Fact = tuple[str, str | None, str | None, float | None, bool, str | None]


def questions(record: Record) -> list[list[Any]]:
    """What was asked: message, when, the words, by when an answer was wanted, and where, when and how timely it was answered.

    A day without an hour ends at midnight; whether a date was missed is said only where the words name one.
    """
    speak = court(record.language)
    answered = {m.kind.removeprefix("answer to No "): m for m in reversed(record.messages) if m.provenance == "sent"}
    out = []
    for m in record.messages:
        back = answered.get(str(m.number))
        for words, fact in _passages_of_facts(m):
            if fact[4]:
                by = answer_by(fact[5], record.zone)
                late = by is not None and by < (back.at if back else record.made_at)
                said = _said(back, record, speak, late=late)
                out.append([m.number, speak.when(m.moment, record.zone), lines(words), wanted(fact[5], record), said])
    return out


def _said(back: Message | None, record: Record, speak: Court, *, late: bool) -> str:
    if back is None:
        return "; ".join([speak.say("no answer through the relay"), *([speak.say("the date passed")] if late else ())])
    parts = [
        speak.say("No {n}, {at}", n=back.number, at=speak.when(back.at, record.zone)),
        *(() if back.sent else [speak.say("not delivered yet")]),
        *([speak.say("after the date")] if late else ()),
    ]
    return "; ".join(parts)


def wanted(words: str | None, record: Record) -> str:
    """By when an answer was wanted, as a person reads it: a day, or a moment with its offset."""
    speak = court(record.language)
    if words is None:
        return speak.say("no date")
    moment = datetime.fromisoformat(words)
    if len(words) == len("2026-01-05"):
        return speak.day(moment.date())
    return speak.when(moment.replace(tzinfo=ZoneInfo(record.zone)), record.zone)


def expenses(record: Record) -> list[list[Any]]:
    """Sums that were asked for or reported: message, when, the words, the sum."""
    speak = court(record.language)
    return [
        [m.number, speak.when(m.moment, record.zone), lines(words), f"{fact[3]:,.2f} {record.currency}"]
        for m in record.messages
        for words, fact in _passages_of_facts(m)
        if fact[3] is not None
    ]


def _passages_of_facts(m: Message) -> list[tuple[str, Fact]]:
    shown = [p for p in m.passages if _is_shown_fact(p)]
    return [(p.text, fact) for p, fact in zip(shown[-len(m.facts) :] if m.facts else [], m.facts, strict=False)]


def _is_shown_fact(passage: Passage) -> bool:
    return passage.label.startswith("F:") and (passage.action == "forward" or passage.label == "F:emergency")
