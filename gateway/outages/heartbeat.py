"""The heartbeat: a sign of life for whoever watches from outside, given only while every part of the gateway works.

    every part alive, the database takes a write ─► a row, a file, a ping to an address of the operator's choice
    anything dead                                ─► nothing; whoever waits for the sign raises the alarm

A process that died cannot say so; a sign that does not come says it (a dead man's switch). `stale` is what the other machine asks.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from gateway.clock import Clock, stamp
from gateway.errors import StoreError
from gateway.outages.silence import beat, last_beat
from gateway.store import Store

log = logging.getLogger(__name__)
TIMEOUT_SECONDS = 10.0
Ping = Callable[[str], bool]
"""The seam to the network: asks an address; whether it answered well."""
Alive = Callable[[], str | None]
"""What is dead, or None."""


def by_http(url: str) -> bool:
    """Ask for the page. Nothing of ours goes along but the address itself."""
    import httpx  # only where a ping is wanted

    try:
        return httpx.get(url, timeout=TIMEOUT_SECONDS, follow_redirects=True).is_success
    except httpx.HTTPError:
        return False


class Heartbeat:
    """Beats when it is due. `every`: how often; `file`, `url`: where the sign goes besides the database."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        alive: Alive,
        *,
        every: timedelta,
        file: Path | None = None,
        url: str | None = None,
        ping: Ping = by_http,
    ) -> None:
        self._store, self._clock, self._alive, self._every = store, clock, alive, every
        self._file, self._url, self._ping = file, url, ping
        self.last: datetime | None = None
        """The last sign that was given."""

    def newest(self) -> datetime | None:
        """The last sign that any process gave; None also while the database is away."""
        if not self._store.shared:
            return self.last
        try:
            with self._store.read() as session:
                return last_beat(session)
        except StoreError:
            return None

    def is_fresh(self, last: datetime | None) -> bool:
        """Whether that sign was given lately."""
        return last is not None and self._clock() - last <= 3 * self._every

    @property
    def fresh(self) -> bool:
        """Whether a sign was given lately."""
        return self.is_fresh(self.newest())

    def step(self) -> bool:
        """Give the sign where it is due; whether it was given."""
        now = self._clock()
        if self.last is not None and self.last <= now < self.last + self._every:
            return False
        dead = self._alive()
        if dead is not None:
            log.error("no heartbeat: %s", dead)
            return False
        try:
            with self._store.write() as session:
                beat(session, now)
        except StoreError:
            log.error("no heartbeat: the database refuses")
            return False
        self.last = now
        if self._file is not None:
            _write(self._file, stamp(now))
        if self._url is not None and not self._ping(self._url):
            log.error("the address of the heartbeat does not answer")
        return True


def stale(words: str, now: datetime, oldest: timedelta) -> str | None:
    """What is wrong with a heartbeat as a file or a page has it; None where it is fresh."""
    try:
        moment = datetime.fromisoformat(words.strip().replace("Z", "+00:00"))
        age = now - moment
    except (ValueError, TypeError):
        return "there is no time in it"
    if age > oldest:
        return f"the last one is {round(age.total_seconds() / 60)} minutes old, of {stamp(moment)}"
    if age < -oldest:
        return f"it is of {stamp(moment)}, which lies in the future; one of the clocks is wrong"
    return None


def _write(file: Path, words: str) -> None:
    """Whole or not at all: another machine may read it at any moment."""
    try:
        part = file.with_name(file.name + ".part")
        part.write_text(words + "\n", encoding="utf8")
        os.replace(part, file)  # noqa: PTH105 (atomic)
    except OSError as error:
        log.error("the file of the heartbeat cannot be written: %s", error.strerror)
