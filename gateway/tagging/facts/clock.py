"""Times of day as written: reads a clock time that begins at a given word.

A time is *sure* when its own form says so (``4pm``, ``17:30``, ``half 5``, ``noon``, ``6 o'clock``). Bare figures
(``5``, ``345``, ``3.45``, ``1730``) are *unsure*: `clock_cues` looks at the words around before they count. Whether an
hour without am or pm is morning or evening is settled by `meridiem`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from gateway.tagging.facts.calendar_words import SMALL_NUMBERS
from gateway.tagging.facts.number_signs import UNITS
from gateway.tagging.facts.words import Text, text_at

MARKS = {
    **dict.fromkeys("am a.m ama".split(), "am"),
    **dict.fromkeys("pm p.m pmish".split(), "pm"),
}
HOUR_WORDS = {word: n for word, n in SMALL_NUMBERS.items() if 1 <= n <= 12}
MINUTE_WORDS = {
    **{word: n for word, n in SMALL_NUMBERS.items() if n in (5, 10, 15, 20, 30, 40, 45, 50)},
    "quarter": 15,
    "quater": 15,
    "qtr": 15,
    "half": 30,
    "25": 25,
    "20": 20,
    "10": 10,
    "5": 5,
    "1/4": 15,
    "1/2": 30,
}
PAST = frozenset({"past", "after", "pst", "gone"})
BEFORE = frozenset({"to", "til", "till", "of", "before"})
O_CLOCK = frozenset(
    {"o'clock", "oclock", "oclok", "oclck", "clock", "o'clok", "ish", "o", "sharp", "hrs", "h", "hours", "hundred"}
)
WHOSE = frozenset("your ur yr my our his her their".split())
"""``your half 11``: a share, no time."""
BEFORE_AN_H = frozenset("at by before until till a vers from @ to pour jusqu'a des apres avant".split())
"""What a single figure with an h needs before it: ``at 9h``, not ``the 4h goat``."""
MOVED = frozenset(
    "moved shifted changed switched rescheduled bumped pushed move switch change shift swapped gone goes went".split()
)
RANGE_SIGNS = frozenset({"-", "–", "—", "to", "til", "till", "until", "thru", "through", "and", "or", "/"})

NOONS = frozenset({"noon", "midday", "mid-day", "mediodia", "midi"})
MIDNIGHTS = frozenset({"midnight", "midnite"})
DICTATED = {"for": 4, "fore": 4, "too": 2, "ate": 8, "won": 1}
"""Hours as a telephone writes them down when it takes dictation: ``at for thirty``."""
MAY_BEGIN_A_TIME = frozenset(DICTATED) | frozenset(HOUR_WORDS) | frozenset(MINUTE_WORDS) | NOONS | MIDNIGHTS
"""Words with which a time may begin, besides figures."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day in words ``first`` up to ``last``. `mark` is "am", "pm", "24" or empty (not said)."""

    first: int
    last: int
    hour: int
    minute: int
    mark: str = ""
    sure: bool = False
    bare_hour: bool = False
    to_hour: int | None = None


def read_clock(words: Text, i: int) -> Clock | None:
    """The time at word `i` with the end of its range, if it is one; None when there is none."""
    found = _spoken(words, i) or _named(words, i) or _figures(words, i)
    return _with_range(words, found) if found else None


def _named(words: Text, i: int) -> Clock | None:
    """``noon``, ``midday``, ``midnight``, ``12 noon``."""
    j = i + (text_at(words, i) in ("12", "twelve"))
    text = text_at(words, j)
    if text in NOONS and text_at(words, j + 1) not in ("feed", "nap", "meal"):
        return Clock(i, j + 1, 12, 0, "pm", sure=True)
    if text in MIDNIGHTS:
        return Clock(i, j + 1, 0, 0, "24", sure=True)
    return None


