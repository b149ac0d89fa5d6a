"""The words of a field with what the network says of each.

The pieces of a word are averaged. Signs have no say of their own; they go with the words around them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.tagging.clauses import clauses
from gateway.tagging.encode import Piece
from gateway.tagging.spans import LABELS

Floats = NDArray[np.float64]

KIND_OF = np.array(["FXDN".index(label[0]) for label in LABELS])
FACT, WITHHOLD, DANGER, NEUTRAL = range(4)
_UNIT = re.compile(r"[^\W_]+(?:['’.:/,][^\W_]+)*|[^\w\s]", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a field: offsets (n, 2), label probabilities (n, 36), boundaries (n,), whether a clause begins."""

    places: list[tuple[int, int]]
    labels: Floats
    starts: Floats
    edges: NDArray[np.bool_]

    @property
    def kinds(self) -> Floats:
        """Mass on fact, withhold, danger, neutral: (n, 4)."""
        return np.stack([self.labels[:, k == KIND_OF].sum(1) for k in range(4)], 1)


@dataclass(frozen=True, slots=True)
class Votes:
    """The message's answers: probability that it holds danger, an emergency, something to withhold, a fact."""

    danger: float = 0.0
    emergency: float = 0.0
    withhold: float = 0.5
    fact: float = 0.5


def words_of(text: str, pieces: Sequence[Piece], labels: Floats, starts: Floats) -> Words:
    """Average pieces into words. A word that no piece stands for takes the even distribution of doubt."""
    places: list[tuple[int, int]] = []
    rows: list[Floats] = []
    begins: list[float] = []
    at = 0
    clause_starts = [start for start, _ in clauses(text)]
    edges: list[bool] = []
    clause = 0
    for m in _UNIT.finditer(text):
        start, end = m.span()
        if not (m[0][0].isalnum() or _pictograph(m[0])):
            continue
        while at < len(pieces) and pieces[at].end <= start:
            at += 1
        stop = at
        while stop < len(pieces) and pieces[stop].start < end:
            stop += 1
        mine = range(at, stop)
        edge = False
        while clause < len(clause_starts) and clause_starts[clause] <= start:
            edge = True
            clause += 1
        places.append((start, end))
        rows.append(labels[list(mine)].mean(0) if mine else np.full(len(LABELS), 1 / len(LABELS)))
        begins.append(float(starts[at]) if mine else 0.5)
        edges.append(edge)
    size = (len(places), len(LABELS))
    return Words(places, np.array(rows).reshape(size), np.array(begins), np.array(edges, dtype=bool))


def _pictograph(sign: str) -> bool:
    return ord(sign[0]) >= 0x1F000 or 0x2600 <= ord(sign[0]) <= 0x27BF
