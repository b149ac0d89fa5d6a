"""Characters that turn the direction of the words after them (Unicode bidirectional algorithm, UAX 9).

An override (U+202D, U+202E) shows letters in another order than they are written: what is matched and what is read are
then two texts. Embeddings and isolates to the right belong to languages written that way; in a text without one letter of
these they are a disguise. Isolates to the left, and those that follow their content, turn nothing.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from gateway.parsing.work import Work

OVERRIDES: Final = "\u202d\u202e"
TO_THE_RIGHT: Final = "\u202b\u2067"
TURNED: Final = "characters in it turn the direction of words around"


def turned(text: str, work: Work) -> None:
    """Hold a text that does not read as it is written."""
    if (
        any(c in text for c in OVERRIDES)
        or any(c in text for c in TO_THE_RIGHT)
        and not any(unicodedata.bidirectional(c) in ("R", "AL") for c in text)
    ):
        work.hold(TURNED)
