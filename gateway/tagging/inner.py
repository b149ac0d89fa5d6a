"""What the network's middle layers hold about each piece of a text: a second reader learns from it without a network of its own.

The shipped file gives out labels only. A further output is asked for by adding its name to the description of the graph, which in
the format of ONNX (protocol buffers) is done by writing a fragment behind it: readers merge the fragment in. The file itself, its
hash and what it says of labels stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from gateway.tagging.encode import Encoded, Piece
from gateway.tagging.spans import Tagging, Unread

LAYERS = tuple(f"/layers.{n}/norm2/LayerNormalization_output_0" for n in (2, 3, 4))
"""The layers that are given out: the third, fourth and fifth of six."""
_GRAPH, _OUTPUT, _NAME, _TYPE, _TENSOR = 7, 12, 1, 2, 1
_FLOAT = b"\x08\x01"

Rows = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Inner:
    """One row for each piece of the text, and where the piece lies. Empty where the network gives none out."""

    pieces: Sequence[Piece] = ()
    rows: Rows | None = None

    def of(self, start: int, end: int) -> Rows | None:
        """The mean row of the pieces in ``[start, end)`` (code points); None when there are none."""
        if self.rows is None:
            return None
        inside = [i for i, piece in enumerate(self.pieces) if piece.start < end and piece.end > start]
        return np.asarray(self.rows[inside].mean(0)) if inside else None


@runtime_checkable
class Inward(Protocol):
    """A tagger that can also say what its middle layers hold."""

    def look(self, message: Unread) -> tuple[Tagging, Inner]:
        """The tagging, and one row for each piece of the text."""
        ...


def layers_of(network: bytes) -> tuple[str, ...]:
    """Which of `LAYERS` a network has: all or none."""
    return LAYERS if all(name.encode() in network for name in LAYERS) else ()


def with_layers(network: bytes, names: Sequence[str]) -> bytes:
    """The network with the named tensors among its outputs."""
    outputs = [_field(_OUTPUT, _field(_NAME, n.encode()) + _field(_TYPE, _field(_TENSOR, _FLOAT))) for n in names]
    return network + b"".join(_field(_GRAPH, output) for output in outputs)


def put_together(parts: Encoded, outputs: Sequence[Sequence[Rows]]) -> Inner:
    """Rows of windows -> rows of pieces; of two windows, the one that sees more around a piece counts."""
    if not parts.text or not outputs[0]:
        return Inner()
    width = sum(layer.shape[-1] for layer in outputs[0])
    rows, seen = np.zeros((len(parts.text), width), np.float32), np.full(len(parts.text), -1)
    for window, layers in zip(parts.windows, outputs, strict=True):
        found = np.concatenate([layer[0] for layer in layers], -1)
        for i, (place, piece) in enumerate(window.text):
            room = min(i, len(window.text) - 1 - i)
            if room > seen[piece]:
                rows[piece], seen[piece] = found[place], room
    return Inner(parts.text, rows)


def _field(number: int, content: bytes) -> bytes:
    """A field of the wire format that holds bytes: its key, its length, its content."""
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
