"""Statements in the driver's own words, for the few that every message passes through.

SQLAlchemy puts a statement together anew at each execution: it looks for it in its cache, gathers parameters, prepares
what a result may ask for. For one message that costs more than the database does. Here the text is made once for each
kind of database, and what is left is the driver's call, with the errors of the engine around it.

Only for columns that the driver takes as they are (text, numbers, bytes): no type of ours is asked about its values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.engine import Connection, CursorResult
from sqlalchemy.sql.expression import ClauseElement


class Direct:
    """One statement. Safe for many threads: at worst its text is made twice."""

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._texts: dict[str, tuple[str, Sequence[str] | None]] = {}

    def one(self, connection: Connection, values: Mapping[str, Any]) -> CursorResult[Any]:
        """Execute it once. Raises DBAPIError."""
        text, order = self._text(connection)
        return connection.exec_driver_sql(text, _arranged(values, order))

    def many(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute it for each row. Raises DBAPIError."""
        text, order = self._text(connection)
        connection.exec_driver_sql(text, [_arranged(row, order) for row in rows])

    def _text(self, connection: Connection) -> tuple[str, Sequence[str] | None]:
        """The text, and the order of its parameters where the driver counts them instead of naming them."""
        dialect = connection.dialect
        made = self._texts.get(dialect.name)
        if made is None:
            compiled = self._statement.compile(dialect=dialect)
            order: Sequence[str] | None = getattr(compiled, "positiontup", None)
            made = self._texts[dialect.name] = (str(compiled), order)
        return made


def _arranged(values: Mapping[str, Any], order: Sequence[str] | None) -> Any:
    return dict(values) if order is None else tuple(values[name] for name in order)
