"""Figures that are no time: counts, measures, names, codes, years, and the 2 and 4 of text messages.

Asked before any cue is: a wrong time is worse than none.
"""

from __future__ import annotations

from gateway.tagging.facts.calendar_words import WEEKDAYS, known
from gateway.tagging.facts.clock import MOVED, Clock
from gateway.tagging.facts.clock_words import CALLS, GOOD, LOOSE
from gateway.tagging.facts.date_signs import month_at
from gateway.tagging.facts.number_signs import COUNT_ENDINGS_ALLOWED, UNITS
from gateway.tagging.facts.stretch import Stretch
from gateway.tagging.facts.words import Text, text_at

TELEPHONE = 7
CODES = frozenset("code pin password number ref reference # ext combination".split())
PAYING = frozenset("paid sent owe pay send zelled venmoed your my ur half spent cost costs lent".split())


def is_counted(words: Text, clock: Clock, before: str, after: str) -> bool:
    """``5 ml``, ``room 12``, ``at 5 weeks``, ``size 13``, ``£20``, ``7up``."""
    if before in ("$", "£", "€", "#", "+", "₹", "x", "*", "rs", "=", "minus", "plus", "negative"):
        return True
    if before == "." and words[clock.first].glued and not words[clock.first - 1].glued:
        return True  # .22
    if _is_signed(words, clock.first) or _is_dose_before(words, clock.first) or _is_house(words, clock):
        return True
    if words[clock.first].glued and before.isalpha() and before not in CALLS:
        return True
    if after in ("%", "$", "€", "£", "°", "+", "x", "*"):
        return True
    if after == "night" and before not in CALLS and before not in LOOSE:
        return True
    if after in UNITS:
        return not (after == "up" or (after in ("m", "c", "p", "f") and not words[clock.last].glued))
    if clock.last < len(words) and words[clock.last].glued and after.isalpha() and after not in ("n", "till", "til"):
        return not (after == "s" and text_at(words, clock.last + 1) in GOOD)
    if after == "-" and text_at(words, clock.last + 1) in UNITS | {"inch", "seater", "pack", "a"}:
        return True
    if clock.bare_hour and after.endswith("s") and len(after) > 3 and after not in COUNT_ENDINGS_ALLOWED:
        return known(after) not in WEEKDAYS and before not in ("at", "@", "by", "till", "until")
    return False


def _is_signed(words: Text, i: int) -> bool:
    """``glasses are -1.25 both sides``: a minus belongs to a measure; not the dash of ``3.30-5`` or ``Sat -5pm``."""
    minus = i > 0 and words[i].glued and words[i - 1].text == "-" and not words[i - 1].glued
    return minus and "." in words[i].text and not words[i - 2].is_number if i > 1 else minus


def _is_dose_before(words: Text, i: int) -> bool:
    """``at night, down from 5``: what a dose or a price was before."""
    return text_at(words, i - 1) == "from" and text_at(words, i - 2) in CHANGED


CHANGED = frozenset("down reduced increased lowered raised cut".split())


def _is_house(words: Text, clock: Clock) -> bool:
    """``we are at 9 Quarry Road``, ``moved to 940 oak street``: the number of a house."""
    if clock.last - clock.first > 1 or not words[clock.first].text.isdigit():
        return False
    for k in range(clock.last + 1, clock.last + 4):
        if (
            not text_at(words, k - 1).isalpha()
            or known(text_at(words, k - 1)) in WEEKDAYS
            or text_at(words, k - 1) in BREAKS
        ):
            return False
        if text_at(words, k) in ROADS:
            return clock.hour > 12 or len(words[clock.first].text) > 2 or words[k - 1].capital
    return False


ROADS = frozenset("street st road rd avenue ave lane ln drive crescent terrace boulevard blvd close".split())
BREAKS = frozenset("at on in by to and or from the outside near am pm".split())


SCORES = frozenset("lost won beat battered score drew tied win final flogged thumped nil".split())


