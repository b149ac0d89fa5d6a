"""The second witness: what kind of fault a sentence may be, learnt from examples, for words that no rule lists.

One linear layer over what the tagger's middle layers hold of the sentence (multinomial logistic regression). It is trained by
`training/coach_witness.py` within a minute and ships as a file of some tens of kilobytes. It belongs to the very network that it
was trained with; beside any other it keeps silent, and the tagger's own labels speak instead.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gateway.errors import RulesError

FINE = "fine"
MOST = 3
"""How many kinds it names in one sentence: more would not help the one who reads them."""
HERE = Path(__file__).parent / "witness.npz"


@dataclass(frozen=True, slots=True)
class Hearing:
    """From which share on (0 to 1) the second witness is heard.

    Attributes:
        fault: all kinds of fault in a sentence together; kind: one kind beside the likeliest; barbed: an answer to a barb, where
            their message holds one. fine: in a sentence that is this surely fine no pattern counts.
    """

    fault: float = 1.0
    kind: float = 1.0
    barbed: float = 1.0
    fine: float = 1.0


@dataclass(frozen=True, slots=True)
class Heard:
    """What the second witness says of one sentence, and from where on it is heard. Without shares it is silent."""

    shares: Mapping[str, float] = field(default_factory=dict)
    hearing: Hearing = Hearing()

    @property
    def silent(self) -> bool:
        """Whether there is no second witness here."""
        return FINE not in self.shares

    @property
    def fault(self) -> bool:
        """Whether it calls the sentence a fault of any kind."""
        return not self.silent and 1 - self.shares[FINE] >= self.hearing.fault

    def knows(self, kind: str) -> bool:
        """Whether the kind is one that it learnt."""
        return kind in self.shares

    def names(self, kind: str) -> bool:
        """Whether it calls the sentence a fault and this its likeliest kind, or one of the few likely ones."""
        if not self.fault or not self.knows(kind):
            return False
        ranked = sorted((share for name, share in self.shares.items() if name != FINE), reverse=True)
        return self.shares[kind] >= max(min(ranked[0], self.hearing.kind), ranked[MOST - 1])

    def answers_barb(self, kind: str) -> bool:
        """Whether it calls the sentence a fault and this a possible kind, where their message holds a barb."""
        return self.fault and self.shares.get(kind, 0.0) >= self.hearing.barbed

    def overrules(self, kind: str) -> bool:
        """Whether it is so sure that the sentence is fine that no pattern of a kind which it knows counts."""
        return self.knows(kind) and self.fine(self.hearing.fine)

    def fine(self, least: float) -> bool:
        """Whether it is this sure that the sentence is fine."""
        return self.shares.get(FINE, 0.0) >= least


@dataclass(frozen=True, slots=True)
class Witness:
    """Which kinds it knows (`FINE` is the first), the tagger that it belongs to, and its weights."""

    kinds: tuple[str, ...]
    tagger: str
    weights: NDArray[Any]
    bias: NDArray[Any]
    version: str

    @classmethod
    def load(cls, file: Path = HERE) -> Witness | None:
        """Read the file; None where there is none. Raises RulesError when it cannot be used."""
        if not file.exists():
            return None
        try:
            with np.load(file, allow_pickle=False) as kept:
                about = json.loads(str(kept["about"]))
                weights = kept["weights"].astype(np.float32) * kept["scale"]
                return cls(tuple(about["kinds"]), about["tagger"], weights, kept["bias"], about["version"])
        except (OSError, ValueError, KeyError) as error:
            raise RulesError(f"{file.name}: cannot be read ({error}); run `make coach` or reinstall") from None

    def shares(self, row: NDArray[Any]) -> dict[str, float]:
        """How likely each kind is (0 to 1, together 1) for the mean row of a sentence."""
        score = row.astype(np.float32) @ self.weights + self.bias
        odds = np.exp(score - score.max())
        return dict(zip(self.kinds, (odds / odds.sum()).tolist(), strict=True))


def read_hearing(table: dict[str, Any]) -> Hearing:
    """The ``[witness]`` table. Raises RulesError."""
    known = [f.name for f in fields(Hearing)]
    if unknown := set(table) - set(known):
        raise RulesError(f"unknown key {sorted(unknown)[0]!r}; known are {', '.join(sorted(known))}")
    for key, value in table.items():
        if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 <= value <= 1:
            raise RulesError(f"{key} is {value!r}; should be a number from 0 to 1")
    return Hearing(**table)
