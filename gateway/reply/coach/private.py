"""Where a draft says a word that the family has marked as private, however it is written. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from gateway.reply.coach.draft import Draft
from gateway.reply.coach.rules import DraftRule, matcher
from gateway.tagging.normalise import normalise

COMMON = frozenset(
    "street st road rd avenue ave lane ln drive dr court ct close way row terrace place square park school primary high "
    "clinic vet dental medical centre center hospital office house flat unit apartment and the of co ltd inc new old "
    "north south east west upper lower great little garden gardens crescent grove drive boulevard number no floor company shop store bank hotel cafe restaurant".split()
)
"""Words of a private address or workplace that say nothing by themselves."""


def private_places(rule: DraftRule, draft: Draft, copy: str) -> Iterator[tuple[int, int]]:
    """``[start, end)`` in the normalised copy of each private word of the kinds that the rule names."""
    for word in private_words(rule, draft):
        yield from _word(word, copy)


def private_words(rule: DraftRule, draft: Draft) -> tuple[str, ...]:
    """The private words of the kinds that the rule names; of a home address, also each word that is no common one."""
    words = [word for kind in rule.private for word in getattr(draft.private, kind) if len(word.strip()) > 1]
    if "home" in rule.private:
        parts = re.findall(r"[^\W\d_]{5,}", " ".join(draft.private.home))
        words += [part for part in parts if part.lower() not in COMMON]
    return tuple(words)


def _word(word: str, copy: str) -> Iterator[tuple[int, int]]:
    """A private word, or two of its words in a row, however spaced, capitalised or disguised."""
    parts = re.findall(r"[^\W_]+", normalise(word).text.lower())
    pairs = [p for p in pairwise(parts) if not COMMON.issuperset(p)] or [tuple(parts)]
    for pair in pairs if parts else ():
        find = matcher((r"\b" + r"[^\pL\pN\n]+(?:and )?".join(pair) + r"\b",))
        yield from (hit.span() for hit in find.finditer(copy))
