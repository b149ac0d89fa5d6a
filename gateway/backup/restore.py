"""The way back: from a repository into a new folder, everything compared with what the manifest and the log say."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sqlalchemy import inspect

from gateway import durable
from gateway.api import tokens, webhooks
from gateway.backup import postgres
from gateway.backup.manifest import BLOBS, SEALED_BLOBS, File, Manifest
from gateway.backup.repository import Reader, stamps_in
from gateway.backup.snapshot import DATA, DUMP, HOME, SQLITE
from gateway.clock import utc_now
from gateway.errors import BackupError, SettingsError, UserError
from gateway.ledger import INSTALLATION, append
from gateway.ledger.checkpoints import Checkpoints, signing_key
from gateway.ledger.whole import Held, whole
from gateway.sealing.master import MasterKey, MasterPlace, keys_in
from gateway.settings import FILE_NAME, load
from gateway.store import Blobs, Store
from gateway.store.blobs import SEALED
from gateway.store.folder import Folder


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back. `database`: the URL under which it lies."""

    stamp: str
    made_at: str
    files: int
    blobs: int
    database: str
    held: Held
    data: str


def restore(
    reader: Reader,
    into: Path,
    *,
    at: str = "",
    database: str = "",
    master: str = "",
    step: Callable[[], None] = lambda: None,
) -> Restored:
    """Bring a backup back into `into`, which must not exist or be empty, and verify it.

    `at`: the backup's name, or its beginning; the newest when empty. `database`: URL of an empty PostgreSQL database where
    the backup is of one. `master`: the lines of the master key, where the backup is sealed with one. Raises UserError for what the person can mend, BackupError, LogError or StoreError where what came
    back is not what went in; then the folder is left as it is, to be looked at.
    """
    stamp = _chosen(reader, at)
    manifest = reader.manifest(stamp)
    if into.exists() and any(into.iterdir()):
        raise UserError(f"{into} is not empty; name a folder that does not exist yet")
    if manifest.master:
        reader.unlock(_master(stamp, manifest, master))
    into.mkdir(parents=True, exist_ok=True, mode=0o700)
    (into / DATA).mkdir(mode=0o700)
    files = manifest.files
    dumped = any(each.path == DUMP for each in files)
    if dumped and not database.startswith("postgresql"):
        raise UserError("this backup is of a PostgreSQL database; name an empty one: --database postgresql://…")
    for each in files:
        _write(reader, each, _place(into, each.path))
    blobs = _write_blobs(reader, into / DATA, step)
    url = f"sqlite:///{into / DATA / SQLITE}"
    if dumped:
        url = database
        _load(into / DATA / DUMP, url)
    if manifest.master and (into / FILE_NAME).exists():
        _put_master(load(into).master, master)
    held = verified(into, url, frozenset(manifest.vanished))
    return Restored(stamp, manifest.made_at, len(files), blobs, url, held, manifest.data)


def note(folder: Path, back: Restored) -> None:
    """Say in the log of the restored installation that it is one, and end what programs could do. Raises StoreError."""
    store = Store(back.database)
    try:
        with store.write() as session:
            append(session, INSTALLATION, "restored", {"backup": back.stamp, "made_at": back.made_at}, now=utc_now())
            tokens.end_all(session, utc_now())  # one that the parent ended since the backup would be good again
            webhooks.pause_all(session, utc_now())
    finally:
        store.close()


def verified(folder: Path, url: str, vanished: frozenset[str] = frozenset()) -> Held:
    """Verify a restored installation as `breakwater log verify` does.

    `vanished`: hashes of what a child wrote and was handed over while the backup was made. Raises LogError, StoreError, SettingsError."""
    if not (folder / FILE_NAME).exists():
        raise SettingsError(f"{folder / FILE_NAME}: missing in the backup, so the log's name is not known")
    settings = load(folder)
    store = Store(url, settings.master)
    blobs = Blobs(folder / DATA / "blobs", store)
    try:
        store.migrate()
        for name in blobs.folder.names():
            if name.endswith(SEALED) and not blobs.opens(name, blobs.folder.get(name)):
                raise BackupError(f"blob {name} is not what went into the backup")
        signer = Checkpoints(store, signing_key(folder / DATA), settings.server.host_name)
        return whole(store, blobs, signer, vanished)
    finally:
        blobs.close()
        store.close()


