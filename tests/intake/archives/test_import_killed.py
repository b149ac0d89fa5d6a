"""kill -9 in the middle of an import, at every moment that matters, then repeat: nothing is lost, nothing is there twice."""

from __future__ import annotations

import signal
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.engine.default import DefaultDialect

from gateway.intake.archives import errand
from gateway.ledger import entries, verify
from gateway.store import Blobs, Store
from gateway.store.folder import Folder
from gateway.store.tables import CardRow, DecisionRow, DeliveryRow, MessageRow
from tests.e2e.crashing import Moments, _around
from tests.intake.archives.samples import THREAT, long_chat, write
from tests.intake.archives.test_import import SETTINGS
from tests.lives import spawn

COUNT = 150
MOST = 400


def child(folder: Path, chosen: int, note: Path, names: tuple[str, ...], later: bool) -> None:
    """Import, and die at the chosen moment."""
    moments = Moments(chosen, note)
    for name in names:
        _around(DefaultDialect if name == "do_commit" else Folder, name, moments)
    errand.run("whatsapp", folder / "chat.txt", folder, "", None, None, later=later)


def life(folder: Path, chosen: int, names: tuple[str, ...], *, later: bool) -> bool:
    """One life of the import; True when it was killed."""
    process = spawn.Process(target=child, args=(folder, chosen, folder / "moment", names, later))
    process.start()
    process.join(60)
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


def look(folder: Path, *, read: bool) -> Counter[tuple[str, bytes]]:
    """What is kept, after everything that must hold was looked at."""
    store = Store(f"sqlite:///{folder / 'data' / 'breakwater.db'}")
    blobs = Blobs(folder / "data" / "blobs", store)
    with store.read() as session:
        log = list(entries(session, "rivera"))
        verify(entries(session))
        rows = list(session.scalars(select(MessageRow)))
        kept = Counter((str(row.written_at), blobs.get(row.family, row.sha256)) for row in rows)
        assert Counter(e.body["provider_id"] for e in log if e.kind == "imported") == Counter(
            r.provider_id for r in rows
        )
        decided = Counter(session.scalars(select(DecisionRow.message_id)))
        assert decided == (Counter(row.id for row in rows) if read else Counter())
        assert list(session.scalars(select(CardRow.id))) == list(session.scalars(select(DeliveryRow.id))) == []
    store.close()
    blobs.close()
    return kept


def home(folder: Path, count: int) -> Path:
    folder.mkdir()
    write(folder, "breakwater.toml", SETTINGS)
    write(folder, "chat.txt", long_chat(count).replace("Pickup number 2 is", THREAT))
    return folder


def every_life(tmp_path: Path, count: int, names: tuple[str, ...], *, later: bool, step: int = 1) -> int:
    """Kill at the moments one after the other (each `step`-th); how many there were."""
    whole = home(tmp_path / "whole", count)
    assert not life(whole, 0, names, later=later)
    expected = look(whole, read=not later)
    assert sum(expected.values()) == count
    for number, chosen in enumerate(range(1, MOST, step)):
        folder = home(tmp_path / str(chosen), count)
        if not life(folder, chosen, names, later=later):
            return number
        assert not life(folder, 0, names, later=later)
        assert look(folder, read=not later) == expected, (folder / "moment").read_text()
    raise AssertionError("the import never ended")


@pytest.mark.timeout(600)
def test_killed_around_every_commit(tmp_path: Path) -> None:
    assert every_life(tmp_path, COUNT, ("do_commit", "put_all"), later=True) >= 14


@pytest.mark.timeout(600)
def test_killed_between_the_blobs(tmp_path: Path) -> None:
    assert every_life(tmp_path, COUNT, ("_place",), later=True, step=37) >= 7


@pytest.mark.timeout(600)
def test_killed_while_reading(tmp_path: Path) -> None:
    assert every_life(tmp_path, 4, ("do_commit",), later=False) >= 16
