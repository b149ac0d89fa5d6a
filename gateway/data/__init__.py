"""Where rules and templates lie: beside the package in a checkout, inside it when installed from a wheel."""

from __future__ import annotations

from pathlib import Path


def folder(name: str) -> Path:
    """The folder `rules` or `templates`."""
    packed = Path(__file__).parent / name
    return packed if packed.is_dir() else Path(__file__).parents[2] / name


def here(name: str) -> Path:
    """A file that lies beside this one, in a checkout and in a wheel alike."""
    return Path(__file__).parent / name
