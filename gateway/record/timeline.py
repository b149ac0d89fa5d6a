"""What the timeline's pictures and tables count, as rows for the typesetter. Pure.

The counting itself is that of the pages (gateway/patterns/count.py). Who was late for the children is nowhere but in people's words,
so these are quoted, with their message.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from gateway.patterns import count
from gateway.patterns.count import COPARENT, PARENT, WAITS, hours, speaks_of_lateness
from gateway.record.items import LANES, Message
from gateway.record.speech import Court

__all__ = ["WAITS", "answer_by", "hours", "late", "waits", "weeks"]

WAITED = {
    (PARENT, COPARENT): "the parent, after the co-parent wrote",
    (COPARENT, PARENT): "the co-parent, after the parent wrote",
}


def weeks(messages: Sequence[Message], zone: str, speak: Court) -> list[list[object]]:
    """Messages a week by lane: the Monday, then a count for each of `LANES`; quiet weeks between are there too."""
    found = count.weeks(messages, zone)
    return [[speak.week(monday), *count.in_order(LANES, lanes)] for monday, lanes in found]


def waits(messages: Sequence[Message], speak: Court) -> list[list[object]]:
    """For each side, how long the other waited, counted by `WAITS`."""
    found = count.waits(messages)
    return [
        [speak.say(WAITED[answerer, asker]), *count.in_order(tuple(WAITS), waited)] for asker, answerer, waited in found
    ]


def late(messages: Sequence[Message]) -> list[tuple[Message, str]]:
    """Messages that speak of lateness, with their passages that do."""
    out = []
    for m in messages:
        words = [p.text for p in m.passages if speaks_of_lateness(p.text)]
        if not words and m.provenance == "sent" and speaks_of_lateness(m.text):
            words = [m.text]
        if words:
            out.append((m, " … ".join(words)))
    return out


def answer_by(words: str | None, zone: str) -> datetime | None:
    """The moment after which an answer is late, from a local date or date and time; None where the calendar ends before."""
    if words is None or words.startswith("9999-12-31"):
        return None
    moment = datetime.fromisoformat(words)
    if len(words) == len("2026-01-05"):
        moment = datetime.combine(moment.date() + timedelta(days=1), time())
    return moment.replace(tzinfo=ZoneInfo(zone))
