"""How many texts and emails may leave, and what texts may cost: for each family, and for all of them together. Pure.

Alarms, emergencies, court papers and the parent's own answers are never held up by a cap; they count all the same. What is
over a cap goes by email instead, or waits; it is never dropped (see `spending`). Where the month's money is used up and there is
no email address, one text a day still goes: what waited comes together in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Count = Annotated[int, Field(ge=1, le=100_000)]


class Limit(BaseModel):
    """What may leave; None: as much as there is. Money is in the currency of `price_per_segment`, for a calendar month (UTC)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    texts_per_hour: Count | None = None
    texts_per_day: Count | None = None
    emails_per_hour: Count | None = None
    money_per_month: float | None = Field(default=None, gt=0, le=1_000_000)


class Caps(BaseModel):
    """``[caps]`` of the settings. `price_per_segment`: what the operator pays for one segment of a text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    price_per_segment: float | None = Field(default=None, gt=0, le=10)
    family: Limit = Limit(texts_per_hour=60, texts_per_day=200, emails_per_hour=200)
    installation: Limit = Limit()

    @model_validator(mode="after")
    def _priced(self) -> Caps:
        capped = [name for name in ("family", "installation") if getattr(self, name).money_per_month is not None]
        if capped and self.price_per_segment is None:
            raise ValueError(
                f"{capped[0]} has money_per_month: then price_per_segment is needed, such as 0.0083 for a text segment"
            )
        return self


@dataclass(frozen=True, slots=True)
class Used:
    """What left by one channel. `times`: of the last day, oldest first; `segments`: of this month's texts."""

    times: tuple[datetime, ...] = ()
    segments: int = 0


@dataclass(frozen=True, slots=True)
class Held:
    """Over a cap: which, and until when (UTC)."""

    cap: str
    until: datetime


def decide(
    channel: str, segments: int, now: datetime, family: Used, everybody: Used, caps: Caps, *, only_way: bool
) -> Held | None:
    """Whether one more may leave now; None where it may. `segments`: of the text; `only_way`: no email could take its place."""
    found = [
        held
        for limit, used in ((caps.family, family), (caps.installation, everybody))
        for held in (*_counted(channel, limit, used, now), *_paid(channel, segments, limit, used, now, caps))
    ]
    if only_way and any(held.cap == "money per month" for held in found):
        last = family.times[-1] if family.times else None
        found = [held for held in found if held.cap != "money per month"]
        if last is not None and last + DAY > now:
            found.append(Held("money per month", last + DAY))
    return max(found, key=lambda held: held.until, default=None)


def _counted(channel: str, limit: Limit, used: Used, now: datetime) -> list[Held]:
    spans = (
        (("texts per hour", limit.texts_per_hour, HOUR), ("texts per day", limit.texts_per_day, DAY))
        if channel == "sms"
        else (("emails per hour", limit.emails_per_hour, HOUR),)
    )
    out = []
    for name, most, span in spans:
        recent = [moment for moment in used.times if moment > now - span]
        if most is not None and len(recent) >= most:
            out.append(Held(name, recent[len(recent) - most] + span))
    return out


def _paid(channel: str, segments: int, limit: Limit, used: Used, now: datetime, caps: Caps) -> list[Held]:
    if channel != "sms" or limit.money_per_month is None or caps.price_per_segment is None:
        return []
    if (used.segments + segments) * caps.price_per_segment <= limit.money_per_month:
        return []
    return [Held("money per month", month_after(now))]


def month_of(now: datetime) -> datetime:
    """When the month began (UTC)."""
    return now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def month_after(now: datetime) -> datetime:
    """When the next month begins (UTC)."""
    return (month_of(now) + timedelta(days=32)).replace(day=1)
