"""Danger and emergency are settled for the message as a whole, then shown where they are strongest.

The words vote, and the message: the greatest mean mass of any three words in a row, and the network's answer about the
whole, joined on the scale of log-odds and held against a threshold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.tagging.spans import LABELS, Span
from gateway.tagging.words import DANGER, WITHHOLD, Words

EMERGENCY = LABELS.index("F:emergency")
EMERGENCY_AT = (EMERGENCY,)
DANGERS_AT = tuple(i for i, label in enumerate(LABELS) if label[0] == "D")


@dataclass(frozen=True, slots=True)
class Alarms:
    """Whether the message is dangerous or an emergency, and whether this field must show where."""

    danger: bool
    emergency: bool
    show_danger: bool = True
    show_emergency: bool = True

    def where(self, danger_here: bool, emergency_here: bool) -> Alarms:
        """The same alarms for the field that must, or need not, hold the words."""
        return Alarms(self.danger, self.emergency, danger_here, emergency_here)


def alarm_score(words: Words, title: Words, labels: tuple[int, ...], message: float, share: float) -> float:
    """The words' strongest vote and the whole message's, joined on the scale of log-odds, `share` to the words."""
    strongest = max(peak(words, labels), peak(title, labels))
    return float(1 / (1 + np.exp(-(share * _odds(strongest) + (1 - share) * _odds(message)))))


def _odds(p: float) -> float:
    return float(np.log((p + 1e-4) / (1 - p + 1e-4)))


def peak(words: Words, labels: tuple[int, ...]) -> float:
    """The greatest mean mass of these labels over three words in a row."""
    if not words.places:
        return 0.0
    mass = words.labels[:, list(labels)].sum(1)
    width = min(3, len(mass))
    return float(np.convolve(mass, np.ones(width) / width, "valid").max())


def settle_danger(words: Words, kinds: NDArray[np.int64], alarms: Alarms) -> NDArray[np.int64]:
    """Danger words where there is danger, none where there is none."""
    mass = words.kinds
    kinds = kinds.copy()
    if not alarms.danger:
        kinds[kinds == DANGER] = WITHHOLD
    elif alarms.show_danger and not (kinds == DANGER).any():
        clause = words.edges.cumsum()
        means = {c: float(mass[clause == c, DANGER].mean()) for c in np.unique(clause)}
        worst = max(means, key=lambda c: means[c])
        kinds[clause == worst] = DANGER
    return kinds


def mark_emergency(words: Words, spans: list[Span]) -> list[Span]:
    """The emergency is where its mass is greatest: that span is relabelled."""
    if not spans:
        return spans

    def mass(span: Span) -> float:
        inside = [i for i, (a, _) in enumerate(words.places) if span.start <= a < span.end]
        return float(words.labels[inside, EMERGENCY].mean())

    open_ = [i for i, s in enumerate(spans) if s.kind != "D"]
    if not open_:
        return spans
    best = max(open_, key=lambda i: mass(spans[i]))
    old = spans[best]
    spans[best] = Span(old.start, old.end, LABELS[EMERGENCY], mass(old), max(old.fact, 0.6), old.withhold, old.danger)
    return spans
