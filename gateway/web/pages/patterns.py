"""The patterns: ``/patterns``, pictures and tables of who wrote how often and when. No word of a message.

The same counts, by the same functions, are the timeline of the record (gateway/record/timeline.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from babel.dates import format_date
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from gateway.clock import Clock, local
from gateway.language import LOCALES, SOURCE
from gateway.patterns.count import WAITS, week_name
from gateway.patterns.figures import FEW, Figures, figures
from gateway.patterns.period import WEEKS, period_of
from gateway.patterns.pictures import Picture, columns
from gateway.store import Store
from gateway.vault import rows, seen
from gateway.vault.listed import LANES
from gateway.web.room import PARENT, Room, Visitor

LOW: Final = 44
"""Height of the pictures of single lanes, under one measure."""
NOT_COUNTED: Final = {
    "imported": "from before, imported",
    "others": "from other people",
    "copies": "the same message once more",
    "own": "of yours that were not sent on",
    "unread": "not sorted yet",
}


class Patterns:
    """Of the family of the visitor."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def rooms(self) -> list[Room]:
        """For the guard."""
        return [Room("patterns", "/patterns", self.show, PARENT, menu="Patterns", place=80)]

    def show(self, request: Request, visitor: Visitor) -> Response:
        """The page of a period."""
        family, now = visitor.home, self._clock()
        period = period_of(request.query_params, local(now, family.time_zone).date())
        since, until = period.moments(family.time_zone)
        with self._store.read() as session:
            piles = seen.piles(session, family.key, since, until)
            topics = seen.topics(session, family.key, since, until)
            asked = seen.asked(session, family.key, since, until, now)
            left_out = seen.not_counted(session, family.key, since, until)
            left_out["unread"] = rows.unread(session, family.key)
        found = figures(piles, topics, asked, family.time_zone, now, timedelta(hours=family.answer_hours))
        return visitor.show(
            "patterns.html",
            period=period,
            choices=WEEKS,
            figures=found,
            lanes=LANES,
            left_out={NOT_COUNTED[name]: number for name, number in left_out.items() if number},
            by_lane=_by_lane(found, visitor.visit.language),
            by_hour=columns(found.hours, [str(hour) for hour in range(24)]),
            by_topic=columns([n for _, n in found.topics], [_topic(t) for t, _ in found.topics]),
            waits=list(WAITS),
            week_name=partial(_week, language=visitor.visit.language),
            numbers=_numbers,
            topic=_topic,
            few=FEW,
            coparent=family.coparent.name,
            answer_hours=family.answer_hours,
        )


def _by_lane(found: Figures, language: str) -> list[tuple[str, Picture]]:
    """One picture for each lane, all under one measure, so that nothing rests on a colour."""
    names = [_week(monday, language, short=True) for monday, _ in found.weeks]
    most = max((n for _, counts in found.weeks for n in counts), default=1)
    return [
        (lane, columns([counts[place] for _, counts in found.weeks], names, tall=LOW, top=most))
        for place, lane in enumerate(found.lanes)
    ]


def _week(monday: datetime, language: str, *, short: bool = False) -> str:
    """``5 Jan 2026``, ``5 ene 2026``; without the year under a picture, since it stands in the table."""
    if language == SOURCE:
        return week_name(monday)[: -len(" 2026") if short else None]
    return str(format_date(monday.date(), "d MMM" if short else "d MMM y", LOCALES[language]))


def _numbers(counts: Sequence[int]) -> Markup:
    """Cells of a table. Made here and not in the template, which takes ten times as long for hundreds of them."""
    return Markup("".join(f'<td class="number">{int(n)}</td>' for n in counts))  # noqa: S704 (digits alone)


def _topic(name: str) -> str:
    return name.replace("_", " ").capitalize()
