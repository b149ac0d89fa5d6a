"""The timeline's counts: how long answers took, what was said of lateness, which dates of answers passed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.record.asked import questions, wanted
from gateway.record.items import Message, Passage, Record
from gateway.record.speech import court
from gateway.record.timeline import WAITS, answer_by, late, waits

START = datetime(2026, 3, 6, 15, 0, tzinfo=UTC)


def at(one: Message, number: int, minutes: float, role: str, **other: object) -> Message:
    return replace(
        one, number=number, at=START + timedelta(minutes=minutes), written_at=None, role=role, facts=(), **other
    )  # type: ignore[arg-type]


def test_a_wait_runs_from_the_first_message_to_the_first_answer(record: Record) -> None:
    one = record.messages[0]
    thread = (
        at(one, 1, 0, "co-parent"),
        at(one, 2, 30, "co-parent"),
        at(one, 3, 90, "parent"),
        at(one, 4, 95, "relative"),
        at(one, 5, 100, "co-parent"),
    )
    by_parent, by_coparent = waits(thread, court("en"))
    assert dict(zip(WAITS, by_parent[1:], strict=True)) == dict.fromkeys(WAITS, 0) | {"within 4 hours": 1, "not yet": 1}
    assert dict(zip(WAITS, by_coparent[1:], strict=True)) == dict.fromkeys(WAITS, 0) | {"within an hour": 1}
    assert waits(thread[:2], court("en")) == []


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Running 20 min late", True),
        ("you were late again", True),
        ("I'm stuck in traffic on 35", True),
        ("Still not here yet?", True),
        ("held up at work, be there 6:40", True),
        ("late September suits us", False),
        ("She translates well", False),
        ("He stayed up too late reading", False),
        ("the latest form", False),
    ],
)
def test_lateness_is_found_in_words(record: Record, words: str, found: bool) -> None:
    passage = Passage(words, "forward", "F:schedule", "facts", "Facts")
    message = at(record.messages[0], 1, 0, "co-parent", passages=(passage,))
    assert [said for _, said in late([message])] == ([words] if found else [])


def test_a_day_ends_at_midnight_where_the_family_lives() -> None:
    assert answer_by("2026-03-08", "America/Chicago") == datetime(2026, 3, 9, 5, 0, tzinfo=UTC)
    assert answer_by("2026-03-08T09:30", "America/Chicago") == datetime(2026, 3, 8, 14, 30, tzinfo=UTC)
    assert answer_by(None, "America/Chicago") is None
    assert answer_by("9999-12-31", "America/Chicago") is answer_by("9999-12-31T23:30", "America/Chicago") is None


def test_a_date_that_passed_without_an_answer_is_said(record: Record) -> None:
    passage = Passage("Can you take her Friday? Tell me by Sunday.", "forward", "F:schedule", "facts", "Facts")
    facts = (("schedule", None, None, None, True, "2026-03-08"),)
    asked = replace(at(record.messages[0], 1, 0, "co-parent", passages=(passage,)), facts=facts)
    early = at(record.messages[0], 2, 60, "parent", kind="answer to No 1", provenance="sent")
    tardy = replace(early, at=START + timedelta(days=4))
    said = [questions(replace(record, messages=thread))[0][4] for thread in ((asked,), (asked, early), (asked, tardy))]
    assert said[0] == "no answer through the relay; the date passed"
    assert "after" not in said[1]
    assert said[2].endswith("; after the date")


def test_the_date_of_an_answer_reads_like_every_other_time(record: Record) -> None:
    assert wanted(None, record) == "no date"
    assert wanted("2026-03-08", record) == "Sun 8 Mar 2026"
    assert wanted("2026-03-09T09:30", record) == "Mon 9 Mar 2026, 9:30 am (UTC-05:00)"
