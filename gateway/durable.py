"""Small files that must be whole: settings, keys, parts of a backup. Each is on the disk, name and all, when these return.

Bytes of messages are not among them: many come at once and share their waits for the disk (`store.blobs`).
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path


def replace(file: Path, content: bytes, mode: int = 0o600) -> None:
    """The whole file or none of it, in place of what is there. Raises OSError, and then what was there is as it was."""
    new = _written(file, content, mode)
    try:
        new.replace(file)
    except OSError:
        with contextlib.suppress(OSError):
            new.unlink()
        raise
    _sync(file.parent)


def make_once(file: Path, make: Callable[[], bytes]) -> bytes:
    """What the file holds; made, for its owner only, where there is none. Of several makers one succeeds, and all get its bytes.

    Raises OSError.
    """
    if not file.exists():
        new = _written(file, make(), 0o600)
        try:
            with contextlib.suppress(FileExistsError):
                file.hardlink_to(new)  # in one step, and not where another was first
        finally:
            new.unlink()
        _sync(file.parent)
    return file.read_bytes()


def _written(file: Path, content: bytes, mode: int) -> Path:
    """The content under another name beside the file, on the disk."""
    new = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
    except OSError:
        with contextlib.suppress(OSError):
            new.unlink()
        raise
    return new


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
