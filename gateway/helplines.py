"""Numbers for help, country by country, out of `data/helplines.toml`. Only what is well established stands there, each line with
where it was looked up and when.
"""

from __future__ import annotations

import functools
import re
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from gateway.data import here

KINDS = {
    "emergency": "Emergency",
    "home": "Violence or control at home",
    "child": "For children, and about them",
    "suicide": "Thoughts of suicide, or fear for somebody",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One helpline. `number` as people write it; `web` where there is no one number for the whole country."""

    kind: str
    name: str
    number: str
    web: str
    note: str
    source: str
    checked: date

    @property
    def heading(self) -> str:
        """What it is for, in words."""
        return KINDS[self.kind]

    @property
    def dial(self) -> str:
        """The number as a telephone takes it (RFC 3966)."""
        return re.sub(r"[^0-9+*#]", "", self.number)


@dataclass(frozen=True, slots=True)
class Country:
    """A country with its lines, the emergency first."""

    code: str
    name: str
    lines: tuple[Line, ...]


@functools.cache
def countries(file: Path | None = None) -> tuple[Country, ...]:
    """All of them, by name."""
    raw = tomllib.loads((file or here("helplines.toml")).read_text("utf8"))
    found = [Country(c["code"], c["name"], tuple(_line(line) for line in c["line"])) for c in raw["country"]]
    return tuple(sorted(found, key=lambda country: country.name))


def ordered(first: str | None) -> tuple[Country | None, tuple[Country, ...]]:
    """The country that is shown in full, None where none of ours is meant, and the others."""
    own = next((country for country in countries() if country.code == first), None)
    return own, tuple(country for country in countries() if country is not own)


def _line(raw: dict[str, object]) -> Line:
    kind, checked = str(raw["kind"]), raw["checked"]
    if kind not in KINDS or not isinstance(checked, date):
        raise ValueError(f"helplines.toml: a line needs one of the kinds {', '.join(KINDS)} and a date")
    texts = {name: str(raw.get(name, "")) for name in ("name", "number", "web", "note", "source")}
    return Line(kind=kind, checked=checked, **texts)
