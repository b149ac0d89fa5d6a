"""Patterns: counts by the functions of the record, honest about few and about what is not counted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from gateway.accounts import Role
from gateway.demo.sample import EX_PHONE, LAWYER_EMAIL, PARENT_EMAIL, Sample
from gateway.errors import UserError
from gateway.patterns.count import WAITS, hours, waits, weeks
from gateway.patterns.figures import Answers, Pile, Share, figures
from gateway.patterns.period import period_of
from gateway.patterns.pictures import columns
from gateway.store import Store
from gateway.store.tables import MessageRow, QuestionRow, VaultRow
from gateway.vault.seen import asked, piles, topics
from gateway.web.pages.patterns import _week as week
from tests.e2e.world import World
from tests.web.visiting import Browser

ZONE = "America/Chicago"
START = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
"""A Monday, 9 in the morning in Chicago."""
DAY = timedelta(days=1)
NONE = Answers("co-parent", 0, 0, 0, 0, 0)


class Written(NamedTuple):
    """A message as the record counts it."""

    moment: datetime
    role: str = "co-parent"
    lane: str = "facts"


def pile(*days: float, role: str = "co-parent", lane: str = "facts", **more: Any) -> Pile:
    """Messages so many days after `START`; `late` and `asks` as days, too."""
    lists = {name: tuple(seconds(day) for day in more.pop(name, ())) for name in ("late", "asks")}
    return Pile(role, lane, tuple(seconds(day) for day in days), **lists, **more)


def seconds(day: float) -> float:
    return (START + DAY * day).timestamp()


def message(number: int) -> dict[str, object]:
    return {
        "id": number, "family": "rivera", "received_at": START, "fingerprint": str(number), "provenance": "received",
        "channel": "sms", "sha256": "0" * 64, "size": 9, "envelope": {}, "entry_seq": 1, "state": "done", "starts": 1,
    }  # fmt: skip


def test_weeks_and_hours_are_local_and_quiet_weeks_are_there() -> None:
    # Sunday 23:30 in Chicago is Monday in UTC; 8 March 2026 is the day on which clocks change
    late = Pile("co-parent", "withheld", (datetime(2026, 3, 9, 4, 30, tzinfo=UTC).timestamp(),))
    found = figures([pile(0), late, pile(21, role="parent", lane="own")], {}, NONE, ZONE, START + 30 * DAY, 2 * DAY)
    assert found.lanes == ("facts", "withheld", "own")
    assert [(m.date(), counts) for m, counts in found.weeks] == [
        (date(2026, 3, 2), (1, 1, 0)), (date(2026, 3, 9), (0, 0, 0)), (date(2026, 3, 16), (0, 0, 0)), (date(2026, 3, 23), (0, 0, 1)),
    ]  # fmt: skip
    assert [hour for hour, n in enumerate(found.hours) if n] == [9, 23]
    assert (found.theirs, found.own) == (2, 1)


MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))
ZONES = (
    "America/Chicago",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Europe/Dublin",
    "Africa/Casablanca",
    "Pacific/Chatham",
)


@given(st.lists(MOMENTS | MOMENTS.map(lambda m: m.replace(month=3)), max_size=30), st.sampled_from(ZONES))
def test_weeks_and_hours_are_those_of_each_message_alone(moments: list[datetime], zone: str) -> None:
    here = [moment.astimezone(ZoneInfo(zone)) for moment in moments]
    messages = [Written(moment, lane="facts" if n % 3 else "danger") for n, moment in enumerate(moments)]
    assert hours(messages, zone) == [sum(h.hour == hour for h in here) for hour in range(24)]
    found = Counter(
        {(monday.date(), lane): n for monday, counts in weeks(messages, zone) for lane, n in counts.items()}
    )
    assert +found == Counter(
        (h.date() - timedelta(days=h.weekday()), m.lane) for h, m in zip(here, messages, strict=True)
    )


@pytest.mark.parametrize(
    ("part", "whole", "percent"), [(3, 4, None), (19, 19, None), (10, 20, 50), (1, 300, 0), (0, 0, None)]
)
def test_a_few_make_no_share(part: int, whole: int, percent: int | None) -> None:
    assert Share(part, whole).percent == percent


def test_answers_to_the_parents_questions() -> None:
    own = pile(0, 2, 6, 9.5, 9.6, role="parent", lane="own", asks=(0, 2, 6, 9.5))
    theirs, mine = figures([pile(5, 1), own], {}, NONE, ZONE, START + 10 * DAY, 2 * DAY).answers
    assert theirs is NONE
    assert (mine.asked, mine.in_time, mine.late, mine.never, mine.open) == (4, 1, 1, 1, 1)
    assert (mine.share.part, mine.share.whole, mine.share.percent) == (1, 3, None)


def test_what_is_asked_by_the_other_parent_is_no_question_of_the_parents() -> None:
    assert figures([pile(1, asks=(1,))], {}, NONE, ZONE, START, DAY).answers[1].asked == 0


@given(st.lists(st.tuples(st.floats(0, 30), st.booleans()), max_size=25))
def test_waits_are_those_of_the_record(thread: list[tuple[float, bool]]) -> None:
    written = {START + DAY * day: "parent" if own else "co-parent" for day, own in thread}
    piles = [
        Pile(role, lane, [moment.timestamp() for moment, wrote in written.items() if wrote == role])
        for role, lane in (("co-parent", "facts"), ("parent", "own"))
    ]
    found = figures(piles, {}, NONE, ZONE, START, DAY).waits
    of_the_record = waits(Written(moment, role) for moment, role in written.items())
    assert found == tuple((*sides, tuple(counts[name] for name in WAITS)) for *sides, counts in of_the_record)


def test_answers_to_the_other_parents_questions(store: Store) -> None:
    """On the border an answer is still in time, and a question is no longer open; other families and periods are not counted."""
    store.migrate()
    with store.write() as session:
        for place, (key, day, answered) in enumerate([
            ("rivera", 0, 1), ("rivera", 0, 2), ("rivera", 0, 2.001), ("rivera", 0, 3), ("rivera", 0, None), ("rivera", 8, None),
            ("rivera", 8.001, None), ("rivera", 9, None), ("rivera", 20, None), ("rivera", -1, None), ("okafor", 0, None),
        ]):  # fmt: skip
            at = START + DAY * day
            session.add(
                QuestionRow(
                    family=key, message_id=1, place=place, words="", asked_at=at, answer_by=at + 2 * DAY, named=False,
                    answered_at=None if answered is None else START + DAY * answered,
                )
            )  # fmt: skip
        session.add(MessageRow(**message(1)))
    with store.read() as session:
        found = asked(session, "rivera", START, START + 20 * DAY, START + 10 * DAY)
    assert found == Answers("co-parent", 8, in_time=2, late=2, never=2, open=2)


@pytest.mark.parametrize("micros", [0, 1, 999_999])
def test_what_the_database_piles_up(store: Store, micros: int) -> None:
    store.migrate()
    at = START + timedelta(microseconds=micros)
    second = int(START.timestamp())
    with store.write() as session:
        for number, (side, lane, more) in enumerate(
            [
                ("coparent", "facts", {"topics": "|school|medical|", "about": 4, "late": True}),
                ("coparent", "facts", {"topics": "|school|", "asks": True}),
                ("coparent", "facts", {"provenance": "imported", "topics": "|school|"}),
                ("coparent", "copy", {}), ("other", "facts", {"topics": "|school|"}), ("coparent", "danger", {}),
                ("parent", "own", {"sent": True, "asks": True, "topics": "|school|"}), ("parent", "own", {"asks": True}),
            ],
            1,
        ):  # fmt: skip
            session.add(MessageRow(**message(number)))
            session.flush()
            session.add(VaultRow(**listed(number, at, side, lane) | more))
    with store.read() as session:
        found = sorted(piles(session, "rivera", at, at + DAY), key=lambda p: p.lane)
        assert found == [
            Pile("co-parent", "danger", [second], [], [], 9, 0, 0),
            Pile("co-parent", "facts", [second, second], [second], [second], 18, 4, 1),
            Pile("parent", "own", [second], [], [second], 9, 0, 0),
        ]
        assert topics(session, "rivera", at, at + DAY) == {"school": 2, "medical": 1}
        for wrong in (
            ("rivera", at + timedelta(microseconds=1), at + DAY),
            ("rivera", at - DAY, at),
            ("okafor", at, at + DAY),
        ):
            assert piles(session, *wrong) == []
            assert topics(session, *wrong) == {}


def listed(number: int, at: datetime, side: str, lane: str) -> dict[str, Any]:
    return {
        "message_id": number, "family": "rivera", "at": at, "channel": "sms", "side": side, "lane": lane, "provenance": "received",
        "files": 0, "topics": "", "children": "", "signs": 9, "about": 0, "late": False, "asks": False, "sent": False,
    }  # fmt: skip


def test_shares_about_the_children_topics_and_lateness() -> None:
    facts = pile(*(n / 10 for n in range(16)), late=(1.5,), signs=1600, about=15 * 25 + 100, told=16)
    hooks, own = pile(*[3] * 8, lane="withheld", signs=800), pile(4, role="parent", lane="own", late=(4,))
    found = figures([facts, hooks, own], {"medical": 1, "school": 16}, NONE, ZONE, START, DAY)
    assert (found.about.messages.part, found.about.messages.whole, found.about.messages.percent) == (16, 24, 67)
    assert found.about.words_percent == round(100 * (15 * 25 + 100) / 2400)
    assert found.topics == (("school", 16), ("medical", 1))
    assert [(week.date(), n, own) for week, n, own in found.late] == [(date(2026, 3, 2), 1, 1)]
    assert [(share.part, share.whole) for share in found.late_of] == [(1, 24), (1, 1)]
    assert figures([pile(*range(5), signs=500, about=125)], {}, NONE, ZONE, START, DAY).about.words_percent is None


def test_bars_stand_on_one_line_and_fit() -> None:
    made = columns([0, 5, 10], ["a", "b", "c"])
    assert [bar.height for bar in made.bars] == [0, 60, 120]
    assert all(bar.y + bar.height == made.base for bar in made.bars)
    assert made.bars[-1].x + made.bars[-1].width <= made.width
    assert columns([], []).bars == ()
    assert sum(bool(bar.label) for bar in columns([1] * 104, ["x"] * 104).bars) <= 13


TODAY = date(2026, 11, 27)


@pytest.mark.parametrize(("asking", "first", "last"), [
    ({}, date(2026, 8, 29), TODAY), ({"weeks": "4"}, date(2026, 10, 31), TODAY), ({"weeks": "999"}, date(2026, 8, 29), TODAY),
    ({"weeks": "٤"}, date(2026, 8, 29), TODAY), ({"from": "2026-11-01"}, date(2026, 11, 1), TODAY),
    ({"from": "2026-01-01", "to": "2026-02-01"}, date(2026, 1, 1), date(2026, 2, 1)),
])  # fmt: skip
def test_periods(asking: dict[str, str], first: date, last: date) -> None:
    found = period_of(asking, TODAY)
    assert (found.first, found.last) == (first, last)


@pytest.mark.parametrize("asking", [
    {"from": "yesterday"}, {"from": "2026-12-01", "to": "2026-11-01"}, {"from": "2020-01-01"}, {"to": "0001-01-01"}, {"to": "9999-12-31"},
])  # fmt: skip
def test_a_period_that_is_none_is_told(asking: dict[str, str]) -> None:
    with pytest.raises(UserError):
        period_of(asking, TODAY)


def test_the_page_counts_what_came_and_says_what_it_leaves_out(world: World, parent: Browser) -> None:
    for words in (
        "Emma's dentist appointment is Tuesday at 3:30. You are pathetic.\n",
        "I am stuck in traffic, running late for pickup. Can you take Emma at 5 tomorrow?\n",
    ):
        world.send(Sample("", "email", words, "Emma"))
    world.send(Sample("", "sms", "nobody will ever put up with you. you are pathetic", sender=EX_PHONE))
    world.send(
        Sample(
            "",
            "email",
            "The hearing is set for 14 December at 9:30.\n",
            "Hearing",
            sender=LAWYER_EMAIL,
            name="Ms Okafor",
        )
    )
    world.send(Sample("", "email", "Just a note to myself\n", "Note", sender=PARENT_EMAIL, name="Dana"))
    world.settle()
    answer = parent.get("/patterns")
    page = parent.page("/patterns")
    said = " ".join(page.css_first("main").text().split())  # type: ignore[union-attr]
    assert "Counted: 3 messages from Mark, 0 that you sent." in said
    assert "1 from other people" in said
    assert "1 of yours that were not sent on" in said
    assert "Of fewer than 20 no share in percent is told" in said
    assert "%" not in said
    assert "1 of 3" in said
    for words in ("pathetic", "dentist", "hearing", "traffic"):
        assert words not in answer.text
    assert len(page.css("svg")) >= 3
    assert len(page.css("table")) >= 6
    assert all(table.css_first("caption") is not None for table in page.css("table"))
    assert all(svg.attributes.get("aria-label") for svg in page.css("svg"))
    assert "style=" not in answer.text
    assert "<script" not in answer.text.split("<main")[1]
    with world.store.read() as session:
        late = [row.message_id for row in session.scalars(select(VaultRow).where(VaultRow.late))]
    link = page.css_first('a[href^="/vault?late=1"]')
    assert link is not None
    listed = parent.page(str(link.attributes["href"]))
    assert [a.attributes["href"] for a in listed.css("tbody a")] == [f"/vault/{number}" for number in late]
    assert "There is nothing to count" in parent.get("/patterns?from=2020-01-01&to=2020-02-01").text
    assert parent.get("/patterns?from=2020-01-01").status_code == 422
    assert re.search(r"From 20\d\d-", said)


def test_only_the_parent_sees_patterns(enter: Callable[[Role], Browser]) -> None:
    for role in (Role.PROFESSIONAL, Role.REVIEWER, Role.OPERATOR):
        assert enter(role).get("/patterns").status_code == 404


@pytest.mark.parametrize(("language", "words", "short"), [("en", "5 Jan 2026", "5 Jan"), ("es", "5 ene 2026", "5 ene")])
def test_weeks_are_named_in_the_language_of_the_page(language: str, words: str, short: str) -> None:
    assert week(datetime(2026, 1, 5), language) == words
    assert week(datetime(2026, 1, 5), language, short=True) == short
