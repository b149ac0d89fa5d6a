"""A short run by a known seed, on SQLite; `make chaos` is the long one, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.run import Plan, play

pytestmark = pytest.mark.timeout(400)


def test_nothing_is_lost_and_nothing_doubled_unsaid(tmp_path: Path) -> None:
    found, words = play(Plan(count=300, seconds=20, seed=7, postgres=False, families=8, patience=180), tmp_path)
    assert found.good, words
    assert found.accepted == 300, words
    assert found.shunted == 0, words
