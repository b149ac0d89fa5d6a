"""Words of a sorted passage that the family may want among its own rules. They are only proposed, never added. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

MOST: Final = 6
LONGEST: Final = 60
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_COMMON: Final = frozenset(
    "about after again all also always and any anyone are asked back because been before being both but call came can cannot come could "
    "did didn does doesn doing don done down each even ever every everyone few for from get give going good got had has have having "
    "hear help her here him his home how into its just keep know last left let like long look made make many maybe mean might more "
    "most much must myself need never next not nothing now off okay once one only other our out over own people please put really "
    "right said same say see seen she should since some something soon still such sure take tell than that the their them then there "
    "these they thing things think this those though time today told tomorrow tonight too took until use used very want was way week "
    "well went were what when where which while who whole why will with without won would year yes yesterday you your yours "
    "monday tuesday wednesday thursday friday saturday sunday".split()
)


def suggested(words: str, names: Iterable[str]) -> tuple[str, ...]:
    """Telling words of a passage in their order, in lower case, at most `MOST`; none of `names` and none that everybody uses."""
    known = {part.casefold() for name in names for part in name.split()}
    found: dict[str, None] = {}
    for match in _WORD.finditer(words):
        word = match[0].casefold()
        bare = re.sub(r"['’]s$", "", word)
        if 4 <= len(bare) <= 30 and bare not in _COMMON and bare.partition("'")[0] not in _COMMON and bare not in known:
            found[bare] = None
    return tuple(found)[:MOST]


def chosen_word(typed: str) -> str:
    """A word or phrase as it is kept: blanks in a row count as one; empty for one that says nothing or is far too long."""
    word = " ".join(typed.split()).casefold()
    return word if len(word) <= LONGEST and sum(c.isalnum() for c in word) >= 3 else ""
