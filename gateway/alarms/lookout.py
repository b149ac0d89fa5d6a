"""What looks after alarms and routes while the gateway runs: every few seconds the alarms, every minute all else."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from gateway.alarms.desk import AlarmDesk
from gateway.alarms.drill import Drill
from gateway.clock import Clock
from gateway.errors import StoreError
from gateway.outages.heartbeat import Heartbeat
from gateway.outages.watch import RouteWatch

log = logging.getLogger(__name__)
LOOK_SECONDS = 2.0
MINUTE = timedelta(minutes=1)


class Lookout:
    """All of them in one thread; a fault of one keeps no other from its work. `wake`: something was put to be sent."""

    def __init__(
        self,
        desk: AlarmDesk,
        drill: Drill,
        watch: RouteWatch,
        heartbeat: Heartbeat,
        clock: Clock,
        wake: Callable[[], None],
        has_post: Callable[[], bool] = lambda: True,
    ) -> None:
        """`has_post`: whether this process is the one that looks out."""
        self._has_post = has_post
        self._desk, self._drill, self._watch, self._heartbeat = desk, drill, watch, heartbeat
        self._clock, self._wake = clock, wake
        self._looked: datetime | None = None
        self._stopping, self._idle = threading.Event(), threading.Lock()

    def run(self) -> None:
        """Look until told to stop."""
        while not self._stopping.is_set():
            with self._idle:
                if not self._stopping.is_set() and self._has_post():
                    self.step()
            self._stopping.wait(LOOK_SECONDS)

    def stop(self) -> None:
        """End after the look at hand, and wait for that."""
        self._stopping.set()
        with self._idle:
            return

    def step(self) -> None:
        """Do what is due."""
        said = _try("alarms", self._desk.step)
        now = self._clock()
        if self._looked is None or not self._looked <= now < self._looked + MINUTE:
            self._looked = now
            said += _try("test alarms", self._drill.step) + _try("routes", self._watch.step)
            _try("heartbeat", self._heartbeat.step)
        if said:
            self._wake()


def _try(what: str, step: Callable[[], int]) -> int:
    try:
        return int(step())
    except StoreError:
        log.error("%s: the database refused; trying again", what)
    except Exception as error:  # noqa: BLE001 (alarms must outlive every fault)
        log.error("fault in %s: %s", what, type(error).__name__)
    return 0
