"""Contrasts: ``6 not 5``, ``4 instead of 3``, ``12 rather than noon``: the first figure is an hour because the second is one.

Beside each other two plain figures of which one is taken back are hardly ever anything but hours.
"""

from __future__ import annotations

from gateway.tagging.facts.calendar_words import RELATIVE_DAYS
from gateway.tagging.facts.clock import Clock, read_clock
from gateway.tagging.facts.words import Text, ends_sentence, text_at

REACH = 6
"""Words between ``6 at the rec centre`` and ``instead of 5``."""
NOT = frozenset({"not", "nt", "no", "instead", "insted", "rather"})
FILL = frozenset("now tonight sharp pls please ok then today tomorrow tmrw".split())
TOPICS = frozenset("schedule contact activity childcare school travel medical".split())


def is_contrasted(words: Text, clock: Clock, topic: str) -> bool:
    """Whether another hour is taken back for `clock`, or this one stands after the hour that it replaces."""
    if topic not in TOPICS or (clock.to_hour is not None and words[clock.first].text.isalpha()):
        return False
    k = clock.last
    while text_at(words, k) in FILL or text_at(words, k) == ",":
        k += 1
    if text_at(words, k) in NOT and _is_hour(words, k, clock):
        return True
    for k in range(clock.last, clock.last + REACH):
        if ends_sentence(words, k) or text_at(words, k) in BETWEEN or (k < len(words) and words[k].is_number):
            return False
        if text_at(words, k) in ("instead", "insted", "rather"):
            return _is_hour(words, k, clock)
    return False


def _is_hour(words: Text, k: int, clock: Clock) -> bool:
    """Whether the words from ``not`` or ``instead of`` at `k` on end in a time like `clock`."""
    k += 1
    while text_at(words, k) in ("of", "than", "at", "the"):
        k += 1
    if text_at(words, k) == "usual":
        k += 1
    other = read_clock(words, k) if k < len(words) else None
    if other is None or (other.hour, other.minute) == (clock.hour, clock.minute):
        return False
    return (
        other.sure
        or text_at(words, other.last)[:1] in ("", ".", ",", "!", "?", ")", "\n", "-")
        or (text_at(words, other.last) in AFTER or text_at(words, other.last) in RELATIVE_DAYS)
    )


BETWEEN = frozenset({"until", "till", "til", "by", "from"})
AFTER = frozenset(
    "on for if as so and but at because cos coz cus bc ok please pls in today tonight tomorrow suit that".split()
)
