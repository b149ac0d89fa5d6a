"""Bytes by their SHA-256 in a directory: ``blobs/ab/abcdef…``.

A blob is written to a temporary name, renamed, and then file and folder are fsynced, all *before* the row that names it
is committed. So a row never points at nothing; at worst a blob lies there that no row names, which is harmless. A blob
that lies there already is replaced by the same bytes in one step, so that one that a power cut left half is made whole.
The bytes of small messages may lie in the
database for a while before they get their file (`fresh`).
Blobs are never changed. None is deleted, but for one case: what a child wrote, once it was handed over (`voices.handover`).
That happens inside the database's write lock, in which `make_sure` also puts back what a new row needs and was just deleted.
"""

# Paths are plain strings where a message passes through: pathlib costs as much as the hash.
# ruff: noqa: PTH104, PTH108, PTH110

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from gateway.errors import BlobError, StoreError
from gateway.store import fresh

if TYPE_CHECKING:
    from gateway.store.unit_of_work import Store

THREADS = 4
"""How many fsyncs wait for the disk at once. The file system writes its journal once for all of them."""


def digest(content: bytes) -> str:
    """SHA-256 in lower-case hexadecimal."""
    return hashlib.sha256(content).hexdigest()


class Blobs:
    """A folder of blobs. Safe for many threads and many processes."""

    def __init__(self, folder: Path, store: Store | None = None) -> None:
        """`store`: where the bytes of small messages may still be; without it only the folder is looked at."""
        self.folder, self._store = folder, store
        self._folders: dict[str, int] = {}
        self._pool = ThreadPoolExecutor(max_workers=THREADS - 1, thread_name_prefix="fsync")
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "ff").exists():
            for number in range(256):
                (folder / f"{number:02x}").mkdir(exist_ok=True)
            _fsync(folder)

    def path(self, sha256: str) -> Path:
        """Where the blob with that hash lies."""
        return self.folder / sha256[:2] / sha256

    def put(self, content: bytes) -> str:
        """Keep one blob durably and return its hash. Raises StoreError when the disk refuses."""
        return self.put_all([content])[0]

    def put_all(self, contents: Sequence[bytes]) -> list[str]:
        """Keep many blobs durably. Raises StoreError when the disk refuses; then none may be relied on.

        The first fsync makes the file system write its journal, with all the files and names before it; the others
        then find little left to do. So they follow each other instead of waking threads.
        """
        hashes = [digest(content) for content in contents]
        root = str(self.folder)
        files: list[int] = []
        try:
            for sha, content in zip(hashes, contents, strict=True):
                files.append(self._place(f"{root}/{sha[:2]}", sha, content))
            self._sync([*files, *(self._folder_of(name) for name in {sha[:2] for sha in hashes})])
        except OSError as error:
            raise StoreError(f"the blob folder refused: {error.strerror}") from error
        finally:
            for descriptor in files:
                os.close(descriptor)
        return hashes

    def get(self, sha256: str) -> bytes:
        """The bytes with that hash, checked. Raises BlobError when they are gone or altered, StoreError when the database is away."""
        try:
            content = self._read(sha256)
        except OSError as error:
            raise BlobError(f"blob {sha256} cannot be read: {error.strerror}") from error
        if digest(content) != sha256:
            raise BlobError(f"blob {sha256} is not what it was: its bytes have another hash")
        return content

    def _read(self, sha256: str) -> bytes:
        try:
            return self.path(sha256).read_bytes()
        except FileNotFoundError:
            content = None if self._store is None else fresh.get(self._store, sha256)
            if content is not None:
                return content
            return self.path(sha256).read_bytes()  # moved there between the two looks

    def make_sure(self, contents: Iterable[tuple[str, bytes]]) -> None:
        """Put back what is gone of hashes with their bytes. Call inside the unit of work that names them, after its inserts.

        Raises StoreError.
        """
        gone = [content for sha256, content in contents if not os.path.exists(f"{self.folder}/{sha256[:2]}/{sha256}")]
        if gone:
            self.put_all(gone)

    def remove(self, session: Session, sha256: str) -> None:
        """Delete a blob for good, inside a unit of work; one that is gone already is fine.

        Raises StoreError when the disk refuses.
        """
        fresh.remove(session, sha256)
        try:
            self.path(sha256).unlink(missing_ok=True)
            _fsync(self.path(sha256).parent)
        except OSError as error:
            raise StoreError(f"a blob cannot be removed: {error.strerror}") from error

    def close(self) -> None:
        """Close the folders, let the threads go."""
        self._pool.shutdown()
        while self._folders:
            os.close(self._folders.popitem()[1])

    def _sync(self, descriptors: Sequence[int]) -> None:
        shares = [descriptors[start::THREADS] for start in range(1, THREADS)]
        waiting = [self._pool.submit(_sync_all, share) for share in shares if share]
        try:
            _sync_all(descriptors[::THREADS])
        finally:
            for one in waiting:
                one.result()

    def _folder_of(self, name: str) -> int:
        """The open folder of a hash's first two digits."""
        if name not in self._folders:
            self._folders[name] = os.open(f"{self.folder}/{name}", os.O_RDONLY)
        return self._folders[name]

    def _place(self, folder: str, sha256: str, content: bytes) -> int:
        """Write one blob under its name; the open file. A blob that lies there already is replaced by the same bytes.

        Plain calls: this runs for every message, and every call that waits for the disk may also wait for its turn.
        """
        temporary = f"{folder}/.{sha256}.{secrets.token_hex(4)}"
        file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        try:
            rest = memoryview(content)
            while rest:
                rest = rest[os.write(file, rest) :]
            os.rename(temporary, f"{folder}/{sha256}")
        except OSError:
            os.close(file)
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise
        return file


def _sync_all(descriptors: Sequence[int]) -> None:
    for descriptor in descriptors:
        os.fsync(descriptor)


def _fsync(path: str | Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
