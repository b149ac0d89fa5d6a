"""What the network is punished for: wrong labels, kinds, boundaries and answers; and unlike views of the teacher."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from gateway.tagging.spans import LABELS
from training.data import NONE, Example

Soft = tuple[NDArray[np.float32], ...]
Teacher = tuple[Tensor, Tensor, Tensor, Tensor]
KINDS = torch.tensor(["FXDN".index(label[0]) for label in LABELS])


class Weights(Protocol):
    """The settings that weigh the parts."""

    smoothing: float
    danger_weight: float
    boundary_weight: float
    message_weight: float
    soft: float
    likeness: float


def gathered(rows: Sequence[Example], soft: Sequence[Soft], shape: torch.Size) -> Teacher:
    """The teacher's answers of a batch; zeros where it was not asked."""
    labels, starts = torch.zeros(*shape, len(LABELS)), torch.zeros(*shape)
    inner = torch.zeros(*shape, soft[0][3].shape[-1])
    for i, (example, (p, b, _, h)) in enumerate(zip(rows, soft, strict=True)):
        inner[i, : len(h)] = torch.from_numpy(h).float()
        places = [place for place, _ in (*example.window.text, *example.window.subject)]
        labels[i, places] = torch.from_numpy(p)[places]
        starts[i, places] = torch.from_numpy(b)[places]
    return labels, starts, torch.from_numpy(np.stack([m for _, _, m, _ in soft])), inner


def losses(
    logits: Tensor,
    boundary: Tensor,
    message: Tensor,
    labels: Tensor,
    starts: Tensor,
    answers: Tensor,
    teacher: Teacher | None,
    settings: Weights,
    seen_here: Tensor | None = None,
) -> Tensor:
    """The weighted sum of the losses against the marks, and against the teacher where there is one."""
    total = logits.sum() * 0
    known = labels != NONE
    if known.any():
        logp, gold = torch.log_softmax(logits[known], -1), labels[known]
        weight = torch.where(KINDS[gold] == 2, settings.danger_weight, 1.0)
        label_loss = F.nll_loss(logp, gold, reduction="none")
        if settings.smoothing:
            label_loss = (1 - settings.smoothing) * label_loss - settings.smoothing * logp.mean(-1)
        kind_loss = F.nll_loss(kinds_of(logp), KINDS[gold], reduction="none")
        total = total + ((label_loss + kind_loss) * weight).sum() / weight.sum()
        marked = starts >= 0
        total = total + settings.boundary_weight * bce(boundary[marked], starts[marked])
        asked = answers >= 0
        total = total + settings.message_weight * bce(message[asked], answers[asked])
    if teacher is not None:
        q, b, m, inner = teacher
        seen = q.sum(-1) > 0
        logp, q = torch.log_softmax(logits[seen], -1), q[seen]
        qk = torch.stack([q[:, k == KINDS].sum(-1) for k in range(4)], -1)
        part = -(q * logp).sum(-1).mean() - (qk * kinds_of(logp)).sum(-1).mean()
        part = part + settings.boundary_weight * bce(boundary[seen], b[seen])
        total = total + settings.soft * (part + settings.message_weight * bce(message, m))
        if seen_here is not None and settings.likeness:
            there = inner.abs().sum(-1) > 0
            total = total + settings.likeness * unlike(seen_here[there], inner[there])
    return total


def unlike(here: Tensor, there: Tensor) -> Tensor:
    """How far two rows of inner states differ: squared difference, as a share of the teacher's variance."""
    return ((here - there) ** 2).mean() / there.var().clamp(min=1e-6)


bce = F.binary_cross_entropy_with_logits


def kinds_of(logp: Tensor) -> Tensor:
    """Log-probabilities of labels -> of kinds."""
    return torch.stack([torch.logsumexp(logp[:, k == KINDS], -1) for k in range(4)], -1)
