"""Messages by week and hour, how long answers took, which words speak of lateness. Pure.

Who was late for the children is nowhere but in people's words, so only these are counted.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

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
COPARENT, PARENT = "co-parent", "parent"
SIDES = ((COPARENT, PARENT), (PARENT, COPARENT))
_STEP = 900
"""Seconds: no zone changes its offset within a quarter of an hour."""
_LATE = re.compile(
    r"\b(?:(?:running|run|be|is|was|are|were|am|i'm|he's|she's|they're|you're|mins?|minutes?|hours?|hrs?) (?:\w+ )?late"
    r"|late (?:again|for|to|picking|dropping|pick ?up|drop ?off)|running behind|delayed|held up|stuck (?:in|at|on)"
    r"|(?:still )?(?:not|isn't|aren't) here(?: yet)?|no[- ]show|did(?:n't| not) (?:show|turn) up)\b",
    re.I,
)


class Counted(Protocol):
    """A message as it is counted: when it was written (aware), what became of it, who wrote it."""

    @property
    def moment(self) -> datetime: ...  # noqa: D102
    @property
    def lane(self) -> str: ...  # noqa: D102
    @property
    def role(self) -> str: ...  # noqa: D102


def weeks(messages: Iterable[Counted], zone: str) -> list[tuple[datetime, Counter[str]]]:
    """Messages a week by lane: the Monday as a local date, and a count of each lane. Quiet weeks between are there too."""
    return in_weeks((here(m.moment, zone)[0], m.lane) for m in messages)


def in_weeks(messages: Iterable[tuple[datetime, str]]) -> list[tuple[datetime, Counter[str]]]:
    """As `weeks`, of messages whose Monday is known: the Monday and the lane of each."""
    counts: defaultdict[datetime, Counter[str]] = defaultdict(Counter)
    for (monday, lane), number in Counter(messages).items():
        counts[monday][lane] += number
    if not counts:
        return []
    first, last = min(counts), max(counts)
    days = range(0, (last - first).days + 1, 7)
    return [(monday, counts[monday]) for monday in (first + timedelta(days=n) for n in days)]


def hours(messages: Iterable[Counted], zone: str) -> list[int]:
    """How many messages were written in each hour of the day, in the family's zone."""
    return in_hours(here(m.moment, zone)[1] for m in messages)


def in_hours(messages: Iterable[int]) -> list[int]:
    """As `hours`, of messages whose hour is known."""
    found = Counter(messages)
    return [found[hour] for hour in range(HOURS)]


def waits(messages: Iterable[Counted]) -> list[tuple[str, str, Counter[str]]]:
    """For each side, how long the other waited: from the first message after one's own to one's next, counted by `WAITS`.

    Who wrote, who answered, the counts. Any message counts as the next, whatever it says and by whichever channel. Nothing where
    the parent wrote nothing.
    """
    ordered = sorted((m for m in messages if m.role in SIDES[0]), key=lambda m: m.moment)
    if not any(m.role == PARENT for m in ordered):
        return []
    out = []
    for asker, answerer in SIDES:
        found: Counter[str] = Counter()
        since: datetime | None = None
        for m in ordered:
            if m.role == asker:
                since = since or m.moment
            elif since is not None:
                found[_name(m.moment - since)] += 1
                since = None
        found["not yet"] += since is not None
        out.append((asker, answerer, found))
    return out


def speaks_of_lateness(words: str) -> bool:
    """Whether words speak of somebody who comes late or not at all."""
    return _LATE.search(words) is not None


def week_name(monday: datetime) -> str:
    """``5 Jan 2026``."""
    return f"{monday.day} {monday:%b %Y}"


def here(moment: datetime, zone: str) -> tuple[datetime, int]:
    """Where the family lives: the Monday of its week, as a local date without a zone, and the hour."""
    return _at(int(moment.timestamp()) // _STEP, zone)


@lru_cache(maxsize=100_000)
def _at(step: int, zone: str) -> tuple[datetime, int]:
    here = datetime.fromtimestamp(step * _STEP, UTC).astimezone(ZoneInfo(zone))
    return _monday(here.toordinal()), here.hour


@lru_cache(maxsize=10_000)
def _monday(day: int) -> datetime:
    """Of the week of that day. The same object each time: to count by it then costs no comparison."""
    monday = day - (day - 1) % 7
    return datetime.fromordinal(monday) if monday == day else _monday(monday)


def _name(wait: timedelta) -> str:
    return next((name for name, most in WAITS.items() if most is not None and wait <= most), "later")


def in_order(names: Sequence[str], found: Counter[str]) -> list[int]:
    """The counts in the order of the names."""
    return [found[name] for name in names]
