"""The trained network as an ONNX file of int8 numbers, small enough for a repository, and what that costs.

Weights of the layers become 7-bit whole numbers per output channel (``reduce_range``: processors without VNNI add two
products in 16 bits, and 8 bits would overflow there; so every machine computes the same). Word vectors become 8-bit
numbers with one scale a word. Activations are quantised on the fly.
"""

from __future__ import annotations

import io
import logging
import tempfile
import warnings
from pathlib import Path

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from training.network import Tagger


class Small(nn.Module):
    """The network with word vectors as int8 rows; takes one message without padding."""

    def __init__(self, model: Tagger) -> None:
        super().__init__()
        vectors = model.words.weight.detach()
        scale = vectors.abs().amax(1, keepdim=True).clamp(min=1e-8) / 127
        self.register_buffer("table", torch.round(vectors / scale).to(torch.int8))
        self.register_buffer("scale", scale)
        self.model = model

    def forward(self, numbers: Tensor, segments: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x = self.table[numbers].to(torch.float32) * self.scale[numbers]
        place = torch.arange(numbers.shape[1])
        m = self.model
        x = m.norm(x + m.places(place) + m.segments(segments))
        for layer in m.layers:
            x = layer(x, torch.zeros(1))
        return m.label(x), m.boundary(x)[..., 0], m.message(torch.tanh(m.pool(x[:, 0])))


WEIGHTS = "model.bin"


def export(model: Tagger, file: Path, *, quantised: bool = True) -> None:
    """Write the network to `file` and, int8, its weights to ``model.bin`` beside it."""
    small = Small(model.eval()).eval()
    numbers = torch.randint(1000, 2000, (1, 24))
    segments = torch.zeros_like(numbers)
    raw = io.BytesIO()
    warnings.filterwarnings("ignore", category=torch.jit.TracerWarning)
    logging.getLogger().setLevel(logging.ERROR)  # the quantiser advises a pre-processing that this graph does not need
    torch.onnx.export(
        small,
        (numbers, segments),
        raw,
        input_names=["numbers", "segments"],
        output_names=["labels", "starts", "answers"],
        dynamic_axes={"numbers": {1: "t"}, "segments": {1: "t"}, "labels": {1: "t"}, "starts": {1: "t"}},
        opset_version=17,
        dynamo=False,
    )
    graph = onnx.load_from_string(raw.getvalue())
    if not quantised:
        onnx.save(graph, file)
        return
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.onnx"
        onnx.save(graph, plain)
        quantize_dynamic(
            plain,
            small_file := Path(folder) / "small.onnx",
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul", "Gemm"],
        )
        apart(small_file, file)


def apart(network: Path, file: Path) -> None:
    """Copy a network so that its weights lie in a file of their own, from which they can be mapped into memory."""
    file.with_name(WEIGHTS).unlink(missing_ok=True)  # onnx would append to it
    onnx.save_model(
        onnx.load(network),
        file,
        save_as_external_data=True,
        all_tensors_to_one_file=True,
        location=WEIGHTS,
        size_threshold=1024,
    )
    file.with_name(WEIGHTS).chmod(0o644)
