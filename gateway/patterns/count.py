"""Messages by week and hour, how long answers took, which words speak of lateness. Pure.

Who was late for the children is nowhere but in people's words, so only these are counted.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
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
_DAY, _WEEK = 86_400, 7 * 86_400
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (a local date)
_MONDAY = 4 * _DAY
"""The first Monday of 1970."""
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
    lanes: defaultdict[str, list[float]] = defaultdict(list)
    for m in messages:
        lanes[m.lane].append(m.moment.timestamp())
    return in_weeks(lanes, zone)


def hours(messages: Iterable[Counted], zone: str) -> list[int]:
    """How many messages were written in each hour of the day, in the family's zone."""
    return in_hours([m.moment.timestamp() for m in messages], zone)


def waits(messages: Iterable[Counted]) -> list[tuple[str, str, Counter[str]]]:
    """For each side, how long the other waited: from the first message after one's own to one's next, counted by `WAITS`.

    Who wrote, who answered, the counts. Any message counts as the next, whatever it says and by whichever channel. Nothing where
    the parent wrote nothing.
    """
    ordered = sorted((m for m in messages if m.role in SIDES[0]), key=lambda m: m.moment)
    return between((m.moment.timestamp(), m.role) for m in ordered)


def in_weeks(lanes: Mapping[str, Iterable[float]], zone: str) -> list[tuple[datetime, Counter[str]]]:
    """As `weeks`, of the moments in each lane, in seconds since 1970."""
    counts: defaultdict[datetime, Counter[str]] = defaultdict(Counter)
    for lane, moments in lanes.items():
        for monday, number in mondays(moments, zone).items():
            counts[monday][lane] += number
    if not counts:
        return []
    first, last = min(counts), max(counts)
    days = range(0, (last - first).days + 1, 7)
    return [(monday, counts[monday]) for monday in (first + timedelta(days=n) for n in days)]


def mondays(moments: Iterable[float], zone: str) -> dict[datetime, int]:
    """How many of the moments (seconds since 1970) lie in each week, by its Monday as a local date without a zone."""
    found = Counter([int(second - _MONDAY) // _WEEK for second in local(moments, zone)])
    return {_EPOCH + timedelta(seconds=_MONDAY + week * _WEEK): number for week, number in found.items()}


def in_hours(moments: Iterable[float], zone: str) -> list[int]:
    """As `hours`, of moments in seconds since 1970."""
    found = Counter([int(second) // 3600 % HOURS for second in local(moments, zone)])
    return [found[hour] for hour in range(HOURS)]


def between(thread: Iterable[tuple[float, str]]) -> list[tuple[str, str, Counter[str]]]:
    """As `waits`, of moments (seconds since 1970) and who wrote, in their order."""
    found = {side: Counter[str]() for side in SIDES}
    since: dict[tuple[str, str], float] = {}
    wrote = False
    for moment, role in thread:
        wrote = wrote or role == PARENT
        for side in SIDES:
            if role == side[0]:
                since.setdefault(side, moment)
            elif side in since:
                found[side][_name(timedelta(seconds=moment - since.pop(side)))] += 1
    for side in since:
        found[side]["not yet"] += 1
    return [(*side, found[side]) for side in SIDES] if wrote else []


def local(moments: Iterable[float], zone: str) -> list[float]:
    """Seconds since 1970 as a clock of the zone counts them, in order. Week by week: within most of them the zone keeps its offset,
    and none was ever changed and changed back within one.
    """
    ordered = sorted(moments)
    out: list[float] = []
    start = 0
    while start < len(ordered):
        week = int(ordered[start]) // _WEEK * _WEEK
        end = bisect_left(ordered, week + _WEEK, start)
        offset = _offset(week, zone)
        if offset == _offset(week + _WEEK, zone):
            out += [second + offset for second in ordered[start:end]]
        else:
            out += [second + _offset(int(second) // _STEP * _STEP, zone) for second in ordered[start:end]]
        start = end
    return out


def speaks_of_lateness(words: str) -> bool:
    """Whether words speak of somebody who comes late or not at all."""
    return _LATE.search(words) is not None


def week_name(monday: datetime) -> str:
    """``5 Jan 2026``."""
    return f"{monday.day} {monday:%b %Y}"


@lru_cache(maxsize=20_000)
def _offset(second: int, zone: str) -> int:
    """Seconds that a clock of the zone is ahead of UTC."""
    ahead = datetime.fromtimestamp(second, ZoneInfo(zone)).utcoffset()
    assert ahead is not None
    return int(ahead.total_seconds())


def _name(wait: timedelta) -> str:
    return next((name for name, most in WAITS.items() if most is not None and wait <= most), "later")


def in_order(names: Sequence[str], found: Counter[str]) -> list[int]:
    """The counts in the order of the names."""
    return [found[name] for name in names]
