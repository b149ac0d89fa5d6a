"""Every target of `make fuzz` without the fuzzer: its seeds, and changes of them by dice that always fall the same way."""

from __future__ import annotations

import importlib
import random
from typing import Any

import pytest

from tests.fuzz.run import TARGETS

CHANGES = {"verifier": 5, "api": 60}


@pytest.mark.parametrize("name", [name for name in TARGETS if name != "mail"])
def test_seeds_and_changes_of_them_hold(name: str) -> None:
    target: Any = importlib.import_module(f"tests.fuzz.{name}")
    dice, seeds = random.Random(7), list(target.seeds())
    for seed in seeds if name != "verifier" else seeds[::8]:
        target.one(seed)
    change = getattr(target, "change", lambda raw, _: raw[::-1])
    for _ in range(CHANGES.get(name, 200)):
        target.one(change(dice.choice(seeds), dice))
