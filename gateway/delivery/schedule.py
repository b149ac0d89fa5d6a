"""When a card goes out: at the hours that the parent chose, or at once for what cannot wait.

At once: danger, emergencies, legal mail, a fact that is due before the next chosen hour, and a question that wants an
answer before it. Hours are local times of the family's zone; a time that the clock change skips counts as the moment
that follows it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from gateway.policy.lane import AT_ONCE, Lane

DUE_SOON = timedelta(hours=3)
"""What is due within this time after the next chosen hour does not wait for that hour."""


def next_hour(now: datetime, hours: Iterable[time], zone: str) -> datetime:
    """The first of the chosen local hours after `now`, in UTC. `hours` must not be empty."""
    here = now.astimezone(ZoneInfo(zone))
    candidates = [
        datetime.combine(here.date() + timedelta(days=day), hour, ZoneInfo(zone)).astimezone(UTC)
        for day in range(3)
        for hour in hours
    ]
    return min(moment for moment in candidates if moment > now)


def due(
    now: datetime, deliver: Literal["at once"] | tuple[time, ...], zone: str, lane: Lane, whens: Iterable[str | None]
) -> datetime:
    """The moment (UTC) from which a card may go out. `whens`: local ISO dates and date-times that its facts name."""
    if deliver == "at once" or not deliver or lane in AT_ONCE:
        return now
    planned = next_hour(now, deliver, zone)
    return now if any(_soon(when, now, planned, zone) for when in whens if when) else planned


def _soon(when: str, now: datetime, planned: datetime, zone: str) -> bool:
    moment = datetime.fromisoformat(when)
    if len(when) == 10:  # a date: its morning is when it starts to matter
        moment = moment.replace(hour=7)
    moment = moment.replace(tzinfo=ZoneInfo(zone))
    day_ago = now - timedelta(hours=12)
    return day_ago <= moment <= planned + DUE_SOON
