"""The database: one engine, units of work that commit whole or not at all.

SQLite runs with WAL, ``synchronous=FULL`` (a commit is on the disk before it is acknowledged), foreign keys and
recursive triggers (so that INSERT OR REPLACE cannot slip past the delete triggers). A write begins with
``BEGIN IMMEDIATE``: one writer at a time, no deadlock by upgrade. On PostgreSQL the same code relies on row and
advisory locks.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event, inspect, text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from gateway.errors import SettingsError, StoreError
from gateway.sealing.keyring import Keyring
from gateway.sealing.master import MasterPlace

MIGRATIONS = Path(__file__).parent / "migrations"
NEWEST = "0027_data_keys"
"""The last revision in `migrations/versions`; a test holds the two together."""


def make_engine(url: str, *, busy_seconds: float = 10.0) -> Engine:
    """An engine for SQLite or PostgreSQL. `busy_seconds`: how long a writer waits for its turn."""
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    if not url.startswith("sqlite"):
        milliseconds = int(busy_seconds * 1000)
        return create_engine(url, pool_pre_ping=True, connect_args={"options": f"-c lock_timeout={milliseconds}"})
    engine = create_engine(url, connect_args={"timeout": busy_seconds, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # BEGIN is ours, see _begin
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "recursive_triggers=ON",
            "secure_delete=ON",  # what a child wrote leaves nothing behind in the file once it was handed over
            "cache_size=-512",  # kilobytes for each connection; the system's own cache holds the rest
            f"busy_timeout={int(busy_seconds * 1000)}",
        ):
            connection.execute(f"PRAGMA {pragma}").fetchall()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        words = "BEGIN" if connection.get_execution_options().get("reading") else "BEGIN IMMEDIATE"
        try:  # past SQLAlchemy's own way to run a statement, which costs more than many a query behind it
            connection.connection.execute(words)
        except sqlite3.Error as error:
            raise OperationalError(words, None, error) from error

    return engine


class Store:
    """Hands out units of work. Every public method of the shell that writes does so inside `write()`.

    `keys`: with what bytes are sealed; None where the settings do not seal.
    """

    def __init__(self, url: str, master: MasterPlace | None = None, *, busy_seconds: float = 10.0) -> None:
        self.url = url
        self.engine = make_engine(url, busy_seconds=busy_seconds)
        self._reading = self.engine.execution_options(reading=True)
        self.keys = None if master is None else Keyring(self.engine, master)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A unit of work: committed when the block ends, rolled back when it raises.

        Raises:
            StoreError: the database was locked, full or away; nothing was written.
        """
        try:
            with Session(self.engine) as session, session.begin():
                yield session
        except DBAPIError as error:
            raise StoreError(f"the database refused: {type(error.orig).__name__}") from error

    @contextmanager
    def write_rows(self) -> Iterator[Connection]:
        """The same as `write` without a mapper and its objects, for what every message passes through. Raises StoreError."""
        try:
            with self.engine.begin() as connection:
                yield connection
        except DBAPIError as error:
            raise StoreError(f"the database refused: {type(error.orig).__name__}") from error

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A snapshot to read from."""
        try:
            with Session(self._reading) as session:
                yield session
        except DBAPIError as error:
            raise StoreError(f"the database refused: {type(error.orig).__name__}") from error

    @contextmanager
    def glance(self) -> Iterator[Connection]:
        """The same for a question that is asked every few seconds and answered by plain values: at a third of the cost."""
        try:
            with self._reading.connect() as connection:
                yield connection
        except DBAPIError as error:
            raise StoreError(f"the database refused: {type(error.orig).__name__}") from error

    def migrate(self) -> None:
        """Bring the tables to the newest form, and see that what is sealed can be opened. Raises StoreError, SettingsError."""
        try:
            self._upgrade()
            if self.keys is not None:
                self.keys.begin()
                return
            with self._reading.begin() as connection:
                sealed = connection.execute(text("SELECT master FROM data_key LIMIT 1")).scalar()
        except DBAPIError as error:
            raise StoreError(f"the database could not be brought up to date: {type(error.orig).__name__}") from error
        if sealed is not None:
            raise SettingsError(
                f"sealing: what is kept is sealed with the master key {sealed}, and the settings have no [sealing]; put that table back"
            )

    def _upgrade(self) -> None:
        with self._reading.begin() as connection:
            if _revision(connection) == NEWEST:
                return
        from alembic import command  # 11 MB that a database in the newest form never needs
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with self.engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _revision(connection: Connection) -> str | None:
    """The form that the tables are in; None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


@contextmanager
def looked_at(url: str, master: MasterPlace | None = None) -> Iterator[Store]:
    """The store as it is, for who only looks: none is made, and none is brought up to date beside an older gateway.

    Raises StoreError, also where there is none or its form is not the newest.
    """
    store = Store(url, master)
    try:
        file = store.engine.url.database if url.startswith("sqlite") else None
        if file and not Path(file).exists():
            raise StoreError("there is no database yet; `breakwater serve` makes it")
        with store.glance() as connection:
            found = _revision(connection)
        if found != NEWEST:
            raise StoreError(
                f"the database is in the form {found or 'of nothing yet'}, this program wants {NEWEST}; "
                "`breakwater serve` brings it up to date"
            )
        yield store
    finally:
        store.close()


@contextmanager
def opened(url: str, master: MasterPlace | None = None) -> Iterator[Store]:
    """The store in its newest form, closed at the end. Raises StoreError, SettingsError."""
    store = Store(url, master)
    try:
        store.migrate()
        yield store
    finally:
        store.close()
