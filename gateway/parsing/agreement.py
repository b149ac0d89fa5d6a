"""Whether the plain text and the HTML of a mail say the same.

A sender can show one thing to a program that reads plain text and another to a person who sees HTML. Both forms are
reduced to words: links, captions, bullets and emphasis marks, which programs add or drop when they make plain text,
do not count. The words are then compared as bags, and where the bags are equal, as sequences.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import re2

from gateway.parsing.lines import Line
from gateway.parsing.reading import SegmentKind

_ADDED: Final = re2.compile(
    r"(?i)[<(\[]\s*(?:https?://|mailto:|tel:|cid:|image:|www\.)[^>)\]]*[>)\]]|(?:https?://|www\.)[^\s<>\"]+"
    r"|<[^<>]*\.(?:png|jpe?g|gif|heic|pdf|mov|mp4|docx?|xlsx?)>"
)
_CAPTION: Final = re2.compile(r"\[[^\[\]]*\]")
_NUMBER: Final = re2.compile(r"(?m)^[\s>]*(?:(?:\d+|[a-z])[.)]\s|o\s\s+)")
_WORD: Final = re.compile(r"\w+")  # one class: linear


NEW: Final = SegmentKind.NEW
OLD: Final = (SegmentKind.QUOTED, SegmentKind.FORWARDED)
CLOSINGS: Final = (SegmentKind.SIGNATURE, SegmentKind.DISCLAIMER, SegmentKind.FOOTER)


@dataclass(frozen=True, slots=True)
class Difference:
    """What one form has and the other has not.

    `html_lines`: new lines of the HTML with words that the plain text lacks. `in_quotes`: words new in the HTML that
    the plain text only quotes. `plain_words`: new words of the plain text that the HTML lacks. `order`: the same
    words in another order.
    """

    html_lines: tuple[str, ...] = ()
    in_quotes: bool = False
    plain_words: bool = False
    order: bool = False

    def __bool__(self) -> bool:
        return bool(self.html_lines or self.in_quotes or self.plain_words or self.order)


def words_of(text: str, *, captions: bool = True) -> list[str]:
    """The words that count, folded so that only what a reader would call different differs.

    Without `captions`, what stands in square brackets is left out: programs put the captions of pictures there when
    they make plain text of HTML.
    """
    folded = unicodedata.normalize("NFKC", text).casefold().replace("\u00ad", "").replace("\u200b", "")
    bare = _ADDED.sub(" ", folded.replace("*", "").replace("_", " ").replace("'", "").replace("’", ""))
    if not captions:
        bare = _CAPTION.sub(" ", bare)
    return _WORD.findall(_NUMBER.sub(" ", bare))


def compare(plain: Sequence[tuple[Line, SegmentKind]], rich: Sequence[tuple[Line, SegmentKind]]) -> Difference:
    """What differs between the two forms, each given as lines with their kinds."""
    ours, theirs = words_of(_text(plain, (NEW,))), words_of(_text(rich, (NEW,)))
    if ours == theirs or "".join(ours) == "".join(theirs):
        return Difference()
    spare = Counter(ours) + Counter(words_of(_text(plain, CLOSINGS)))
    quoted = Counter(words_of(_text(plain, OLD)))
    html_lines, in_quotes = [], False
    for line, kind in rich:
        if kind is not NEW:
            continue
        missing = [word for word in words_of(line.text) if not _take(word, spare)]
        if any(not quoted[word] for word in missing):
            html_lines.append(line.text)
        elif missing:
            in_quotes = True
    everything = Counter(words_of("\n".join(line.text for line, _ in rich)))
    plain_words = bool(Counter(words_of(_text(plain, (NEW,)), captions=False)) - everything)
    order = not html_lines and not plain_words and Counter(ours) == Counter(theirs)
    return Difference(tuple(html_lines), in_quotes and not html_lines, plain_words, order)


def _take(word: str, spare: Counter[str]) -> bool:
    """Use up one of the words that are there. (`Counter` subtraction would walk over all of them each time.)"""
    spare[word] -= 1
    return spare[word] >= 0


def _text(lines: Iterable[tuple[Line, SegmentKind]], kinds: Container[SegmentKind]) -> str:
    return "\n".join(line.text for line, kind in lines if kind in kinds)
