"""The second witness: what kind of fault a sentence may be, learnt from examples, for words that no rule lists.

One linear layer over what the tagger's middle layers hold of the sentence (multinomial logistic regression). It is trained by
`training/coach_witness.py` within a minute and ships as a file of some tens of kilobytes. It belongs to the very network that it
was trained with; beside any other it keeps silent, and the tagger's own labels speak instead.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gateway.errors import RulesError

FINE = "fine"
HERE = Path(__file__).parent / "witness.npz"


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
