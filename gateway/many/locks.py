"""Locks of this process by name: PostgreSQL's advisory locks of one session, gone with the process or its connection.

Whoever holds a name asks again before each step: a connection that broke has let go of all of them, and another process may have
them by now.
"""

from __future__ import annotations

import contextlib
import threading

from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from gateway.store import Store
from gateway.store.unit_of_work import REFUSED

_TRY = text("SELECT pg_try_advisory_lock(hashtextextended(:name, 12))")
_FREE = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 12))")
_ALIVE = text("SELECT 1")


class Locks:
    """One for a process; safe for many threads. On SQLite, where one process has the data, every name is held."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._connection: Connection | None = None
        self._mine: set[str] = set()
        self._turn = threading.Lock()

    def held(self, name: str) -> bool:
        """Whether this process has that name now; it is taken where it is free. False too while the database is away."""
        if not self._store.shared:
            return True
        with self._turn:
            try:
                connection = self._live()
                if name not in self._mine and connection.scalar(_TRY, {"name": name}):
                    self._mine.add(name)
                return name in self._mine
            except REFUSED:
                self._drop()
                return False

    def free(self, name: str) -> bool:
        """Whether no process has that name. Raises StoreError."""
        with self._store.glance() as connection:
            return bool(connection.scalar(_FREE, {"name": name}))

    def close(self) -> None:
        """Let go of all."""
        with self._turn:
            self._drop()

    def _live(self) -> Connection:
        if self._connection is not None:
            self._connection.execute(_ALIVE)
            return self._connection
        made = self._store.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        made.detach()  # never back into the pool, where it would keep its locks for whoever gets it next
        self._connection = made
        return made

    def _drop(self) -> None:
        self._mine.clear()
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(DBAPIError):
                connection.close()
