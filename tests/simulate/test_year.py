"""Two months of the year: a clock change, the flood, dead routes, a hard day; and that a broken schedule is seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.delivery import schedule
from tests.simulate.checks import Seen, all_checks, questions
from tests.simulate.result import Result
from tests.simulate.script import HOLDS, PAUSE, Piece, Script, script, stretches
from tests.simulate.world import World
from tests.simulate.year import AFTER, BORDER, YEAR, Played, table, together

BEGIN, END = datetime(2026, 9, 25, tzinfo=UTC), datetime(2026, 11, 24, tzinfo=UTC)


def play(folder: Path, begin: datetime, end: datetime, messages: int, flood: int) -> list[Result]:
    world = World(folder, script(begin, end, messages=messages, flood=flood, share=0.3))
    world.play()
    results = all_checks(Seen(world))
    world.store.close()
    return results


def test_two_months(tmp_path: Path) -> None:
    results = play(tmp_path, BEGIN, END, 90, 45)
    assert [one.name for one in results if one.wrong or not one.looked] == [], table(results)


@pytest.mark.parametrize("minute", [10, 30, 50])
def test_a_question_whose_reminder_is_due_within_the_hour(tmp_path: Path, minute: int) -> None:
    """Asked at 06:55 and wanted by 10:55, it is reminded of for 08:00. A run that slept until later saw no hour left."""
    item = {"text": "Can you take her?", "topic": "School", "asks": True, "answer_by": "2026-06-20T10:55"}
    piece = Piece(datetime(2026, 6, 20, 10, 55, 30, tzinfo=UTC), "email", "facts", item)
    begin = datetime(2026, 6, 20, 8, minute, tzinfo=UTC)
    world = World(tmp_path, Script(begin, datetime(2026, 6, 21, tzinfo=UTC), (piece,), off=()))
    world.play()
    result = questions(Seen(world))
    world.store.close()
    assert result.looked
    assert result.wrong == []


def test_a_broken_schedule_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    due: Callable[..., datetime] = schedule.due

    def an_hour_late(now: datetime, *arguments: Any, **options: Any) -> datetime:
        moment = due(now, *arguments, **options)
        return moment if moment == now else moment + timedelta(hours=1)

    monkeypatch.setattr(schedule, "due", an_hour_late)
    results = play(tmp_path, datetime(2026, 10, 29, tzinfo=UTC), datetime(2026, 11, 7, tzinfo=UTC), 40, 0)
    assert any(one.wrong for one in results if one.name == "each card went out at its hour")
    assert not any(one.wrong for one in results if one.name in ("no card is lost", "the log verifies"))


def test_the_two_parts_are_the_year() -> None:
    whole = script(*YEAR, messages=200, flood=30)
    first, second = stretches(whole, BORDER, AFTER)
    assert first.pieces + second.pieces == whole.pieces
    assert set(first.off) | set(second.off) == set(whole.off)
    assert set(first.restarts) | set(second.restarts) == set(whole.restarts)
    assert not [
        span for span in (PAUSE["from"], PAUSE["to"]) if span < f"{first.end:%Y-%m-%d}" and span >= f"{BORDER:%Y-%m-%d}"
    ]
    assert not [until for until in HOLDS.values() if f"{BORDER:%Y-%m-%d}" <= until <= f"{first.end:%Y-%m-%d}"]


def test_what_is_wrong_in_one_part_is_wrong_in_the_year() -> None:
    fine = Played([Result("a", 3), Result("b", 0)], {"cards": Counter(facts=2)}, 1.0)
    bad = Played([Result("a", 2, ["late"]), Result("b", 1)], {"cards": Counter(facts=1, danger=1)}, 2.0)
    year = together([fine, bad])
    assert year.results == [Result("a", 5, ["late"]), Result("b", 1)]
    assert year.counts == {"cards": Counter(facts=3, danger=1)}