def _master(stamp: str, manifest: Manifest, text: str) -> MasterKey:
    """The key that the backup is sealed with. Raises UserError, SettingsError."""
    found = keys_in(text)
    needed = next((key for key in found if key.name == manifest.master), None)
    if needed is None:
        said = f"; what was given holds {', '.join(key.name for key in found)}" if found else ""
        raise UserError(
            f"backup {stamp} is sealed with the master key {manifest.master}, which no backup holds{said}. Name your copy of it with "
            "--master-key FILE. Without it nobody can open this backup"
        )
    return needed


def _put_master(place: MasterPlace | None, text: str) -> None:
    """Where the settings look for the master key, when that is a file that is not there. Raises BackupError."""
    if place is None or place.file is None:
        return
    try:
        place.file.parent.mkdir(parents=True, exist_ok=True)
        durable.make_once(place.file, lambda: "".join(f"{key.line()}\n" for key in keys_in(text)).encode())
    except OSError as error:
        raise BackupError(f"{place.file}: cannot be written: {error.strerror}") from error


def _chosen(reader: Reader, at: str) -> str:
    there = stamps_in(reader.folder)
    if not there:
        raise UserError(f"{reader.folder} holds no finished backup")
    found = [stamp for stamp in there if stamp.startswith(at)]
    if not found:
        raise UserError(f"there is no backup {at}; there are: {', '.join(there[-10:])}")
    return found[-1]


def _place(into: Path, path: str) -> Path:
    first, *rest = PurePosixPath(path).parts
    if first in (BLOBS, SEALED_BLOBS):
        return into / DATA / f".{first}"
    if first in (SQLITE, DUMP):
        return into / DATA / first
    return into.joinpath(*rest) if first == HOME else into.joinpath(DATA, *rest)


def _write(reader: Reader, each: File, to: Path) -> None:
    whole_, size = hashlib.sha256(), 0
    to.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, each.mode & 0o700 | 0o600)
        with os.fdopen(descriptor, "wb") as out:
            for name in each.objects:
                chunk = reader.get(name)
                whole_.update(chunk)
                size += len(chunk)
                out.write(chunk)
    except OSError as error:
        raise BackupError(f"{to}: cannot be written: {error.strerror}") from error
    if (size, whole_.hexdigest()) != (each.size, each.sha256):
        raise BackupError(f"{each.path} is not what went into the backup")


def _write_blobs(reader: Reader, data: Path, step: Callable[[], None]) -> int:
    """The blobs of both lists; how many. A plain one is compared with its hash, which is its name; sealed ones are opened later."""
    folder = Folder(data / "blobs")
    folder.close()
    count = 0
    for listed, ending in ((data / f".{BLOBS}", ""), (data / f".{SEALED_BLOBS}", SEALED)):
        if ending and not listed.exists():  # of a version that sealed nothing
            continue
        for name, objects in _entries(listed):
            sha256 = _write_blob(reader, folder.path(f"{name}{ending}"), objects)
            if not ending and sha256 != name:
                raise BackupError(f"blob {name} is not what went into the backup")
            count += 1
            step()
        listed.unlink()
    os.sync()
    return count


def _write_blob(reader: Reader, file: Path, objects: list[str]) -> str:
    """One file; the hash of what was written."""
    whole_ = hashlib.sha256()
    try:
        with file.open("xb") as out:
            for name in objects:
                chunk = reader.get(name)
                whole_.update(chunk)
                out.write(chunk)
    except OSError as error:
        raise BackupError(f"{error.filename or file.parent}: cannot be written: {error.strerror}") from error
    return whole_.hexdigest()


def _entries(listed: Path) -> Iterator[tuple[str, list[str]]]:
    """Raises BackupError where the list is cut off, whatever number of objects it claims."""
    if not listed.exists():
        raise BackupError("the list of blobs is missing in the backup")
    whole_ = listed.stat().st_size
    with listed.open("rb") as file:
        while head := file.read(36):
            number = int.from_bytes(head[32:], "big")
            if len(head) < 36 or 32 * number > whole_ - file.tell():  # before the memory for it is asked for
                raise BackupError("the list of blobs is not whole")
            names = file.read(32 * number)
            yield head[:32].hex(), [names[at : at + 32].hex() for at in range(0, len(names), 32)]


def _load(dump: Path, url: str) -> None:
    """Into an empty database. Raises UserError where it is not empty, BackupError."""
    store = Store(url)
    try:
        with store.glance() as connection:
            if inspect(connection).get_table_names():
                raise UserError("the database is not empty; make a new one and name that")
    finally:
        store.close()
    postgres.load(dump, url)
    dump.unlink()
