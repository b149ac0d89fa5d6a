"""Days as written: the form of a mention before anyone knows which date it means.

A `Day` says what the words say ("a Thursday", "the 3rd", "in 14 days"); `resolve` turns it into a date.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Form(Enum):
    """How a day is named."""

    SHIFT = "so many days from today"
    WEEKDAY = "a day of the week"
    DATE = "a day of the month, with or without month, year and weekday"
    WEEKEND = "a weekend"
    HOLIDAY = "a holiday"
    SAME = "the day spoken of before"


@dataclass(frozen=True, slots=True)
class Day:
    """A mention of a day: words ``first`` up to (not including) ``last``.

    `which` is "this", "next", "last", "the" or empty; `shift` counts days (SHIFT) or days to add to a resolved
    weekday ("Friday week" is 7); `part` is "morning", "afternoon", "evening", "night" or empty; `swap` is another reading of
    ``3/4``: month and day exchanged.
    """

    form: Form
    first: int
    last: int
    weekday: int | None = None
    day: int | None = None
    month: int | None = None
    year: int | None = None
    shift: int = 0
    which: str = ""
    part: str = ""
    name: str = ""
    swap: tuple[int, int] | None = None
