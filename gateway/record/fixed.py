"""The fixed words of a record, found for translating: `make messages` puts them into the catalogue under a context of their own."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from gateway.record.speech import template_words

TABLES: Final = {
    "exhibit": "NEIGHBOURS NEIGHBOURS_OF_AN_EXTRACT BESIDE BESIDE_AN_EXTRACT SHOWN SHOWN_OF_AN_EXTRACT SORTED REST",
    "items": "LANES",
    "journal": "TITLES SAID",
    "make": "REASON",
    "timeline": "WAITED",
    "transcript": "CHANNELS BY_ACTION TITLES DIRECTIONS NOT_LISTED BY_RELAY ROLES NOT_READ KINDS SENT_KINDS WAYS FILES LEFT_OUT TIMES "
    "GAPS CHILDREN CONTACT MODES HOW",
}
"""Constants whose words are printed, by module: texts, and tables by key (the keys are not printed)."""


def fixed_words() -> list[str]:
    """Each once, in order."""
    return sorted({*template_words(), *_said(), *_tables()})


def _said() -> Iterator[str]:
    """Whatever stands as a constant in a call of `say`."""
    for file in sorted(Path(__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf8"))):
            if isinstance(node, ast.Call) and node.args and _name(node.func) == "say":
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield first.value


def _name(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""


def _tables() -> Iterator[str]:
    for module, names in TABLES.items():
        for name in names.split():
            yield from _texts(getattr(import_module(f"gateway.record.{module}"), name))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    else:
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(one)
