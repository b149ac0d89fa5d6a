"""Which words of a message are child-related facts, which are not, which are dangerous. Pure; no network, no clock."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.tagging.spans import Tagger

MODEL = Path(__file__).parent / "model"


def open_tagger(model: Path = MODEL) -> Tagger:
    """The trained tagger; where its files are missing, the fallback that holds whatever may concern a child."""
    if not (model / "manifest.json").exists():
        from gateway.tagging.fallback import Fallback

        return Fallback()
    from gateway.tagging.tagger import OnnxTagger

    return OnnxTagger.load(model)
