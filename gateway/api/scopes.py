"""What a token may be good for. Pure.

Each scope is one page of the parent's. None opens what was kept back: the words of a card are those that came through, and the log is
shown without the bodies of its entries.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Scope(StrEnum):
    """Of a token; the parent ticks them."""

    CARDS = "cards:read"
    QUESTIONS = "questions:read"
    CALENDAR = "calendar:read"
    EXPENSES = "expenses:read"
    LOG = "log:read"
    RECORDS = "records:read"
    JOURNAL = "journal:write"
    REPLIES = "replies:write"


def known(names: Iterable[str]) -> tuple[Scope, ...]:
    """The scopes of these names, in the order of the list; what is no scope is left out."""
    given = set(names)
    return tuple(scope for scope in Scope if scope in given)
