"""Whether bytes can be kept: a disk that had a fault is often mounted again for reading only, a bucket may be away or refuse its key."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

from gateway.store.place import AwayError, BucketPlace

REMEDY = (
    'make it writable again (the disk, the mount, its rights). Until then large mail is answered "try again later"; nothing that was '
    "accepted is lost, and what waits goes on by itself"
)
PUBLIC = "anybody on the network can read it, or the list of what is in it: take every public right from the bucket"


def refusal(where: Path | BucketPlace) -> str:
    """What the system says to a new file or object there, such as ``Read-only file system``; empty where it takes one. None is left behind.

    Raises SettingsError where the program lacks what a bucket needs.
    """
    if isinstance(where, Path):
        return _of_folder(where)
    from gateway.store.bucket import Bucket

    with contextlib.closing(Bucket(where)) as bucket:
        try:
            return PUBLIC if bucket.trial() else ""
        except AwayError as error:
            return str(error.strerror)


def _of_folder(folder: Path) -> str:
    try:
        with tempfile.TemporaryFile(dir=folder / "00") as file:
            file.write(b"breakwater")
            file.flush()
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""


def said(where: Path | BucketPlace) -> str:
    """The place, for a person."""
    return f"folder {where}" if isinstance(where, Path) else where.said()
