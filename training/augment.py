"""More text for a teacher to label: messages cut at their marks and put together anew, words exchanged for neighbours.

Nobody would send these messages, and nobody labels them: the teacher says what it sees in them, and the small network
learns the teacher's view around the true examples (TinyBERT, Jiao et al. 2020, section 3.3). Names are roles
already, so that passages of different families fit together.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gateway.tagging.encode import MAX_PIECES, ROLES, SPECIAL, Window
from training.data import NONE, Example

EXCHANGED, DROPPED = 0.12, 0.03
NEIGHBOURS = 8
FIRST_WORD = 1996  # the vocabulary's first whole word; signs and single letters stand before
LONGEST = 160


def augmented(examples: Sequence[Example], vectors: Tensor, count: int, seed: int = 1) -> list[Example]:
    """`count` new windows without labels; `vectors` are the encoder's word vectors, for neighbours."""
    rng = np.random.default_rng(seed)
    near = Neighbours(vectors)
    parts = [passages(e) for e in examples]
    usable = [i for i, p in enumerate(parts) if p]
    out: list[Example] = []
    while len(out) < count:
        first, second = rng.choice(usable, 2)
        body = spliced(parts[first], parts[second], rng) if rng.random() < 0.7 else [n for p in parts[first] for n in p]
        body = near.exchanged(body, rng)[:LONGEST]
        head = examples[first].window.numbers[: examples[first].window.text[0][0]]
        numbers = [*head, *body, SPECIAL[1]]
        if not body or len(numbers) > MAX_PIECES:
            continue
        window = Window(
            numbers,
            [1] * len(head) + [0] * (len(body) + 1),
            examples[first].window.subject,
            [(len(head) + i, i) for i in range(len(body))],
        )
        size = len(numbers)
        out.append(
            Example(
                -1, window, np.full(size, NONE), np.full(size, -1, dtype=np.float32), np.full(4, -1, dtype=np.float32)
            )
        )
    return out


def passages(example: Example) -> list[list[int]]:
    """The pieces of the text, cut where a mark begins."""
    out: list[list[int]] = []
    for place, _ in example.window.text:
        if example.starts[place] == 1 or not out:
            out.append([])
        out[-1].append(example.window.numbers[place])
    return out


def spliced(one: Sequence[list[int]], other: Sequence[list[int]], rng: np.random.Generator) -> list[int]:
    """Passages of two messages in turn, some left out."""
    out: list[int] = []
    sources = [list(one), list(other)]
    take = int(rng.integers(2))
    while sources[0] or sources[1]:
        source = sources[take] or sources[1 - take]
        passage = source.pop(0)
        if rng.random() < 0.75:
            out += passage
        if rng.random() < 0.5:
            take = 1 - take
    return out


class Neighbours:
    """Words with similar vectors."""

    def __init__(self, vectors: Tensor) -> None:
        self.unit = torch.nn.functional.normalize(vectors.detach().float(), dim=-1)
        self.known: dict[int, NDArray[np.int64]] = {}

    def of(self, number: int) -> NDArray[np.int64]:
        """The nearest whole words."""
        if number not in self.known:
            alike = self.unit @ self.unit[number]
            alike[:FIRST_WORD] = -1
            self.known[number] = alike.topk(NEIGHBOURS + 1).indices[1:].numpy()
        return self.known[number]

    def exchanged(self, body: Sequence[int], rng: np.random.Generator) -> list[int]:
        """Some words exchanged, some dropped; roles and signs stay."""
        out: list[int] = []
        for number in body:
            chance = rng.random()
            if number <= len(ROLES) or chance > EXCHANGED + DROPPED:
                out.append(number)
            elif chance > DROPPED and number >= FIRST_WORD:
                out.append(int(rng.choice(self.of(number))))
        return out
