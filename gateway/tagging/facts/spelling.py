"""Spelling: finding a known word behind one that is wrong by a single letter.

Symmetric deletion (as in SymSpell): two words at Damerau distance one share a form after at most one deletion on
each side. The known words' deletions are put into a dictionary once; a lookup deletes one letter at a time
from the typed word and verifies each hit. Cost per lookup grows with the word's length only.
"""

from __future__ import annotations

from collections.abc import Iterable

LONGEST = 20


def deletions(word: str) -> set[str]:
    """The word and everything that is left of it after one deletion."""
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}


def is_near(one: str, other: str) -> bool:
    """Whether one insertion, deletion, change or swap of neighbours at most makes the two words equal."""
    if one == other:
        return True
    if abs(len(one) - len(other)) > 1:
        return False
    i = 0
    while i < len(one) and i < len(other) and one[i] == other[i]:
        i += 1
    a, b = one[i:], other[i:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


class Speller:
    """Looks up words that may be wrong by one letter. A typed word near two known words stays unknown."""

    def __init__(self, known: Iterable[str], never: Iterable[str] = ()) -> None:
        self._never = frozenset(never)
        self._known = frozenset(known)
        self._forms: dict[str, set[str]] = {}
        for word in self._known:
            for form in deletions(word):
                self._forms.setdefault(form, set()).add(word)

    def find(self, typed: str) -> str | None:
        """The one known word that `typed` is or was meant to be, else None."""
        if typed in self._known:
            return typed
        if typed in self._never or len(typed) > LONGEST:
            return None
        found = {w for form in deletions(typed) for w in self._forms.get(form, ()) if is_near(typed, w)}
        return found.pop() if len(found) == 1 else None
