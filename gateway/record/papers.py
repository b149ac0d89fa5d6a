"""The papers of a bundle: what it is, what it proves and what it cannot, how to check it, and drafts for declarations.

The drafts leave blank what only a person can swear to. They are no legal advice, and say so. In another language than English the papers
come from the folder of that language; what is to be signed stays in the language of the court, with the same to read beside it. How to
check a bundle (`SPECIFICATION.md`) is one text for programmers, in English.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gateway.clock import for_people
from gateway.data import folder
from gateway.language import SOURCE
from gateway.ledger.note import Key
from gateway.record.items import Record
from gateway.record.speech import court

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
    speak = court(record.language)
    ends = (record.messages[0].at, record.messages[-1].at) if record.messages else ()
    first, last = (speak.when(at, record.zone) for at in ends) if ends else ("", "")
    values: dict[str, Any] = {
        "here": {"made": speak.when(record.made_at, record.zone), "first": first, "last": last},
        "record": record,
        "fingerprint": key.fingerprint,
        "origin": key.name,
        "made": for_people(record.made_at, record.zone),
        "pages": sum(len(v.labels) for v in made),
        "volumes": [v.name for v in made],
        "parent": next((p.name for p in record.parties if p.is_parent), ""),
        "coparent": next((p.name for p in record.parties if p.role == "co-parent"), ""),
        "first": for_people(record.messages[0].at, record.zone) if record.messages else "",
        "last": for_people(record.messages[-1].at, record.zone) if record.messages else "",
        "count": len(record.messages),
    }
    names = ORIGINALS if originals_only else WHOLE
    own = "" if record.language == SOURCE else f"{record.language}/"
    return {
        ("README.md" if name == "originals.md" else name): environment.get_template(f"{own}{name}").render(values)
        for name in names
        if name != "SPECIFICATION.md"
    } | {"SPECIFICATION.md": (folder("templates") / "court" / "SPECIFICATION.md").read_text(encoding="utf8")}
