"""From probabilities of word pieces to spans.

1. *Words* (`words.py`): the pieces of a word are averaged.
2. *Kinds*: the best row of kinds (fact, withhold, danger, neutral) over the words, by dynamic programming (Viterbi,
   IEEE Trans. Inf. Theory 13, 1967). A change of kind costs; much inside a clause, little at its edge; less where the
   network sees a boundary.
3. *Guards* (`guards.py`) mend runs of facts that would lose a "not", a time or an amount.
4. *Labels*: within a run the best row of topics, by the same method; a topic may follow itself, which gives two facts.
5. *Danger and emergency* (`alarms.py`) are settled for the message as a whole.

All costs were set on messages which the network had not seen (`training/tuning.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gateway.tagging.alarms import (
    DANGERS_AT,
    EMERGENCY,
    EMERGENCY_AT,
    Alarms,
    alarm_score,
    mark_emergency,
    peak,
    settle_danger,
)
from gateway.tagging.guards import mend
from gateway.tagging.spans import LABELS, Span, Tagging
from gateway.tagging.words import DANGER, FACT, KIND_OF, NEUTRAL, WITHHOLD, Floats, Votes, Words

_EPS = 1e-6


@dataclass(frozen=True, slots=True)
class Costs:
    """What decoding weighs; set on validation folds after quantising and kept in the manifest."""

    change: float = 2.5  # a change of kind inside a clause
    edge: float = 0.6  # ... at the edge of a clause
    boundary: float = 0.5  # weight of the network's own boundary
    fact_bias: float = 0.1
    danger_bias: float = 0.0
    neutral_bias: float = -0.3
    message_bias: float = 0.3  # how much the message's own "nothing to withhold" counts
    caution: float = 0.5  # against facts in a dangerous message
    topic_change: float = 1.2
    topic_boundary: float = 1.0
    split: float = 0.0  # log-odds of the network's boundary from which two facts of one topic are told apart
    calm: float = 0.7  # of a span's log-odds of fact, so that doubt shows
    lean: float = 0.0
    danger: float = 0.5
    danger_words: float = 0.5  # share of the words' vote against the message's
    emergency: float = 0.5
    emergency_words: float = 0.5

    @classmethod
    def of(cls, values: dict[str, float]) -> Costs:
        """From the manifest; unknown names are ignored, missing ones keep their default."""
        known = {f.name for f in fields(cls)}
        return cls(**{k: float(v) for k, v in values.items() if k in known})


def conclude(text: str, subject: str, words: Words, title: Words, votes: Votes, costs: Costs, version: str) -> Tagging:
    """Probabilities -> the spans of text and subject, and what the message as a whole is."""
    danger = alarm_score(words, title, DANGERS_AT, votes.danger, costs.danger_words)
    emergency = alarm_score(words, title, EMERGENCY_AT, votes.emergency, costs.emergency_words)
    alarms = Alarms(danger >= costs.danger, emergency >= costs.emergency)
    in_title = {at: peak(title, at) > peak(words, at) for at in (DANGERS_AT, EMERGENCY_AT)}
    return Tagging(
        text=decode(text, words, votes, costs, alarms.where(*(not in_title[at] for at in in_title))),
        subject=decode(subject, title, votes, costs, alarms.where(*in_title.values())),
        tagger=version,
        danger=danger,
        emergency=emergency,
    )


def decode(text: str, words: Words, votes: Votes, costs: Costs, alarms: Alarms) -> tuple[Span, ...]:
    """The spans of one field: in order, apart from each other, over every word."""
    if not words.places:
        return ()
    kinds = kind_row(words, votes, costs, alarms)
    kinds = settle_danger(words, kinds, alarms)
    row = mend(text, words.places, kinds.tolist(), words.kinds, words.edges)
    spans: list[Span] = []
    for kind, first, last in _runs(row):
        for label, a, b in _labels(words, kind, first, last, costs, alarms.emergency):
            spans.append(_span(words, label, a, b, costs))
    if alarms.emergency and alarms.show_emergency and not any(s.label == LABELS[EMERGENCY] for s in spans):
        spans = mark_emergency(words, spans)
    return tuple(_stretch(text, spans))


def kind_row(words: Words, votes: Votes, costs: Costs, alarms: Alarms) -> NDArray[np.int64]:
    """Viterbi over kinds."""
    clean = np.log(max(1 - votes.withhold, 1e-3)) - np.log(max(votes.withhold, 1e-3))
    lean = costs.message_bias * clean / 2
    caution = costs.caution if alarms.danger else 0.0
    bias = np.array([costs.fact_bias + lean - caution, -lean, costs.danger_bias, costs.neutral_bias])
    gain = np.log(words.kinds + _EPS) + bias
    logit = np.log(words.starts + 1e-3) - np.log(1 - words.starts + 1e-3)
    price = np.where(words.edges, costs.edge, costs.change) - costs.boundary * logit
    return best_row(gain, np.maximum(price, 0.0))


def best_row(gain: Floats, price: Floats) -> NDArray[np.int64]:
    """The row of states with the greatest sum of `gain` (n, k), less `price` (n,) at every change of state."""
    n, k = gain.shape
    back = np.zeros((n, k), dtype=np.int64)
    score = gain[0].copy()
    own = np.arange(k)
    for i in range(1, n):
        best = int(score.argmax())
        jump = score[best] - price[i]
        stay = score >= jump
        back[i] = np.where(stay, own, best)
        score = np.where(stay, score, jump) + gain[i]
    row = np.empty(n, dtype=np.int64)
    row[-1] = int(score.argmax())
    for i in range(n - 1, 0, -1):
        row[i - 1] = back[i, row[i]]
    return row


def _runs(row: Sequence[int]) -> list[tuple[int, int, int]]:
    """``(state, first, last + 1)`` of every stretch of equal states."""
    cuts = [0, *(i for i in range(1, len(row)) if row[i] != row[i - 1]), len(row)]
    return [(int(row[a]), a, b) for a, b in pairwise(cuts)]


def _labels(
    words: Words, kind: int, first: int, last: int, costs: Costs, emergency: bool
) -> list[tuple[int, int, int]]:
    """Labels of a run of one kind."""
    if kind == NEUTRAL:
        return [(len(LABELS) - 1, first, last)]
    own = np.flatnonzero(kind == KIND_OF)
    part = words.labels[first:last][:, own]
    if kind == FACT and not emergency:
        part = part * (own != EMERGENCY)
    gain = np.log(part / (part.sum(1, keepdims=True) + _EPS) + 1e-3)
    starts = np.clip(words.starts[first:last], 1e-3, 1 - 1e-3)
    logit = np.log(starts / (1 - starts))
    price = (
        costs.topic_change + np.where(words.edges[first:last], 0.0, costs.topic_change) - costs.topic_boundary * logit
    )
    row = best_row(gain, np.maximum(price, 0.0))
    out: list[tuple[int, int, int]] = []
    for state, a, b in _runs(row.tolist()):
        cuts = [
            a,
            *(i for i in range(a + 1, b) if kind == FACT and logit[i] > costs.split and words.edges[first + i]),
            b,
        ]
        out += [(int(own[state]), first + c, first + d) for c, d in pairwise(cuts)]
    return out


def _span(words: Words, label: int, first: int, last: int, costs: Costs) -> Span:
    """The span of words ``[first, last)``; its masses are those of its words on the scale of log-odds, made calmer."""
    mass = words.kinds[first:last]
    fact, other = mass[:, FACT], mass[:, WITHHOLD] + mass[:, DANGER]
    odds = float(np.log((fact + 1e-3) / (other + 1e-3)).mean())
    likely = float(1 / (1 + np.exp(-(costs.calm * odds + costs.lean))))
    danger = float(mass[:, DANGER].sum() / (other.sum() + _EPS))
    return Span(
        start=words.places[first][0],
        end=words.places[last - 1][1],
        label=LABELS[label],
        score=float(words.labels[first:last, label].mean()),
        fact=likely,
        withhold=(1 - likely) * (1 - danger),
        danger=(1 - likely) * danger,
    )


def _stretch(text: str, spans: list[Span]) -> list[Span]:
    """Closing signs and pictographs go with the words before them, an opening sign or currency with those behind."""
    out: list[Span] = []
    for i, span in enumerate(spans):
        start, end = span.start, span.end
        floor = out[-1].end if out else 0
        while start > floor and text[start - 1] in "$£€₹@#(\"'“‘+~-" and not text[start - 1].isspace():
            start -= 1
        ceiling = spans[i + 1].start if i + 1 < len(spans) else len(text)
        while (
            end < ceiling
            and text[end] in ".!?,;:…)\"'”’%*"
            and not (text[end] in "\"'" and end + 1 < ceiling and text[end + 1].isalnum())
        ):
            end += 1
        out.append(Span(start, end, span.label, span.score, span.fact, span.withhold, span.danger))
    return out
