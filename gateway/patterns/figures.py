"""The figures of a period: what is counted, what is not, and no share of a few. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from gateway.patterns import count
from gateway.patterns.count import COPARENT, PARENT, WAITS

FEW: Final = 20
"""Of fewer than so many no share is told: three of four is no "75 %"."""
LANES: Final = ("facts", "emergency", "danger", "legal", "unsorted", "withheld", "whole", "archived", "own")
"""What became of a message, in the order of the pictures. ``own``: what the parent sent."""


@dataclass(frozen=True, slots=True)
class Pile:
    """The messages of one side that went one way. `moments`, `late` (of those that speak of lateness) and `asks` (of those that ask
    something): seconds since 1970, in any order. `signs`: the length of their new words, `about`: of those about the children, `told`: how many
    messages say something about them.
    """

    role: str
    lane: str
    moments: Sequence[float]
    late: Sequence[float] = ()
    asks: Sequence[float] = ()
    signs: int = 0
    about: int = 0
    told: int = 0


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


def figures(
    piles: Iterable[Pile], topics: Mapping[str, int], asked: Answers, zone: str, now: datetime, answer_within: timedelta
) -> Figures:
    """Count messages of the two parents. `topics`: in how many messages of the other parent's each is spoken of. `asked`: how the other
    parent's questions fared. `answer_within`: when an answer to the parent's own question is late.
    """
    theirs, own = _side(piles := tuple(piles), COPARENT), _side(piles, PARENT)
    by_lane: dict[str, list[float]] = {}
    for pile in (*theirs, *own):
        by_lane.setdefault(pile.lane, []).extend(pile.moments)
    lanes = tuple(lane for lane in LANES if by_lane.get(lane))
    received, sent = _all(theirs, "moments"), _all(own, "moments")
    return Figures(
        lanes=lanes,
        weeks=tuple((monday, tuple(count.in_order(lanes, counts))) for monday, counts in count.in_weeks(by_lane, zone)),
        hours=tuple(count.in_hours(received, zone)),
        about=About(
            Share(sum(pile.told for pile in theirs), len(received)),
            sum(pile.about for pile in theirs),
            sum(pile.signs for pile in theirs),
        ),
        answers=(asked, _to_the_other(received, _all(own, "asks"), now, answer_within)),
        waits=tuple(
            (asker, answerer, tuple(count.in_order(tuple(WAITS), waited)))
            for asker, answerer, waited in count.between(_thread(received, sent))
        ),
        late=_late(_all(theirs, "late"), _all(own, "late"), zone),
        late_of=(Share(len(_all(theirs, "late")), len(received)), Share(len(_all(own, "late")), len(sent))),
        topics=tuple(sorted(topics.items(), key=lambda t: (-t[1], t[0]))),
        theirs=len(received),
        own=len(sent),
    )


def _side(piles: Iterable[Pile], role: str) -> tuple[Pile, ...]:
    return tuple(pile for pile in piles if pile.role == role)


def _all(piles: Iterable[Pile], what: Literal["moments", "late", "asks"]) -> list[float]:
    """The moments of all, in order."""
    return sorted(moment for pile in piles for moment in getattr(pile, what))


def _thread(received: Iterable[float], sent: Iterable[float]) -> list[tuple[float, str]]:
    return sorted([*((moment, COPARENT) for moment in received), *((moment, PARENT) for moment in sent)])


def _to_the_other(received: Sequence[float], asks: Iterable[float], now: datetime, within: timedelta) -> Answers:
    """The parent's questions: whatever the other parent wrote next counts as the answer. `received`: in order."""
    tally: Counter[str] = Counter()
    longest = within.total_seconds()
    for moment in asks:
        following = bisect_right(received, moment)
        tally["asked"] += 1
        if following < len(received):
            tally["in time" if received[following] - moment <= longest else "late"] += 1
        else:
            tally["never" if moment + longest <= now.timestamp() else "open"] += 1
    return Answers(PARENT, tally["asked"], tally["in time"], tally["late"], tally["never"], tally["open"])


def _late(theirs: Iterable[float], own: Iterable[float], zone: str) -> tuple[tuple[datetime, int, int], ...]:
    """Weeks in which somebody spoke of lateness: the Monday, by the other parent, by the parent."""
    sides = count.mondays(theirs, zone), count.mondays(own, zone)
    return tuple(
        (monday, sides[0].get(monday, 0), sides[1].get(monday, 0)) for monday in sorted({*sides[0], *sides[1]})
    )
