"""Every target of `make fuzz` without the fuzzer: its seeds, and changes of them by dice that always fall the same way."""

from __future__ import annotations

import importlib
import random
from typing import Any

import pytest

from tests.fuzz.run import TARGETS

CHANGES, SEEDS = {"verifier": 3, "api": 40, "archives": 60}, {"verifier": 12}
"""How many, where one takes long. `make fuzz` takes them all."""


@pytest.mark.parametrize("name", [name for name in TARGETS if name != "mail"])
def test_seeds_and_changes_of_them_hold(name: str) -> None:
    target: Any = importlib.import_module(f"tests.fuzz.{name}")
    dice, seeds = random.Random(7), list(target.seeds())
    for seed in dice.sample(seeds, SEEDS.get(name, len(seeds))):
        target.one(seed)
    change = getattr(target, "change", lambda raw, _: raw[::-1])
    for _ in range(CHANGES.get(name, 200)):
        target.one(change(dice.choice(seeds), dice))
