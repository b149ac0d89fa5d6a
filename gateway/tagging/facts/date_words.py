"""Dates with figures: ``4 Dec``, ``May 10th``, ``the 3rd``, ``12/4``, ``7 to 11 July``, ``2026-03-14``.

A day of the month may take its month from further on in a list or range (``the 4th thru the 6th of July``).
Which half of ``12/4`` is the month is the family's custom; a weekday beside it may overrule (see `resolve`).
"""

from __future__ import annotations

from dataclasses import replace

from gateway.tagging.facts.calendar_words import ORDINAL_ENDINGS, ORDINALS, WEEKDAYS, known
from gateway.tagging.facts.date_signs import BEFORE_A_DAY, RANGES, THE, figure, month_at
from gateway.tagging.facts.day import Day, Form
from gateway.tagging.facts.day_of_month import read_day_of_month
from gateway.tagging.facts.number_signs import UNITS
from gateway.tagging.facts.words import Text, text_at

CONNECTORS = frozenset("n - – — to thru through til till until and & or , the of de a al y et +".split())
REACH = 12
"""How many words ahead a day of the month looks for its month."""


def read_date(words: Text, i: int, day_first: bool, *, weekday: int | None = None, bare: bool = False) -> Day | None:
    """The date in figures at word `i`.

    With a `weekday` before it a day of the month needs no "the"; where it follows directly (`bare`) a plain number may be
    a day of the month too (``Fri 25``) if that day is such a weekday, which `resolve` checks.
    """
    return (
        _slashed(words, i, day_first)
        or _month_first(words, i)
        or _day_then_month(words, i)
        or _ordinal_then_weekday(words, i, weekday)
        or read_day_of_month(words, i, day_first, weekday, bare)
    )


def _ordinal_then_weekday(words: Text, i: int, weekday: int | None) -> Day | None:
    """``19th wed``, ``the 22nd, Sat``: a day of the month with its weekday behind it."""
    start = i
    i += text_at(words, i) in THE
    day = figure(words, i, {})
    if weekday is not None or day is None or not 1 <= day <= 31 or text_at(words, i + 1) not in ORDINAL_ENDINGS:
        return None
    k = i + 2 + (text_at(words, i + 2) in (",", "("))
    named = WEEKDAYS.get(known(text_at(words, k)))
    return None if named is None else Day(Form.DATE, start, k + 1, day=day, weekday=named)


def _slashed(words: Text, i: int, day_first: bool) -> Day | None:
    """``12/4``, ``14/03/25``, ``2026-03-14``, ``31.3.``."""
    if i >= len(words) or not words[i].is_number:
        return None
    text = words[i].text
    iso = [text_at(words, i + k) for k in range(5)]
    if len(iso[0]) == 4 and iso[1] == iso[3] == "-" and iso[2].isdigit() and iso[4].isdigit():
        return Day(Form.DATE, i, i + 5, year=int(iso[0]), month=int(iso[2]), day=int(iso[4]))
    parts = text.split("/") if "/" in text else text.split(".")
    if len(parts) not in (2, 3) or not all(p.isdigit() and len(p) <= 4 for p in parts):
        return None
    if "/" not in text and len(parts) == 2:
        return _dotted(words, i, parts) if day_first else None  # 5.30 is a time
    month_after = month_at(words, i + 1)
    if month_after is not None and len(parts) == 2 and int(parts[0]) <= 31:
        return Day(Form.DATE, i, i + 2, month=month_after, day=int(parts[0]))  # 29/30 March
    if len(parts[0]) > 2 or len(parts[1]) > 2:
        return None
    one, two = int(parts[0]), int(parts[1])
    year = _year(parts[2]) if len(parts) == 3 else None
    if not (1 <= one <= 31 and 1 <= two <= 31) or _is_fraction(words, i, one, two, len(parts)):
        return None
    month, day = (two, one) if day_first else (one, two)
    if month > 12:
        month, day = day, month
    if month > 12:
        return None
    swap = (day, month) if day <= 12 else None
    return Day(Form.DATE, i, i + 1, month=month, day=day, year=year, swap=swap)


def _dotted(words: Text, i: int, parts: list[str]) -> Day | None:
    """``27.10. until 31.10.``: with a dot behind it too, and the sentence going on or a range ending, a date; else a time."""
    if (
        text_at(words, i + 1) != "."
        or not words[i + 1].glued
        or not (1 <= int(parts[0]) <= 31 and 1 <= int(parts[1]) <= 12)
    ):
        return None
    goes_on = i + 2 < len(words) and words[i + 2].text not in ("\n", ".") and not words[i + 2].capital
    ends = text_at(words, i - 1) in RANGES and text_at(words, i - 2) == "." and i > 2 and words[i - 3].is_number
    return Day(Form.DATE, i, i + 2, month=int(parts[1]), day=int(parts[0])) if goes_on or ends else None


