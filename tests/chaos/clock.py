"""A clock that a file sets wrong: the gateway's own seam for time, read by every process of a run."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from gateway.clock import utc_now


class Wrong:
    """The time, so many seconds off as the file says."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __call__(self) -> datetime:
        try:
            return utc_now() + timedelta(seconds=float(self._file.read_text() or 0))
        except (OSError, ValueError):
            return utc_now()
