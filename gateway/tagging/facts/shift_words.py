"""Days that are counted: ``in two weeks``, ``a week on Sat``, ``3 days ago``, ``the day after tomorrow``."""

from __future__ import annotations

from gateway.tagging.facts.calendar_words import A_FEW, RELATIVE_DAYS, UNITS_OF_DAYS, WEEKDAYS, known
from gateway.tagging.facts.date_signs import figure
from gateway.tagging.facts.day import Day, Form
from gateway.tagging.facts.words import Text, text_at

MOST = 60
"""A greater count of days or weeks is no date that anybody would write so."""


def read_shift(words: Text, i: int) -> Day | None:
    """``in two weeks``, ``a week on Sat``, ``3 days ago``, ``the day after tomorrow``, ``a fortnight today``."""
    for phrase, shift in (("day after ", 2), ("day before ", -2)):
        j = i + (words[i].text == "the")
        if f"{text_at(words, j)} {text_at(words, j + 1)} " == phrase:
            near = RELATIVE_DAYS.get(known(text_at(words, j + 2)))
            if near == shift // 2:
                return Day(Form.SHIFT, i, j + 3, shift=shift)
    if words[i].text == "pasado" and text_at(words, i + 1) == "manana":
        return Day(Form.SHIFT, i, i + 2, shift=2)
    inside = words[i].text in ("in", "within")
    j = i + inside
    count = figure(words, j, A_FEW)
    if count is None:
        count, j = (1, j - 1) if text_at(words, j) in ("week", "wk", "fortnight") else (None, j)
    if count is None or count > MOST or (inside and text_at(words, i - 1) in ("time", "first", "times")):
        return None
    unit = text_at(words, j + 1)
    if unit == "of":
        j += 1
        unit = text_at(words, j + 1)
    if unit.rstrip("'") not in UNITS_OF_DAYS:
        return None
    return _counted(words, i, j + 2, count * UNITS_OF_DAYS[unit.rstrip("'")], inside)


def _counted(words: Text, i: int, j: int, days: int, inside: bool) -> Day | None:
    """What a count of days that ends before word `j` is counted from."""
    text = known(text_at(words, j))
    if text == "ago":
        return Day(Form.SHIFT, i, j + 1, shift=-days)
    if inside:
        j += text_at(words, j) in ("time", "times")
        if text_at(words, j) in ("on", "from") and known(text_at(words, j + 1)) in WEEKDAYS:
            return Day(Form.WEEKDAY, i, j + 2, weekday=WEEKDAYS[known(text_at(words, j + 1))], shift=days)
        return Day(Form.SHIFT, i, j, shift=days) if days >= 1 else None
    if days % 7:
        return None
    joined = text in ("on", "from")
    after = known(text_at(words, j + joined))
    if after in WEEKDAYS:
        if days == 7 and not joined and text_at(words, i) not in ("a", "week", "one", "1"):
            return None
        return Day(Form.WEEKDAY, i, j + joined + 1, weekday=WEEKDAYS[after], shift=days)
    if after in RELATIVE_DAYS or after == "now":
        return Day(Form.SHIFT, i, j + joined + 1, shift=days + RELATIVE_DAYS.get(after, 0))
    return None
