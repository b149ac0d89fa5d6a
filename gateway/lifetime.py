"""What the log says of the gateway itself: that it runs alone, when it started, what had changed, when a clock jumped."""

from __future__ import annotations

import fcntl
import json
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import IO, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway import __version__
from gateway.clock import Clock, stamp
from gateway.contact_changes import call_back, note_contact, note_order
from gateway.errors import SettingsError
from gateway.family import Directory, Family
from gateway.family.difference import differences
from gateway.ledger import INSTALLATION, append
from gateway.ledger.leaf import canonical
from gateway.many.roles import ALL, Role, told
from gateway.outages.silence import last_beat, tell_silence
from gateway.settings import Settings
from gateway.store import Store
from gateway.store.blobs import digest
from gateway.store.tables import EntryRow, SettingsRow

JUMP_SECONDS = 30.0
AT_ONCE = 500
"""Families that one transaction of a start notes."""
MOST_CHANGES = 50
"""Differences that one entry of the log spells out."""
VERSIONS = "rules and tagger"
"""Kind of the entry that names their versions."""


def lock(settings: Settings, roles: frozenset[Role] = ALL) -> IO[str] | None:
    """Make sure that this process may work on the data. None on PostgreSQL, where any number may.

    On SQLite: hold the data folder for this process until the file is closed. Raises SettingsError where another one has it.

    SQLite has one writer, and two gateways over one log would each write that the other had stopped.
    """
    if not settings.database_url.startswith("sqlite"):
        return None
    if roles != ALL:
        raise SettingsError(
            f"--role {told(roles)}: processes for single roles want PostgreSQL (server › database); on SQLite one process does "
            "everything: breakwater serve, without --role"
        )
    file = (settings.data / "serve.lock").open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise SettingsError(
            f"server › data: another `breakwater serve` runs on {settings.data}; stop that one first"
        ) from None
    return file


def _note_versions(session: Session, versions: Mapping[str, str], now: datetime) -> None:
    """An entry where rules or tagger are others than at the last start: what was decided since was decided by these."""
    last = session.scalar(
        select(EntryRow.body)
        .where(EntryRow.log == INSTALLATION, EntryRow.kind == VERSIONS)
        .order_by(EntryRow.seq.desc())
        .limit(1)
    )
    if last is None or json.loads(last) != dict(versions):
        append(session, INSTALLATION, VERSIONS, dict(versions), now=now)


def note_settings(session: Session, family: Family, now: datetime, by: str = "") -> None:
    """In the caller's unit of work: the family's settings where they are others than before, and what follows from them.

    `by`: who changed them in the pages; empty where the file was edited.
    """
    content = family.model_dump(mode="json")
    sha256 = digest(canonical(content).encode("utf8"))
    known = session.scalars(
        select(SettingsRow).where(SettingsRow.family == family.key).order_by(SettingsRow.id.desc()).limit(1)
    ).first()
    if known is None or known.sha256 != sha256:
        session.add(SettingsRow(family=family.key, since=now, sha256=sha256, content=content, by=by))
        body: dict[str, Any] = {"sha256": sha256} | ({"by": by} if by else {})
        if known is not None:
            body["changed"] = [one.logged for one in differences(known.content, content)][:MOST_CHANGES]
        append(session, family.key, "settings changed", body, now=now, zone=family.time_zone)
    note_contact(session, family, now)
    note_order(session, family, now)
    call_back(session, family, now)


def note_start(
    store: Store, directory: Directory, now: datetime, versions: Mapping[str, str] | None = None, *, first: bool = True
) -> None:
    """Log the start, the gap since the last run, and everything that changed: settings, rules, tagger. A long gap is told.

    `first`: no other process ran; where one did there was no gap. Many families are noted some at a time: a transaction can hold
    the logs of some thousands.
    """
    families = list(directory)
    silent = None
    with store.write() as session:
        if first:
            silent = _note_gap(session, now)
        if versions:
            _note_versions(session, versions, now)
        _note_families(session, families[:AT_ONCE], silent, now)
    for start in range(AT_ONCE, len(families), AT_ONCE):
        with store.write() as session:
            _note_families(session, families[start : start + AT_ONCE], silent, now)


def _note_families(session: Session, families: Sequence[Family], silent: datetime | None, now: datetime) -> None:
    for family in families:
        if silent is not None:
            tell_silence(session, family, silent, now)
        note_settings(session, family, now)


def _note_gap(session: Session, now: datetime) -> datetime | None:
    """Log the start and the gap before it; since when it lasted, None where there was none."""
    silent = None
    last = session.execute(
        select(EntryRow.kind, EntryRow.at).where(EntryRow.log == INSTALLATION, EntryRow.kind.in_(("started", "stopped")))
        .order_by(EntryRow.seq.desc()).limit(1)
    ).first()  # fmt: skip
    if last is not None:
        body = {"since": last.at, "clean": last.kind == "stopped"}
        silent = datetime.fromisoformat(last.at.replace("Z", "+00:00"))
        alive = last_beat(session)
        if alive is not None and last.kind == "started" and alive > silent:
            silent, body["alive"] = alive, stamp(alive)
        append(session, INSTALLATION, "gap", body, now=now)
    append(session, INSTALLATION, "started", {"version": __version__}, now=now)
    return silent


class Watch:
    """Compares the system's clock with one that only runs: a clock that is set, or a machine that slept, is an entry."""

    def __init__(self, clock: Clock, running: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._running = clock, running
        self._last = clock(), running()

    def look(self, store: Store) -> None:
        """Log a jump of more than `JUMP_SECONDS` since the last look. Raises StoreError; then it is looked again."""
        now, ran = self._clock(), self._running()
        jump = (now - self._last[0]).total_seconds() - (ran - self._last[1])
        if abs(jump) > JUMP_SECONDS:
            body = {"seconds": round(jump), "before": stamp(self._last[0])}
            with store.write() as session:
                append(session, INSTALLATION, "clock jumped", body, now=now)
        self._last = now, ran
