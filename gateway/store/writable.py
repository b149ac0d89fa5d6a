"""Whether the folder of blobs can be written: a disk that had a fault is often mounted again for reading only."""

from __future__ import annotations

import tempfile
from pathlib import Path

REMEDY = (
    'make it writable again (the disk, the mount, its rights). Until then large mail is answered "try again later"; nothing that was '
    "accepted is lost, and what waits goes on by itself"
)


def refusal(folder: Path) -> str:
    """What the system says to a new file there, such as ``Read-only file system``; empty where it takes one. It leaves no name behind."""
    try:
        with tempfile.TemporaryFile(dir=folder / "00") as file:
            file.write(b"breakwater")
            file.flush()
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""
