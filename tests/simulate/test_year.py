"""Two months of the year: a clock change, the flood, dead routes, a hard day; and that a broken schedule is seen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.delivery import schedule
from tests.simulate.checks import Result, all_checks
from tests.simulate.script import script
from tests.simulate.world import World
from tests.simulate.year import table

BEGIN, END = datetime(2026, 9, 25, tzinfo=UTC), datetime(2026, 11, 24, tzinfo=UTC)


def play(folder: Path, begin: datetime, end: datetime, messages: int, flood: int) -> list[Result]:
    world = World(folder, script(begin, end, messages=messages, flood=flood, share=0.3))
    world.play()
    results = all_checks(world)
    world.store.close()
    return results


def test_two_months(tmp_path: Path) -> None:
    results = play(tmp_path, BEGIN, END, 90, 45)
    assert [one.name for one in results if one.wrong or not one.looked] == [], table(results)


def test_a_broken_schedule_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    due: Callable[..., datetime] = schedule.due

    def an_hour_late(now: datetime, *arguments: Any, **options: Any) -> datetime:
        moment = due(now, *arguments, **options)
        return moment if moment == now else moment + timedelta(hours=1)

    monkeypatch.setattr(schedule, "due", an_hour_late)
    results = play(tmp_path, datetime(2026, 10, 29, tzinfo=UTC), datetime(2026, 11, 7, tzinfo=UTC), 40, 0)
    assert any(one.wrong for one in results if one.name == "each card went out at its hour")
    assert not any(one.wrong for one in results if one.name in ("no card is lost", "the log verifies"))
