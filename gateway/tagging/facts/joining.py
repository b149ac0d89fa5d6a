"""Joining: whether a time of day belongs to a day of the same passage.

It does when it stands beside that day, beside another day of the same list or range, or alone after it.
"""

from __future__ import annotations

from bisect import bisect_left

from gateway.tagging.facts.clock import Clock
from gateway.tagging.facts.day import Form
from gateway.tagging.facts.mentions import Dated, Mentions
from gateway.tagging.facts.stretch import Stretch
from gateway.tagging.facts.tense import Tense, tense_at
from gateway.tagging.facts.words import Text, ends_sentence, text_at

AFTER_THE_DAY = frozenset(
    "at @ by from for , - – the in ( ) around about abt is between starting until till til before b4 after to : now of "
    "just sharp then approx".split()
)
BEFORE_THE_DAY = frozenset({"on", "the", "in", "(", "this", "of"})
CHAIN = frozenset("and & , to - – thru through or n / + till until for from the on ( both )".split())
EACH = frozenset({"each", "both", "every", "all"})
PLURAL_EVENTS = frozenset("pickups drop-offs dropoffs collections handovers starts finishes exchanges".split())
SLEPT = frozenset("slept sleep sleeping sleeps".split())
"""Before "till 7" these tell how long a night was, not when anything is."""
INSTEAD = frozenset({"instead", "insted"})
ASKED = frozenset("know confirm reply answer".split())
TELL = frozenset("answer tell text let ring call message email to-me".split())
LIMITS = frozenset({"until", "till", "til", "'til", "untill"})


def chain(words: Text, days: tuple[Dated, ...], chosen: Dated) -> tuple[Dated, ...]:
    """The days of one range or list that the chosen day begins: ``August 9 and 10``, ``Thursday and Friday``."""
    linked = [chosen]
    for found in days:
        if found.day.first <= linked[-1].day.first:
            continue
        gap = range(linked[-1].day.last, found.day.first)
        if len(gap) > 3 or not all(text_at(words, k) in CHAIN for k in gap):
            break
        linked.append(found)
    return tuple(linked)


def is_same_weekday(words: Text, beside: Dated, chosen: Dated) -> bool:
    """``weekends are 6 to 8, 13 to 15, from Friday 5 pm``: the weekday of a date named before."""
    if text_at(words, beside.day.first - 1) in ("by", "before", "until"):
        return False
    later = beside.day.first > chosen.day.first and chosen.day.form is Form.DATE
    return later and beside.day.form is Form.WEEKDAY and beside.day.weekday == chosen.date.weekday()


def day_beside(words: Text, clock: Clock, days: tuple[Dated, ...]) -> Dated | None:
    """The day that stands beside a time with nothing but glue between: directly after it, else before it."""
    after = next((d for d in days if d.day.first >= clock.last), None)
    before = next((d for d in reversed(days) if d.day.last <= clock.first), None)
    if after is not None:
        gap = [text_at(words, k) for k in range(clock.last, after.day.first)]
        if len(gap) <= 2 and all(t in BEFORE_THE_DAY for t in gap):
            return after
    if before is not None:
        low = range(before.day.last, clock.first)
        if len(low) <= 3 and all(text_at(words, k) in AFTER_THE_DAY for k in low):
            return before
    return None


def joins(
    mentions: Mentions, stretch: Stretch, clock: Clock, chosen: Dated, chain: tuple[Dated, ...], days: tuple[Dated, ...]
) -> bool:
    """Whether a time that stands alone belongs to the chosen day."""
    words = mentions.words
    if any(text_at(words, k) in EACH for k in range(clock.last, clock.last + 2)):
        return not chosen.back
    if is_repeated(mentions, clock, stretch) and chosen.back:
        return False
    if any(d.date != chosen.date and d not in chain and chosen.day.first < d.day.first < clock.first for d in days):
        return False
    before = [text_at(words, k) for k in range(clock.first - 3, clock.first)]
    if chosen.day.last <= clock.first:
        if before[-1] == "since" or ("back" in before and before[-1] == "for"):
            return False
        if before[-1] in ("by", "before") and (before[-2] in ASKED or (before[-2] == "me" and before[-3] in TELL)):
            return False
        after = tense_at(words, clock.first, clock.last, Stretch(chosen.day.last, clock.last))
        return not (chosen.back and after is Tense.AHEAD and chosen.date < mentions.sent.date())
    return not any(ends_sentence(words, k) for k in range(clock.last, chosen.day.first))


