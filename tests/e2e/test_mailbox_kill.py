"""kill -9 at every moment of a poll, one after the other, at a real Dovecot: nothing is lost, nothing is kept twice.

At every second moment the mailbox is numbered anew (a new UIDVALIDITY) before the next start, so that the numbers
remembered from before the kill are worth nothing.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from gateway.demo.sample import family
from gateway.ledger import entries, verify
from gateway.settings import Settings
from gateway.store import Blobs, Store
from gateway.store.tables import DeliveryRow, MailboxRow, MessageRow
from tests.e2e import crashing_mailbox
from tests.intake.dovecot import NAME, PASSWORD, Dovecot, dovecot
from tests.lives import spawn

MOST = 80
KINDS = {f"{when} {name}" for when in ("before", "after") for name in crashing_mailbox.WORK}


def mail(number: int, size: int = 0) -> bytes:
    return (
        f"Message-ID: <{number}@example.net>\r\nFrom: mark@example.net\r\n\r\nPickup is at 6.{'x' * size}\r\n".encode()
    )


SMALL = [mail(1), mail(2)]
LARGE = mail(3, 2 * crashing_mailbox.LIMIT)


def settings_for(folder: Path, server: Dovecot) -> Settings:
    (folder / "secret").write_text(PASSWORD, encoding="utf8")
    box = {
        "host": "localhost",
        "port": server.port,
        "username": NAME,
        "secret_file": "secret",
        "ca_file": str(server.certificate),
        "move_to": "Kept",
    }
    one = family() | {"mailbox": box, "cards_by": ["email"]}
    settings = Settings(directory=folder, senders={"check": False}, family=[one])
    settings.data.mkdir()
    store = Store(settings.database_url)
    store.migrate()
    store.close()
    return settings


@contextlib.contextmanager
def reading(settings: Settings, chosen: int, folder: Path, only: str = "") -> Iterator[Callable[[], bool]]:
    done = folder / f"done{chosen}"
    process = spawn.Process(target=crashing_mailbox.run, args=(settings, chosen, folder / "moment", done, only))
    process.start()
    try:
        yield process.is_alive
    finally:
        done.touch()
        process.join(30)
        assert not process.is_alive()


def settled(settings: Settings) -> bool:
    with contextlib.closing(Store(settings.database_url)) as store, store.read() as session:
        kept = session.scalar(select(func.count()).select_from(MessageRow))
        refused = session.scalar(select(func.count()).where(MailboxRow.state == "refused"))
        return kept == len(SMALL) and bool(refused)


def wait(holds: Callable[[], bool], alive: Callable[[], bool]) -> None:
    end = time.monotonic() + 90
    while alive() and not holds():
        assert time.monotonic() < end, "it did not settle in time"
        time.sleep(0.05)


def one_life(folder: Path, moment: int, only: str = "") -> str | None:
    """Kill at `moment`, start again, look at everything. The moment's name; None when there are no more moments."""
    with dovecot() as server:
        for raw in (SMALL[0], LARGE, SMALL[1]):
            server.deliver(raw)
        settings = settings_for(folder, server)
        with reading(settings, moment, folder, only) as alive:
            wait(lambda: settled(settings) and in_place(server), alive)
            survived = alive()
        if moment % 2:
            server.stop()
            server.renumber()
            server.start()
        with reading(settings, 0, folder) as alive:
            wait(lambda: settled(settings) and in_place(server), alive)
            assert alive()
        look(settings)
    return None if survived and not (folder / "moment").exists() else (folder / "moment").read_text()


def in_place(server: Dovecot) -> bool:
    """What was kept has moved, what was refused is flagged and stays."""
    with server.look() as client:
        here = client.search(None, "ALL")[1][0].split()
        flagged = client.search(None, "FLAGGED")[1][0].split()
        client.select("Kept")
        there = client.search(None, "ALL")[1][0].split()
    return (len(here), len(flagged), len(there)) == (1, 1, len(SMALL))


def look(settings: Settings) -> None:
    store = Store(settings.database_url)
    blobs = Blobs(settings.data / "blobs", store)
    with contextlib.closing(blobs), contextlib.closing(store), store.read() as session:
        assert verify(entries(session))["rivera"] >= 3
        assert [
            blobs.get(row.family, row.sha256) for row in session.scalars(select(MessageRow).order_by(MessageRow.id))
        ] == SMALL
        assert len([e for e in entries(session, "rivera") if e.kind == "received"]) == len(SMALL)
        assert len([e for e in entries(session, "rivera") if e.kind == "refused"]) == 1
        (notice,) = session.scalars(select(DeliveryRow)).all()
        assert "too large to be sorted" in notice.content["text"]


@pytest.mark.timeout(600)
def test_kill_at_every_moment_of_a_poll(tmp_path: Path) -> None:
    passed: list[str] = []
    for moment in range(1, MOST):
        folder = tmp_path / str(moment)
        folder.mkdir()
        name = one_life(folder, moment)
        if name is None:
            break
        passed.append(name)
    assert len(passed) >= 20, passed
    assert len(passed) < MOST - 1, "the poll never ended"
    assert set(passed) <= KINDS


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_kill_at_every_kind_of_moment_of_a_poll(tmp_path: Path, kind: str) -> None:
    """The threads of one life interleave otherwise than those of the next, so that counting alone may step over a kind."""
    assert one_life(tmp_path, 1, kind) == kind