def _is_fraction(words: Text, i: int, one: int, two: int, parts: int) -> bool:
    """``1/2 tablet``, ``24/7``, ``50/50``, ``3/4 of``."""
    if parts == 3:
        return False
    after = text_at(words, i + 1)
    if (one, two) in ((24, 7), (50, 50)) or (one < two <= 8 and after in (*UNITS, "a", "an", "way", "day", "price")):
        return True
    is_half = (one, two) in ((1, 2), (1, 3), (1, 4), (3, 4), (2, 3))
    return (
        is_half
        and text_at(words, i - 1) not in BEFORE_A_DAY | {"@", ",", "("}
        and text_at(words, i + 1) not in ("@", "at")
    )


def _year(text: str) -> int | None:
    number = int(text)
    if len(text) == 2:
        return 2000 + number
    return number if 1990 < number < 2200 else None


def _month_first(words: Text, i: int) -> Day | None:
    """``May 10``, ``Dec. 4th``, ``July 12th-14th``, ``March 14, 2025``, ``November are 6 to 8``."""
    month = month_at(words, i)
    if month is None:
        return None
    j = i + 1
    if text_at(words, j) in (".", "the"):
        j += 1
    if text_at(words, j) in ("is", "are", ":") and text_at(words, j + 2) in ("to", "-", "–", "and", ","):
        j += 1
    day = figure(words, j, ORDINALS if text_at(words, j - 1) == "the" else {})
    if day is None or not 1 <= day <= 31 or len(text_at(words, j)) > 2 + 8 * text_at(words, j).isalpha():
        return None
    j += 1
    if text_at(words, j) in ORDINAL_ENDINGS and words[j].glued:
        j += 1
    elif words[i].text in ("may", "march") and not words[i].capital and text_at(words, j) in UNITS:
        return None
    return _with_year(words, Day(Form.DATE, i, _range_end(words, j, day), month=month, day=day))


def _range_end(words: Text, j: int, day: int) -> int:
    """The word after ``-9`` in ``May 5-9``; `j` where no range follows."""
    last = figure(words, j + 1, {}) if text_at(words, j) in RANGES else None
    if last is None or not day < last <= 31 or len(text_at(words, j + 1)) > 2:
        return j
    end = j + 2
    if text_at(words, end) in ORDINAL_ENDINGS and words[end].glued:
        return end + 1
    return j if text_at(words, end) in ("am", "pm", "h", "o'clock", "to", "-") else end


def _with_year(words: Text, found: Day) -> Day:
    j = found.last + (text_at(words, found.last) == ",")
    text = text_at(words, j)
    if len(text) == 4 and text.isdigit() and text[:2] == "20" and words[j].is_number:
        return replace(found, last=j + 1, year=int(text))
    return found


def _day_then_month(words: Text, i: int) -> Day | None:
    """``4 Dec``, ``the 10th of May``, ``1 to 4 October``, ``13th, 14th of March``, ``4 de diciembre``."""
    start = i
    i += text_at(words, i) in THE
    day = figure(words, i, ORDINALS if i > start else {})
    if day is None or not 1 <= day <= 31 or (words[i].is_number and len(words[i].text) > 2):
        return None
    if i > start and not words[i].is_number and text_at(words, i + 1) != "of" and month_at(words, i + 1) is None:
        return None
    j = i + 1
    ordinal = text_at(words, j) in ORDINAL_ENDINGS and words[j].glued
    j += ordinal
    month, end, direct = _month_ahead(words, j)
    if month is None or not (ordinal or direct or start < i or text_at(words, j) in CONNECTORS):
        return None
    if not direct:
        month = _month_of_first(words, end - 1, month, day)
    found = Day(Form.DATE, start, end if direct else j, month=month, day=day)
    return _with_year(words, found) if direct else found


def _month_of_first(words: Text, k: int, month: int, day: int) -> int:
    """``the 26th through April 4``: the month at word `k` is of the last day; the first day's is that or the one before."""
    before = text_at(words, k - 1)
    if before in ORDINAL_ENDINGS or before in ("of", "de") or (k > 0 and words[k - 1].is_number):
        return month
    last = figure(words, k + 1, {})
    return month if last is None or last > 31 or day <= last else (month - 2) % 12 + 1


def _month_ahead(words: Text, j: int) -> tuple[int | None, int, bool]:
    """The month after a day of the month: (month, the word after it, whether it follows directly)."""
    direct = True
    for k in range(j, min(j + REACH, len(words))):
        text = words[k].text
        month = month_at(words, k)
        if month is not None:
            return month, k + 1, direct
        if text in ("of", "de") and direct:
            continue
        if words[k].is_number and text.isdigit() and len(text) <= 2 and int(text) <= 31:
            direct = False
        elif text not in CONNECTORS and text not in ORDINAL_ENDINGS and known(text) not in WEEKDAYS:
            break
        else:
            direct = False
    return None, j, False
