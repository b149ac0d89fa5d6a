"""Bytes by name in a directory: ``blobs/ab/abcdef…``. What they are, and whether they are sealed, is not known here.

A file is written to a temporary name, renamed, and then file and folder are fsynced. One that lies there already is
replaced in one step, so that one that a power cut left half is made whole.
"""

# Paths are plain strings where a message passes through: pathlib costs as much as the hash.
# ruff: noqa: PTH104, PTH108, PTH110

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gateway.store.place import ending_of

THREADS = 4
"""How many fsyncs wait for the disk at once. The file system writes its journal once for all of them."""


class Folder:
    """Put, get and delete bytes by names whose first two signs are hexadecimal digits. Safe for many threads and processes."""

    far = False

    def __init__(self, root: Path) -> None:
        self.root = root
        self._folders: dict[str, int] = {}
        self._pool = ThreadPoolExecutor(max_workers=THREADS - 1, thread_name_prefix="fsync")
        root.mkdir(parents=True, exist_ok=True)
        if not (root / "ff").exists():
            for number in range(256):
                (root / f"{number:02x}").mkdir(exist_ok=True)
            _fsync(root)

    def path(self, name: str) -> Path:
        """Where the bytes of that name lie."""
        return self.root / name[:2] / name

    def put_all(self, named: Sequence[tuple[str, bytes]]) -> None:
        """Keep them durably. Raises OSError; then none may be relied on.

        The first fsync makes the file system write its journal, with all the files and names before it; the others
        then find little left to do. So they follow each other instead of waking threads.
        """
        root = str(self.root)
        files: list[int] = []
        try:
            for name, content in named:
                files.append(self._place(f"{root}/{name[:2]}", name, content))
            self._sync([*files, *(self._folder_of(two) for two in {name[:2] for name, _ in named})])
        finally:
            for descriptor in files:
                os.close(descriptor)

    def get(self, name: str) -> bytes:
        """Raises OSError."""
        return self.path(name).read_bytes()

    def beginning(self, name: str, number: int) -> bytes:
        """The first `number` bytes. Raises OSError."""
        with self.path(name).open("rb") as file:
            return file.read(number)

    def has(self, name: str) -> bool:
        """Whether something lies there."""
        return os.path.exists(f"{self.root}/{name[:2]}/{name}")

    def remove(self, name: str) -> None:
        """Delete for good; what is gone already is fine. Raises OSError."""
        path = self.path(name)
        path.unlink(missing_ok=True)
        _fsync(path.parent)

    def names(self, ending: str | None = None) -> Iterator[str]:
        """The names of all that lie there, or of those of one ending, in order, but for those that are being written."""
        for number in range(256):
            try:
                found = sorted(file.name for file in (self.root / f"{number:02x}").iterdir())
            except FileNotFoundError:
                continue
            for name in found:
                if not name.startswith(".") and (ending is None or ending_of(name) == ending):
                    yield name

    def sizes(self) -> Iterator[tuple[str, int]]:
        """All names with their sizes in bytes, -1 for one that vanishes meanwhile. Raises OSError."""
        for name in self.names():
            try:
                size = self.path(name).stat().st_size
            except FileNotFoundError:
                size = -1
            yield name, size

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
        """The open folder of a name's first two digits."""
        if name not in self._folders:
            self._folders[name] = os.open(f"{self.root}/{name}", os.O_RDONLY)
        return self._folders[name]

    def _place(self, folder: str, name: str, content: bytes) -> int:
        """Write one file under its name; the open file. What lies there already is replaced.

        Plain calls: this runs for every message, and every call that waits for the disk may also wait for its turn.
        """
        temporary = f"{folder}/.{name}.{secrets.token_hex(4)}"
        file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        try:
            rest = memoryview(content)
            while rest:
                rest = rest[os.write(file, rest) :]
            os.rename(temporary, f"{folder}/{name}")
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
