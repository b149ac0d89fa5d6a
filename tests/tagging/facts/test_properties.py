"""Whatever the text and the spans, the readers answer, and in time that grows with the text only in proportion."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.tagging.facts import read_facts
from gateway.tagging.facts.child import Child
from gateway.tagging.facts.spelling import Speller, is_near

CHILDREN = (Child("Emma"), Child("Noah", ("N-dog",), "he"), Child(""), Child("Anna Maria"))
PIECES = st.sampled_from(
    "Emma noah at 5 half past friday fri the 3rd 31 12/4 29/2 May 10 - , . \n ? $ £ 2k 1,250.00 in two weeks next week "
    "a on wk that day every 99999999999999 0 00:00 24:00 345 pm am 2moro Christmas Eve 4 th of June 2026-02-30 to by it's ' / #"
    "".split(" ")
)
TOPICS = st.sampled_from(["schedule", "medical", "expense", "travel", "", "no such topic"])
MOMENTS = st.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(9999, 12, 31), timezones=st.just(UTC))


@settings(max_examples=150, deadline=None)
@given(
    text=st.one_of(
        st.text(max_size=200), st.lists(PIECES, max_size=40).map(" ".join), st.lists(PIECES, max_size=40).map("".join)
    ),
    spans=st.lists(st.tuples(st.integers(-5, 250), st.integers(-5, 250), TOPICS), max_size=5),
    sent=MOMENTS,
    day_first=st.booleans(),
)
def test_any_text_and_any_spans(text: str, spans: list[tuple[int, int, str]], sent: datetime, day_first: bool) -> None:
    facts = read_facts(text, spans, sent, CHILDREN, day_first=day_first, currency="USD")
    assert [f.topic for f in facts] == [topic for _, _, topic in spans]
    for fact in facts:
        for value in (fact.when, fact.answer_by):
            assert value is None or re.fullmatch(r"\d{4}-\d\d-\d\d(T\d\d:\d\d)?", value)
        assert fact.where is None or fact.where in text
        assert fact.amount is None or fact.amount >= 0
        assert (fact.amount is None) == (fact.currency is None)


@pytest.mark.parametrize(
    "piece",
    [
        "at 5 ",
        "every ",
        "1 and ",
        "the 3rd, ",
        "$",
        "9" * 40,
        "Emma ",
        "a week on ",
        "in the ",
        "2 ",
        "let me know by ",
        "\n",
        "İ",
        "x",
        "by Friday ",
        "Friday 3rd, at 5 every ",
        "send $5 and 12 ",
        "her his in the ",
    ],
)
def test_time_grows_in_proportion(piece: str) -> None:
    sent = datetime(2026, 11, 24, 19, 40, tzinfo=timezone(timedelta(hours=-5)))

    def seconds(times: int) -> float:
        text = piece * times
        best = float("inf")
        for _ in range(2):
            started = time.perf_counter()
            read_facts(text, [(0, len(text), "expense")], sent, CHILDREN, day_first=False, currency="USD")
            best = min(best, time.perf_counter() - started)
        return best

    assert seconds(3000) < 40 * seconds(300) + 0.05


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_words_are_near_both_ways(one: str, other: str) -> None:
    assert is_near(one, other) == is_near(other, one)


def test_a_word_near_two_known_words_stays_unknown() -> None:
    speller = Speller(["monday", "sunday"])
    assert speller.find("mondya") == "monday"
    assert speller.find("munday") is None
    assert speller.find("tuesday") is None