def is_score(words: Text, clock: Clock) -> bool:
    """``lost 7-2``, ``battered 7-1``."""
    dashed = clock.to_hour is not None and text_at(words, clock.first + 1) in ("-", "–")
    return dashed and clock.bare_hour and any(text_at(words, k) in SCORES for k in range(clock.first - 3, clock.first))


HOT = frozenset("fever temp temperature burning hot degrees tylenol motrin".split())


def is_fever(words: Text, clock: Clock, topic: str) -> bool:
    """``burning up at 105``: degrees, not five past one."""
    text = words[clock.first].text
    if topic not in ("medical", "emergency", "wellbeing") or len(text) != 3 or text[:2] != "10" or not text.isdigit():
        return False
    return any(text_at(words, k) in HOT for k in range(clock.first - 6, clock.first))


def is_code(words: Text, clock: Clock) -> bool:
    """Part of a telephone number, a code of a door: figures next to figures, or called a code."""
    if _digits_in_a_row(words, clock.first) >= TELEPHONE or text_at(words, clock.last) == "#":
        return True
    around = [text_at(words, clock.last)]
    if clock.first and not words[clock.first - 1].glued:
        around.append(words[clock.first - 1].text)
    if not clock.bare_hour and any(t.isdigit() and len(t) >= 3 for t in around):
        return True
    near = {text_at(words, k) for k in range(clock.first - 4, clock.first)}
    return not clock.bare_hour and bool(near & CODES) and "at" not in near and "by" not in near


def _digits_in_a_row(words: Text, first: int) -> int:
    """How many figures stand around word `first` with only dashes between: eleven in ``406-555-01421``."""
    low, high = first, first + 1
    while low > 1 and first - low < 6 and words[low - 1].text == "-" and words[low - 2].text.isdigit():
        low -= 2
    while high + 1 < len(words) and high - first < 6 and words[high].text == "-" and words[high + 1].text.isdigit():
        high += 2
    if high - low == 3 and len(words[low].text) == len(words[low + 2].text):
        return 0  # 1730-1800
    return sum(len(words[k].text) for k in range(low, high, 2) if words[k].text.isdigit())


def is_year(words: Text, clock: Clock, topic: str) -> bool:
    """``March 2026``, ``valid till 2030``."""
    text = words[clock.first].text
    if len(text) != 4 or not text.isdigit() or text[:2] != "20" or text[2] not in "234":
        return False
    near = range(max(0, clock.first - 8), clock.first)
    return topic == "documents" or any(
        month_at(words, k) is not None or text_at(words, k) in ("valid", "expires", "expiry", "since", "in")
        for k in near
    )


def is_textism(words: Text, clock: Clock, stretch: Stretch) -> bool:
    """``runners 4 thurs``, ``2 bring``: a 2 or 4 that stands for a word, in a message that writes so elsewhere."""
    if text_at(words, clock.first) not in ("2", "4") or not clock.bare_hour or clock.to_hour is not None:
        return False
    tokens = {"2moro", "2day", "2nite", "b4", "gr8", "l8r", "m8", "w8", "2morrow", "2mrw", "2mro"}
    after = text_at(words, clock.last)
    if text_at(words, clock.first) == "4" and text_at(words, clock.first - 1).isalpha():
        if known(text_at(words, clock.first - 1)) in WEEKDAYS:
            return after.isalpha() and after not in CALLS
        tokens = tokens | {"u", "ur", "r"}
        if stretch.topic == "belongings" and known(after) in WEEKDAYS:
            return True
    if text_at(words, clock.first - 1) in MOVED and known(after) in WEEKDAYS:
        return True
    for k in range(max(0, clock.first - 60), min(len(words), clock.last + 60)):
        if words[k].text in tokens:
            return True
        if words[k].text in ("2", "4") and text_at(words, k + 1) in (
            "be",
            "bring",
            "get",
            "go",
            "u",
            "me",
            "him",
            "her",
            "the",
        ):
            return True
    return False
