"""The tagger that ships: an int8 network in ONNX, read with one thread, and the decoding beside it.

A folder holds ``model.onnx`` with its weights in ``model.bin`` (which are mapped into memory, not read: what is never
looked up costs none), ``tokenizer.json`` and ``manifest.json`` (what it was trained on, how good it is, the
thresholds that decoding uses, and the hash of the network). Loading checks the hash: a file that was swapped or cut
short is refused, and the gateway falls back to `Fallback`, which lets nothing through and swallows nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort  # type: ignore[import-untyped]
from numpy.typing import NDArray
from tokenizers import Tokenizer

from gateway.errors import BreakwaterError
from gateway.tagging.decode import Costs, conclude
from gateway.tagging.encode import Encoded, People, encode
from gateway.tagging.inner import Inner, layers_of, put_together, with_layers
from gateway.tagging.spans import LABELS, Tagging, Unread
from gateway.tagging.words import Votes, words_of

Floats = NDArray[np.float64]
NETWORK = ("model.onnx", "model.bin")
OUTPUTS = ("labels", "starts", "answers")


class ModelError(BreakwaterError):
    """The model's folder cannot be used; `str()` says why and what to do."""


@dataclass(frozen=True, slots=True)
class Read:
    """What the network says about a message: rows per piece of text and subject, answers for the whole."""

    text: Floats
    text_starts: Floats
    subject: Floats
    subject_starts: Floats
    votes: Votes
    inner: Inner = field(default_factory=Inner)


@dataclass(frozen=True, slots=True)
class OnnxTagger:
    """A loaded model. Equal messages give equal taggings."""

    session: Any
    tokenizer: Tokenizer
    costs: Costs
    version: str
    manifest: dict[str, Any]
    layers: tuple[str, ...] = ()

    @classmethod
    def load(cls, folder: Path) -> OnnxTagger:
        """Read and check the model in `folder`. Raises ModelError."""
        try:
            manifest = json.loads((folder / "manifest.json").read_text(encoding="utf8"))
            digest = network_digest(folder)
            tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # noqa: BLE001 - tokenizers raises bare Exception
            raise ModelError(f"no usable model in {folder.name}: {error}; run `make train` or reinstall") from None
        if digest != manifest.get("model_sha256"):
            raise ModelError(f"the network in {folder.name} is not the one that its manifest describes; reinstall it")
        if manifest.get("labels") != list(LABELS):
            raise ModelError(f"the model in {folder.name} knows other labels than this version; run `make train`")
        tokenizer.no_truncation()
        tokenizer.no_padding()
        version = f"{manifest['name']}-{digest[:12]}"
        network = (folder / "model.onnx").read_bytes()
        layers = layers_of(network)
        session = _session(folder, with_layers(network, layers))
        return cls(session, tokenizer, Costs.of(manifest["thresholds"]), version, manifest, layers)

    def tag(self, message: Unread) -> Tagging:
        """Label every word of `message`."""
        return self.look(message, ())[0]

    def look(self, message: Unread, layers: tuple[str, ...] | None = None) -> tuple[Tagging, Inner]:
        """The same, and what the network's middle layers hold. `layers`: which of them; all when None."""
        if not message.text.strip() and not (message.subject or "").strip():
            return Tagging(text=(), tagger=self.version), Inner()
        parts = self.encode(message)
        read = self.read(parts, self.layers if layers is None else layers)
        subject = message.subject or ""
        words = words_of(message.text, parts.text, read.text, read.text_starts)
        title = words_of(subject, parts.subject, read.subject, read.subject_starts)
        return conclude(message.text, subject, words, title, read.votes, self.costs, self.version), read.inner

    def encode(self, message: Unread) -> Encoded:
        """The message in pieces."""
        names = [n for c in message.children for n in (c.name, *getattr(c, "nicknames", ()))]
        return encode(
            self.tokenizer,
            message.text,
            people=People.of(names, message.sender, message.recipient),
            subject=message.subject or "",
            channel=message.channel,
            previous=message.previous,
        )

    def read(self, parts: Encoded, layers: tuple[str, ...] = ()) -> Read:
        """Run the network over all windows. `layers`: which of the middle layers to give out as well."""
        outputs, inner = [], []
        for window in parts.windows:
            feed = {
                "numbers": np.array([window.numbers], dtype=np.int64),
                "segments": np.array([window.segments], dtype=np.int64),
            }
            labels, starts, answers, *rows = self.session.run([*OUTPUTS, *layers], feed)
            outputs.append((softmax(labels[0]), sigmoid(starts[0]), sigmoid(answers[0])))
            inner.append(rows)
        return replace(joined(parts, outputs), inner=put_together(parts, inner))


def joined(parts: Encoded, outputs: Sequence[tuple[Floats, Floats, Floats]]) -> Read:
    """Rows of windows -> rows of pieces; of two windows, the one that sees more around a piece counts."""
    text, text_starts = np.full((len(parts.text), len(LABELS)), 1 / len(LABELS)), np.full(len(parts.text), 0.5)
    subject = np.full((len(parts.subject), len(LABELS)), 1 / len(LABELS))
    subject_starts = np.full(len(parts.subject), 0.5)
    seen = np.full(len(parts.text), -1)
    for window, (labels, starts, _) in zip(parts.windows, outputs, strict=True):
        count = len(window.text)
        for i, (place, piece) in enumerate(window.text):
            if min(i, count - 1 - i) > seen[piece] or seen[piece] < 0:
                text[piece], text_starts[piece], seen[piece] = labels[place], starts[place], min(i, count - 1 - i)
        for place, piece in window.subject:
            subject[piece], subject_starts[piece] = labels[place], starts[place]
    answers = np.max([a for _, _, a in outputs], axis=0)
    return Read(text, text_starts, subject, subject_starts, Votes(*(float(a) for a in answers)))


def softmax(logits: NDArray[np.float32]) -> Floats:
    """Rows that sum to one."""
    wide = logits.astype(np.float64)
    e = np.exp(wide - wide.max(-1, keepdims=True))
    return np.asarray(e / e.sum(-1, keepdims=True), dtype=np.float64)


def sigmoid(logits: NDArray[np.float32]) -> Floats:
    """Log-odds -> probability."""
    return np.asarray(1 / (1 + np.exp(-np.clip(logits.astype(np.float64), -30, 30))), dtype=np.float64)


def network_digest(folder: Path) -> str:
    """SHA-256 over the files of the network, one after the other."""
    sha = hashlib.sha256()
    for name in NETWORK:
        with (folder / name).open("rb") as file:
            while block := file.read(1 << 20):
                sha.update(block)
    return sha.hexdigest()


def _session(folder: Path, network: bytes) -> Any:
    """The graph is given as bytes, which the session holds; the weights are opened by name and mapped."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 3
    options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(folder.resolve()))
    return ort.InferenceSession(network, options, providers=["CPUExecutionProvider"])
