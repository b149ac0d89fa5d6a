"""The lanes: which way a message goes."""

from __future__ import annotations

from enum import StrEnum


class Lane(StrEnum):
    """Which way a message goes (docs/parents-guide.md explains each).

    WHOLE and ARCHIVED are those of archive-only, where nothing is sorted; CHILD is what a child wrote.
    """

    FACTS = "facts"
    EMERGENCY = "emergency"
    DANGER = "danger"
    LEGAL = "legal"
    UNSORTED = "unsorted"
    WITHHELD = "withheld"
    WHOLE = "whole"
    ARCHIVED = "archived"
    CHILD = "child"


AT_ONCE = frozenset({Lane.EMERGENCY, Lane.DANGER, Lane.LEGAL, Lane.WHOLE})
"""Lanes that do not wait for the parent's hours."""
