"""Fake senders: they record what went out and when, and fail when they are told to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.clock import Clock
from gateway.delivery.outbox import Parcel
from gateway.errors import PermanentSendError, TemporarySendError

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
    """A way out. `dead`: the host does not answer; `refuses`: it says no for good."""

    def __init__(self, clock: Clock, dead: Sequence[Span], refuses: Sequence[Span]) -> None:
        self.clock, self.dead, self.refuses = clock, dead, refuses
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
        self.went.append(Went(self.clock(), parcel))
        return None
