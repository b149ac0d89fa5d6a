"""Words as the search knows them, and what somebody looks for. Pure, and the same for every database.

Letters count without accents, case and apostrophes (``José`` is ``jose``, ``don’t`` is ``dont``). What is written together is looked
for together: ``pick-up`` finds "pick up". Scripts without blanks are cut into single signs, which stand side by side in a query too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

MOST_SIGNS: Final = 1_000_000
"""Of a text that are read for the index."""
MOST_WORDS: Final = 40_000
MOST_BYTES: Final = 400_000
"""Of the words of one message: PostgreSQL refuses a tsvector of more than a megabyte."""
LONGEST_WORD: Final = 60
MOST_QUERY: Final = 10_000
MOST_PHRASES: Final = 32
MOST_IN_PHRASE: Final = 60
_SPECIAL: Final = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"})
_APOSTROPHE: Final = re.compile(r"(?<=\w)['’‘`´ʼ](?=\w)")
_WORD: Final = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uf900-\ufaff]|[^\W_\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uf900-\ufaff]+")  # fmt: skip
_QUOTE: Final = re.compile('["“”„‟«»＂]')


@dataclass(frozen=True, slots=True)
class Terms:
    """What is looked for: every phrase must stand in a message, its words side by side. `cut`: some words were too many."""

    phrases: tuple[tuple[str, ...], ...] = ()
    cut: bool = False

    def __bool__(self) -> bool:
        return bool(self.phrases)


def fold(text: str) -> str:
    """Without case, accents and apostrophes inside words."""
    text = _APOSTROPHE.sub("", text.casefold()).translate(_SPECIAL)
    if text.isascii():
        return text
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return unicodedata.normalize("NFKC", bare).casefold()


def words_of(text: str) -> list[str]:
    """The words of a message for the index, in order. A message that is longer than the limits is known by its beginning."""
    out, size = [], 0
    for word in islice(_words(text[:MOST_SIGNS]), MOST_WORDS):
        size += len(word.encode("utf8")) + 3
        if size > MOST_BYTES:
            break
        out.append(word)
    return out


def terms_of(query: str) -> Terms:
    """What a person typed: words that all must be there, and phrases in quotation marks of any kind. Never raises.

    A mark without its partner counts as no mark. There are no operators: ``NOT``, ``*`` and ``OR`` are words or nothing.
    """
    parts = _QUOTE.split(query[:MOST_QUERY])
    if len(parts) % 2 == 0:
        parts[-2:] = [f"{parts[-2]} {parts[-1]}"]
    found: dict[tuple[str, ...], None] = {}
    cut = len(query) > MOST_QUERY
    for place, part in enumerate(parts):
        for piece in [part] if place % 2 else part.split():
            words = tuple(islice(_words(piece), MOST_IN_PHRASE + 1))
            cut = cut or len(words) > MOST_IN_PHRASE
            if words:
                found[words[:MOST_IN_PHRASE]] = None
    return Terms(tuple(found)[:MOST_PHRASES], cut or len(found) > MOST_PHRASES)


def _words(text: str) -> Iterator[str]:
    return (match[0][:LONGEST_WORD] for match in _WORD.finditer(fold(text)))
