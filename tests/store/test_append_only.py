"""The database itself refuses to change the log or a stored message, whoever asks and however."""

import sqlite3
from collections.abc import Callable

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gateway.errors import StoreError
from gateway.ledger import append, entries, verify
from gateway.store import Store
from gateway.store.tables import Base, MessageRow
from gateway.store.unit_of_work import MIGRATIONS, NEWEST


def fill(store: Store, clock: Callable) -> None:
    with store.write() as session:
        append(session, "rivera", "received", {"n": 1}, now=clock())
        append(session, "rivera", "decided", {"n": 2}, now=clock())
        session.add(
            MessageRow(
                family="rivera", channel="sms", received_at=clock(), sha256="0" * 64, size=3, envelope={"a": 1},
                fingerprint="1" * 64, provider_id="SM1", entry_seq=1,
            )
        )  # fmt: skip


ATTACKS = [
    "UPDATE entry SET body = '{}' WHERE seq = 1",
    "UPDATE entry SET hash = 'x'",
    "DELETE FROM entry",
    "DELETE FROM message",
    "UPDATE message SET sha256 = 'x'",
    "UPDATE message SET envelope = '{}'",
    "UPDATE message SET family = 'other'",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_change_is_refused(store: Store, clock: Callable, attack: str) -> None:
    fill(store, clock)
    with pytest.raises(StoreError), store.write() as session:
        session.execute(text(attack))
    with store.read() as session:
        assert verify(entries(session)) == {"rivera": 2}


@pytest.mark.parametrize(
    "attack",
    [
        "INSERT OR REPLACE INTO entry SELECT id, log, seq, at, offset, kind, '{}', prev, hash FROM entry WHERE seq = 1",
        "REPLACE INTO entry (log, seq, at, offset, kind, body, prev, hash) VALUES ('rivera', 1, '', '', '', '', 'p', 'h')",
        "INSERT OR REPLACE INTO message SELECT * FROM message",
        "INSERT INTO entry SELECT * FROM entry WHERE true ON CONFLICT DO UPDATE SET body = '{}'",
    ],
)
def test_sqlite_replace_does_not_slip_past_even_from_a_foreign_connection(tmp_path, clock, attack) -> None:
    file = tmp_path / "test.db"
    store = Store(f"sqlite:///{file}")
    store.migrate()
    fill(store, clock)
    foreign = sqlite3.connect(file)  # recursive_triggers is off here
    with pytest.raises(sqlite3.DatabaseError):
        foreign.execute(attack)
    foreign.rollback()
    foreign.close()
    with store.read() as session:
        assert verify(entries(session)) == {"rivera": 2}
    store.close()


def test_state_of_the_work_may_change(store: Store, clock: Callable) -> None:
    fill(store, clock)
    with store.write() as session:
        session.execute(text("UPDATE message SET state = 'done', starts = 1"))


def test_truncate_is_refused_on_postgresql(store: Store, clock: Callable) -> None:
    fill(store, clock)
    command = "TRUNCATE entry" if store.url.startswith("postgresql") else "DELETE FROM entry"
    with pytest.raises(StoreError), store.write() as session:
        session.execute(text(command))


def test_the_migrations_make_the_tables_of_the_code(store: Store) -> None:
    with store.engine.connect() as connection:
        opts = {"compare_type": True, "include_name": lambda name, *_: not str(name).startswith("vault_words")}
        context = MigrationContext.configure(connection, opts=opts)  # the search's tables differ by database
        assert compare_metadata(context, Base.metadata) == []


def test_the_newest_revision_is_the_last_one_in_the_folder() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == NEWEST


def test_sqlite_runs_with_the_promised_settings(tmp_path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'x.db'}")
    with store.engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers")
        }
    store.close()
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1}


def test_a_locked_database_is_a_store_error_and_writes_nothing(tmp_path, clock) -> None:
    store = Store(f"sqlite:///{tmp_path / 'x.db'}", busy_seconds=0.05)
    store.migrate()
    other = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="refused"), store.write() as session:
        append(session, "rivera", "received", {}, now=clock())
    other.execute("ROLLBACK")
    other.close()
    with store.read() as session:
        assert list(entries(session)) == []
    store.close()


def test_a_unit_of_work_that_raises_leaves_nothing(store: Store, clock: Callable) -> None:
    with pytest.raises(ZeroDivisionError), store.write() as session:
        append(session, "rivera", "received", {}, now=clock())
        raise ZeroDivisionError
    with store.read() as session:
        assert list(entries(session)) == []


def test_a_naive_time_is_refused(store: Store, clock: Callable) -> None:
    with pytest.raises((DBAPIError, StoreError, Exception)), store.write() as session:
        session.add(
            MessageRow(
                family="x", channel="sms", received_at=clock().replace(tzinfo=None), sha256="", size=0, envelope={},
                fingerprint="", entry_seq=1,
            )
        )  # fmt: skip
