"""Words: a message cut into folded words that remember where they stood.

One regular expression without nested choice walks the text once (linear time). A word is a run of letters
(with inner apostrophes), a number with its inner marks (``5.30``, ``11/14``, ``1,250.00``), a line break or a
single sign. Numbers and letters that touch become two words, the second one `glued`: ``345pm`` is ``345`` ``pm``.
Folding makes what people type comparable: lower case, no accents, straight apostrophes.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_WORD = re.compile(
    r"\n"
    r"|2(?:nite|night|nyt|moro|morro|morrow|mrw|mrow|mro|moz|day)\b"
    r"|b4\b|l8r\b|gr8\b|m8\b|w8\b"
    r"|[ap]\.[ ]?m\b\.?"
    r"|[0-9]{1,12}(?:[.,:/][0-9]{1,12}){0,5}"
    r"|[^\W\d_]+(?:['’‘`´][^\W\d_]+)*"
    r"|\S",
    re.IGNORECASE,
)
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "ł": "l", "Ł": "l", "ø": "o", "ß": "s", "ı": "i"})
SENTENCE_ENDS = frozenset({".", "!", "?", "\n", "…", ";"})


@dataclass(frozen=True, slots=True)
class Word:
    """One word: its folded text and where it stands, ``message[start:end]`` (code points)."""

    text: str
    start: int
    end: int
    is_number: bool = False
    glued: bool = False
    capital: bool = False


Text = tuple[Word, ...]
"""A message as its words."""


def fold(text: str) -> str:
    """Lower case, straight apostrophes, no accents."""
    text = text.translate(_APOSTROPHES)
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return text.lower()


def words_of(text: str) -> tuple[Word, ...]:
    """The words of `text` in order, line breaks among them. Linear time; never raises."""
    out: list[Word] = []
    end = -1
    for match in _WORD.finditer(text):
        raw = match[0]
        folded = fold(raw) or raw  # a combining mark alone folds to nothing
        if folded[0] in "ap" and folded[1:2] == ".":
            folded = folded[0] + "m"
        is_number = "0" <= raw[0] <= "9" and "0" <= raw[-1] <= "9"
        out.append(Word(folded, match.start(), match.end(), is_number, match.start() == end, raw[0].isupper()))
        end = -1 if raw == "\n" else match.end()
    return tuple(out)


def text_at(words: tuple[Word, ...], index: int) -> str:
    """The folded word at `index`, or nothing outside the message."""
    return words[index].text if 0 <= index < len(words) else ""


def ends_sentence(words: tuple[Word, ...], index: int) -> bool:
    """Whether a sentence ends at `index`. The dot of an abbreviation (``Dr.``, ``Feb.``) does not end one."""
    text = text_at(words, index)
    if text not in SENTENCE_ENDS:
        return False
    return text != "." or text_at(words, index - 1) not in ABBREVIATIONS


ABBREVIATIONS = frozenset(
    "dr mr mrs ms st jan feb mar apr jun jul aug sept sep oct nov dec mon tue tues wed thu thur thurs fri sat sun "
    "approx appt apt rm no vs ave rd blvd prof jr sr".split()
)
