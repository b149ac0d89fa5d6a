"""Generated pages are what the code would generate now; links lead somewhere."""

import io
import re
import sys
from pathlib import Path

import pytest

from training import coach_reference, rules_reference

ROOT = Path(__file__).parent.parent


def test_the_rules_reference_is_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    rules_reference.main()
    assert (ROOT / "docs" / "rules.md").read_text("utf8") == out.getvalue(), "run: make docs"


def test_the_page_of_the_coach_is_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    coach_reference.main()
    assert (ROOT / "docs" / "coach.md").read_text("utf8") == out.getvalue(), "run: make docs"


@pytest.mark.parametrize("page", ["README.md", *[f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md")]])
def test_links_lead_somewhere(page: str) -> None:
    file = ROOT / page
    for target in re.findall(r"\]\(([^)#]+)\)", file.read_text("utf8")):
        assert target.startswith("https://") or (file.parent / target).exists(), target
