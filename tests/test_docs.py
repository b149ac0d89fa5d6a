"""Generated pages are what the code would generate now; links lead somewhere."""

import io
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from training import coach_reference, rules_reference

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(("page", "make"), [("rules.md", rules_reference.main), ("coach.md", coach_reference.main)])
def test_a_reference_is_up_to_date(page: str, make: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    make()
    assert (ROOT / "docs" / page).read_text("utf8") == out.getvalue(), "run: make docs"


@pytest.mark.parametrize("page", ["README.md", *[f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md")]])
def test_links_lead_somewhere(page: str) -> None:
    file = ROOT / page
    for target in re.findall(r"\]\(([^)#]+)\)", file.read_text("utf8")):
        assert target.startswith("https://") or (file.parent / target).exists(), target


def test_every_promise_names_a_test_that_there_is() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (ROOT / "docs" / "security.md").read_text("utf8"))
    assert len(named) > 40
    gone = [f"{file}::{name}" for file, name in named if f"def {name}(" not in (ROOT / file).read_text("utf8")]
    assert gone == []
