"""Bytes by their SHA-256 in a directory: ``blobs/ab/abcdef…``.

A blob is written to a temporary name, renamed, and then file and folder are fsynced side by side, all *before* the row
that names it is committed. So a row never points at nothing; at worst a blob lies there that no row names, which is
harmless. A blob that lies there already is read and compared first: one that a power cut left half is replaced.
Blobs are never changed and never deleted.
"""

# Paths are plain strings where a message passes through: pathlib costs as much as the hash.
# ruff: noqa: PTH104, PTH108, PTH110, PTH123

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gateway.errors import StoreError


def digest(content: bytes) -> str:
    """SHA-256 in lower-case hexadecimal."""
    return hashlib.sha256(content).hexdigest()


class Blobs:
    """A folder of blobs. Safe for many threads and many processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._fsync_pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="fsync")
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
        """Keep many blobs durably, their fsyncs side by side. Raises StoreError; then none may be relied on."""
        if not contents:
            return []
        hashes = [digest(content) for content in contents]
        root = str(self.folder)
        try:
            for sha, content in zip(hashes, contents, strict=True):
                self._place(f"{root}/{sha[:2]}", sha, content)
            files = {f"{root}/{sha[:2]}/{sha}" for sha in hashes}
            folders = {f"{root}/{sha[:2]}" for sha in hashes}
            first, *others = [*files, *folders]
            waiting = [self._fsync_pool.submit(_fsync, path) for path in others]
            try:
                _fsync(first)
            finally:
                for one in waiting:
                    one.result()
        except OSError as error:
            raise StoreError(f"the blob folder refused: {error.strerror}") from error
        return hashes

    def get(self, sha256: str) -> bytes:
        """The bytes with that hash, checked. Raises StoreError when they are gone or altered."""
        try:
            content = self.path(sha256).read_bytes()
        except OSError as error:
            raise StoreError(f"blob {sha256} cannot be read: {error.strerror}") from error
        if digest(content) != sha256:
            raise StoreError(f"blob {sha256} is not what it was: its bytes have another hash")
        return content

    def close(self) -> None:
        """Let the threads go."""
        self._fsync_pool.shutdown()

    def _place(self, folder: str, sha256: str, content: bytes) -> None:
        """Write one blob under its name, unless it lies there whole. Plain calls: this runs for every message."""
        final = f"{folder}/{sha256}"
        if os.path.exists(final) and _lies_there(final, sha256):
            return
        temporary = f"{folder}/.{sha256}.{secrets.token_hex(4)}"
        try:
            with open(temporary, "xb", buffering=0) as file:
                rest = memoryview(content)
                while rest:
                    rest = rest[file.write(rest) :]
            os.rename(temporary, final)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise


def _lies_there(path: str, sha256: str) -> bool:
    with open(path, "rb") as file:
        return digest(file.read()) == sha256


def _fsync(path: str | Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
