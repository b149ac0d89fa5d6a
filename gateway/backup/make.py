"""Make a backup: copy the database, cut everything into chunks, keep what is new, write the manifest."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import inspect

from gateway import __version__, durable
from gateway.backup.manifest import BLOBS, FORMAT
from gateway.backup.repository import Repository, next_stamp, refused
from gateway.backup.snapshot import WORK, Part, blobs_of, copy_database, files_of
from gateway.clock import stamp
from gateway.errors import BackupError
from gateway.settings import Settings
from gateway.store import Store
from gateway.voices.handover import removed

CHUNK = 256 * 1024
"""Bytes. A multiple of the database's pages: a page that did not change leaves its chunk as it was."""
NAME_KEY = "backup.key"


@dataclass(slots=True)
class Told:
    """What a backup did. Sizes in bytes."""

    stamp: str = ""
    files: int = 0
    blobs: int = 0
    size: int = 0
    new_objects: int = 0
    new_bytes: int = 0
    vanished: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Load:
    """What the manifest will list, and which objects it needs."""

    files: list[dict[str, Any]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)


def make(settings: Settings, to: Path, recipient: str, now: datetime, step: Callable[[], None] = lambda: None) -> Told:
    """Make a backup of a running or stopped installation in the repository `to`; what was done.

    `now`: aware, names the backup. `step` is called after each blob. Raises UserError for a folder or a key that cannot
    be, BackupError where something cannot be read or written; then there is no new backup, and the old ones are whole.
    """
    told, load = Told(), _Load()
    repository = Repository(to, recipient, name_key(settings.data))
    with contextlib.closing(repository), _workplace(settings.data) as work:
        told.stamp = next_stamp(to, now)
        database = copy_database(settings, work)  # first: whatever it names lies in the folder of blobs, or in itself
        _put(repository, load, told, database)
        for part in files_of(settings, to):
            _put(repository, load, told, part)
        kept: set[str] = set()
        _put(repository, load, told, _blobs(repository, load, told, settings, work, kept, step))
        told.vanished = sorted({*told.vanished, *_handed_over(settings)} - kept)
        manifest = {
            "format": FORMAT,
            "made_at": stamp(now),
            "program": __version__,
            "data": settings.server.data,
            "vanished": told.vanished,
            "files": load.files,
        }
        repository.finish(told.stamp, manifest, load.names)
        told.new_objects, told.new_bytes = repository.written, repository.bytes_written
    return told


@contextlib.contextmanager
def _workplace(data: Path) -> Iterator[Path]:
    """A folder for the copy of the database. Those of backups that were killed are removed: each is as large as it."""
    for left in data.glob(f"{WORK}*"):
        with contextlib.suppress(OSError), _held(left):
            shutil.rmtree(left)
    try:
        with tempfile.TemporaryDirectory(prefix=WORK, dir=data) as folder, _held(Path(folder)):
            yield Path(folder)
    except OSError as error:  # it holds the copy of the database, and the list of blobs
        raise BackupError(refused(data, error)) from error


@contextlib.contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Hold a folder as long as one works in it. Raises OSError where another does."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def name_key(data: Path) -> bytes:
    """The key that objects are named by, made at the first call. Raises BackupError when it cannot be read.

    It opens nothing. Without it the next backup would find nothing of the earlier ones again, and keep everything anew.
    """
    file = data / NAME_KEY
    try:
        key = bytes.fromhex(durable.make_once(file, lambda: f"{secrets.token_hex(32)}\n".encode()).decode().strip())
    except OSError as error:
        raise BackupError(refused(file, error)) from error
    except ValueError:
        key = b""
    if len(key) != 32:
        raise BackupError(f"{file} is damaged; remove it: the next backup then keeps everything anew")
    return key


def _put(repository: Repository, load: _Load, told: Told, part: Part) -> None:
    """Keep a file in chunks. One that vanishes or cannot be read breaks the backup off, for it may be a key."""
    whole, size, names = hashlib.sha256(), 0, []
    try:
        with part.file.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode & 0o777
            for chunk in _chunks(file):
                whole.update(chunk)
                size += len(chunk)
                names.append(repository.put(chunk))
    except OSError as error:
        raise BackupError(f"{part.file}: cannot be read: {error.strerror}") from error
    load.names.update(names)
    load.files.append({"path": part.path, "size": size, "sha256": whole.hexdigest(), "mode": mode, "objects": names})
    told.files, told.size = told.files + 1, told.size + size


def _handed_over(settings: Settings) -> set[str]:
    """What a child wrote and is there no more, perhaps since the database was copied. Raises StoreError."""
    store = Store(settings.database_url)
    try:
        with store.read() as session:  # not `write`: a backup waits for no writer
            there = inspect(session.connection()).has_table("handover")  # a backup is made before an upgrade too
            return removed(session) if there else set()
    finally:
        store.close()


def _blobs(
    repository: Repository,
    load: _Load,
    told: Told,
    settings: Settings,
    work: Path,
    kept: set[str],
    step: Callable[[], None],
) -> Part:
    """Keep each blob that is not there yet, in chunks; the list of them all."""
    listed = work / BLOBS
    with listed.open("wb") as out:
        for sha256, file in blobs_of(settings):
            digest = bytes.fromhex(sha256)
            try:
                size, name = file.stat().st_size, repository.name_of(digest)
                names = _large(repository, file) if size > CHUNK else [name]
                if names == [name] and not repository.has(name):
                    names = _small(repository, file, digest)
            except FileNotFoundError:
                told.vanished.append(sha256)
                continue
            except OSError as error:
                raise BackupError(f"{file}: cannot be read: {error.strerror}") from error
            if names is None:
                told.damaged.append(sha256)
                continue
            load.names.update(names)
            out.write(digest + len(names).to_bytes(4, "big") + b"".join(bytes.fromhex(n) for n in names))
            kept.add(sha256)
            told.blobs, told.size = told.blobs + 1, told.size + size
            step()
    return Part(BLOBS, listed)


def _small(repository: Repository, file: Path, digest: bytes) -> list[str] | None:
    """None where the bytes are not what they were."""
    content = file.read_bytes()
    return [repository.put(content)] if hashlib.sha256(content).digest() == digest else None


def _large(repository: Repository, file: Path) -> list[str] | None:
    whole, names = hashlib.sha256(), []
    with file.open("rb") as open_:
        for chunk in _chunks(open_):
            whole.update(chunk)
            names.append(repository.put(chunk))
    return names if whole.hexdigest() == file.name else None


def _chunks(file: Any) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk
