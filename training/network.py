"""The network: a small BERT with heads for labels, boundaries and the message as a whole.

MiniLM (6 layers of 384) is what is shipped; MPNet (12 layers of 768) can teach it. Both read the same word pieces:
MPNet's vocabulary is BERT's, moved by four.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F

from gateway.tagging.spans import LABELS

MESSAGE_QUESTIONS = ("danger", "emergency", "withhold", "fact")
ROLE_SEEDS = {
    1: "emma noah lily jack maya leo",
    2: "mark david mike paul",
    3: "dana sarah anna claire",
    4: ".",
    5: "email",
    6: "text message",
    7: "subject",
    8: "he said",
    9: "i said",
    10: "happy smile",
    11: "love heart",
    12: "sad cry",
    13: "angry",
    14: "laugh mock",
    15: "knife gun",
    16: "watch eyes",
    17: "alarm",
    18: "thanks",
    19: "sexy",
    20: "picture",
}


class Layer(nn.Module):
    """Attention and feed-forward, normalised after each."""

    def __init__(self, size: int, heads: int, inner: int, eps: float, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(size, 3 * size)
        self.out = nn.Linear(size, size)
        self.norm1 = nn.LayerNorm(size, eps)
        self.up = nn.Linear(size, inner)
        self.down = nn.Linear(inner, size)
        self.norm2 = nn.LayerNorm(size, eps)
        self.drop = nn.Dropout(dropout)
        self.dropout = dropout

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        b, t, d = x.shape
        q, k, v = self.qkv(x).view(b, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        scores = q @ k.transpose(-1, -2) * (d // self.heads) ** -0.5 + mask
        weights = F.dropout(torch.softmax(scores.float(), -1).to(v.dtype), self.dropout, self.training)
        mixed = (weights @ v).transpose(1, 2).reshape(b, t, d)
        x = self.norm1(x + self.drop(self.out(mixed)))
        return self.norm2(x + self.drop(self.down(F.gelu(self.up(x)))))


class Tagger(nn.Module):
    """Pieces in; label logits (b, t, 36), boundary logits (b, t) and message logits (b, 4) out."""

    def __init__(self, config: dict[str, Any], dropout: float = 0.1) -> None:
        super().__init__()
        size, eps = config["hidden_size"], config["layer_norm_eps"]
        self.mpnet = config["model_type"] == "mpnet"
        self.heads = config["num_attention_heads"]
        self.words = nn.Embedding(config["vocab_size"], size)
        self.places = nn.Embedding(config["max_position_embeddings"], size)
        self.segments = nn.Embedding(2, size)
        self.norm = nn.LayerNorm(size, eps)
        self.drop = nn.Dropout(dropout)
        self.layers = nn.ModuleList(
            Layer(size, self.heads, config["intermediate_size"], eps, dropout)
            for _ in range(config["num_hidden_layers"])
        )
        self.relative = nn.Embedding(32, self.heads) if self.mpnet else None
        self.label = nn.Linear(size, len(LABELS))
        self.boundary = nn.Linear(size, 1)
        self.pool = nn.Linear(size, size)
        self.message = nn.Linear(size, len(MESSAGE_QUESTIONS))
        self.noise: Tensor | None = None
        self.seen: Tensor | None = None  # the last layer of the last pass, which a teacher's is compared with
        self.likeness: nn.Linear | None = None  # from this network's size to the teacher's, in training only
        self.rows: Tensor | None = None  # where word pieces stand while only some vectors are trained
        self.used: list[int] = []

    def row(self, numbers: Tensor) -> Tensor:
        """Where the vectors of these word pieces stand."""
        if self.rows is not None:
            return self.rows[numbers]
        return numbers + 4 if self.mpnet else numbers

    def forward(self, numbers: Tensor, segments: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        t = numbers.shape[1]
        place = torch.arange(t, device=numbers.device) + (2 if self.mpnet else 0)
        x = self.words(self.row(numbers))
        if self.noise is not None:
            x = x + self.noise
        x = self.drop(self.norm(x + self.places(place) + self.segments(segments)))
        bias = (1.0 - mask.to(x.dtype))[:, None, None, :] * -1e4
        if self.relative is not None:
            bias = bias + self._relative_bias(t)
        for layer in self.layers:
            x = layer(x, bias)
        self.seen = x
        message = self.message(self.drop(torch.tanh(self.pool(x[:, 0]))))
        return self.label(self.drop(x)), self.boundary(x)[..., 0], message

    def _relative_bias(self, t: int) -> Tensor:
        """MPNet's bucketed relative positions."""
        n = torch.arange(t)[:, None] - torch.arange(t)[None, :]
        bucket = (n < 0).long() * 16
        n = n.abs()
        far = 8 + (torch.log(n.clamp(min=1).float() / 8) / torch.log(torch.tensor(128 / 8)) * 8).long()
        bucket = bucket + torch.where(n < 8, n, far.clamp(max=15))
        assert self.relative is not None
        return self.relative(bucket).permute(2, 0, 1)[None]


def load(folder: Path, dropout: float = 0.1) -> Tagger:
    """The pre-trained encoder of `folder` (config.json, model.safetensors) under fresh heads."""
    config = json.loads((folder / "config.json").read_text())
    weights = {
        k.removeprefix("bert.").removeprefix("mpnet."): v for k, v in load_file(folder / "model.safetensors").items()
    }
    model = Tagger(config, dropout)
    state = model.state_dict()
    state["words.weight"] = weights["embeddings.word_embeddings.weight"].clone()
    state["places.weight"] = weights["embeddings.position_embeddings.weight"]
    state["segments.weight"] = weights.get(
        "embeddings.token_type_embeddings.weight", torch.zeros(2, config["hidden_size"])
    )
    for part in ("weight", "bias"):
        state[f"norm.{part}"] = weights[f"embeddings.LayerNorm.{part}"]
        for i in range(config["num_hidden_layers"]):
            old, new = f"encoder.layer.{i}", f"layers.{i}"
            att = f"{old}.attention"
            if model.mpnet:
                names = [f"{att}.attn.{n}.{part}" for n in "qkv"]
                out, norm1 = f"{att}.attn.o.{part}", f"{att}.LayerNorm.{part}"
            else:
                names = [f"{att}.self.{n}.{part}" for n in ("query", "key", "value")]
                out, norm1 = f"{att}.output.dense.{part}", f"{att}.output.LayerNorm.{part}"
            state[f"{new}.qkv.{part}"] = torch.cat([weights[n] for n in names])
            state[f"{new}.out.{part}"] = weights[out]
            state[f"{new}.norm1.{part}"] = weights[norm1]
            state[f"{new}.up.{part}"] = weights[f"{old}.intermediate.dense.{part}"]
            state[f"{new}.down.{part}"] = weights[f"{old}.output.dense.{part}"]
            state[f"{new}.norm2.{part}"] = weights[f"{old}.output.LayerNorm.{part}"]
    if model.mpnet:
        state["relative.weight"] = weights["encoder.relative_attention_bias.weight"]
    model.load_state_dict(state)
    _seed_roles(model, folder)
    return model


def _seed_roles(model: Tagger, folder: Path) -> None:
    """Role pieces start as the mean of a few words that they stand for."""
    vocabulary = {w: i for i, w in enumerate((folder / "vocab.txt").read_text(encoding="utf8").split("\n"))}
    shift = 4 if model.mpnet else 0
    with torch.no_grad():
        for number, words in ROLE_SEEDS.items():
            known = [vocabulary[w] for w in words.split() if w in vocabulary]
            model.words.weight[number + shift] = model.words.weight[known].mean(0)
