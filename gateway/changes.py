"""Changing a family's settings while the gateway runs: the file, the log and what is in force change together, or nothing does.

    edit ─► the file's text with the edit (comments and order stay) ─► checked as at a start ─► the file replaced (fsync, rename)
         ─► log: settings changed, by whom ─► in force for every part, from this moment on; what was decided stays as it was

The settings file remains the one place where settings stand: whoever edits it by hand sees what the pages wrote, and the other way round.
"""

from __future__ import annotations

import logging
import threading
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import tomlkit
from pydantic import ValidationError
from sqlalchemy.orm import Session
from tomlkit.items import AoT

from gateway import durable
from gateway.clock import Clock
from gateway.errors import SettingsError, StoreError
from gateway.family import Directory, Family
from gateway.lifetime import note_settings
from gateway.settings import FILE_NAME, Settings, explain
from gateway.store import Store

log = logging.getLogger(__name__)
Edit = Callable[[Any], None]
"""Changes the family's table in place: ``table["deliver"] = ["08:00"]``. Keys are those of `breakwater.toml`."""
Check = Callable[[Family], object]
"""Raises a UserError where a family that reads well is still wrong, such as words that make no rule."""
Also = Callable[[Session, Family], object]

_TURN = threading.Lock()
"""One change at a time, whoever makes it: two that read the same file would lose one."""


class Changes:
    """One for an installation. `check`: asked before anything is written. `after`: what else follows from a change; it is done once
    the change is in force, and a fault in it takes nothing back.
    """

    def __init__(
        self,
        folder: Path,
        store: Store,
        directory: Directory,
        clock: Clock,
        check: Check,
        after: Callable[[], object] = lambda: None,
    ) -> None:
        self._file, self._after = folder / FILE_NAME, after
        self._folder, self._store, self._directory = folder, store, directory
        self._clock, self._check = clock, check

    def preview(self, key: str, edit: Edit) -> Family:
        """The family as it would be. Raises SettingsError, RulesError; nothing is changed."""
        return self._family(self._read(_edited(self._text(), key, edit)), key)

    def make(self, key: str, edit: Edit, by: str, also: Also = lambda _session, _family: None) -> Family:
        """Put a change in force. `by`: who, for the log; `also`: what is done in the same unit of work, with the family as it will be.

        Raises SettingsError, RulesError, StoreError; then nothing has changed.
        """
        with _TURN, self._store.alone("settings"):
            before = self._text()
            after = _edited(before, key, edit)
            settings = self._read(after)
            family = self._family(settings, key)
            try:
                with self._store.write() as session:
                    note_settings(session, family, self._clock(), by)
                    also(session, family)
                    _replace(self._file, after)
            except StoreError:
                _replace(self._file, before)
                raise
            self._directory.replace(settings.families)
        self._follow()
        return family

    def begin(self, added: str, at: Edit, key: str, by: str, also: Callable[[Session], object]) -> Family:
        """A new family: `added` is its text (``[[family]]`` …), put behind what stands in the file; `at` edits the whole document.

        `also` is done in the same unit of work. Raises SettingsError, RulesError, StoreError; then nothing has changed.
        """
        with _TURN, self._store.alone("settings"):
            before = self._text()
            document = tomlkit.parse(before.rstrip("\n") + "\n\n" + added)
            at(document)
            after = tomlkit.dumps(document)
            settings = self._read(after)
            family = self._family(settings, key)
            try:
                with self._store.write() as session:
                    note_settings(session, family, self._clock(), by)
                    also(session)
                    _replace(self._file, after)
            except StoreError:
                _replace(self._file, before)
                raise
            self._directory.replace(settings.families)
        self._follow()
        return family

    def _follow(self) -> None:
        try:
            self._after()
        except StoreError:
            log.error("what follows from a change of settings was not done; it is done at the next start")

    def _text(self) -> str:
        try:
            return self._file.read_text(encoding="utf8")
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{self._file}: cannot be read: {error}") from None

    def _family(self, settings: Settings, key: str) -> Family:
        family = settings.families_by_address().family(key)
        if family is None:
            raise SettingsError(f"{self._file}: there is no family {key!r} any more")
        self._check(family)
        return family

    def _read(self, text: str) -> Settings:
        return parsed(text, self._folder)


def parsed(text: str, folder: Path) -> Settings:
    """Settings of a text that is not in the file yet. Raises SettingsError with all that is wrong."""
    try:
        settings = Settings(**tomllib.loads(text), directory=folder.resolve())
        settings.families_by_address()
    except ValidationError as error:
        raise SettingsError("\n".join(explain(folder / FILE_NAME, error))) from None
    return settings


def put(table: Any, path: tuple[str, ...], value: Any) -> None:
    """Set ``table[path[0]][path[1]]…``; tables on the way are made. None takes the key away."""
    for name in path[:-1]:
        if name not in table:
            if value is None:
                return
            table[name] = tomlkit.table()
        table = table[name]
    if value is None:
        table.pop(path[-1], None)
    else:
        table[path[-1]] = value


def puts(values: Mapping[tuple[str, ...], Any]) -> Edit:
    """An edit that sets several keys."""

    def edit(table: Any) -> None:
        for path, value in values.items():
            put(table, path, value)

    return edit


def _edited(text: str, key: str, edit: Edit) -> str:
    document = tomlkit.parse(text)
    families = document.get("family")
    for table in families if isinstance(families, AoT) else ():
        if table.get("key") == key:
            edit(table)
            return tomlkit.dumps(document)
    raise SettingsError(f"{FILE_NAME}: there is no [[family]] with the key {key!r} any more")


def _replace(file: Path, text: str) -> None:
    """The whole file or none of it, on the disk when this returns; only its owner may read it."""
    try:
        durable.replace(file, text.encode("utf8"))
    except OSError as error:
        raise SettingsError(f"{file}: cannot be written: {error.strerror}") from None
