"""The papers of a bundle: what it is, what it proves and what it cannot, how to check it, and drafts for declarations.

The drafts leave blank what only a person can swear to. They are no legal advice, and say so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gateway.clock import for_people
from gateway.data import folder
from gateway.ledger.note import Key
from gateway.record.items import Record

if TYPE_CHECKING:
    from gateway.record.volumes import Volume

WHOLE = ("README.md", "LIMITS.md", "SPECIFICATION.md", "cover-sheet.md", "declaration-us.md", "declaration-england-and-wales.md",
         "declaration-canada.md", "declaration-australia.md")  # fmt: skip
ORIGINALS = ("originals.md", "LIMITS.md", "SPECIFICATION.md")


def papers(record: Record, key: Key, made: Sequence[Volume], *, originals_only: bool) -> dict[str, str]:
    """File names and their text."""
    environment = Environment(  # noqa: S701 (plain text)
        loader=FileSystemLoader(folder("templates") / "court"), undefined=StrictUndefined, keep_trailing_newline=True
    )
    values: dict[str, Any] = {
        "record": record,
        "fingerprint": key.fingerprint,
        "origin": key.name,
        "made": for_people(record.made_at, record.zone),
        "pages": sum(len(v.labels) for v in made),
        "volumes": [v.name for v in made],
        "parent": next((p.name for p in record.parties if p.role == "parent"), ""),
        "coparent": next((p.name for p in record.parties if p.role == "co-parent"), ""),
        "first": for_people(record.messages[0].at, record.zone) if record.messages else "",
        "last": for_people(record.messages[-1].at, record.zone) if record.messages else "",
        "count": len(record.messages),
    }
    names = ORIGINALS if originals_only else WHOLE
    return {
        ("README.md" if name == "originals.md" else name): environment.get_template(name).render(values)
        for name in names
        if name != "SPECIFICATION.md"
    } | {"SPECIFICATION.md": (folder("templates") / "court" / "SPECIFICATION.md").read_text(encoding="utf8")}
