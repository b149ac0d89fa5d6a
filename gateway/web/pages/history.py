"""How a family's settings came to be as they are: what changed, when, by whom, out of the rows that every change leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import select

from gateway.family.difference import Difference, differences
from gateway.store import Store
from gateway.store.tables import AccountRow, SettingsRow

PAGE: Final = 20
IN_THE_FILE: Final = "in the settings file"


@dataclass(frozen=True, slots=True)
class Change:
    """One change. `by`: a name, or `IN_THE_FILE`."""

    number: int
    since: datetime
    by: str
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """Newest first. `older`: the number before which there are more; 0 for none. `first`: the list ends with the beginning."""

    listed: tuple[Change, ...]
    older: int
    begun: datetime | None


class History:
    """Of any family; whoever asks names theirs."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def page(self, family: str, before: int = 0) -> Changes:
        """Up to `PAGE` changes before that number (0: the newest). Raises StoreError."""
        query = select(SettingsRow).where(SettingsRow.family == family).order_by(SettingsRow.id.desc())
        if before:
            query = query.where(SettingsRow.id < before)
        with self._store.read() as session:
            rows = session.scalars(query.limit(PAGE + 1)).all()
            accounts = {int(number) for row in rows if (number := row.by.rpartition(" ")[2]).isdigit()}
            names = {
                row.id: row.name
                for row in session.scalars(select(AccountRow).where(AccountRow.id.in_(accounts)))
                if row.family == family
            }
            listed = tuple(
                Change(row.id, row.since, _name(row.by, names), differences(older.content, row.content))
                for row, older in pairwise(rows)
            )
            more = len(rows) > PAGE
            return Changes(listed, rows[-2].id if more else 0, rows[-1].since if rows and not more else None)

    def pair(self, family: str, number: int) -> tuple[Mapping[str, Any], Mapping[str, Any]] | None:
        """The settings before and after that change; None where it is none of the family's. Raises StoreError."""
        with self._store.read() as session:
            query = select(SettingsRow).where(SettingsRow.family == family, SettingsRow.id <= number)
            rows = session.scalars(query.order_by(SettingsRow.id.desc()).limit(2)).all()
            if len(rows) < 2 or rows[0].id != number:
                return None
            return rows[1].content, rows[0].content

    def newest(self, family: str) -> int:
        """The number of the last change; 0 for none. Raises StoreError."""
        with self._store.read() as session:
            query = select(SettingsRow.id).where(SettingsRow.family == family).order_by(SettingsRow.id.desc()).limit(1)
            return session.scalar(query) or 0


def _name(by: str, names: Mapping[int, str]) -> str:
    number = by.rpartition(" ")[2]
    return names.get(int(number), by) if number.isdigit() else by or IN_THE_FILE