def is_vague(words: Text, clock: Clock) -> bool:
    """``any time before 7``, ``closer to 6 than 5.30``: no time that anything happens at."""
    before = [text_at(words, k) for k in range(clock.first - 4, clock.first)]
    if before[-1] == "than" or (before[-1] == "of" and before[-2] in INSTEAD):
        return True
    if clock.hour == 0 and set(before) & {"food", "fasting", "nil", "mouth", "eat", "nothing", "drink"}:
        return True
    if clock.hour <= 3 and before[-1] in LIMITS and before[-2] in ("up", "awake"):
        return True
    if (before[-1] in LIMITS or clock.to_hour is not None) and set(before) & SLEPT:
        return True
    if "any" in before and set(before) & {"time", "day", "morning", "evening", "afternoon", "night"}:
        return True
    if before[-1] in ("past", "after", "before", "til", "till", "until") and set(before) & {"no", "nothing", "never"}:
        return True
    if before[-1] in ("past", "after") and "not" in before:
        return True
    return "anytime" in before or before[-1] == "not" or (before[-1] == "at" and before[-2] == "not")


def dosing(words: Text, clocks: tuple[Clock, ...], stretch: Stretch) -> int:
    """How many of the first times are the hours of a medicine that is taken every day: ``8am and 8pm``, ``9 and 9``."""
    if not clocks or tense_at(words, clocks[0].first, clocks[0].last, stretch) is Tense.BACK:
        return 0
    again = clocks[0].last
    again_the_same = text_at(words, again + 1) == text_at(words, clocks[0].first)
    if clocks[0].bare_hour and text_at(words, again) in LISTED and again_the_same:
        return 1 + (len(clocks) > 1 and clocks[1].first == again + 1)
    listed = 1
    while listed < len(clocks):
        gap = [text_at(words, k) for k in range(clocks[listed - 1].last, clocks[listed].first)]
        if len(gap) > 2 or not all(t in LISTED for t in gap):
            break
        listed += 1
    halves = {c.mark for c in clocks[:listed]}
    return listed if listed > 2 or halves >= {"am", "pm"} else 0


OPENING = frozenset("close closes lock locks runs shuts".split())
"""Words of opening hours."""
HABITS = {
    "wellbeing": frozenset("keeps always usually waking gets".split()),
    "medical": frozenset({"always", "usually"}),
}
"""Words of what happens again and again (``keeps waking at 3``)."""
LISTED = frozenset("and n & , + at / plus".split())


def is_repeated(mentions: Mentions, clock: Clock, stretch: Stretch) -> bool:
    """Whether a repetition stands in the same sentence of `stretch` near the time: ``Tuesdays at 5``, ``7:15 every day``."""
    low = bisect_left(mentions.repeats, max(stretch.first, clock.first - 10), key=lambda r: r.first)
    for repeat in mentions.repeats[low : low + 8]:
        if repeat.first > min(stretch.last - 1, clock.last + 6):
            break
        between = range(min(repeat.last, clock.last), max(repeat.first, clock.first))
        if not any(ends_sentence(mentions.words, k) for k in between):
            return True
    before = {text_at(mentions.words, k) for k in range(max(stretch.first, clock.first - 5), clock.first)}
    if (stretch.topic == "childcare" and before & OPENING) or before & HABITS.get(stretch.topic, frozenset()):
        return True
    return text_at(mentions.words, clock.last) in PLURAL_EVENTS
