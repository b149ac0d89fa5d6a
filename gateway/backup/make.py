"""Make a backup: copy the database, cut everything into chunks, keep what is new, write the manifest."""

from __future__ import annotations

import contextlib
import errno
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
from gateway.backup.manifest import BLOBS, FORMAT, SEALED_BLOBS
from gateway.backup.repository import Repository, next_stamp, refused
from gateway.backup.snapshot import WORK, Part, copy_database, files_of
from gateway.clock import stamp
from gateway.errors import BackupError
from gateway.sealing.box import BEGINNING
from gateway.sealing.keyring import masters_needed
from gateway.settings import Settings
from gateway.store import Blobs, Store
from gateway.store.blobs import SEALED
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
    place = settings.master if _is_sealed(settings) else None
    master = None if place is None else place.keys()[0]
    store = Store(settings.database_url, place)
    blobs = Blobs(settings.blobs_at, store)
    repository = Repository(to, recipient, name_key(settings.data), master)
    with (
        contextlib.closing(store), contextlib.closing(blobs), contextlib.closing(repository),
        _workplace(settings.data) as work,
    ):  # fmt: skip
        told.stamp = next_stamp(to, now)
        database = copy_database(settings, work)  # first: whatever it names lies in the folder of blobs, or in itself
        _put(repository, load, told, database)
        for part in files_of(settings, to):
            _put(repository, load, told, part)
        lists = _Lists(work)
        _blobs(repository, load, told, blobs, lists, step)
        for part in lists.parts():
            _put(repository, load, told, part)
        told.vanished = sorted({*told.vanished, *_handed_over(store, blobs, lists.kept)} - lists.kept)
        manifest = {
            "format": FORMAT,
            "made_at": stamp(now),
            "program": __version__,
            "data": settings.server.data,
            "vanished": told.vanished,
            "master": "" if master is None else master.name,
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


def _is_sealed(settings: Settings) -> bool:
    """Whether there are data keys; before the first start with [sealing] there are none yet. Raises StoreError, BackupError."""
    store = Store(settings.database_url)
    try:
        with store.glance() as connection:
            if not inspect(connection).has_table("data_key"):
                return False
            return bool(masters_needed(connection))
    finally:
        store.close()


def _handed_over(store: Store, blobs: Blobs, kept: set[str]) -> set[str]:
    """Names of what a child wrote and is there no more, perhaps since the database was copied. Raises StoreError."""
    with store.read() as session:  # not `write`: a backup waits for no writer
        there = inspect(session.connection()).has_table("handover")  # a backup is made before an upgrade too
        gone = removed(session) if there else set()
    return {blobs.name(family, sha256) for family, sha256 in gone if sha256 not in kept}


class _Lists:
    """The lists of blobs that a backup holds, as they are written; `kept`: the names in both."""

    def __init__(self, work: Path) -> None:
        self._files = {False: work / BLOBS, True: work / SEALED_BLOBS}
        self.kept: set[str] = set()
        for file in self._files.values():
            file.touch()

    def add(self, name: str, objects: list[str]) -> None:
        """A blob, and the objects that hold it."""
        plain = name.removesuffix(SEALED)
        with self._files[name != plain].open("ab") as out:
            out.write(bytes.fromhex(plain) + len(objects).to_bytes(4, "big") + b"".join(map(bytes.fromhex, objects)))
        self.kept.add(plain)

    def parts(self) -> Iterator[Part]:
        """As parts of the backup."""
        return (Part(file.name, file) for file in self._files.values())


def _blobs(
    repository: Repository, load: _Load, told: Told, blobs: Blobs, lists: _Lists, step: Callable[[], None]
) -> None:
    """Keep each blob that is not there yet, in chunks. One that vanishes meanwhile was a child's, handed over in this moment."""
    try:
        for name, size in blobs.folder.sizes():
            if len(name.removesuffix(SEALED)) != 64:
                continue
            try:
                names = _kept(repository, blobs, name, size)
            except FileNotFoundError:
                told.vanished.append(name.removesuffix(SEALED))
                continue
            if names is None:
                told.damaged.append(name.removesuffix(SEALED))
                continue
            load.names.update(names)
            lists.add(name, names)
            told.blobs, told.size = told.blobs + 1, told.size + size
            step()
    except OSError as error:
        raise BackupError(f"the blobs cannot be read: {error.strerror}") from error


def _kept(repository: Repository, blobs: Blobs, name: str, size: int) -> list[str] | None:
    """Its objects; None where the bytes are not what they were. What is there already is not read, if it can be known without."""
    if size < 0:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    if name.endswith(SEALED):
        return _sealed(repository, blobs, name, size)
    whole = repository.name_of(bytes.fromhex(name))
    if size <= CHUNK and repository.has(whole):
        return [whole]
    content = blobs.folder.get(name)
    if hashlib.sha256(content).hexdigest() != name:
        return None
    return [repository.put(content[at : at + CHUNK]) for at in range(0, max(len(content), 1), CHUNK)]


def _sealed(repository: Repository, blobs: Blobs, name: str, size: int) -> list[str] | None:
    """None where it does not open. What is there already is not read: a small blob is known by its name, one of several chunks by its
    beginning too, for chunks of two sealings do not fit each other, and no two begin alike.
    """
    known = name.encode() + (blobs.folder.beginning(name, BEGINNING) if size > CHUNK else b"")
    names = _names(repository, known, size)
    if all(map(repository.has, names)):
        return names
    box = blobs.folder.get(name)
    if not blobs.opens(name, box):
        return None
    if size > CHUNK or len(box) > CHUNK:  # it may have been put anew since it was looked at
        names = _names(repository, name.encode() + box[:BEGINNING], len(box))
    return [repository.put_as(each, box[at * CHUNK :][:CHUNK]) for at, each in enumerate(names)]


def _names(repository: Repository, known: bytes, size: int) -> list[str]:
    return [repository.name_of(hashlib.sha256(b"%d " % at + known).digest()) for at in range(0, max(size, 1), CHUNK)]


def _chunks(file: Any) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk
