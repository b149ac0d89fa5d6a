"""What the timeline's pictures and tables count: messages by week and hour, how long answers took, what was said of lateness. Pure.

Counts only, and each with its table: nothing is judged. Who was late for the children is nowhere but in people's words, so these
are quoted, with their message.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from gateway.clock import local
from gateway.record.items import LANES, Message

HOURS = 24
WAITS: dict[str, timedelta | None] = {
    "within an hour": timedelta(hours=1),
    "within 4 hours": timedelta(hours=4),
    "within a day": timedelta(days=1),
    "within 2 days": timedelta(days=2),
    "later": None,
    "not yet": None,
}
"""How long a side took for its next message, by name."""
SIDES = (("co-parent", "parent"), ("parent", "co-parent"))
_LATE = re.compile(
    r"\b(?:(?:running|run|be|is|was|are|were|am|i'm|he's|she's|they're|you're|mins?|minutes?|hours?|hrs?) (?:\w+ )?late"
    r"|late (?:again|for|to|picking|dropping|pick ?up|drop ?off)|running behind|delayed|held up|stuck (?:in|at|on)"
    r"|(?:still )?(?:not|isn't|aren't) here(?: yet)?|no[- ]show|did(?:n't| not) (?:show|turn) up)\b",
    re.I,
)


def weeks(messages: Sequence[Message], zone: str) -> list[list[object]]:
    """Messages a week by lane: the Monday, then a count for each of `LANES`; quiet weeks between are there too."""
    counts: dict[datetime, Counter[str]] = {}
    for m in messages:
        day = local(m.written_at or m.at, zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        counts.setdefault(day - timedelta(days=day.weekday()), Counter())[m.lane] += 1
    if not counts:
        return []
    out: list[list[object]] = []
    week = min(counts)
    while week <= max(counts):
        found = counts.get(week, Counter())
        out.append([f"{week.day} {week:%b %Y}", *(found[lane] for lane in LANES)])
        week += timedelta(days=7)
    return out


def hours(messages: Sequence[Message], zone: str) -> list[int]:
    """How many messages were written in each hour of the day, in the family's zone."""
    found = Counter(local(m.written_at or m.at, zone).hour for m in messages)
    return [found[hour] for hour in range(HOURS)]


def waits(messages: Sequence[Message]) -> list[list[object]]:
    """For each side, how long the other waited: from the first message after one's own to one's next, counted by `WAITS`.

    Any message counts as the next, whatever it says and by whichever channel.
    """
    ordered = sorted((m for m in messages if m.role in SIDES[0]), key=lambda m: m.written_at or m.at)
    out: list[list[object]] = []
    for asker, answerer in SIDES:
        found: Counter[str] = Counter()
        since: datetime | None = None
        for m in ordered:
            moment = m.written_at or m.at
            if m.role == asker:
                since = since or moment
            elif since is not None:
                found[_name(moment - since)] += 1
                since = None
        found["not yet"] += since is not None
        out.append([f"the {answerer}, after the {asker} wrote", *(found[name] for name in WAITS)])
    return out if any(m.role == "parent" for m in ordered) else []


def late(messages: Sequence[Message]) -> list[tuple[Message, str]]:
    """Messages that speak of lateness, with their passages that do."""
    out = []
    for m in messages:
        words = [p.text for p in m.passages if _LATE.search(p.text)]
        if not words and m.provenance == "sent" and _LATE.search(m.text):
            words = [m.text]
        if words:
            out.append((m, " … ".join(words)))
    return out


def answer_by(words: str | None, zone: str) -> datetime | None:
    """The moment after which an answer is late, from a local date or date and time."""
    if words is None:
        return None
    moment = datetime.fromisoformat(words)
    if len(words) == len("2026-01-05"):
        moment = datetime.combine(moment.date() + timedelta(days=1), time())
    return moment.replace(tzinfo=ZoneInfo(zone))


def _name(wait: timedelta) -> str:
    return next((name for name, most in WAITS.items() if most is not None and wait <= most), "later")
