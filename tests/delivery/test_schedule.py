"""Hours, clock changes, pauses, hard days and floods: what waits, until when, and what never does."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.delivery.schedule import (
    FLOOD,
    Matter,
    Modes,
    due,
    hours_between,
    last_hour,
    next_hour,
    next_morning,
    release,
)
from gateway.family.modes import Pause
from gateway.policy import Lane

CHICAGO = "America/Chicago"
THREE = (time(7), time(13), time(19, 30))
VACATION = Modes(pauses=(Pause(first=date(2026, 12, 20), last=date(2026, 12, 27)),))
FACTS = Matter(Lane.FACTS)
TWO_DAYS = timedelta(hours=48)


def at(words: str, zone: str = CHICAGO) -> datetime:
    return datetime.fromisoformat(words).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def told(moment: datetime, zone: str = CHICAGO) -> str:
    return moment.astimezone(ZoneInfo(zone)).isoformat()[:16]


def test_three_hours_a_day() -> None:
    found, now = [], at("2026-11-26T06:00")
    for _ in range(4):
        now = due(now, THREE, CHICAGO, FACTS)
        found.append(told(now))
    assert found == ["2026-11-26T07:00", "2026-11-26T13:00", "2026-11-26T19:30", "2026-11-27T07:00"]


@pytest.mark.parametrize(
    ("zone", "eve"), [(CHICAGO, "2026-03-07"), (CHICAGO, "2026-10-31"), ("Europe/London", "2026-03-28"), ("Europe/London", "2026-10-24"), ("Australia/Lord_Howe", "2026-10-03")]
)  # fmt: skip
def test_hours_stay_local_over_both_clock_changes(zone: str, eve: str) -> None:
    now, found = at(f"{eve}T12:00", zone), []
    for _ in range(4):
        now = due(now, (time(8), time(18)), zone, FACTS)
        found.append(told(now, zone)[11:])
    assert found == ["18:00", "08:00", "18:00", "08:00"]


def test_an_hour_that_is_skipped_comes_once_and_one_that_repeats_comes_once() -> None:
    spring = due(at("2026-03-07T12:00"), (time(2, 30),), CHICAGO, FACTS)
    assert (told(spring), told(due(spring, (time(2, 30),), CHICAGO, FACTS))) == ("2026-03-08T03:30", "2026-03-09T02:30")
    autumn = due(at("2026-10-31T12:00"), (time(1, 30),), CHICAGO, FACTS)
    assert (told(autumn), told(due(autumn, (time(1, 30),), CHICAGO, FACTS))) == ("2026-11-01T01:30", "2026-11-02T01:30")


def test_the_last_hour_is_the_one_that_just_passed() -> None:
    hour = at("2026-11-26T13:00")
    assert last_hour(hour, THREE, CHICAGO, Modes()) == hour
    assert last_hour(hour + timedelta(hours=5), THREE, CHICAGO, Modes()) == hour
    assert last_hour(at("2026-12-22T13:00"), THREE, CHICAGO, VACATION) is None
    assert last_hour(hour, "at once", CHICAGO, Modes()) is None


@pytest.mark.parametrize("deliver", ["at once", THREE, (time(8),)])
def test_a_pause_never_delays_what_cannot_wait(deliver) -> None:
    now = at("2026-12-20T10:00")
    for lane in (Lane.DANGER, Lane.EMERGENCY, Lane.LEGAL):
        assert due(now, deliver, CHICAGO, Matter(lane), VACATION) == now
    soon = Matter(Lane.FACTS, ("2026-12-20T12:00",))
    assert due(now, deliver, CHICAGO, soon, VACATION) == now


def test_what_is_due_within_a_pause_comes_at_the_usual_hour() -> None:
    now = at("2026-12-20T08:00")
    usual, end = "2026-12-20T13:00", "2026-12-28T07:00"
    for whens, expected in (
        (("2026-12-24T10:00",), usual),
        (("2026-12-27",), usual),
        ((None, "2026-12-26"), usual),
        (("2026-12-28T06:30",), usual),
        (("2026-12-28T12:00",), end),
        (("2027-01-15",), end),
        ((), end),
    ):
        assert told(due(now, THREE, CHICAGO, Matter(Lane.FACTS, whens), VACATION)) == expected, whens


def test_what_may_be_due_at_any_time_is_not_held_by_a_pause() -> None:
    now = at("2026-12-20T08:00")
    for matter in (
        Matter(Lane.UNSORTED),
        Matter(Lane.FACTS, lasting=True),
        Matter(Lane.FACTS, answer_within=TWO_DAYS),
    ):
        assert told(due(now, THREE, CHICAGO, matter, VACATION)) == "2026-12-20T13:00"
    # Silence counts as consent after two days; a pause that ends before that may hold a question.
    near_the_end = due(at("2026-12-26T20:00"), THREE, CHICAGO, Matter(Lane.FACTS, answer_within=TWO_DAYS), VACATION)
    assert told(near_the_end) == "2026-12-28T07:00"


def test_at_once_in_a_pause() -> None:
    now = at("2026-12-20T10:00")
    assert told(due(now, "at once", CHICAGO, FACTS, VACATION)) == "2026-12-28T08:00"
    assert due(now, "at once", CHICAGO, Matter(Lane.FACTS, ("2026-12-24",)), VACATION) == now
    assert due(now, "at once", CHICAGO, Matter(Lane.UNSORTED), VACATION) == now


def test_the_last_hour_before_a_pause_still_counts() -> None:
    assert told(due(at("2026-12-19T18:00"), THREE, CHICAGO, FACTS, VACATION)) == "2026-12-19T19:30"
    assert told(due(at("2026-12-19T20:00"), THREE, CHICAGO, FACTS, VACATION)) == "2026-12-28T07:00"


def test_a_court_day_holds_until_its_hour() -> None:
    court = Modes(hold_until=datetime(2026, 12, 14, 17))
    for deliver in ("at once", THREE):
        assert told(due(at("2026-12-14T06:00"), deliver, CHICAGO, FACTS, court)) == "2026-12-14T17:00"
        now = at("2026-12-14T12:30")
        assert due(now, deliver, CHICAGO, Matter(Lane.FACTS, ("2026-12-14T15:00",)), court) == now
    assert told(due(at("2026-12-14T17:01"), THREE, CHICAGO, FACTS, court)) == "2026-12-14T19:30"


def test_a_mistyped_year_holds_nothing() -> None:
    typo = Modes(hold_until=datetime(2027, 12, 14, 17))
    assert told(due(at("2026-12-14T06:00"), THREE, CHICAGO, FACTS, typo)) == "2026-12-14T07:00"


def test_a_hard_day_has_one_hour_in_the_evening() -> None:
    hard = Modes(hard_days=(date(2026, 12, 24),))
    assert told(due(at("2026-12-23T20:00"), THREE, CHICAGO, FACTS, hard)) == "2026-12-24T19:30"
    assert told(due(at("2026-12-23T20:00"), (time(8), time(12)), CHICAGO, FACTS, hard)) == "2026-12-24T18:00"
    assert told(due(at("2026-12-24T09:00"), "at once", CHICAGO, FACTS, hard)) == "2026-12-24T18:00"
    assert told(due(at("2026-12-24T19:00"), "at once", CHICAGO, FACTS, hard)) == "2026-12-25T08:00"
    now = at("2026-12-24T09:00")
    assert due(now, "at once", CHICAGO, Matter(Lane.FACTS, ("2026-12-24T15:00",)), hard) == now
    assert due(now, "at once", CHICAGO, Matter(Lane.EMERGENCY), hard) == now


def test_a_flood_is_gathered_but_what_is_due_is_not() -> None:
    now = at("2026-11-26T12:20")
    assert due(now, "at once", CHICAGO, FACTS, recent=FLOOD - 1) == now
    assert told(due(now, "at once", CHICAGO, FACTS, recent=FLOOD)) == "2026-11-26T13:00"
    assert told(due(now, "at once", CHICAGO, Matter(Lane.UNSORTED), recent=FLOOD)) == "2026-11-26T13:00"
    for urgent in (Matter(Lane.EMERGENCY), Matter(Lane.DANGER), Matter(Lane.FACTS, ("2026-11-26T14:00",))):
        assert due(now, "at once", CHICAGO, urgent, recent=FLOOD) == now
    evening = (time(19),)
    assert (
        told(due(now, evening, CHICAGO, Matter(Lane.FACTS, ("2026-11-26T18:30",)), recent=FLOOD)) == "2026-11-26T13:00"
    )


def test_a_pause_of_a_family_without_hours_ends_in_the_morning() -> None:
    mode = Modes((Pause(first=date(2026, 1, 1), last=date(2026, 1, 2)),))
    before, after, morning = at("2026-01-02T22:00"), at("2026-01-03T00:30"), "2026-01-03T08:00"
    assert told(due(before, "at once", CHICAGO, FACTS, mode)) == morning
    assert told(due(after, "at once", CHICAGO, FACTS, mode)) == morning
    assert told(due(at("2026-01-03T08:10"), "at once", CHICAGO, FACTS, mode)) == "2026-01-03T08:10"
    assert due(after, "at once", CHICAGO, Matter(Lane.EMERGENCY), mode) == after


moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))
hours = st.one_of(st.just("at once"), st.lists(st.times().map(lambda t: t.replace(second=0, microsecond=0)), min_size=1, max_size=3).map(tuple))  # fmt: skip
modes = st.builds(
    lambda first, days, until, hard: Modes(
        (Pause(first=first, last=first + timedelta(days=days)),), until, tuple(hard)
    ),
    st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    st.integers(0, 30),
    st.none() | st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),
    st.lists(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=5),
)


@given(moments, hours, modes, st.sampled_from([CHICAGO, "Europe/London", "Asia/Kolkata"]), st.integers(1, 96))
def test_waiting_ends_and_never_grows(now, deliver, mode, zone, later) -> None:
    end = release(now, deliver, zone, mode)
    assert now <= end <= now + timedelta(days=50)
    for matter in (FACTS, Matter(Lane.UNSORTED), Matter(Lane.FACTS, answer_within=TWO_DAYS)):
        planned = due(now, deliver, zone, matter, mode)
        assert now <= planned <= max(end, next_hour(now, (time(8), time(18)), zone) + timedelta(days=2))
        # What still waits later never waits for less than what is planned: so a changed setting can be told from the clock.
        then = now + timedelta(hours=later)
        assert planned <= then or planned <= release(then, deliver, zone, mode)


@given(moments, hours, modes, st.integers(0, 40 * 24))
def test_no_date_is_missed_by_a_pause(now, deliver, mode, ahead) -> None:
    """A fact is out before it is due wherever the usual hours would have brought it before."""
    when = (now + timedelta(hours=ahead)).astimezone(ZoneInfo(CHICAGO)).replace(tzinfo=None).isoformat()[:16]
    matter = Matter(Lane.FACTS, (when,))
    assert due(now, deliver, CHICAGO, matter, mode) <= max(now, at(when)) or due(now, deliver, CHICAGO, matter) > at(
        when
    )


@pytest.mark.parametrize(
    ("now", "deliver", "morning"),
    [
        ("2026-11-26T21:00", THREE, "2026-11-27T07:00"),
        ("2026-11-26T05:00", THREE, "2026-11-27T07:00"),
        ("2026-11-27T02:30", THREE, "2026-11-27T07:00"),  # still the night before
        ("2026-11-26T21:00", "at once", "2026-11-27T08:00"),
        ("2026-10-31T23:30", THREE, "2026-11-01T07:00"),  # a night of 25 hours
        ("2026-03-07T23:30", THREE, "2026-03-08T07:00"),  # one of 23
        ("2026-12-23T21:00", THREE, "2026-12-24T18:00"),  # a hard day has its evening alone
    ],
)
def test_the_next_morning(now: str, deliver: object, morning: str) -> None:
    modes = Modes(hard_days=(date(2026, 12, 24),))
    assert told(next_morning(at(now), deliver, CHICAGO, modes)) == morning  # type: ignore[arg-type]


def test_chosen_hours_between_two_moments() -> None:
    found = hours_between(at("2026-11-26T07:00"), at("2026-11-27T13:00"), THREE, CHICAGO)
    assert [told(hour) for hour in found] == ["2026-11-26T13:00", "2026-11-26T19:30", "2026-11-27T07:00"]
    assert hours_between(at("2026-11-26T07:00"), at("2026-11-27T13:00"), "at once", CHICAGO) == ()


def test_a_topic_that_is_wanted_at_once_does_not_wait_for_the_hour_but_for_a_pause() -> None:
    now, school = at("2026-12-19T08:00"), Matter(Lane.FACTS, at_once=True)
    assert due(now, THREE, CHICAGO, school) == now
    assert told(due(now, THREE, CHICAGO, school, recent=FLOOD)) == "2026-12-19T09:00"
    vacation = at("2026-12-20T08:00")
    assert due(vacation, THREE, CHICAGO, school, VACATION) == due(vacation, THREE, CHICAGO, FACTS, VACATION)
    hard = Modes(hard_days=(date(2026, 12, 19),))
    assert due(now, THREE, CHICAGO, school, hard) == due(now, THREE, CHICAGO, FACTS, hard)
