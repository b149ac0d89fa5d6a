"""A new master key: the data keys are wrapped anew, what they seal stays as it is, and the gateway goes on running."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from gateway import durable
from gateway.errors import SealError, UserError
from gateway.sealing.keyring import Keyring
from gateway.sealing.master import MasterKey, MasterPlace, new_key


def rotate(keys: Keyring) -> tuple[int, MasterKey]:
    """Put a new master key in use; how many data keys are wrapped with it now that were not, and the key.

    Where the key is a file, it is made here: the new one is written above the old one, then the data keys are wrapped anew in
    one transaction, then the old one is taken out of the file. A crash in between leaves both in it, and all opens.
    Elsewhere whoever keeps the key has put the new one before the old one. Raises SealError, SettingsError.
    """
    place = keys.place
    if place.file is None:
        return keys.rewrap()
    with _alone(place.file):
        made = new_key()
        _write(place, (made, *place.keys()))
        done = keys.rewrap()
        _write(place, (made,))
    return done


@contextlib.contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Of two at once, one would take the other's key out of the file. Raises UserError."""
    descriptor = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise UserError("another change of the master key is under way; wait until it has ended") from None
    finally:
        os.close(descriptor)


def _write(place: MasterPlace, lines: tuple[MasterKey, ...]) -> None:
    if place.file is None:
        return
    try:
        durable.replace(place.file, "".join(f"{key.line()}\n" for key in lines).encode())
    except OSError as error:
        raise SealError(
            f"{place.file} cannot be written: {error.strerror}; the old master key is still in it"
        ) from error
