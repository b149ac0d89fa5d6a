"""What of the vault is listed, as the address or the form of the page has it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from gateway.errors import UserError
from gateway.tagging.spans import TOPICS
from gateway.vault.listed import CHANNELS, LANES, SIDES

Place = tuple[datetime, int]
"""Time and number of the last message of a page: the next page begins after it."""
_PLACE: Final = re.compile(r"([0-9]{1,17})-([0-9]{1,18})")
_START: Final = datetime(1970, 1, 1, tzinfo=UTC)
BAD_DAY: Final = "A day of the period is not a date. Write it as year, month and day, such as 2026-11-27."
BAD_PERIOD: Final = "The period ends before it begins. Choose a first day that is not after the last one."
NAMES: Final = ("lane", "topic", "child", "channel", "side", "late", "from", "to")


@dataclass(frozen=True, slots=True)
class Choices:
    """Empty fields choose everything. `since` and `until`: local days, both included. `before`: for the next page.
    `bounds`: what the visitor may see at all.
    """

    lane: str = ""
    topic: str = ""
    child: str = ""
    channel: str = ""
    side: str = ""
    late: bool = False
    since: date | None = None
    until: date | None = None
    bounds: tuple[datetime | None, datetime | None] = (None, None)
    before: Place | None = None

    def moments(self, zone: str) -> tuple[datetime | None, datetime | None]:
        """From when (included) to when (not included), within `bounds`."""
        last = self.until + timedelta(days=1) if self.until and self.until < date.max else None
        low, high = self.bounds
        since = max((m for m in (_midnight(self.since, zone), low) if m is not None), default=None)
        return since, min((m for m in (_midnight(last, zone), high) if m is not None), default=None)

    def query(self) -> dict[str, str]:
        """As the address has it, without the place of the page."""
        values = {
            "lane": self.lane,
            "topic": self.topic,
            "child": self.child,
            "channel": self.channel,
            "side": self.side,
            "late": "1" if self.late else "",
            "from": self.since.isoformat() if self.since else "",
            "to": self.until.isoformat() if self.until else "",
        }
        return {name: value for name, value in values.items() if value}

    @property
    def is_narrow(self) -> bool:
        """Whether anything is left out."""
        return bool(self.query())

    def after(self, place: Place) -> dict[str, str]:
        """The address of the next page."""
        micros = (place[0] - _START) // timedelta(microseconds=1)
        return {**self.query(), "before": f"{micros}-{place[1]}"}

    def first_page(self) -> Choices:
        """The same without a place."""
        return replace(self, before=None)


def choices_of(given: Mapping[str, str], children: tuple[str, ...]) -> Choices:
    """What was chosen; a value that is not on the list chooses nothing. Raises UserError for a day that is none."""
    since, until = _day(given.get("from", "")), _day(given.get("to", ""))
    if since and until and until < since:
        raise UserError(BAD_PERIOD)
    return Choices(
        lane=_known(given, "lane", LANES),
        topic=_known(given, "topic", TOPICS),
        child=_known(given, "child", children),
        channel=_known(given, "channel", CHANNELS),
        side=_known(given, "side", SIDES),
        late=given.get("late") == "1",
        since=since,
        until=until,
        before=_place(given.get("before", "")),
    )


def _known(given: Mapping[str, str], name: str, values: Mapping[str, str] | tuple[str, ...]) -> str:
    value = given.get(name, "")
    return value if value in values else ""


def _day(words: str) -> date | None:
    words = words.strip()
    if not words:
        return None
    try:
        return date.fromisoformat(words)
    except ValueError:
        raise UserError(BAD_DAY) from None


def _place(words: str) -> Place | None:
    found = _PLACE.fullmatch(words)
    if found is None:
        return None
    try:
        return _START + timedelta(microseconds=int(found[1])), int(found[2])
    except OverflowError:
        return None


def _midnight(day: date | None, zone: str) -> datetime | None:
    if day is None:
        return None
    try:
        return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except OverflowError:
        return None
