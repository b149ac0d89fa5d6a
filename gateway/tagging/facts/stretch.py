"""Stretches: a message cut where marked passages begin and end, so that no passage lends its words to its neighbour."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from gateway.tagging.facts.words import Word


@dataclass(frozen=True, slots=True)
class Stretch:
    """Words ``first`` up to ``last``; `topic` is empty between the passages."""

    first: int
    last: int
    topic: str = ""


def stretches_of(words: tuple[Word, ...], spans: Sequence[tuple[int, int, str]]) -> tuple[Stretch, ...]:
    """The whole message as stretches in order. `spans` are (start, end, topic) in code points."""
    starts = [w.start for w in words]
    topics: dict[int, str] = {}
    cuts = {0, len(words)}
    for start, end, topic in spans:
        first, last = bisect_left(starts, start), bisect_left(starts, end)
        if first < last:
            topics[first] = topic
            cuts |= {first, last}
    ordered = sorted(cuts)
    return tuple(Stretch(a, b, topics.get(a, "")) for a, b in pairwise(ordered))
