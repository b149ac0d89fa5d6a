"""Stays: the calendar of who has the children, in bare figures: ``me 6 to 8, you 13 to 15``, ``March: 7-8 with me``.

Two figures with "to" between are days of the month only where the passage shares out time and they cannot be hours:
a figure above twelve stands near, or a month is named before them.
"""

from __future__ import annotations

from gateway.tagging.facts.date_signs import figure, month_at
from gateway.tagging.facts.day import Day, Form
from gateway.tagging.facts.number_signs import UNITS
from gateway.tagging.facts.stretch import Stretch
from gateway.tagging.facts.words import Text, text_at

TOPICS = frozenset({"schedule", "travel"})
LINKS = frozenset("to - – thru through til till and & n".split())
WHOSE = frozenset("me you mine yours urs u with have has had them em him her i got are is yrs".split())
NOT_DAYS_AFTER = frozenset("am pm o'clock oclock h hrs hours km miles min mins".split())
REACH = 4
MONTH_REACH = 14
NEAR = 30
"""Words on each side in which another stay is looked for."""
LONGEST = 16
"""Days of the longest stay that is written so."""


def read_stay(words: Text, i: int, stretch: Stretch) -> Day | None:
    """The stay that begins at word `i` of `stretch`: its first day; None when the figures may be hours."""
    first, last = figure(words, i, {}), figure(words, i + 2, {})
    if stretch.topic not in TOPICS or first is None or last is None or text_at(words, i + 1) not in LINKS:
        return None
    if not (1 <= first < last <= 31 and last - first <= LONGEST) or len(text_at(words, i)) > 2:
        return None
    after = text_at(words, i + 3)
    glued = i + 3 < len(words) and words[i + 3].glued and after.isalnum()
    if (
        after in NOT_DAYS_AFTER
        or after in UNITS
        or glued
        or text_at(words, i - 1) in ("from", "at", "for", "$", "£", "€")
    ):
        return None
    near = {text_at(words, k) for k in (*range(i - REACH, i), *range(i + 3, i + 3 + REACH))}
    if not near & WHOSE:
        return None
    month = next(
        (m for k in range(i - 1, max(stretch.first, i - MONTH_REACH) - 1, -1) if (m := month_at(words, k))), None
    )
    if month is None and not _is_a_calendar(words, i, stretch):
        return None
    return Day(Form.DATE, i, i + 3, day=first, month=month)


def _is_a_calendar(words: Text, i: int, stretch: Stretch) -> bool:
    """Whether another pair of figures that cannot be hours stands in the passage: ``6 to 8 and 20 to 22``."""
    pairs = [
        (a, b)
        for k in range(max(stretch.first, i - NEAR), min(stretch.last - 2, i + NEAR))
        if text_at(words, k + 1) in LINKS
        and (a := figure(words, k, {})) is not None
        and (b := figure(words, k + 2, {})) is not None
    ]
    return any(13 <= a < b <= 31 for a, b in pairs) and len(pairs) > 1 or figure(words, i, {}) in range(13, 32)
