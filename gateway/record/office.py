"""Has records made, one at a time, for as long as the gateway runs."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from gateway.clock import Clock
from gateway.errors import StoreError
from gateway.record import shelf
from gateway.store import Store
from gateway.store.tables import ExportRow

log = logging.getLogger(__name__)
LOOK = 5.0
LONGEST = 3600.0
TOO_LONG = "The record took longer than an hour and was given up. Please choose a shorter period."


class Office:
    """`run` in a thread of its own; `ring` when something was asked for."""

    def __init__(self, folder: Path, store: Store, clock: Clock, has_post: Callable[[], bool] = lambda: True) -> None:
        """`has_post`: whether this process is the one that has records made."""
        self._has_post, self._began = has_post, False
        self._folder, self._store, self._clock = folder, store, clock
        self._bell, self._stopping = threading.Event(), threading.Event()
        self._at_work: subprocess.Popen[bytes] | None = None

    def ring(self) -> None:
        """Look at once."""
        self._bell.set()

    def stop(self) -> None:
        """End; a record at hand is begun again at the next start."""
        self._stopping.set()
        self._bell.set()
        if (work := self._at_work) is not None:
            work.terminate()

    def run(self) -> None:
        """Until told to stop."""
        while not self._stopping.is_set():
            self._bell.clear()
            try:
                busy = self._at_post() and self.step()
            except (StoreError, OSError) as error:
                log.error("a record could not be begun: %s", type(error).__name__)
                busy = False
            if not busy:
                self._bell.wait(LOOK)

    def _at_post(self) -> bool:
        """Whether this process makes records; whoever comes to it takes up what another left half made. Raises StoreError."""
        if not self._has_post():
            self._began = False
        elif not self._began:
            with self._store.write() as session:
                shelf.take_up(session)
            self._began = True
        return self._began

    def step(self) -> bool:
        """Have one made or checked; False where none waits. Raises StoreError, OSError."""
        with self._store.write() as session:
            found = shelf.next_one(session)
        if found is None:
            return False
        number, check = found
        words = [sys.executable, "-m", "gateway.record.background", str(self._folder), str(number)]
        words += ["check" if check else "make"]
        self._at_work = subprocess.Popen(words, stdin=subprocess.DEVNULL)  # noqa: S603 (our own program, our own words)
        try:
            status = self._at_work.wait(LONGEST)
        except subprocess.TimeoutExpired:
            self._at_work.kill()
            self._at_work.wait()
            status = -1
        finally:
            self._at_work = None
        if status != 0 and not self._stopping.is_set():
            self._give_up(number, status)
        return True

    def _give_up(self, number: int, status: int) -> None:
        """A process that died without a word leaves no record that seems to be in the making for ever."""
        log.error("the record %d ended with status %d", number, status)
        from gateway.record.background import BROKEN

        with self._store.write() as session:
            row = session.get_one(ExportRow, number)
            if row.state in (shelf.MAKING, shelf.CHECKING):
                row.state, row.finished_at = shelf.FAILED, self._clock()
                row.said = {**row.said, "why": TOO_LONG if status == -1 else BROKEN}
