"""The licence of every locked package, as its own metadata states it, and whether it is one that we take.

    python -m supply.licences     writes docs/licences.md

A package without an SPDX expression (PEP 639) is read by its classifiers or the text of its licence field; one that has neither is named in `BY_HAND`
with where it says so. A licence that is not in `ALLOWED` fails the tests: look at it, and either take it up here or do without the package.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).parent.parent
LOCK, TABLE = ROOT / "requirements.lock", ROOT / "docs" / "licences.md"
ALLOWED = {
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "LGPL-3.0-only", "MIT", "MIT-0", "MIT-CMU", "MPL-2.0", "OFL-1.1", "PSF-2.0",
    "Python-2.0", "Unlicense", "Zlib",
}  # fmt: skip
"""Permissive ones, and such as bind only changes of the package itself (MPL, LGPL of a library that is imported as it is)."""
BY_HAND = {
    "bagit": "CC0-1.0",  # "Public Domain": the README gives it into the public domain by CC0
    "dkimpy": "Zlib",  # "BSD-like": the text of LICENSE is that of zlib
    "imapclient": "BSD-3-Clause",  # COPYING
    "pyrage": "MIT",  # LICENSE
    "uvloop": "MIT OR Apache-2.0",  # LICENSE-MIT, LICENSE-APACHE
}
CLASSIFIERS = {
    "Apache Software License": "Apache-2.0", "BSD License": "BSD-3-Clause", "ISC License (ISCL)": "ISC", "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0", "Python Software Foundation License": "PSF-2.0", "The Unlicense (Unlicense)": "Unlicense",
}  # fmt: skip
WORDS = {
    "3-Clause BSD License": "BSD-3-Clause", "Apache 2.0": "Apache-2.0", "BSD 2-Clause License": "BSD-2-Clause", "MIT License": "MIT",
    "MIT and MPL-2.0": "MIT AND MPL-2.0", "BSD-3-Clause, Apache-2.0, dependency licenses": "BSD-3-Clause AND Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0", "PSFL": "PSF-2.0",
}  # fmt: skip
_LOCKED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[a-z,]+\])?==([^\s;]+)$")


@dataclass(frozen=True, slots=True)
class Package:
    """A locked package. `licence`: an SPDX expression; empty where none was found. `version`: of the lock."""

    name: str
    version: str
    licence: str
    says: str


def locked(lock: Path = LOCK) -> list[tuple[str, str]]:
    """Names and versions, in the order of the lock. Raises ValueError for a line that pins nothing."""
    found = []
    for line in lock.read_text("utf8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        pinned = _LOCKED.match(line.strip())
        if pinned is None:
            raise ValueError(f"{lock.name}: {line!r} pins no version")
        found.append((pinned[1], pinned[2]))
    return found


def packages(lock: Path = LOCK) -> list[Package]:
    """Every locked package with its licence. Raises PackageNotFoundError where one is not installed."""
    return [Package(name, version, *_licence(name)) for name, version in locked(lock)]


def _licence(name: str) -> tuple[str, str]:
    about = metadata(name)
    says = (about.get("Summary") or "").strip()
    if name in BY_HAND:
        return BY_HAND[name], says
    if about.get("License-Expression"):
        return about["License-Expression"], says
    words = (about.get("License") or "").strip().split("\n")[0]
    if words in WORDS or re.fullmatch(r"[A-Za-z0-9.-]+(?: (?:AND|OR) [A-Za-z0-9.-]+)*", words):
        return WORDS.get(words, words), says
    named = {line.rpartition(" :: ")[2] for line in about.get_all("Classifier", []) if line.startswith("License")}
    known = sorted({CLASSIFIERS[one] for one in named if one in CLASSIFIERS})
    return " AND ".join(known), says


def not_allowed(licence: str) -> set[str]:
    """What of an expression we do not take: all of what is joined by AND must be allowed, one of what is joined by OR."""
    bad: set[str] = set()
    for part in re.split(r"\s+AND\s+", licence.replace("(", "").replace(")", "")):
        choices = {one.strip() for one in re.split(r"\s+OR\s+", part)}
        if not choices & ALLOWED:
            bad |= choices
    return bad


def table() -> str:
    """The page for people."""
    rows = "\n".join(f"| {one.name} | {one.licence} |" for one in packages())
    return f"""# Licences of the packages that Breakwater is built with
Made by `make licences` out of `requirements.lock`; the packages for tests and checks are among them. A licence that is not on the list
in `supply/licences.py` fails the tests. The tagger's own model was trained here; what it was made from stands in [quality.md](quality.md).

| package | licence (SPDX) |
|---|---|
{rows}
"""


if __name__ == "__main__":
    try:
        TABLE.write_text(table(), "utf8")
    except PackageNotFoundError as error:
        sys.exit(f"{error.name} is locked and not installed; run `make install` first")
