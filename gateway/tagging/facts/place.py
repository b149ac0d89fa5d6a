"""Place: the words that say where.

The noun phrase after a preposition of place ("at", "in", "outside"), else after one of direction ("to", "from"), up to a verb,
a time, a clause or a mark. Phrases that are no places ("at 5", "in two weeks", "in the morning") do not count.
"""

from __future__ import annotations

from collections.abc import Callable

from gateway.tagging.facts.place_words import (
    DIRECTION,
    LINKS,
    NO_PLACE,
    PLACE,
    POSSESSIVE,
    ROOMS,
    SIGNS_OF_PLACE,
    STOP,
)
from gateway.tagging.facts.words import Text, ends_sentence, text_at

LONGEST = 9
SHORT = 5
NEEDS_A_SIGN = 4
"""From this rank on a preposition needs a noun of place after it."""


def read_place(
    text: str, words: Text, first: int, last: int, is_taken: Callable[[int], bool], is_name: Callable[[int], bool]
) -> str | None:
    """The words of `text` that say where, or None."""
    found = _after_preposition(words, first, last, is_taken, is_name) or _fragment(words, first, last, is_taken)
    return text[words[found[0]].start : words[found[1] - 1].end] if found else None


def _after_preposition(
    words: Text, first: int, last: int, is_taken: Callable[[int], bool], is_name: Callable[[int], bool]
) -> tuple[int, int] | None:
    best: tuple[int, int, int] | None = None
    for k in range(first, last):
        rank = PLACE.get(words[k].text) or DIRECTION.get(words[k].text)
        if rank is None:
            continue
        start, end = _phrase(words, k + 1, last, is_taken, is_name)
        if start == end:
            continue
        if rank >= NEEDS_A_SIGN:
            sign = any(_is_place(words, m) for m in range(start, end))
            proper = words[start].capital and not is_name(start) and words[k].text in ("in", "to")
            if not sign and not proper:
                continue
            rank -= 2 * sign
        if best is None or rank < best[0]:
            best = (rank, start, end)
    return best[1:] if best else None


def _fragment(words: Text, first: int, last: int, is_taken: Callable[[int], bool]) -> tuple[int, int] | None:
    """A place between commas or after a time: ``, room 6C``, ``, Burgess Park``, ``same pool``."""
    for k in range(first, last):
        opens = k > first and (words[k - 1].text in (",", "-", "–", ":", "\n") or is_taken(k - 1))
        if words[k].text == "same" and text_at(words, k + 1) in SIGNS_OF_PLACE:
            return k, k + 2
        if not opens or is_taken(k) or words[k].text in STOP or not words[k].text[0].isalpha():
            continue
        end = k
        while end < last and end - k < SHORT and (words[end].capital or _is_place(words, end) or end == k):
            end += 1
        closed = end >= last or ends_sentence(words, end) or words[end].text in (",", ")", "and") or is_taken(end)
        if words[k].text in ROOMS and (text_at(words, k + 1)[:1].isdigit() or len(text_at(words, k + 1)) == 1):
            end = k + 2
            return k, end + (end < last and words[end].glued and words[end].text.isalpha())
        if closed and any(_is_place(words, m) for m in range(k, end)) and text_at(words, end - 1) not in ("bus", "car"):
            return k, end
    return None


def _is_place(words: Text, k: int) -> bool:
    text = words[k].text
    return text in SIGNS_OF_PLACE or text.removesuffix("s") in SIGNS_OF_PLACE


def _phrase(
    words: Text, k: int, last: int, is_taken: Callable[[int], bool], is_name: Callable[[int], bool]
) -> tuple[int, int]:
    """The noun phrase that begins at word `k`: (first word, word after the last); empty when it is no place."""
    start = k
    if text_at(words, k) in ("the", "my", "your", "ur", "ya", "our", "his", "her", "their") and k + 1 < last:
        k += 1
    if k >= last or is_taken(k) or words[k].text in NO_PLACE or words[k].text in STOP or words[k].is_number:
        return start, start
    end = k
    while end < last and end - start < LONGEST:
        word = words[end].text
        if is_taken(end) or ends_sentence(words, end) or word in STOP:
            break
        if word in ",()–—:-" and not word.isalnum():
            break
        link = word in LINKS and not _is_street(words, start, end)
        if link and not (end + 1 < last and _may_follow(words, end, is_taken)):
            break
        end += 1
    while end > k and _hangs(words, start, end):
        end -= 1
    if end - start == 1 and (
        is_name(start) or text_at(words, start) in POSSESSIVE and words[start].text not in ("yours", "mine")
    ):
        return start, start
    return start, end


def _hangs(words: Text, first: int, end: int) -> bool:
    """Whether the last word of a phrase is none of it: ``the gym on``, ``St Luke's right (now)``."""
    last = words[end - 1].text
    if last == "right":
        return text_at(words, end) in ("now", "away", "after", "before")
    return last in LINKS and not _is_street(words, first, end - 1)


def _is_street(words: Text, first: int, k: int) -> bool:
    """``Oak St`` behind its name, in a phrase that begins at `first`; ``St Luke's`` is none."""
    return words[k].text == "st" and k > first and words[k - 1].capital


def _may_follow(words: Text, k: int, is_taken: Callable[[int], bool]) -> bool:
    """``walgreens on 6th``, ``boot of your car``, ``pocket in her bag``."""
    after = words[k + 1]
    if is_taken(k + 1) or after.text in NO_PLACE:
        return False
    return (
        words[k].text in ("of", "and", "&")
        or after.capital
        or after.text in ("the", "your", "my", "her", "his")
        or after.is_number
    )
