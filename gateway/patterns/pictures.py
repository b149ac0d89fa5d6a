"""Bars of a picture as numbers: where each stands and how tall it is. Pure; a template draws them as SVG with attributes only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 640
LEFT: Final = 40
"""Room for the numbers at the left."""
TALL: Final = 120
GAP: Final = 0.2
MOST_LABELS: Final = 13


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, in units of the picture, with its value and what it stands for. `label`: written under it, or empty. `odd`: every
    other label, for which a small screen has no room.
    """

    x: float
    y: float
    width: float
    height: float
    value: int
    name: str
    label: str = ""
    odd: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A row of bars. `top`: the value of the line at the top; `base`: where the bars stand."""

    width: int
    height: int
    base: float
    top: int
    bars: tuple[Bar, ...]


def columns(values: Sequence[int], names: Sequence[str], *, tall: int = TALL, top: int | None = None) -> Picture:
    """Bars side by side; `top`: the greatest value that has room, where several pictures have one measure."""
    most = max([top or 0, *values, 1])
    step = (WIDTH - LEFT) / max(len(values), 1)
    every = -(-len(values) // MOST_LABELS) or 1
    bars = []
    for n, (value, name) in enumerate(zip(values, names, strict=True)):
        height = round(tall * value / most, 2)
        label = name if n % every == 0 else ""
        x, width = round(LEFT + n * step + step * GAP / 2, 2), round(step * (1 - GAP), 2)
        bars.append(Bar(x, round(14 + tall - height, 2), width, height, value, name, label, n // every % 2 == 1))
    return Picture(WIDTH, tall + 40, 14 + tall, most, tuple(bars))
