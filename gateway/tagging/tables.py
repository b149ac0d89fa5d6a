"""Tables of words are written as text; this reads them."""

from __future__ import annotations


def word_set(text: str) -> frozenset[str]:
    """The words of a table, separated by white space."""
    return frozenset(text.split())
