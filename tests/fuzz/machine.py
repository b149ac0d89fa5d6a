"""What every target shares: seeds into a folder, the fuzzer where it is there, dice that always fall the same way.

A target is a module with ``one(raw)``, which raises where something does not hold, and ``seeds()``. One whose input has a form also has
``change(raw, dice)``, which gives another input of that form. `tests/fuzz/test_targets.py` runs all of them without the fuzzer.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import hashlib
import random
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

try:
    import atheris
except ImportError:  # plain tests do without
    atheris = None

Change = Callable[[bytes, random.Random], bytes]


def instrumented(*rooms: str) -> contextlib.AbstractContextManager[Any]:
    """Import a target's rooms within it, so that the fuzzer sees which ways were taken; nothing without the fuzzer."""
    return atheris.instrument_imports(include=list(rooms)) if atheris and fuzzing() else contextlib.nullcontext()


def event_loop() -> asyncio.AbstractEventLoop:
    """One for all inputs of a target, closed when the process ends."""
    loop = asyncio.new_event_loop()
    atexit.register(loop.close)
    return loop


def fuzzing() -> bool:
    """Whether this process is one target, run by `tests.fuzz.run`."""
    return "--fuzz" in sys.argv


def main(one: Callable[[bytes], object], seeds: Iterable[bytes], change: Change | None = None) -> None:
    """Fuzz until the time is over. The last argument is the folder of inputs; seeds are put into it."""
    folder = Path(sys.argv[-1])
    folder.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        (folder / f"seed-{hashlib.sha256(seed).hexdigest()[:16]}").write_bytes(seed)
    arguments = [argument for argument in sys.argv if argument != "--fuzz"]
    if change is None:
        atheris.Setup(arguments, one)
    else:
        atheris.Setup(arguments, one, custom_mutator=_mutator(change))
    atheris.Fuzz()


def _mutator(change: Change) -> Callable[[bytes, int, int], bytes]:
    """Two of three changes keep to the form of the input, the third is the fuzzer's own."""

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        dice = random.Random(seed)
        if dice.random() < 0.34:
            return bytes(atheris.Mutate(data, most))[:most]
        return change(bytes(data), dice)[:most]

    return mutate


def scramble(raw: bytes, dice: random.Random, pieces: list[bytes]) -> bytes:
    """One or a few changes: a piece put in, a stretch taken out, doubled, or moved."""
    for _ in range(dice.randint(1, 3)):
        at = dice.randint(0, len(raw))
        end = min(len(raw), at + dice.choice([0, 1, 2, 8, 40]))
        kind = dice.randrange(4)
        if kind == 0:
            raw = raw[:at] + dice.choice(pieces) + raw[end:]
        elif kind == 1:
            raw = raw[:at] + raw[end:]
        elif kind == 2:
            raw = raw[:end] + raw[at:end] * dice.choice([1, 2, 9]) + raw[end:]
        else:
            raw = raw[:at] + bytes(dice.randrange(256) for _ in range(dice.randint(1, 4))) + raw[at:]
    return raw
