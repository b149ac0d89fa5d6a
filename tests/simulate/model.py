"""When a card must go out, said a second time: a table of every chosen hour, made without a time-zone database.

Nothing of `gateway.delivery.schedule` is used. New York is five hours behind UTC, four between the clock changes of 2026.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

HOUR = timedelta(hours=1)
SUMMER = datetime(2026, 3, 8, 7, tzinfo=UTC), datetime(2026, 11, 1, 6, tzinfo=UTC)
AT_ONCE = {"danger", "emergency", "legal"}


def here(moment: datetime) -> datetime:
    """New York's clock, without a zone."""
    return (moment - (4 if SUMMER[0] <= moment < SUMMER[1] else 5) * HOUR).replace(tzinfo=None)


def there(local: datetime) -> datetime:
    """The first moment at which New York's clock shows that; a time that it skips is read by the clock of before."""
    for offset in (4, 5):
        moment = local.replace(tzinfo=UTC) + offset * HOUR
        if here(moment) == local:
            return moment
    return local.replace(tzinfo=UTC) + 5 * HOUR


class Settings:
    """What counts of the family's settings. `hours`: whole or half hours of the day; empty: at once."""

    def __init__(self, deliver: Any, pause: dict[str, str], hard: Sequence[str], hold: str | None = None) -> None:
        self.hours = [] if deliver == "at once" else [int(h[:2]) + int(h[3:]) / 60 for h in deliver]
        self.pause = date.fromisoformat(pause["from"]), date.fromisoformat(pause["to"])
        self.hard = {date.fromisoformat(day) for day in hard}
        self.hold = datetime.fromisoformat(hold) if hold else None

    def rests(self, moment: datetime) -> bool:
        return self.pause[0] <= here(moment).date() <= self.pause[1] or self.held(moment)

    def held(self, moment: datetime) -> bool:
        return self.hold is not None and self.hold - timedelta(days=7) <= here(moment) < self.hold

    def is_hard(self, moment: datetime) -> bool:
        return here(moment).date() in self.hard

    def after(self, moment: datetime, *, resting: bool = True) -> datetime:
        """The next chosen hour (8 where none is chosen), on a hard day the evening's. `resting`: in a pause too."""
        start = here(moment).date() - timedelta(days=1)
        for n in range(60):
            day = start + timedelta(days=n)
            hours = sorted(self.hours or [8])
            for hour in [max(18, hours[-1])] if day in self.hard else hours:
                slot = there(datetime.combine(day, datetime.min.time()) + hour * HOUR)
                if slot > moment and (resting or not self.rests(slot)):
                    return slot
        raise AssertionError("no hour within two months")

    def free(self, moment: datetime) -> datetime:
        """The first moment at which everything may go."""
        night = not self.hours and here(moment).hour < 8 and self.pause[1] == here(moment).date() - timedelta(days=1)
        if not self.hours and not night and not self.rests(moment) and not self.is_hard(moment):
            return moment
        slot = self.after(moment, resting=False)
        if self.hold is not None and self.held(moment):
            return min(slot, there(self.hold))
        return slot


def hour(
    made: datetime, lane: str, items: Sequence[dict[str, Any]], settings: Settings, in_the_last_hour: int
) -> datetime:
    """The moment from which a card that was made then may go, settings staying as they are."""
    if lane in AT_ONCE:
        return made
    soonest = made
    if in_the_last_hour >= 30:
        soonest = made.replace(minute=0, second=0, microsecond=0) + HOUR
    waits = settings.hours or settings.is_hard(made)
    next_one = settings.after(made) if waits else soonest
    dates = [item[name] for item in items for name in ("when", "answer_by") if item.get(name)]

    def matters(until: datetime) -> bool:
        starts = [there(datetime.fromisoformat(d if len(d) > 10 else f"{d}T07:00")) for d in dates]
        return any(made - 12 * HOUR <= start <= until + 3 * HOUR for start in starts)

    if matters(soonest):
        return made
    if matters(next_one):
        return min(soonest, next_one)
    free = settings.free(made)
    if free <= next_one:
        return max(soonest, free)
    undated = [item for item in items if not item.get("when") and not item.get("answer_by")]
    lasting = any(item["topic"] in ("Medical", "Emergency") for item in undated)
    asks = any(item.get("asks") for item in undated) and made + 48 * HOUR < free
    return next_one if lane == "unsorted" or lasting or asks or matters(free) else free


def repeats(raised: datetime, lane: str, minutes: Sequence[int], hourly: int) -> list[datetime]:
    """When an alarm that nobody answers comes again. The hourly ones of danger wait for seven in the morning."""
    out = [raised + timedelta(minutes=m) for m in minutes]
    for _ in range(hourly):
        moment = out[-1] + HOUR
        clock = here(moment)
        if lane == "danger" and not 7 <= clock.hour < 22:
            day = clock.date() + timedelta(days=1 if clock.hour >= 22 else 0)
            moment = there(datetime.combine(day, datetime.min.time()) + 7 * HOUR)
        out.append(moment)
    return out


def answer_by(asked: datetime, item: dict[str, Any]) -> datetime:
    """By when an answer is wanted."""
    if words := item.get("answer_by"):
        moment = there(datetime.fromisoformat(words if len(words) > 10 else f"{words}T18:00"))
        if moment > asked:
            return moment
    return asked + 48 * HOUR


def reminder(asked: datetime, shown: datetime, by: datetime, settings: Settings) -> datetime | None:
    """When the reminder is queued; None where no chosen hour is left before `by`, or no time at all. `shown`: the card's hour."""
    left = by - asked
    moment = max(by - 24 * HOUR if left > 48 * HOUR else asked + left / 2, shown + 2 * HOUR)
    if not settings.hours:
        return moment if moment < by else None
    slots, slot = [], settings.after(shown)
    while slot < by:
        slots, slot = [*slots, slot], settings.after(slot)
    later = [s for s in slots if s > moment][:1]
    good = [s for s in slots if s - shown >= 2 * HOUR and by - s >= 2 * HOUR]
    if later and (later[0] in good or not good):
        return moment
    return max((good or slots)[-1] - HOUR / 12, shown) if good or slots else None
