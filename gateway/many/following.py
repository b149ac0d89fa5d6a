"""Settings that another process has changed, put in force here.

Whoever changes settings writes the file and then, in the transaction that replaces it, a row of `settings` (`changes`). So whoever
sees a newer row finds the newer file.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import func, select

from gateway.errors import SettingsError
from gateway.family import Directory
from gateway.settings import load
from gateway.store import Store
from gateway.store.tables import SettingsRow

log = logging.getLogger(__name__)
_NEWEST = select(func.max(SettingsRow.id))


class Following:
    """Keeps a directory as the newest settings have it. `after`: called when others are in force."""

    def __init__(
        self, folder: Path, store: Store, directory: Directory, after: Callable[[], object] = lambda: None
    ) -> None:
        self._folder, self._store, self._directory, self._after = folder, store, directory, after
        self._turn = threading.Lock()
        self._seen: int | None = None
        self._refused: int | None = None

    def begin(self) -> None:
        """The settings that were just read are those of now. Raises StoreError."""
        with self._turn:
            self._seen = self._newest()

    def step(self) -> bool:
        """Put newer settings in force; whether there were any. Raises StoreError.

        A file that cannot be read leaves the settings as they are, which is said once; it is looked at again.
        """
        newest = self._newest()
        if newest == self._seen:
            return False
        with self._turn:
            if newest == self._seen:
                return False
            try:
                self._directory.replace(load(self._folder).families)
            except SettingsError as error:
                if self._refused != newest:
                    log.error("settings that were changed are not in force in this process: %s", error)
                self._refused = newest
                return False
            self._seen = newest
        self._after()
        return True

    def _newest(self) -> int | None:
        with self._store.glance() as connection:
            found: int | None = connection.scalar(_NEWEST)
            return found
