"""Fake senders: they record what went out and when, and fail when they are told to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.clock import Clock
from gateway.delivery.outbox import Parcel
from gateway.delivery.sms import CLOCKS_APART
from gateway.errors import PermanentSendError, TemporarySendError, UncertainSendError

TAKES, HANGS = 0.3, 30.0
"""Seconds that a sending takes, and that a dead host is waited for."""


@dataclass(frozen=True, slots=True)
class Span:
    """From one moment to another (UTC)."""

    start: datetime
    end: datetime

    def has(self, moment: datetime) -> bool:
        return self.start <= moment < self.end


def within(spans: Sequence[Span], moment: datetime) -> bool:
    return any(span.has(moment) for span in spans)


@dataclass(frozen=True, slots=True)
class Went:
    """One parcel that the other side took."""

    at: datetime
    parcel: Parcel


class Route:
    """A way out. `dead`: the host does not answer; `refuses`: it says no for good; `taken`: called for each that it took."""

    def __init__(
        self,
        clock: Clock,
        dead: Sequence[Span],
        refuses: Sequence[Span],
        taken: Callable[[Went], None] = lambda _went: None,
    ) -> None:
        self.clock, self.dead, self.refuses, self.taken = clock, dead, refuses, taken
        self.went: list[Went] = []
        self.failures = 0

    async def send(self, parcel: Parcel, *, sender: str, now: datetime, hand_over: Callable[[], None]) -> str | None:
        if within(self.dead, self.clock()):
            await asyncio.sleep(HANGS)
            self.failures += 1
            raise TemporarySendError("the host does not answer")
        await asyncio.sleep(TAKES)
        if within(self.refuses, self.clock()):
            self.failures += 1
            raise PermanentSendError("550 refused")
        hand_over()
        return self.take(parcel)

    def take(self, parcel: Parcel) -> str | None:
        """Note that it went; the carrier's number."""
        self.went.append(Went(self.clock(), parcel))
        self.taken(self.went[-1])
        return None


class TextRoute(Route):
    """A text carrier. `drops`: the connection ends before its answer; half of these texts it took all the same."""

    def __init__(self, clock: Clock, dead: Sequence[Span], drops: Sequence[Span]) -> None:
        super().__init__(clock, dead, ())
        self.drops, self.dropped = drops, dict[str, bool]()

    def take(self, parcel: Parcel) -> str | None:
        if within(self.drops, self.clock()) and parcel.out_id not in self.dropped:
            self.dropped[parcel.out_id] = len(self.dropped) % 2 == 0
            if self.dropped[parcel.out_id]:
                super().take(parcel)
            raise UncertainSendError("the text carrier went away before it answered")
        super().take(parcel)
        return f"SM{len(self.went)}"

    async def find(self, parcel: Parcel, *, now: datetime, known: Collection[str]) -> str | None:
        """The number of a text with the same words to the same number that is nobody else's."""
        same = (parcel.address, parcel.content["text"])
        since = (parcel.handed_at or now) - CLOCKS_APART
        for number, one in enumerate(self.went, 1):
            is_same = (one.parcel.address, one.parcel.content["text"]) == same and one.at >= since
            if is_same and f"SM{number}" not in known:
                return f"SM{number}"
        return None