def _spoken(words: Text, i: int) -> Clock | None:
    """``half 5``, ``half past eight``, ``quarter to 6``, ``ten past``, ``five thirty``, ``twenty to four``."""
    text = text_at(words, i)
    minute = MINUTE_WORDS.get(text)
    if minute is not None:
        j = i + 1 + (text_at(words, i + 1) in ("mins", "min", "minutes"))
        link = text_at(words, j)
        hour = _hour(words, j + 1)
        if link in PAST and hour is not None and text_at(words, j + 1) in MIDNIGHTS:
            return Clock(i, j + 2, 0, minute, "24", sure=True)
        if link in PAST and hour is not None:
            return _marked(words, Clock(i, j + 2, hour, minute, sure=True))
        if link in BEFORE and hour is not None and minute != 30 and (j > i + 1 or not text.isdigit()):
            return _marked(words, Clock(i, j + 2, (hour - 2) % 12 + 1, 60 - minute, sure=True))
        hour = _hour(words, i + 1)
        if (
            text == "half"
            and hour is not None
            and text_at(words, i - 1) not in WHOSE
            and text_at(words, i + 2) not in ("of", "each", "an", "hour")
        ):
            return _marked(words, Clock(i, i + 2, hour, 30, sure=True))
    if text in DICTATED and text_at(words, i - 1) in ("at", "by") and text_at(words, i + 1).isalpha():
        minute = MINUTE_WORDS.get(text_at(words, i + 1))
        if minute is not None and minute >= 15 and text_at(words, i + 1) not in ("half", "quarter", "qtr"):
            return _marked(words, Clock(i, i + 2, DICTATED[text], minute, sure=True))
    hour = HOUR_WORDS.get(text)
    minute = MINUTE_WORDS.get(text_at(words, i + 1))
    if hour is not None and minute is not None and text_at(words, i + 1).isalpha() and minute not in (5, 10):
        if text_at(words, i + 1) in ("half", "quarter", "qtr"):
            return None
        extra = SMALL_NUMBERS.get(text_at(words, i + 2), 0) if minute in (20, 30, 40, 50) else 0
        step = 0 < extra < 10
        return _marked(words, Clock(i, i + 2 + step, hour, minute + (extra if step else 0), sure=False))
    return None


def _hour(words: Text, i: int) -> int | None:
    text = text_at(words, i)
    if text in HOUR_WORDS:
        return HOUR_WORDS[text]
    if text in MIDNIGHTS or text in NOONS:
        return 12
    if text.isdigit() and len(text) <= 2 and 1 <= int(text) <= 12:
        return int(text)
    return None


def _figures(words: Text, i: int) -> Clock | None:
    """``4``, ``345``, ``5.30``, ``17:30``, ``17h30``, ``six``; with am or pm after it, sure."""
    text = text_at(words, i)
    if text in HOUR_WORDS:
        return _marked(words, Clock(i, i + 1, HOUR_WORDS[text], 0, bare_hour=True))
    if not 0 <= i < len(words) or not words[i].is_number or len(text) > 8:
        return None
    parts = text.replace(".", ":").split(":")
    if len(parts) == 3 and parts[2].isdigit() and ":" in text and len(parts[2]) == 2:
        parts = parts[:2]
    if not all(p.isdigit() for p in parts) or len(parts) > 2:
        return None
    if len(parts) == 2:
        return _hour_and_minute(words, i, parts[0], parts[1], sure=":" in text)
    if len(text) <= 2:
        if text_at(words, i + 1) == "h" and words[i + 1].glued:
            minute = text_at(words, i + 2)
            if minute.isdigit() and len(minute) == 2 and int(minute) < 60 and words[i + 2].glued and int(text) < 24:
                mark = "24" if int(text) >= 7 or text == "0" or len(text) == 2 else ""
                return Clock(i, i + 3, int(text), int(minute), mark, sure=True)
            called = len(text) == 2 or text_at(words, i - 1) in BEFORE_AN_H
            called = called and not words[i + 1].capital and int(text) < 24
            return Clock(i, i + 2, int(text), 0, "24", sure=True) if called else None
        if int(text) > 24 or text in ("0", "00"):
            return None
        minute = text_at(words, i + 1)
        if _is_spaced_minute(words, i, minute):
            clock = _hour_and_minute(words, i, text, minute, sure=False)
            return replace(clock, last=clock.last + 1) if clock and clock.last == i + 1 else None
        return _marked(words, Clock(i, i + 1, int(text), 0, bare_hour=True))
    if len(text) in (3, 4):
        return _hour_and_minute(words, i, text[:-2], text[-2:], sure=False)
    return None


