"""Claims: a family (and a channel) that one process works for while all others leave it alone.

A claim is the lock of a row of `family_turn` in a transaction that stays open until the work is done. Whoever finds it locked goes
on to the next family (SKIP LOCKED). When the process dies, its connection does, and with it the claim.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Final, Protocol

from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from gateway.store import Store
from gateway.store.unit_of_work import REFUSED, refusal

READING: Final = "reading"
"""The work of a worker. A channel (``email``, ``sms``) is that of an edge."""
MOST_NAMES: Final = 64
"""Families that are looked at for one claim: more than there are processes."""
_ADD = text(
    "INSERT INTO family_turn (family, work) SELECT unnest(CAST(:names AS text[])), :work ON CONFLICT DO NOTHING"
)
_LOCK = text(
    "SELECT family FROM family_turn WHERE work = :work AND family = ANY(CAST(:names AS text[]))"
    " ORDER BY array_position(CAST(:names AS text[]), CAST(family AS text)) LIMIT 1 FOR UPDATE SKIP LOCKED"
)
Candidates = Callable[[], Sequence[str]]
"""The families that have something to do, the most urgent first."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What may be worked on: that family alone; all of them where it is None."""

    family: str | None


class Claims(Protocol):
    """Hands out claims. `shared`: whether others work on the same data."""

    shared: bool

    def hold(self, work: str, candidates: Candidates) -> AbstractContextManager[Claim | None]:
        """A claim while the block runs; None where everything is done, or in other hands. Raises StoreError."""
        ...

    def refresh(self) -> None:
        """Put the settings of now in force. To be called once it is read what there is to do: so nothing is done by settings that were
        changed before it came. Raises StoreError.
        """
        ...


class Everything:
    """For the one process that has the data: everything is its own."""

    shared = False

    @contextmanager
    def hold(self, work: str, candidates: Candidates) -> Iterator[Claim | None]:
        """All families; nobody is asked."""
        yield Claim(None)

    def refresh(self) -> None:
        """Whoever changes settings does so in this process."""


class Families:
    """Claims one family at a time. `refresh`: puts settings in force that another process has changed."""

    shared = True

    def __init__(self, store: Store, refresh: Callable[[], object] = lambda: None) -> None:
        self._store, self._refresh = store, refresh
        self._known: set[tuple[str, str]] = set()

    @contextmanager
    def hold(self, work: str, candidates: Candidates) -> Iterator[Claim | None]:
        """The first of the candidates that nobody else holds."""
        names = list(candidates())[:MOST_NAMES]
        if not names:
            yield None
            return
        self._add(work, names)
        try:
            connection = self._store.engine.connect()
        except REFUSED as error:
            raise refusal(error) from error
        try:
            family = _locked(connection, work, names)
            yield None if family is None else Claim(family)
        finally:
            with contextlib.suppress(DBAPIError):  # the database went away meanwhile, and the lock with it
                connection.close()

    def refresh(self) -> None:
        """One question to the database; the file is read where something has changed."""
        self._refresh()

    def _add(self, work: str, names: Sequence[str]) -> None:
        new = [name for name in names if (work, name) not in self._known]
        if new:
            with self._store.write_rows() as connection:
                connection.execute(_ADD, {"work": work, "names": new})
            self._known |= {(work, name) for name in new}


def _locked(connection: Connection, work: str, names: Sequence[str]) -> str | None:
    try:
        found: str | None = connection.scalar(_LOCK, {"work": work, "names": names})
        return found
    except DBAPIError as error:
        raise refusal(error) from error


def claims_of(store: Store, refresh: Callable[[], object] = lambda: None) -> Claims:
    """The claims that fit the database."""
    return Families(store, refresh) if store.shared else Everything()
