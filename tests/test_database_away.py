"""A database that is away says nothing of a message: it is read again. What it would refuse for ever is set aside, and holds nobody up."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

import gateway.worker
from gateway.errors import BlobError, SealError, StoreError
from gateway.family import Directory, Family
from gateway.intake.keep import Keeper
from gateway.policy import load_rules
from gateway.sealing.master import FILE, MasterPlace
from gateway.store import Blobs, Store
from gateway.store.tables import MessageRow, SettingsRow
from gateway.tagging.fallback import Fallback
from gateway.worker import MAX_STARTS, Worker
from tests.record.sample import arrival

NOW = datetime(2026, 11, 26, 18, 0, tzinfo=UTC)
FACT = "Emma's dentist appointment is Tuesday at 3:30."


class Away(Blobs):
    """Bytes that can be had only while the database is there."""

    away = False

    def get(self, family: str, sha256: str) -> bytes:
        if self.away:
            raise StoreError("the database refused: OperationalError")
        return super().get(family, sha256)


@pytest.fixture
def bytes_(tmp_path: Path, store: Store) -> Iterator[Away]:
    made = Away(tmp_path / "blobs", store)
    yield made
    made.close()


@pytest.fixture
def family(make_family: Callable[..., Family]) -> Family:
    return make_family()


@pytest.fixture
def worker(store: Store, bytes_: Away, family: Family) -> Worker:
    return Worker(
        store,
        bytes_,
        Directory([family]),
        Fallback(),
        load_rules(),
        lambda: NOW,
        public_url="https://relay.example.org",
    )


@pytest.fixture
def keep(store: Store, bytes_: Away, family: Family) -> Iterator[Callable[[int], object]]:
    keeper = Keeper(store, bytes_)
    yield lambda number: keeper.submit(arrival(family, number, "email", "Kids", FACT, NOW)).result()
    keeper.close()


def states(store: Store) -> list[tuple[str, int]]:
    with store.read() as session:
        return [(row.state, row.starts) for row in session.scalars(select(MessageRow).order_by(MessageRow.id))]


def test_what_could_not_be_read_for_the_database_is_read_again_however_often(
    store: Store, bytes_: Away, worker: Worker, keep: Callable[[int], object]
) -> None:
    keep(1)
    bytes_.away = True
    for _ in range(MAX_STARTS + 2):
        with pytest.raises(StoreError):
            worker.step()
    assert states(store) == [("stored", 0)]
    bytes_.away = False
    assert worker.step()
    assert states(store) == [("done", 1)]


def test_bytes_that_are_not_what_they_were_set_the_message_aside_at_once(
    store: Store, bytes_: Away, worker: Worker, keep: Callable[[int], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(1)
    with pytest.raises(BlobError) as gone:
        bytes_.get("rivera", "0" * 64)
    assert gone.value.lasting
    read = Blobs._read
    monkeypatch.setattr(Blobs, "_read", lambda *about: read(*about) + b"!")
    assert worker.step()
    assert states(store) == [("shunted", 1)]


def test_a_conclusion_that_the_database_would_always_refuse_is_set_aside_and_the_next_is_read(
    store: Store, worker: Worker, keep: Callable[[int], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(1)
    keep(2)
    whole = gateway.worker.write

    def refused(session: Any, stored: Any, conclusion: Any, *others: Any, **more: Any) -> None:
        whole(session, stored, conclusion, *others, **more)
        if stored.id == 1 and not conclusion.shunted:
            for _ in range(2):  # the same key twice: an IntegrityError of the database's own
                session.execute(text("INSERT INTO family_turn (family, work) VALUES ('rivera', 'reading')"))

    monkeypatch.setattr(gateway.worker, "write", refused)
    for number in range(MAX_STARTS):
        with pytest.raises(StoreError) as error:
            worker.step()
        assert error.value.lasting
        assert states(store) == [("stored", number + 1), ("stored", 0)]
    assert worker.step()
    assert worker.step()
    assert states(store) == [("shunted", MAX_STARTS + 1), ("done", 1)]


def test_a_locked_database_is_no_lasting_refusal_and_a_second_key_is_one(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'both.db'}"
    one, two = Store(url), Store(url, busy_seconds=0.05)
    one.migrate()
    with one.write_rows(), pytest.raises(StoreError) as locked, two.write_rows():
        pass
    assert not locked.value.lasting
    with pytest.raises(StoreError) as twice, one.write() as session:
        about = {"family": "rivera", "since": NOW, "sha256": "0" * 64, "content": {}}
        session.add_all([SettingsRow(id=1, **about), SettingsRow(id=1, **about)])
        with contextlib.suppress(Warning):  # of SQLAlchemy, that two objects have one key
            session.flush()
    assert twice.value.lasting
    one.close()
    two.close()


def test_a_key_that_cannot_be_asked_for_now_makes_no_broken_bytes(tmp_path: Path) -> None:
    master = MasterPlace(FILE, file=tmp_path / "master.key")
    first = Store(f"sqlite:///{tmp_path / 'sealed.db'}", master)
    first.migrate()
    blobs = Blobs(tmp_path / "blobs", first)
    sha256 = blobs.put("rivera", b"kept")
    blobs.close()
    first.close()
    store = Store(first.url, master)  # one that has not seen that key yet
    store.migrate()
    blobs = Blobs(tmp_path / "blobs", store)
    with store.write() as session:
        session.execute(text("ALTER TABLE data_key RENAME TO away"))
    with pytest.raises(SealError) as error:
        blobs.get("rivera", sha256)
    assert not isinstance(error.value, BlobError)
    assert not error.value.lasting
    with store.write() as session:
        session.execute(text("ALTER TABLE away RENAME TO data_key"))
    assert blobs.get("rivera", sha256) == b"kept"
    blobs.close()
    store.close()


def test_connections_that_are_all_taken_are_no_lasting_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(f"sqlite:///{tmp_path / 'few.db'}")
    store.migrate()
    monkeypatch.setattr(store.engine.pool, "_timeout", 0.05)
    with contextlib.ExitStack() as taken:
        with pytest.raises(StoreError, match="refused") as error:
            for _ in range(100):
                taken.enter_context(store.glance())
        assert not error.value.lasting
    with store.glance() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
    store.close()
