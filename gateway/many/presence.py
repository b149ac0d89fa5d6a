"""Which processes run: a row for each, a lock that it holds while it lives, and a sign every few seconds by the database's clock."""

from __future__ import annotations

import os
import secrets
import socket
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from gateway import __version__
from gateway.clock import Clock
from gateway.ledger import INSTALLATION, append
from gateway.many.locks import Locks
from gateway.many.roles import ALL, EVERYTHING, Role, told
from gateway.store import Store
from gateway.store.tables import ProcessRow, Utc

SIGN: Final = 5.0
"""Seconds between two signs."""
SILENT: Final = 30.0
"""Seconds without one after which something is wrong with a process."""
GONE: Final = 5.0
"""Seconds that nobody may have held a process's lock before it counts as dead: one whose connection broke takes it again sooner."""
LOST, BEGAN, ENDED = "process lost", "process started", "process stopped"
"""Kinds of entries of the installation's log."""


@dataclass(frozen=True, slots=True)
class Process:
    """A process as the database knows it. `seen`: seconds since its last sign."""

    id: str
    roles: frozenset[Role]
    host: str
    pid: int
    version: str
    seen: float

    @property
    def well(self) -> bool:
        """Whether it gave a sign lately."""
        return self.seen <= SILENT


class Presence:
    """This process among the others. `running`: a clock that only runs, in seconds."""

    def __init__(
        self,
        store: Store,
        locks: Locks,
        roles: frozenset[Role],
        clock: Clock,
        running: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._locks, self.roles, self._clock, self._running = store, locks, roles, clock, running
        self.id = f"{socket.gethostname()[:20]}-{os.getpid()}-{secrets.token_hex(4)}"
        self._signed: float | None = None
        self._absent: dict[str, float] = {}

    def enter(self) -> bool:
        """Take the lock, clear away the dead, add the own row; whether nobody else lives. Raises StoreError.

        Inside `Store.alone`, so that of two that start at once one is the first.
        """
        if not self._locks.held(_lock(self.id)):
            raise self._store.away()
        with self._store.write() as session:
            rows = session.scalars(select(ProcessRow)).all()
            others = [row for row in rows if self._store.shared and not self._locks.free(_lock(row.id))]
            for row in rows:
                if row not in others:
                    self._bury(session, row, told=bool(others))
            about = {"host": socket.gethostname()[:100], "pid": os.getpid(), "version": __version__}
            session.add(
                ProcessRow(id=self.id, roles=told(self.roles), started_at=self._clock(), seen_at=func.now(), **about)
            )
            if others:
                append(session, INSTALLATION, BEGAN, self._body(), now=self._clock())
        return not others

    def step(self) -> None:
        """Keep the lock, give the sign where it is due. Raises StoreError."""
        if not self._locks.held(_lock(self.id)):
            return
        now = self._running()
        if self._signed is not None and now - self._signed < SIGN:
            return
        with self._store.write() as session:
            mine = update(ProcessRow).where(ProcessRow.id == self.id).values(seen_at=func.now())
            if session.execute(mine).rowcount == 0:  # type: ignore[attr-defined]
                about = {"host": socket.gethostname()[:100], "pid": os.getpid(), "version": __version__}
                session.add(
                    ProcessRow(
                        id=self.id, roles=told(self.roles), started_at=self._clock(), seen_at=func.now(), **about
                    )
                )
        self._signed = now

    def bury(self) -> int:
        """Log and forget processes that died without a word; how many. Raises StoreError."""
        with self._store.read() as session:
            dead = [row.id for row in session.scalars(select(ProcessRow)) if row.id != self.id and self.gone(row.id)]
        for one in dead:
            with self._store.write() as session:
                row = session.get(ProcessRow, one, with_for_update=True)
                if row is not None:
                    self._bury(session, row, told=True)
        return len(dead)

    def gone(self, process: str | None) -> bool:
        """Whether a process is surely dead: nobody has held its lock for `GONE` seconds. Raises StoreError."""
        if process is None or not self._store.shared:
            return True
        if process == self.id or not self._locks.free(_lock(process)):
            self._absent.pop(process, None)
            return False
        since = self._absent.setdefault(process, self._running())
        return self._running() - since >= GONE

    def leave(self) -> bool:
        """Take the own row out; whether nobody else lives. Raises StoreError. Inside `Store.alone`."""
        with self._store.write() as session:
            session.execute(delete(ProcessRow).where(ProcessRow.id == self.id))
            others = [row.id for row in session.scalars(select(ProcessRow)) if not self._locks.free(_lock(row.id))]
            if others:
                append(session, INSTALLATION, ENDED, self._body(), now=self._clock())
        return not others

    def _bury(self, session: Session, row: ProcessRow, *, told: bool) -> None:
        """Take the row of a dead process out. `told`: in the log too; where all were dead, the gap says it."""
        session.delete(row)
        if told:
            append(session, INSTALLATION, LOST, {"process": row.id, "roles": row.roles}, now=self._clock())

    def _body(self) -> dict[str, str]:
        return {"process": self.id, "roles": told(self.roles)}


def processes(session: Session) -> list[Process]:
    """All that have a row, in the order of their start. Raises DBAPIError."""
    rows = session.execute(select(ProcessRow, func.now(type_=Utc())).order_by(ProcessRow.started_at, ProcessRow.id))
    return [
        Process(
            row.id, _roles(row.roles), row.host, row.pid, row.version, max(0.0, (now - row.seen_at).total_seconds())
        )
        for row, now in rows
    ]


def missing(found: Iterable[Process]) -> list[Role]:
    """The roles that no process has which is well."""
    there = {role for process in found if process.well for role in process.roles}
    return [role for role in Role if role not in there]


def _roles(words: str) -> frozenset[Role]:
    return ALL if words == EVERYTHING else frozenset(Role(word) for word in words.split(", "))


def _lock(process: str) -> str:
    return f"process {process}"
