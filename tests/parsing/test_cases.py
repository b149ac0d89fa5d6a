"""Every pair in `tests/cases`: a raw message, and what must be read in it.

An expected file names only the fields that matter to its case. `hold` is compared whole and is empty where it is not
named; `defects` lists pieces that must occur (`no_defects` asks for none); `quoted`, `forwarded`, `signature`,
`disclaimer` and `footer` are the words of those segments, stripped; `attachments` lists only the named values of each.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.parsing.describe import as_json
from gateway.parsing.mail import read_email
from gateway.parsing.work import Work

CASES = Path(__file__).parent.parent / "cases"
NAMES = sorted(path.stem for path in CASES.glob("*.eml"))
SEGMENTS = ("quoted", "forwarded", "signature", "disclaimer", "footer")


def differences(found: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    """What is not as expected, one line each."""
    out: list[str] = []
    for key, wanted in {"hold": [], **expected}.items():
        if key == "about":
            continue
        if key == "defects":
            out += [f"defect not found: {w!r} in {found[key]}" for w in wanted if not any(w in d for d in found[key])]
        elif key == "no_defects":
            out += [f"unexpected defects: {found['defects']}"] if found["defects"] else []
        elif key == "attachments":
            given = [{k: a[k] for k in w} for a, w in zip(found[key], wanted, strict=False)]
            if given != wanted or len(found[key]) != len(wanted):
                out.append(f"attachments: {found[key]} instead of {wanted}")
        elif key in SEGMENTS:
            words = "".join(found["body"][s["start"] : s["end"]] for s in found["segments"] if s["kind"] == key)
            out += [] if words.strip() == wanted else [f"{key}: {words.strip()!r} instead of {wanted!r}"]
        elif found[key] != wanted:
            out.append(f"{key}: {found[key]!r} instead of {wanted!r}")
    return out


@pytest.mark.parametrize("name", NAMES)
def test_case(name: str) -> None:
    """The message is read as expected, and its segments cover the body."""
    reading = read_email((CASES / f"{name}.eml").read_bytes(), Work())
    expected = json.loads((CASES / f"{name}.expected").read_text(encoding="utf-8"))
    assert differences(as_json(reading), expected) == []
    assert "".join(reading.body[s.start : s.end] for s in reading.segments) == reading.body


def test_every_case_has_both_files() -> None:
    assert {p.stem for p in CASES.glob("*.expected")} == set(NAMES)
    assert len(NAMES) >= 120
