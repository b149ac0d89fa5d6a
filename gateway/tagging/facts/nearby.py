"""Nearby: what stands around a figure that may be an hour: a day in the same sentence, or the end of what is said."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.tagging.facts.clock import Clock
from gateway.tagging.facts.clock_words import BOTH
from gateway.tagging.facts.stretch import Stretch
from gateway.tagging.facts.words import Text, ends_sentence, text_at


def day_in_sight(
    words: Text, clock: Clock, is_day: Sequence[int], stretch: Stretch, kinds: frozenset[int] | set[int] = BOTH
) -> bool:
    """Whether a day (1) or repetition (2) stands in the same sentence, a few words off."""
    for k in range(clock.first - 1, max(stretch.first, clock.first - 14) - 1, -1):
        if is_day[k] in kinds:
            return True
        if ends_sentence(words, k):
            break
    for k in range(clock.last, min(stretch.last, clock.last + 10)):
        if is_day[k] in kinds:
            return True
        if ends_sentence(words, k):
            break
    return False


def ends_there(words: Text, clock: Clock) -> bool:
    """Whether nothing that a figure could count follows: a mark, the end, or a word that goes on (``7 at yours``)."""
    after = text_at(words, clock.last)
    return after in GOES_ON or not after.isalnum()


GOES_ON = frozenset("sharp at in for from with tho or now by on then as if".split()) | {""}
