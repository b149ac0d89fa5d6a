"""Bare hours: ``6``, ``there 9``, ``it's 7 at the school``: when one figure alone is the hour that parents agree on.

Only in passages about exchanges, calls and events, where hardly any other lone figure is spoken of.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.tagging.facts.clock import Clock
from gateway.tagging.facts.clock_words import (
    ARRIVAL_TOPICS,
    BEING,
    COUNTED_FOR,
    EVENTS_BEFORE,
    GOOD,
    GOOD_AFTER,
    HANDING,
    LOOSE,
    OBJECTS,
    THERE,
)
from gateway.tagging.facts.nearby import day_in_sight, ends_there
from gateway.tagging.facts.stretch import Stretch
from gateway.tagging.facts.words import Text, ends_sentence, text_at


def counts_as_hour(words: Text, clock: Clock, k: int, is_day: Sequence[int], stretch: Stretch) -> bool:
    """Whether the bare figure `clock`, with the word at `k` before it, is an hour. `is_day` as in `clock_cues`."""
    return (
        _is_an_answer(words, clock, k, stretch)
        or _is_handed_over(words, clock, k, stretch)
        or _is_agreed(words, clock, k, is_day, stretch)
        or is_arrival(words, clock, k, stretch)
    )


def _is_handed_over(words: Text, clock: Clock, k: int, stretch: Stretch) -> bool:
    """``ring you 7``, ``I drop him 5 ok``, ``picking Hugo up 4 from judo``: an hour after the one who is brought or called."""
    if stretch.topic not in ("schedule", "contact") or clock.hour > 23 or text_at(words, k) not in OBJECTS:
        return False
    if not (ends_there(words, clock) or text_at(words, clock.last) in GOOD_AFTER):
        return False
    return any(words[m].text in HANDING for m in range(max(stretch.first, k - 4), k))


def _is_agreed(words: Text, clock: Clock, k: int, is_day: Sequence[int], stretch: Stretch) -> bool:
    """``6 is good``, ``it's 7 at the school``, ``10 at yours``: an hour that begins a sentence, or follows "it's"."""
    if stretch.topic not in ("schedule", "contact", "activity") or clock.hour > 12:
        return False
    if _is_a_sentence(words, clock, k, stretch):
        return True
    opens = (
        k < stretch.first
        or ends_sentence(words, k)
        or text_at(words, k) in ("its", "it's", "yes", "ok", "yep", "yeah", "sure", "so")
    )
    after = text_at(words, clock.last)
    if opens and after == "it" and text_at(words, clock.last + 1) == "is":
        return True
    if (
        after == "at"
        and text_at(words, k) == ","
        and (stretch.topic == "schedule" or day_in_sight(words, clock, is_day, stretch, {1}))
    ):
        return True
    if opens and after in ("works", "suits") and stretch.topic == "contact":
        return True
    return opens and (after == "at" or (after in ("is", "s", "'s") and text_at(words, clock.last + 1) in GOOD))


def _is_an_answer(words: Text, clock: Clock, k: int, stretch: Stretch) -> bool:
    """``6``, ``its 5``, ``pickups 5 at your mum's``: an hour that is the whole passage, or all that follows its event."""
    if stretch.topic not in ANSWERED or clock.hour > 12:
        return False
    whole = clock.last >= stretch.last
    if k < stretch.first:
        return whole
    is_it = text_at(words, k) in ("its", "it's", "tis") and k == stretch.first
    event = text_at(words, k).removesuffix("'s")
    event = event.removesuffix("s") if event not in EVENTS_BEFORE else event
    is_event = event in EVENTS_BEFORE and text_at(words, k) != event and k == stretch.first
    return (whole and is_it) or (is_event and ends_there(words, clock))


ANSWERED = frozenset("schedule contact activity school medical".split())


def _is_a_sentence(words: Text, clock: Clock, k: int, stretch: Stretch) -> bool:
    """``Sunday. 10. Your place.``, ``Six, Creditview, tomorrow``: nothing but an hour between two marks."""
    after = text_at(words, clock.last)
    if k < stretch.first:
        return after == "," and clock.last < stretch.last and not text_at(words, clock.last + 1).isdigit()
    closes = clock.last >= stretch.last or after in (".", ",", "!", "?")
    return closes and ends_sentence(words, k) and words[k].text != "\n"


def is_arrival(words: Text, clock: Clock, k: int, stretch: Stretch) -> bool:
    """``have him there 9``, ``home maybe 3``, ``be at yours for six``, ``can do 2``, ``pickup still 5``, ``they call, like 8``."""
    spoken = text_at(words, k) in LOOSE and text_at(words, clock.last) in ("i", "we", "ill", "il", "i'll", "im")
    if stretch.topic not in ARRIVAL_TOPICS or clock.hour > 12 or not (spoken or ends_there(words, clock)):
        return False
    if text_at(words, clock.last) in ("of", "and") or k < stretch.first:
        return False
    before = text_at(words, k)
    if before in THERE:
        return True
    near = {text_at(words, m) for m in range(max(stretch.first, k - 9), k)}
    if before == "for":
        return bool(near & BEING) and not near & COUNTED_FOR
    if before in ("do", "make"):
        return stretch.topic in ("schedule", "contact") and text_at(words, k - 1) not in ("to", "not", "don't", "dont")
    if before in ("still", "is", "now", "are"):
        return text_at(words, k - 1) in EVENTS_BEFORE
    if before not in LOOSE or stretch.topic not in ("schedule", "contact"):
        return False
    opens = text_at(words, k - 1)
    return (
        k == stretch.first or opens in THERE or opens in (",", "so", "-", "more", "mair") or ends_sentence(words, k - 1)
    )
