"""Bells between processes (LISTEN and NOTIFY): something was kept, something is due, settings have changed.

A bell that is lost costs a few seconds: everybody looks now and then anyway. Many rings at once go out as one.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable
from typing import Final

from sqlalchemy import text

from gateway.errors import StoreError
from gateway.store import Store

log = logging.getLogger(__name__)
KEPT: Final = "kept"
DUE: Final = "due"
SETTINGS: Final = "settings"
CHANNEL: Final = "breakwater"
PAUSE: Final = 0.05
AGAIN: Final = 1.0
Ring = Callable[[], None]


class Bells:
    """One for a process. `me`: by what it knows its own. On SQLite it rings for itself alone."""

    def __init__(self, store: Store, me: str) -> None:
        self._store, self._me = store, me
        self._heard: dict[str, list[Ring]] = {}
        self._wanted: set[str] = set()
        self._waiting, self._stopping = threading.Event(), threading.Event()
        self._threads: list[threading.Thread] = []

    def on(self, name: str, ring: Ring) -> None:
        """Call `ring` whenever that bell is rung, here or in another process. It must be quick and safe for threads."""
        self._heard.setdefault(name, []).append(ring)

    def ring(self, name: str) -> None:
        """Ring here at once, and elsewhere soon."""
        self._hear(name)
        if self._store.shared:
            self._wanted.add(name)
            self._waiting.set()

    def open(self) -> None:
        """Begin to tell others and to listen to them."""
        if self._store.shared:
            for target in (self._tell, self._listen):
                thread = threading.Thread(target=target, name="bells", daemon=True)
                thread.start()
                self._threads.append(thread)

    def close(self) -> None:
        """Tell what is left, then stop."""
        self._stopping.set()
        self._waiting.set()
        for thread in self._threads:
            thread.join()

    def _hear(self, name: str) -> None:
        for ring in self._heard.get(name, ()):
            ring()

    def _tell(self) -> None:
        while not self._stopping.is_set() or self._wanted:
            self._waiting.wait()
            self._waiting.clear()
            names = [self._wanted.pop() for _ in range(len(self._wanted))]
            with contextlib.suppress(StoreError), self._store.write_rows() as connection:
                connection.execute(
                    text("SET LOCAL synchronous_commit = off")
                )  # a bell is not worth waiting for the disk
                for name in names:
                    connection.execute(
                        text("SELECT pg_notify(:channel, :words)"), {"channel": CHANNEL, "words": f"{name} {self._me}"}
                    )
            self._stopping.wait(PAUSE)

    def _listen(self) -> None:
        while not self._stopping.is_set():
            try:
                self._hear_others()
            except Exception as error:  # noqa: BLE001 (whatever broke it, it is begun again; and everybody looks meanwhile)
                log.warning("bells of other processes are not heard: %s; trying again", type(error).__name__)
            self._stopping.wait(
                AGAIN
            )  # however it ended, not again at once: each time all are woken and a connection is made

    def _hear_others(self) -> None:
        with self._store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            driver = connection.connection.dbapi_connection  # asked before it is detached: SQLAlchemy forgets it then
            if driver is None:
                raise self._store.away()
            connection.detach()
            connection.execute(text(f"LISTEN {CHANNEL}"))
            for name in self._heard:  # what was rung while nobody listened
                self._hear(name)
            while not self._stopping.is_set():
                for heard in driver.notifies(timeout=AGAIN):
                    name, _, by = heard.payload.partition(" ")
                    if by != self._me:
                        self._hear(name)
                    if self._stopping.is_set():
                        return
                connection.execute(text("SELECT 1"))  # a connection that is dead raises here
