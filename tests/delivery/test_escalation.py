"""When an alarm comes again: the due-function by itself."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.delivery.alarms import Call, people, words
from gateway.delivery.compose import Ask
from gateway.delivery.escalation import Alarm, Reach, by_day, following, is_night, steps
from gateway.delivery.gsm import is_gsm, segments
from gateway.family.alarms import AlarmChoices
from gateway.policy import Lane

NOON = datetime(2026, 11, 26, 18, 0, tzinfo=UTC)
EVENING = datetime(2026, 11, 27, 2, 30, tzinfo=UTC)  # 8:30 pm in Chicago
ZONE = "America/Chicago"
ASK = Ask(f"https://relay.example.org/alarm/{'a' * 43}", f"https://relay.example.org/numbers/{'a' * 43}")


def alarm(lane: Lane = Lane.DANGER, at: datetime = NOON, **choices: object) -> Alarm:
    return Alarm(lane, at, ZONE, AlarmChoices.model_validate(choices))


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def test_ten_thirty_sixty_minutes_and_then_hourly_farther_each_time() -> None:
    found = [((step.at - NOON) / timedelta(minutes=1), step.reach) for step in steps(alarm(hourly=2))]
    near, far = Reach.CONTACTS, Reach.FURTHER
    assert found == [(0, Reach.FIRST), (10, near), (30, near), (60, far), (120, far), (180, far)]


def test_an_emergency_comes_by_night_and_danger_waits_for_the_morning() -> None:
    hours = [step.at for step in steps(alarm(Lane.EMERGENCY, EVENING, hourly=12))][-12:]
    assert hours[0] == EVENING + timedelta(hours=2)
    assert all(later - earlier == timedelta(hours=1) for earlier, later in itertools.pairwise(hours))
    danger = steps(alarm(Lane.DANGER, EVENING, hourly=12))
    assert [step.at for step in danger[1:4]] == [EVENING + timedelta(minutes=m) for m in (10, 30, 60)]
    assert danger[4].at == datetime(2026, 11, 27, 13, 0, tzinfo=UTC)  # 7 am
    assert not any(is_night(step.at, ZONE) for step in danger[4:])
    assert [s.at for s in steps(alarm(Lane.DANGER, EVENING, danger_by_night=True))][-12:] == hours


def test_what_is_next() -> None:
    one = alarm(hourly=1)
    assert following(one, (0,), None, NOON) == steps(one)[1]
    assert following(one, (0,), None, after(10)) == steps(one)[1]
    assert following(one, (0, 1), None, after(10)) == steps(one)[2]
    assert following(one, range(5), None, after(600)) is None
    assert following(one, (), None, NOON) == steps(one)[0]


def test_an_answer_ends_it() -> None:
    assert following(alarm(), (0, 1), after(12), after(30)) is None


def test_after_a_silence_only_the_last_of_the_missed_ones_comes() -> None:
    found = following(alarm(), (0,), None, after(65))
    assert found is not None
    assert found.number == 3


@given(
    st.lists(st.integers(1, 1440), min_size=1, max_size=10, unique=True).map(sorted),
    st.integers(0, 48),
    st.sampled_from([Lane.DANGER, Lane.EMERGENCY]),
    st.integers(0, 60 * 24 * 366),
)
def test_it_always_comes_to_an_end_and_never_twice_at_once(
    repeat: list[int], hourly: int, lane: Lane, minutes: int
) -> None:
    raised = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    one = alarm(lane, raised, repeat_minutes=repeat, hourly=hourly)
    sent, now, times = [0], raised, []
    while (step := following(one, sent, None, now)) is not None:
        assert step.at > now
        now = step.at
        sent.append(step.number)
        times.append(now)
    assert len(times) == len(repeat) + hourly == sent[-1]
    assert times == sorted(set(times))


@pytest.mark.parametrize(
    ("hour", "day"), [(4, "13:00"), (12, "13:00"), (13, "13:00"), (18, "18:00"), (3, "03:00")]
)  # UTC; Chicago is six hours behind
def test_by_day(hour: int, day: str) -> None:
    assert f"{by_day(datetime(2026, 11, 27, hour, tzinfo=UTC), ZONE):%H:%M}" == day


def test_who_is_told(make_family) -> None:
    person = [
        {"name": "Ruth", "role": "safety contact", "emails": ["old@example.org", "ruth@example.org"], "phones": ["+15005550007"]},
        {"name": "Aunt Jo", "role": "relative", "emails": ["jo@example.org"]},
        {"name": "Uncle Al", "role": "relative", "emails": ["al@example.org"]},
    ]  # fmt: skip
    family = make_family(person=person, alarms={"also": ["Aunt Jo"]})
    day = NOON.date()

    def told(lane: Lane, reach: Reach) -> set[str]:
        return {call.address for call in people(family, lane, reach, day)}

    parent, ruth = {"dana@example.org", "+15005550002"}, {"ruth@example.org", "+15005550007"}
    assert told(Lane.EMERGENCY, Reach.FIRST) == parent
    assert told(Lane.DANGER, Reach.FIRST) == parent | ruth
    assert told(Lane.EMERGENCY, Reach.CONTACTS) == parent | ruth
    assert told(Lane.EMERGENCY, Reach.FURTHER) == parent | ruth | {"old@example.org", "jo@example.org"}
    for reach in Reach:  # never the other parent, never who was not named
        assert not told(Lane.DANGER, reach) & {"mark@example.net", "+15005550003", "al@example.org"}


@pytest.mark.parametrize("who", ["parent", "safety contact", "named by the family"])
def test_the_words_are_neutral_and_fit(make_family, who: str) -> None:
    family = make_family()
    call = Call(who, "Ruth", "sms", "+15005550007")
    for unreached in ("", "parent", "safety contact"):
        said = words(call, family, ASK, again=True, unreached=unreached)
        assert said.subject == "Please read now"
        assert "This is not an emergency service." in said.text
        assert ASK.link in said.text
        assert ASK.numbers in said.text
        assert is_gsm(said.text)
        assert segments(said.text) <= 4
        for word in ("Mark", "Emma", "Noah", "danger", "violen", "abus", "threat", "Breakwater", "police"):
            assert word.lower() not in said.text.lower().replace(ASK.link, "").replace(ASK.numbers, "")
