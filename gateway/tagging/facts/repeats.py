"""Repetitions: what happens again and again ("every Tuesday", "Mondays", "Mon to Fri") and so names no date."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.tagging.facts.calendar_words import MONTHS, PLURAL_PARTS, REPEATED_WEEKDAYS, WEEKDAYS, known
from gateway.tagging.facts.date_signs import figure
from gateway.tagging.facts.words import Text, text_at

EVERY = frozenset({"every", "each", "evry", "alternate", "alternating", "cada"})
REPEATED = frozenset("daily weekly nightly fortnightly monthly biweekly weekdays weeknights everyday".split())
OTHER = frozenset("other second single 2nd two school weekend odd third".split())
ENDS = frozenset("day morning night evening afternoon time week wk mth month weekday arvo weekend hour".split())
AND = frozenset({"and", "&", ",", "or", "/", "n", "+"})
THROUGH = frozenset({"to", "-", "–", "thru", "through", "till"})
TRAINING = frozenset("training practice practise practices lessons class classes swimming batch".split())
GOES_ON = frozenset("now whoever from starting permanently onwards always term usual".split())


@dataclass(frozen=True, slots=True)
class Repeat:
    """Words ``first`` up to ``last`` that speak of what happens again and again."""

    first: int
    last: int


def repeat_end(words: Text, i: int, topic: str) -> int | None:
    """The word after a repetition that begins at word `i`, or None."""
    text = words[i].text
    if text in EVERY:
        j = i + 1
        while (
            text_at(words, j) in OTHER
            or (text_at(words, j) in ("nd", "rd") and words[j].glued)
            or text_at(words, j) == "2"
        ):
            j += 1
        while known(text_at(words, j)) in WEEKDAYS or text_at(words, j) in REPEATED_WEEKDAYS:
            j += 1
            if text_at(words, j) in AND and known(text_at(words, j + 1)) in WEEKDAYS:
                j += 1
        last = j + (text_at(words, j) in ENDS)
        return last if last > i + 1 else None
    if text in REPEATED_WEEKDAYS or text in REPEATED or text in PLURAL_PARTS:
        return None if text in ("suns", "sats", "mons") else i + 1
    if text == "m" and text_at(words, i + 1) in ("/", "-", ",") and text_at(words, i + 2) == "w":
        return i + 5 if text_at(words, i + 4) == "f" else i + 3
    if text in ("those", "these") and text_at(words, i + 1) in ("days", "nights", "mornings", "evenings", "afternoons"):
        return i + 2
    if text == "mwf":
        return i + 1
    if text == "all" and text_at(words, i + 1) in ("week", "wk", "term", "summer"):
        return i + 2
    if text == "all" and text_at(words, i + 1) in ("next", "this") and text_at(words, i + 2) in ("week", "wk"):
        return i + 3
    return _weekday_list(words, i, topic)


def _weekday_list(words: Text, i: int, topic: str) -> int | None:
    """``mon to fri``, ``sun/tue/thur``, ``Tues and Thurs`` of calls; not a list with dates or of one week."""
    if known(words[i].text) not in WEEKDAYS or text_at(words, i - 1) in ("this", "next", "the"):
        return None
    j, count, through = i + 1, 1, False
    while (text_at(words, j) in AND or text_at(words, j) in THROUGH) and known(text_at(words, j + 1)) in WEEKDAYS:
        through = through or text_at(words, j) in THROUGH
        j, count = j + 2, count + 1
    day = figure(words, j, {})
    if count == 1 or (day is not None and (day > 12 or text_at(words, j + 1) in ("st", "nd", "rd", "th"))):
        return None
    if through:
        first, last = WEEKDAYS[known(words[i].text)], WEEKDAYS[known(words[j - 1].text)]
        return j if (first, last) == (0, 4) and text_at(words, j) not in ("next", "this") else None
    if count >= 3 and text_at(words, i + 1) == "/":
        return j
    after = {text_at(words, k) for k in range(j, j + 4)}
    before = {text_at(words, k) for k in range(i - 3, i)}
    if topic == "contact" or "now" in after or after & GOES_ON and before & GOES_ON or "whoever" in after:
        return j if not {"can", "could", "this", "next"} & before else None
    for k in range(j, j + 10):
        if text_at(words, k) == "from" and text_at(words, k + 1) in MONTHS and figure(words, k + 2, {}) is None:
            return j
    if before & TRAINING and "next" not in after and "this" not in after:
        return j
    return j if "shifts" in before or "twice" in before else None
