"""Days of the month without their month: ``the 3rd``, ``by 27th``, ``Friday 23rd``, ``Fri 25``, ``on the twelfth``."""

from __future__ import annotations

from gateway.tagging.facts.calendar_words import ORDINAL_ENDINGS, ORDINALS, WEEKDAYS, known
from gateway.tagging.facts.date_signs import BEFORE_A_DAY, RANGES, THE, figure
from gateway.tagging.facts.day import Day, Form
from gateway.tagging.facts.number_signs import STREETS, UNITS
from gateway.tagging.facts.words import Text, text_at

NO_DAY_AFTER = frozenset("in put pay was cost owe with".split())
"""Before "the 25" these make it a sum or a thing rather than a day."""


def read_day_of_month(words: Text, i: int, day_first: bool, weekday: int | None, bare: bool) -> Day | None:
    """``the 3rd``, ``by 27th``, ``Friday 23rd``, ``Fri 25``, ``on the twelfth``, ``since the 2``."""
    start = i
    i += text_at(words, i) in THE
    if i >= len(words):
        return None
    day = figure(words, i, {})
    if day is None:
        return _spelled_day(words, start, i, weekday)
    if not 1 <= day <= 31 or len(words[i].text) > 2:
        return None
    after = text_at(words, i + 1)
    if after in ORDINAL_ENDINGS and words[i + 1].glued:
        if weekday is None and not _is_ordinal_day(words, start, i, day, day_first):
            return None
        return Day(Form.DATE, start, i + 2, day=day, weekday=weekday)
    if i + 1 < len(words) and words[i + 1].glued and after.isalpha():
        return None
    if weekday is None:
        ends = after in ("", ",", ".", "!", "?", "\n", "at", "to", "and", ")", "please", "from", "is")
        ends = ends or (day > 12 and after in ("she", "he", "i", "we", "you", "they", "with"))
        called = text_at(words, start - 1) in BEFORE_A_DAY or text_at(words, start - 1) in (",", "there", "of", "and")
        called = called or after == "at" or (day > 12 and text_at(words, start - 1) not in NO_DAY_AFTER)
        return Day(Form.DATE, start, i + 1, day=day) if start < i and ends and called else None
    if len(after) == 2 and after.isdigit() and int(after) < 60 and not words[i + 1].glued:
        return None  # Sat 10 30
    to_another = after in RANGES and (day > 12 or _is_dated_too(words, i + 2, weekday, day))
    if (
        not bare
        or (after in ("am", "pm", "ish", "o'clock", "oclock", "oclok", *(RANGES - {"and", "&"})) and not to_another)
        or after in UNITS
    ):
        return None
    if not to_another and start == i and text_at(words, start - 1) not in THE:
        return Day(Form.DATE, start, i + 1, day=day, weekday=weekday, name="maybe an hour")
    return Day(Form.DATE, start, i + 1, day=day, weekday=weekday)


def _is_dated_too(words: Text, i: int, weekday: int, day: int) -> bool:
    """``to Sun 8`` after ``Fri 6``: figures as far apart as the weekdays are days of the month, not hours."""
    other, last = WEEKDAYS.get(known(text_at(words, i))), figure(words, i + 1, {})
    return other is not None and last is not None and (last - day - other + weekday) % 7 == 0 and last > day


def _is_ordinal_day(words: Text, start: int, i: int, day: int, day_first: bool) -> bool:
    """Whether an ordinal without month or weekday is a day: ``the 3rd``, ``by 27th``; not ``6th street``."""
    after, before = text_at(words, i + 2), text_at(words, start - 1)
    if after == "half" and day <= 2:
        return False
    if after in STREETS or after in ("and", "&") and text_at(words, i + 3) in STREETS:
        return False
    if start < i:
        return True
    if after in RANGES and text_at(words, i + 4) in ORDINAL_ENDINGS and text_at(words, i + 3).isdigit():
        return True
    if before in ("at", "&", "of", "his", "her", "their", "our", "my", "your", "a", "and", "in"):
        return day_first and before == "and" and day > 3
    if before in BEFORE_A_DAY and (day_first or before not in ("on", "for")):
        return True
    return day_first and day > 3


def _spelled_day(words: Text, start: int, i: int, weekday: int | None) -> Day | None:
    day = ORDINALS.get(text_at(words, i))
    if day is None or start == i:
        return None
    before = text_at(words, start - 1)
    ends = text_at(words, i + 1) in ("", ".", ",", "!", "?", "\n", "at", "and", "please", "pls", "from", "so", ")")
    if weekday is None and not (before in ("on", "by", "until", "till", "before", "from") and ends and day > 2):
        return None
    return Day(Form.DATE, start, i + 1, day=day, weekday=weekday)
