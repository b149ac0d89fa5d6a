"""Shared fixtures. Database tests run on SQLite, and on PostgreSQL where BREAKWATER_TEST_DATABASE names a server."""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from gateway import serve
from gateway.demo.sample import family as sample_family
from gateway.family import Directory, Family
from gateway.store import Blobs, Store
from gateway.store.folder import Folder

SERVER = os.environ.get("BREAKWATER_TEST_DATABASE")
DATABASES = ["sqlite", *(["postgresql"] if SERVER else [])]
NOON = datetime(2026, 11, 26, 18, 0, tzinfo=UTC)


@pytest.fixture(scope="session", autouse=True)
def _tables_made_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A new SQLite file begins as a copy of one that the migrations made: running them anew for each test takes minutes in all."""
    made = tmp_path_factory.mktemp("tables") / "made.db"
    first = Store(f"sqlite:///{made}")
    first.migrate()
    first.close()
    migrate = Store.migrate

    def from_a_copy(self: Store) -> None:
        kind, _, place = self.url.partition(":///")
        if kind == "sqlite" and place and not Path(place).exists() and Path(place).parent.is_dir():
            shutil.copyfile(made, place)
        migrate(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "migrate", from_a_copy)
        yield


@pytest.fixture(scope="session", autouse=True)
def _files_read_once() -> Iterator[None]:
    """The network and the rules are read from their files once, not for each of the gateways that a thousand tests start."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("open_tagger", "load_rules", "load_coach"):
            patch.setattr(serve, name, functools.cache(getattr(serve, name)))
        yield


@pytest.fixture(scope="session")
def _made_on_postgresql() -> Iterator[str | None]:
    """The name of a database that the migrations made, to copy from."""
    if SERVER is None:
        yield None
        return
    with _created(SERVER) as url:
        made = Store(url)
        made.migrate()
        made.close()
        yield url.rpartition("/")[2]


@contextlib.contextmanager
def _created(server: str, template: str | None = None) -> Iterator[str]:
    """A new database on the server, gone at the end; its URL."""
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
    yield server.rpartition("/")[0] + f"/{name}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path, _made_on_postgresql: str | None) -> Iterator[str]:
    """A database of its own, without a row, in the newest form once it is migrated."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'test.db'}"
        return
    assert SERVER is not None
    with _created(SERVER, _made_on_postgresql) as url:
        yield url


@pytest.fixture(params=DATABASES)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without a table, for tests of the migrations themselves."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    assert SERVER is not None
    with _created(SERVER) as url:
        yield url


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A migrated store."""
    made = Store(database_url)
    made.migrate()
    yield made
    made.close()


@pytest.fixture
def blobs(tmp_path: Path, store: Store) -> Iterator[Blobs]:
    made = Blobs(tmp_path / "blobs", store)
    yield made
    made.close()


def path_of(blobs: Blobs, family: str, sha256: str) -> Path:
    """The file of a blob, where blobs lie in a folder."""
    assert isinstance(blobs.folder, Folder)
    return next(
        path for path in map(blobs.folder.path, (f"{blobs.name(family, sha256)}.sealed", sha256)) if path.exists()
    )


@contextlib.contextmanager
def refusing(folder: Path, number: int = errno.EROFS) -> Iterator[None]:
    """A folder of which the system says that it cannot be written, as a disk mounted for reading only does, or a full one (ENOSPC).

    For root too, whom rights do not stop.
    """
    whole, inside = (os.open, os.unlink), f"{folder.resolve()}{os.sep}"

    def stop(path: Any) -> None:
        if os.path.realpath(os.fspath(path)).startswith(inside):
            raise OSError(number, os.strerror(number), str(path))

    def opened(path: Any, flags: int, *rest: Any, **options: Any) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            stop(f"{os.fspath(path)}/x" if flags & os.O_TMPFILE == os.O_TMPFILE else path)
        return whole[0](path, flags, *rest, **options)

    def unlinked(path: Any, **options: Any) -> None:
        stop(path)
        whole[1](path, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "open", opened)
        patch.setattr(os, "unlink", unlinked)
        yield


@pytest.fixture
def make_family() -> Callable[..., Family]:
    """The sample family with changes."""

    def make(**changes: Any) -> Family:
        return Family.model_validate(sample_family() | changes)

    return make


@pytest.fixture
def directory(make_family: Callable[..., Family]) -> Directory:
    return Directory([make_family()])


@pytest.fixture
def clock() -> Callable[[], datetime]:
    """A clock that stands still: 2026-11-26 12:00 in Chicago."""
    return lambda: NOON
