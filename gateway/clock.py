"""Time as a thing that is passed in. Inside everything is UTC; people read local time with its offset."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The system's clock, aware, in UTC."""
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """UTC with microseconds, e.g. ``2026-11-26T18:00:00.000000Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def local(moment: datetime, zone: str) -> datetime:
    """The same moment in an IANA zone."""
    return moment.astimezone(ZoneInfo(zone))


def offset(moment: datetime, zone: str) -> str:
    """The zone's offset at that moment, e.g. ``-06:00``."""
    return local(moment, zone).isoformat()[-6:]


def for_people(moment: datetime, zone: str) -> str:
    """What a person reads, e.g. ``Thu 26 Nov 2026, 6:00 pm (UTC-06:00)``."""
    here = local(moment, zone)
    return f"{here:%a} {here.day} {here:%b %Y}, {hour_for_people(moment, zone)}"


def hour_for_people(moment: datetime, zone: str) -> str:
    """The hour alone, e.g. ``6:00 pm (UTC-06:00)``."""
    here = local(moment, zone)
    half = "am" if here.hour < 12 else "pm"
    return f"{here.hour % 12 or 12}:{here:%M} {half} (UTC{offset(moment, zone)})"
