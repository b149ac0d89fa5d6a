"""An event loop whose time jumps: whoever sleeps wakes at once, and the clock has moved on by as much."""

from __future__ import annotations

import asyncio
import selectors
from datetime import datetime, timedelta
from typing import Any


class _Jumping(selectors.DefaultSelector):
    loop: JumpingLoop

    def select(self, timeout: float | None = None) -> Any:
        if timeout:
            self.loop.now += timeout
        return super().select(0)


class JumpingLoop(asyncio.SelectorEventLoop):
    """Seconds since the simulation began, in place of the system's."""

    def __init__(self, begin: datetime) -> None:
        self.now, self.begin = 0.0, begin
        selector = _Jumping()
        selector.loop = self
        super().__init__(selector)
        self._clock_resolution = 1e-6

    def time(self) -> float:
        return self.now

    def clock(self) -> datetime:
        """What the gateway takes for the time."""
        return self.begin + timedelta(seconds=self.now)

    async def until(self, moment: datetime) -> None:
        """Sleep until then."""
        await asyncio.sleep(max(0.0, (moment - self.clock()).total_seconds()))
