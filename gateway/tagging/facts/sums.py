"""Numbers of sums: figures with thousands and decimals in the ways of several countries, and numbers in words."""

from __future__ import annotations

from gateway.tagging.facts.calendar_words import SMALL_NUMBERS
from gateway.tagging.facts.money_words import HUNDREDS, TENS
from gateway.tagging.facts.words import Text, text_at

MOST_DIGITS = 9


def number(text: str) -> float | None:
    """A number as people write it: ``1,250.00``, ``1.250,00``, ``38,500``, ``72,50``. None when it is none.

    The last comma or dot parts off the decimals when one or two figures follow it, else it groups thousands.
    """
    if not text or any(c not in "0123456789.," for c in text):
        return None
    decimal = max(text.rfind(","), text.rfind("."))
    if decimal >= 0 and not 1 <= len(text) - decimal - 1 <= 2:
        decimal = -1
    whole, rest = (text, "") if decimal < 0 else (text[:decimal], text[decimal + 1 :])
    digits = whole.replace(",", "").replace(".", "")
    if not digits or len(digits) > MOST_DIGITS:
        return None
    return float(f"{digits}.{rest or 0}")


def figure_at(words: Text, i: int, *, spaced: bool) -> tuple[float, int] | None:
    """The number in figures at word `i` and the word after it; ``2k`` is two thousand, with `spaced` ``1 200`` one number."""
    if not 0 <= i < len(words) or not words[i].is_number:
        return None
    value = number(words[i].text)
    if value is None:
        return None
    after = text_at(words, i + 1)
    if after == "k" and words[i + 1].glued:
        return value * 1000, i + 2
    if spaced and words[i].text.isdigit() and value < 1000 and after[:3].isdigit() and len(after.split(".")[0]) == 3:
        more = number(after)
        if more is not None and not words[i + 1].glued:
            return value * 1000 + more, i + 2
    return value, i + 1


def spelled_at(words: Text, i: int) -> tuple[float, int] | None:
    """The number in words at word `i`: ``sixty``, ``twenty-five``, ``a hundred``, ``two hundred and fifty``, ``four fifty``."""
    text = text_at(words, i)
    if text in ("a", "one") and text_at(words, i + 1) in HUNDREDS:
        return _hundreds(words, float(HUNDREDS[text_at(words, i + 1)]), i + 2)
    if text in HUNDREDS and text_at(words, i + 1) == "and":
        return _hundreds(words, float(HUNDREDS[text]), i + 1)
    found = _below_hundred(words, i)
    if found is None:
        return None
    value, j = found
    after = text_at(words, j)
    if [text_at(words, j + k) for k in range(3)] == ["and", "a", "half"] and text_at(words, j + 3) == "thousand":
        return value * 1000 + 500.0, j + 4
    if after in HUNDREDS:
        return _hundreds(words, float(value * HUNDREDS[after]), j + 1)
    if 1 <= value <= 9 and after in TENS and TENS[after] >= 20:
        rest, end = _below_hundred(words, j) or (TENS[after], j + 1)
        return value * 100 + float(rest), end
    return float(value), j


def _below_hundred(words: Text, i: int) -> tuple[int, int] | None:
    text = text_at(words, i)
    if text not in TENS:
        small = SMALL_NUMBERS.get(text)
        return None if small is None else (small, i + 1)
    j = i + 1 + (text_at(words, i + 1) == "-")
    one = SMALL_NUMBERS.get(text_at(words, j), 0)
    if TENS[text] >= 20 and 0 < one < 10:
        return TENS[text] + one, j + 1
    return TENS[text], i + 1


def _hundreds(words: Text, value: float, j: int) -> tuple[float, int]:
    more = _below_hundred(words, j + (text_at(words, j) == "and"))
    return (value + more[0], more[1]) if more and more[0] > 0 else (value, j)
