"""Fine-tuning: one network, one list of examples, seeded.

Loss: cross-entropy on the label, on its kind, on the boundary before a piece and on four questions about the whole
message. AdamW with a lower rate for lower layers, one cycle; the weights that are kept are an average over the last
part of training. Pieces are hidden at random. bf16 on the processor where it has units for that.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from gateway.tagging.encode import ROLES
from training.data import NONE, Example
from training.dropout import cheapen
from training.losses import Soft, Teacher, gathered, losses
from training.network import Tagger, load

MASK = 103


@dataclass(frozen=True)
class Settings:
    """What a training run can be told."""

    encoder: Path
    epochs: int = 9
    batch: int = 16
    rate: float = 1.3e-4
    head_rate: float = 2e-3
    decay: float = 1.0  # of the rate, a layer down
    smoothing: float = 0.0
    masking: float = 0.05
    dropout: float = 0.1
    danger_weight: float = 1.0
    adversary: float = 0.0  # length of embedding noise along the gradient, 0 for none
    average_from: float = 0.6  # share of steps after which weights are averaged
    boundary_weight: float = 0.3
    message_weight: float = 0.3
    seed: int = 1
    keep_layers: int = 0
    likeness: float = 0.0  # weight of the difference between the last layers of teacher and pupil
    soft: float = 0.0  # weight of a teacher's probabilities, where given


def batches(examples: Sequence[Example], size: int, rng: np.random.Generator) -> Iterator[list[int]]:
    """Indices in batches of like length (at most `size` × 100 pieces), in random order."""
    lengths = np.array([len(e.window.numbers) for e in examples])
    order = np.argsort(lengths + rng.uniform(-0.15, 0.15, len(lengths)) * lengths)
    groups: list[list[int]] = [[]]
    for i in order:
        group = groups[-1]
        if len(group) >= size or (group and (len(group) + 1) * int(lengths[i]) > size * 100):
            groups.append([])
        groups[-1].append(int(i))
    for g in rng.permutation(len(groups)):
        yield groups[g]


def stacked(rows: Sequence[Sequence[float]] | Sequence[NDArray[np.generic]], fill: float, kind: torch.dtype) -> Tensor:
    """Rows of unlike length as one tensor."""
    width = max(len(r) for r in rows)
    out = torch.full((len(rows), width), fill, dtype=kind)
    for i, row in enumerate(rows):
        out[i, : len(row)] = torch.as_tensor(np.asarray(row), dtype=kind)
    return out


def fit(
    examples: Sequence[Example],
    settings: Settings,
    *,
    soft: Sequence[Soft] | None = None,
    log: Callable[[str], None] = print,
) -> Tagger:
    """Train and return the averaged network, in evaluation mode."""
    torch.manual_seed(settings.seed)
    rng = np.random.default_rng(settings.seed)
    model = load(settings.encoder, settings.dropout)
    if settings.keep_layers:
        model.layers = model.layers[: settings.keep_layers]
    cheapen(model, settings.dropout)
    vectors = narrow(model, examples)
    if soft and settings.likeness:
        model.likeness = nn.Linear(model.label.in_features, soft[0][3].shape[-1])
    optimiser = torch.optim.AdamW(groups(model, settings), fused=True, weight_decay=0.01)
    steps = sum(1 for _ in batches(examples, settings.batch, np.random.default_rng(0))) * settings.epochs
    top = [g["lr"] for g in optimiser.param_groups]
    mean: dict[str, Tensor] = {}
    taken = step = 0
    started = time.time()
    model.train()
    for epoch in range(settings.epochs):
        total = seen = 0.0
        for rows in batches(examples, settings.batch, rng):
            share = min(step / max(steps, 1), 1.0)
            factor = min(share / 0.1, 1.0) * (0.5 * (1 + np.cos(np.pi * max(0.0, share - 0.1) / 0.9)) * 0.98 + 0.02)
            for g, rate in zip(optimiser.param_groups, top, strict=True):
                g["lr"] = rate * factor
            total += train_step(
                model, [examples[i] for i in rows], [soft[i] for i in rows] if soft else None, settings, rng
            )
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
            step += 1
            seen += 1
            if step / steps >= settings.average_from and step % 4 == 0:
                taken += 1
                for name, value in model.state_dict().items():
                    mean[name] = mean[name].lerp_(value, 1 / taken) if name in mean else value.detach().clone()
        log(f"epoch {epoch + 1}: loss {total / max(seen, 1):.4f}, {time.time() - started:.0f} s")
    if mean:
        model.load_state_dict(mean)
    widen(model, vectors)
    model.likeness = model.seen = None
    return model.eval()


def narrow(model: Tagger, examples: Sequence[Example]) -> nn.Embedding:
    """Train only the word vectors that the examples use: the others would not move, but cost time at every step."""
    whole = model.words
    shift = 4 if model.mpnet else 0
    used = sorted({n for e in examples for n in e.window.numbers} | {0, MASK, *range(1, 1 + len(ROLES))})
    model.rows = torch.zeros(whole.num_embeddings, dtype=torch.long)
    model.rows[torch.tensor(used)] = torch.arange(len(used))
    model.words = nn.Embedding.from_pretrained(whole.weight[torch.tensor(used) + shift].detach().clone(), freeze=False)
    model.used = used
    return whole


def widen(model: Tagger, whole: nn.Embedding) -> None:
    """Put the trained word vectors back among all others."""
    shift = 4 if model.mpnet else 0
    with torch.no_grad():
        whole.weight[torch.tensor(model.used) + shift] = model.words.weight
    model.words, model.rows = whole, None


def rounds(count: int, wanted: int, least: int = 4, most: int = 12) -> int:
    """Epochs so that a network sees about `wanted` examples: many rounds through a small corpus, few through a large."""
    return max(least, min(most, round(wanted / max(count, 1))))


def groups(model: Tagger, settings: Settings) -> list[dict[str, object]]:
    """Parameter groups with their rates: heads, then layers from top to bottom, then embeddings."""
    body = len(model.layers)
    heads = [
        p
        for n, p in model.named_parameters()
        if n.split(".")[0] in ("label", "boundary", "pool", "message", "likeness")
    ]
    out: list[dict[str, object]] = [{"params": heads, "lr": settings.head_rate}]
    for i, layer in enumerate(model.layers):
        out.append({"params": list(layer.parameters()), "lr": settings.rate * settings.decay ** (body - 1 - i)})
    rest = [
        p for n, p in model.named_parameters() if n.split(".")[0] in ("words", "places", "segments", "norm", "relative")
    ]
    out.append({"params": rest, "lr": settings.rate * settings.decay**body})
    return out


def train_step(
    model: Tagger,
    rows: Sequence[Example],
    soft: Sequence[Soft] | None,
    settings: Settings,
    rng: np.random.Generator,
) -> float:
    """Forward and backward over one batch; the gradient is left on the parameters."""
    numbers = stacked([e.window.numbers for e in rows], 0, torch.long)
    segments = stacked([e.window.segments for e in rows], 0, torch.long)
    labels = stacked([e.labels for e in rows], NONE, torch.long)
    starts = stacked([e.starts for e in rows], -1, torch.float32)
    answers = torch.from_numpy(np.stack([e.answers for e in rows]))
    mask = stacked([[1] * len(e.window.numbers) for e in rows], 0, torch.long)
    hidden = torch.from_numpy(rng.random(tuple(numbers.shape)) < settings.masking) & (labels != NONE)
    numbers = torch.where(hidden, torch.full_like(numbers, MASK), numbers)
    teacher: Teacher | None = None
    if soft is not None:
        teacher = gathered(rows, soft, numbers.shape)

    def loss() -> Tensor:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits, boundary, message = model(numbers, segments, mask)
            seen = model.likeness(model.seen) if model.likeness is not None else None
        seen = None if seen is None else seen.float()
        floats = logits.float(), boundary.float(), message.float()
        return losses(*floats, labels, starts, answers, teacher, settings, seen)

    value = loss()
    value.backward()
    if settings.adversary:
        gradient = model.words.weight.grad
        assert gradient is not None
        with torch.no_grad():
            shift = F.embedding(model.row(numbers), gradient)
            model.noise = settings.adversary * shift / (shift.norm(dim=-1, keepdim=True) + 1e-8)
        loss().backward()
        model.noise = None
    return float(value.detach())


@torch.no_grad()
def predict(model: Tagger, examples: Sequence[Example], size: int = 32) -> list[tuple[NDArray[np.float32], ...]]:
    """Per example: probabilities of labels (t, 36), boundaries (t,), answers (4,); the last layer (t, size) in half."""
    order = sorted(range(len(examples)), key=lambda i: len(examples[i].window.numbers))
    out: list[tuple[NDArray[np.float32], ...]] = [()] * len(examples)
    for at in range(0, len(order), size):
        rows = order[at : at + size]
        numbers = stacked([examples[i].window.numbers for i in rows], 0, torch.long)
        segments = stacked([examples[i].window.segments for i in rows], 0, torch.long)
        mask = stacked([[1] * len(examples[i].window.numbers) for i in rows], 0, torch.long)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits, boundary, message = model(numbers, segments, mask)
        assert model.seen is not None
        p, b, m = torch.softmax(logits.float(), -1), torch.sigmoid(boundary.float()), torch.sigmoid(message.float())
        for j, i in enumerate(rows):
            n = len(examples[i].window.numbers)
            out[i] = (p[j, :n].numpy(), b[j, :n].numpy(), m[j].numpy(), model.seen[j, :n].half().numpy())
    return out
