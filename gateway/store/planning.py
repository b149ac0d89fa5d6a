"""Words to the planner of queries, where it would take the wrong way through the tables."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func


def apart(column: Any) -> ColumnElement[str]:
    """A column of text, so compared that no index is searched for it (https://sqlite.org/optoverview.html, "unary +").

    SQLite keeps no count of how many rows share a value, so it takes an index on a family or on the state ``sent`` for a short
    way and reads all that was ever sent. Then the other index, which finds a few rows, is the one that is left.
    """
    return func.coalesce(column, "")
