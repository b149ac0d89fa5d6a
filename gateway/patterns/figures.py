"""The figures of a period: what is counted, what is not, and no share of a few. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from gateway.patterns import count
from gateway.patterns.count import COPARENT, PARENT, WAITS

FEW: Final = 20
"""Of fewer than so many no share is told: three of four is no "75 %"."""
LANES: Final = ("facts", "emergency", "danger", "legal", "unsorted", "withheld", "whole", "archived", "own")
"""What became of a message, in the order of the pictures. ``own``: what the parent sent."""


class Seen(NamedTuple):
    """A message as it is counted. `signs`: length of its new words, `about`: of those about the children.

    A tuple, since there are thousands of them and a dataclass takes five times as long to make.
    """

    moment: datetime
    role: str
    lane: str
    topics: tuple[str, ...] = ()
    signs: int = 0
    about: int = 0
    late: bool = False
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole. `percent`: None where the whole is too small for one."""

    part: int
    whole: int

    @property
    def percent(self) -> int | None:
        """Whole percent."""
        return round(100 * self.part / self.whole) if self.whole >= FEW else None


@dataclass(frozen=True, slots=True)
class Answers:
    """How questions of one side fared. `open`: their time is not over."""

    asker: str
    asked: int
    in_time: int
    late: int
    never: int
    open: int

    @property
    def share(self) -> Share:
        """In time, of those whose time is over."""
        return Share(self.in_time, self.asked - self.open)


@dataclass(frozen=True, slots=True)
class About:
    """How much of what one side wrote was about the children: messages, and their letters."""

    messages: Share
    signs: int
    of_signs: int

    @property
    def words_percent(self) -> int | None:
        """Of the letters, where there are messages enough."""
        return round(100 * self.signs / self.of_signs) if self.messages.whole >= FEW and self.of_signs else None


@dataclass(frozen=True, slots=True)
class Figures:
    """All that the page shows. `lanes`: those that occur; `weeks`: a Monday with a count of each of them."""

    lanes: tuple[str, ...]
    weeks: tuple[tuple[datetime, tuple[int, ...]], ...]
    hours: tuple[int, ...]
    about: About
    answers: tuple[Answers, ...]
    waits: tuple[tuple[str, str, tuple[int, ...]], ...]
    late: tuple[tuple[datetime, int, int], ...]
    late_of: tuple[Share, Share]
    topics: tuple[tuple[str, int], ...]
    theirs: int
    own: int

    @property
    def counted(self) -> int:
        """How many messages."""
        return self.theirs + self.own


def figures(seen: Sequence[Seen], asked: Answers, zone: str, now: datetime, answer_within: timedelta) -> Figures:
    """Count messages of the two parents. `asked`: how the other parent's questions fared. `answer_within`: when an answer to
    the parent's own question is late.
    """
    theirs, own = [m for m in seen if m.role == COPARENT], [m for m in seen if m.role == PARENT]
    here = [count.here(m.moment, zone) for m in seen]  # asked once: there are thousands of them
    found = count.in_weeks((monday, m.lane) for (monday, _), m in zip(here, seen, strict=True))
    total = sum((lanes for _, lanes in found), Counter[str]())
    lanes = tuple(lane for lane in LANES if total[lane])
    topics = Counter(topic for m in theirs for topic in m.topics)
    return Figures(
        lanes=lanes,
        weeks=tuple((monday, tuple(count.in_order(lanes, counts))) for monday, counts in found),
        hours=tuple(count.in_hours(hour for (_, hour), m in zip(here, seen, strict=True) if m.role == COPARENT)),
        about=About(
            Share(sum(bool(m.about) for m in theirs), len(theirs)),
            sum(m.about for m in theirs),
            sum(m.signs for m in theirs),
        ),
        answers=(asked, _to_the_other(seen, now, answer_within)),
        waits=tuple(
            (asker, answerer, tuple(count.in_order(tuple(WAITS), waited)))
            for asker, answerer, waited in count.waits(seen)
        ),
        late=_late((monday, m) for (monday, _), m in zip(here, seen, strict=True) if m.late),
        late_of=(Share(sum(m.late for m in theirs), len(theirs)), Share(sum(m.late for m in own), len(own))),
        topics=tuple(sorted(topics.items(), key=lambda t: (-t[1], t[0]))),
        theirs=len(theirs),
        own=len(own),
    )


def _to_the_other(seen: Sequence[Seen], now: datetime, within: timedelta) -> Answers:
    """The parent's questions: whatever the other parent wrote next counts as the answer."""
    ordered = sorted((m for m in seen if m.role in (COPARENT, PARENT)), key=lambda m: m.moment)
    following: datetime | None = None
    tally: Counter[str] = Counter()
    for m in reversed(ordered):
        if m.role == COPARENT:
            following = m.moment
        elif m.asks:
            tally["asked"] += 1
            if following is not None:
                tally["in time" if following - m.moment <= within else "late"] += 1
            else:
                tally["never" if m.moment + within <= now else "open"] += 1
    return Answers(PARENT, tally["asked"], tally["in time"], tally["late"], tally["never"], tally["open"])


def _late(late: Iterable[tuple[datetime, Seen]]) -> tuple[tuple[datetime, int, int], ...]:
    """Weeks in which somebody spoke of lateness: the Monday, by the other parent, by the parent."""
    counts: dict[datetime, list[int]] = {}
    for monday, m in late:
        counts.setdefault(monday, [0, 0])[m.role == PARENT] += 1
    return tuple((monday, counts[monday][0], counts[monday][1]) for monday in sorted(counts))
