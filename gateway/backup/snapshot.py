"""A consistent copy of the database while others write to it, and the files that belong to an installation."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url

from gateway.backup import postgres
from gateway.errors import BackupError
from gateway.settings import FILE_NAME, Settings

SQLITE, DUMP = "breakwater.db", "breakwater.dump"
"""Names in a backup: a copy of the SQLite file, or what pg_dump wrote."""
HOME, DATA = "home", "data"
"""Folders in a backup: that of breakwater.toml, and that of keys and what was made."""
WORK = ".backup-"
"""How the folders in the data folder begin in which backups, this one or another, have their copy of the database."""
TOOLS = {".git", ".venv", "__pycache__"}


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a backup: its path in it, and where its bytes lie now."""

    path: str
    file: Path


def copy_database(settings: Settings, folder: Path) -> Part:
    """Copy the database as it is at one moment into `folder`. Raises BackupError."""
    url = settings.database_url
    if url.startswith("sqlite"):
        part = Part(SQLITE, folder / SQLITE)
        _copy_sqlite(Path(str(make_url(url).database)), part.file)
        return part
    part = Part(DUMP, folder / DUMP)
    postgres.dump(url, part.file)
    return part


def files_of(settings: Settings, leave_out: Path) -> Iterator[Part]:
    """Settings, keys and whatever else lies with them; neither database nor blobs, nor `leave_out` (the repository)."""
    data, home = settings.data.resolve(), settings.directory.resolve()
    skipped = {settings.blob_folder.resolve(), leave_out.resolve()}
    key = None if settings.master is None else settings.master.file
    if key is not None:  # or whoever opens a backup could open what is sealed in it; nor what a kill left of its making
        skipped |= {key.resolve(), *(left.resolve() for left in key.parent.glob(f".{key.name}.*"))}
    if home == data:
        yield Part(f"{HOME}/{FILE_NAME}", home / FILE_NAME)  # the way back looks for it there
    else:
        yield from (Part(f"{HOME}/{path}", home / path) for path in _within(home, {*skipped, data}))
    for path in _within(data, skipped):
        if path.as_posix() != "serve.lock" and not path.as_posix().startswith((SQLITE, DUMP, WORK)):
            yield Part(f"{DATA}/{path}", data / path)


def _within(root: Path, skipped: set[Path]) -> Iterator[Path]:
    """Files below `root`, relative to it, but for those `skipped`; a link to a file counts as that file, for it may be a key. Linked folders do not."""
    for folder, folders, names in os.walk(root):
        at = Path(folder)
        folders[:] = sorted(name for name in folders if name not in TOOLS and at / name not in skipped)
        for name in sorted(names):
            if (at / name).is_file() and (at / name).resolve() not in skipped:
                yield (at / name).relative_to(root)


def _copy_sqlite(source: Path, target: Path) -> None:
    """SQLite's own online copy, in one step: writers go on beside it, and it is of one moment (sqlite.org/backup.html)."""
    if not source.exists():
        raise BackupError(f"{source}: there is no database yet; start `breakwater serve` once")
    try:
        old, new = sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=30), sqlite3.connect(target)
        try:
            old.backup(new)
        finally:
            new.close()
            old.close()
    except sqlite3.Error as error:
        raise BackupError(f"the database cannot be copied: {error}") from error