def _is_spaced_minute(words: Text, i: int, minute: str) -> bool:
    """``5 30``: an hour and a minute that is a multiple of five, with a blank between."""
    if not (minute.isdigit() and len(minute) == 2 and 10 <= int(minute) < 60):
        return False
    after = text_at(words, i + 2)
    return not words[i + 1].glued and after not in UNITS and not after.isdigit() and int(words[i].text) <= 12


def _hour_and_minute(words: Text, i: int, hour: str, minute: str, *, sure: bool) -> Clock | None:
    if len(hour) > 2 or len(minute) != 2 or int(hour) > 23 or int(minute) > 59:
        return None
    mark = "24" if int(hour) > 12 or int(hour) == 0 or (len(hour) == 2 and hour[0] == "0") else ""
    if int(hour) == 0 and not sure and int(minute) == 0:
        return None
    return _marked(words, Clock(i, i + 1, int(hour), int(minute), mark, sure=sure))


def _marked(words: Text, clock: Clock) -> Clock | None:
    """With the am, pm or o'clock that follows; None when the hour is impossible."""
    j = clock.last
    text = text_at(words, j)
    if text in MARKS or (text in ("a", "p") and words[j].glued):
        if clock.hour > 12 or clock.hour == 0:
            mark = "24" if clock.hour < 24 else "bad"
        else:
            mark = MARKS.get(text, text + "m")
        j += 1
        clock = replace(clock, last=j, mark=mark, sure=True)
    elif text in O_CLOCK and (clock.bare_hour or text in ("ish", "sharp", "hrs", "hours")):
        if text in ("hours", "hrs", "h", "hundred") and (clock.bare_hour or not clock.mark):
            return clock
        if text == "o" and text_at(words, j + 1) not in ("clock", "'"):
            return clock
        j += 1 + (text == "o")
        j += text_at(words, j) == "ish"
        clock = replace(clock, last=j, sure=True)
        return _marked(words, clock) if text_at(words, j) in MARKS else clock
    elif text == "-" and text_at(words, j + 1) == "ish":
        clock = replace(clock, last=j + 2, sure=True)
    if clock.mark == "bad":
        return None
    if clock.hour > 12 and not clock.mark:
        return replace(clock, mark="24") if clock.hour < 24 else None
    return clock


def _is_moved(words: Text, clock: Clock) -> bool:
    """``moved from 9 to 10.30``: the second time counts."""
    if text_at(words, clock.first - 1) != "from" or text_at(words, clock.last) != "to":
        return False
    return any(text_at(words, k) in MOVED for k in range(clock.first - 5, clock.first - 1))


def _with_range(words: Text, clock: Clock) -> Clock:
    """The first time of ``5-6.30pm``, which takes am or pm from the second when it has none itself."""
    j = clock.last
    if text_at(words, j) not in RANGE_SIGNS:
        return clock
    j += 1
    if text_at(words, j) in ("about", "around", "like"):
        j += 1
    other = _spoken(words, j) or _named(words, j) or _figures(words, j)
    if other is None or (clock.hour, clock.minute) == (other.hour, other.minute):
        return clock
    if text_at(words, clock.last) in ("and", "or", "/") and not other.sure:
        return clock
    if _is_moved(words, clock):
        return replace(other, first=clock.first)
    mark = clock.mark
    if not mark and other.mark in ("am", "pm"):
        later = (other.hour % 12, other.minute) > (clock.hour % 12, clock.minute)
        mark = other.mark if later else ("am" if other.mark == "pm" else "pm")
    if not mark and not clock.mark and other.mark == "24" and other.hour > 12 and clock.hour + 12 < other.hour:
        mark = ""
    return replace(clock, last=other.last, mark=mark, sure=clock.sure or other.sure, to_hour=other.hour)
