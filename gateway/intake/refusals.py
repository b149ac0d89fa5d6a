"""What intake turned away, in the installation's log: each case while they are few, a count while they are many.

Anybody on the internet can be refused as often as they like; without a limit they would fill disk and log. So `EACH`
refusals of one kind an hour become entries of their own. The following ones are counted, and one entry says how many
they were when the hour is over (at the next refusal) or the gateway stops.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gateway.clock import Clock, stamp
from gateway.errors import StoreError
from gateway.ledger import INSTALLATION, append
from gateway.store import Store

log = logging.getLogger(__name__)
EACH = 20
HOUR = timedelta(hours=1)


@dataclass
class _Count:
    since: datetime
    seen: int = 0

    @property
    def silent(self) -> int:
        """How many have no entry yet."""
        return max(0, self.seen - EACH)


class Refusals:
    """One for all ways in. Safe for many threads."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._counts: dict[tuple[str, str], _Count] = {}
        self._lock = threading.Lock()

    def record(self, why: str, channel: str, **more: Any) -> None:
        """Note one refusal. Never raises: a refusal that cannot be logged is still a refusal."""
        now = self._clock()
        bodies: list[dict[str, Any]] = []
        with self._lock:
            count = self._counts.get((why, channel))
            if count is None or now - count.since >= HOUR:
                if count is not None and count.silent:
                    bodies.append(_summary(why, channel, count))
                count = self._counts[why, channel] = _Count(now)
            count.seen += 1
            if count.seen <= EACH:
                bodies.append({"why": why, "channel": channel, **more})
        self._write(bodies, now)

    def close(self) -> None:
        """Write the counts that are still open."""
        with self._lock:
            bodies = [_summary(*kind, count) for kind, count in self._counts.items() if count.silent]
            self._counts.clear()
        self._write(bodies, self._clock())

    def _write(self, bodies: list[dict[str, Any]], now: datetime) -> None:
        if not bodies:
            return
        try:
            with self._store.write() as session:
                for body in bodies:
                    append(session, INSTALLATION, "refused", body, now=now)
        except StoreError:
            log.error("a refusal could not be logged")


def _summary(why: str, channel: str, count: _Count) -> dict[str, Any]:
    return {"why": why, "channel": channel, "more": count.silent, "since": stamp(count.since)}
