"""The lanes: which way a message goes."""

from __future__ import annotations

from enum import StrEnum


class Lane(StrEnum):
    """Which way a message goes (docs/parents-guide.md explains each)."""

    FACTS = "facts"
    EMERGENCY = "emergency"
    DANGER = "danger"
    LEGAL = "legal"
    UNSORTED = "unsorted"
    WITHHELD = "withheld"


AT_ONCE = frozenset({Lane.EMERGENCY, Lane.DANGER, Lane.LEGAL})
"""Lanes that do not wait for the parent's hours."""
