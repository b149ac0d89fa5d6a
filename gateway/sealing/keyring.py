"""The data keys of an installation: read from the table `data_key`, unwrapped, kept in memory, made where one is missing.

A key is committed, by a transaction of its own, before it is handed out. So ask for a new family's key (`newest`) before a
unit of work begins: inside one, on SQLite, its own write lock would be in the way.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine, Row
from sqlalchemy.exc import DBAPIError

from gateway.errors import SealError
from gateway.sealing.box import SECRET, DataKey, hidden_name, key_number, unwrap, wrap
from gateway.sealing.master import MasterKey, MasterPlace

SEAL, NAMES = "seal", "names"
"""What a key is for: to seal, or to hide the names of blobs. The second never changes, for names would be lost."""
INSTALLATION = "installation"
_COLUMNS = "id, family, purpose, version, master, wrapped"
_NEWEST = text(
    f"SELECT {_COLUMNS} FROM data_key WHERE family = :family AND purpose = :purpose ORDER BY version DESC LIMIT 1"  # noqa: S608 (constants)
)
_ONE = text(f"SELECT {_COLUMNS} FROM data_key WHERE id = :number")  # noqa: S608 (constants)
_ALL = text(f"SELECT {_COLUMNS} FROM data_key ORDER BY id")  # noqa: S608 (constants)
_PUT = text(
    "INSERT INTO data_key (family, purpose, version, master, wrapped, made_at) "
    "VALUES (:family, :purpose, :version, :master, :wrapped, :made_at) ON CONFLICT (family, purpose, version) DO NOTHING"
)
_REWRAP = text("UPDATE data_key SET master = :master, wrapped = :wrapped WHERE id = :number")


class Keyring:
    """Data keys by family and by number. Safe for many threads and many processes: of several makers of a key one succeeds."""

    def __init__(self, engine: Engine, place: MasterPlace) -> None:
        self._engine, self.place = engine, place
        self._reading = engine.execution_options(reading=True)
        self._newest: dict[str, DataKey] = {}
        self._by_number: dict[int, DataKey] = {}
        self._names: bytes | None = None
        self._masters: tuple[MasterKey, ...] = ()

    def begin(self) -> None:
        """At a start: make what an installation needs at least, or see that the master key is the right one.

        Raises SettingsError, SealError.
        """
        with self._reading.connect() as connection:
            first = connection.execute(_ALL).first()
        if first is None:
            self.place.make()
        else:
            self._opened(first)
        self.newest(INSTALLATION)
        self._name_key()

    def newest(self, family: str) -> DataKey:
        """The key that a family's bytes are sealed with now; made, and committed, where there is none. Raises SealError, SettingsError."""
        found = self._newest.get(family)
        if found is None:
            row = self._row(family, SEAL)
            found = self._newest[family] = self._kept(row)
        return found

    def prepare(self, families: Sequence[str]) -> None:
        """Have the keys of these families at hand before a unit of work. Raises SealError, SettingsError."""
        for family in families:
            if family not in self._newest:
                self.newest(family)

    def of(self, box: bytes) -> DataKey:
        """The key that a box names. Raises SealError."""
        number = key_number(box)
        if number is None:
            raise SealError("it is not sealed, or not whole")
        found = self._by_number.get(number)
        if found is None:
            with self._reading.connect() as connection:
                row = connection.execute(_ONE, {"number": number}).first()
            if row is None:
                raise SealError(f"the key {number} that it is sealed with is not in the database")
            found = self._kept(row)
        return found

    def name(self, family: str, sha256: str) -> str:
        """The hidden name of a blob. Raises SealError, SettingsError."""
        return hidden_name(self._names or self._name_key(), family, sha256)

    def rewrap(self) -> tuple[int, MasterKey]:
        """Wrap every data key with the master key in use; how many were under another one. In one transaction. Raises SealError, SettingsError."""
        changed = 0
        try:
            with self._engine.begin() as connection:
                _alone(connection)
                masters = self.place.keys()
                for row in connection.execute(_ALL).all():
                    if row.master == masters[0].name:
                        continue
                    secret = _unwrapped(row, masters, self.place)
                    wrapped = wrap(masters[0].secret, row.family, row.purpose, row.version, secret)
                    connection.execute(_REWRAP, {"number": row.id, "master": masters[0].name, "wrapped": wrapped})
                    changed += 1
        except DBAPIError as error:
            raise SealError(f"the database refused: {type(error.orig).__name__}") from error
        return changed, masters[0]

    def _name_key(self) -> bytes:
        if self._names is None:
            self._names = self._opened(self._row(INSTALLATION, NAMES))
        return self._names

    def _kept(self, row: Row[Any]) -> DataKey:
        found = self._by_number.get(row.id)
        if found is None:
            found = self._by_number[row.id] = DataKey(row.id, row.family, row.version, self._opened(row))
        return found

    def _opened(self, row: Row[Any]) -> bytes:
        if all(one.name != row.master for one in self._masters):
            self._masters = self.place.keys()
        return _unwrapped(row, self._masters, self.place)

    def _row(self, family: str, purpose: str) -> Row[Any]:
        """The newest row, made where there is none. Raises SealError."""
        about = {"family": family, "purpose": purpose}
        try:
            with self._reading.connect() as connection:
                row = connection.execute(_NEWEST, about).first()
            if row is None:
                with self._engine.begin() as connection:
                    self._make(connection, family, purpose)
                with self._reading.connect() as connection:
                    row = connection.execute(_NEWEST, about).first()
        except DBAPIError as error:
            raise SealError(f"the database refused: {type(error.orig).__name__}") from error
        if row is None:
            raise SealError("a key that was just made is not there")
        return row

    def _make(self, connection: Connection, family: str, purpose: str) -> None:
        _alone(connection)
        master = self.place.keys()[0]  # read anew, and alone: it may have been changed since this process began
        values = {
            "family": family,
            "purpose": purpose,
            "version": 1,
            "master": master.name,
            "wrapped": wrap(master.secret, family, purpose, 1, secrets.token_bytes(SECRET)),
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        connection.execute(_PUT, values)


def masters_needed(connection: Connection) -> list[str]:
    """Names of the master keys that the data keys are wrapped with. Raises DBAPIError."""
    return list(connection.execute(text("SELECT DISTINCT master FROM data_key ORDER BY master")).scalars())


def _alone(connection: Connection) -> None:
    """Nobody else wraps a key meanwhile: one made under a master key that is just going would be lost. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE data_key IN SHARE ROW EXCLUSIVE MODE"))


def _unwrapped(row: Row[Any], masters: Sequence[MasterKey], place: MasterPlace) -> bytes:
    master = next((one for one in masters if one.name == row.master), None)
    if master is None:
        raise SealError(
            f"what is kept needs the master key {row.master}, and {place.said()} holds {', '.join(m.name for m in masters)}. "
            "Put your copy of that key there; no other key will do"
        )
    return unwrap(master.secret, row.family, row.purpose, row.version, bytes(row.wrapped))
