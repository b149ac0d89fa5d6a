"""What the coach says of a draft, as the desk, a letter and a page need it. Plain values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gateway.family import Family


@dataclass(frozen=True, slots=True)
class Looked:
    """What the coach says: `hints`, each a sentence, what matters most first; `ready`: short answers that would fit.

    `reasons`: why each hint is given, in the order of the hints; empty where there is nothing to say. `heated`: the draft
    should rather wait until the morning; `urgent`: it must not.
    """

    hints: tuple[str, ...] = ()
    ready: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    heated: bool = False
    urgent: bool = False

    def after(self, *hints: str) -> Looked:
        """The same behind hints of our own."""
        return Looked(
            (*hints, *self.hints), self.ready, (*("" for _ in hints), *self.reasons), self.heated, self.urgent
        )


Look = Callable[[str, Family, tuple[str, ...]], Looked]
"""The coach: words, family, what was asked of the parent."""


def no_look(_words: str, _family: Family, _context: tuple[str, ...]) -> Looked:
    """No coach: nothing is said."""
    return Looked()
