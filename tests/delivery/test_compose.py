"""Cards: exact words, nothing that can be followed, two segments at most."""

from datetime import UTC, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.concluded import matter_of
from gateway.delivery.card import Card, Item
from gateway.delivery.compose import how_to_answer, letter, text_message
from gateway.delivery.gsm import segments
from gateway.delivery.outbox import FIRST_WAIT, LONGEST_WAIT, wait
from gateway.delivery.schedule import Matter, due, next_hour
from gateway.policy import Lane

LINK = "https://relay.example.org/card/" + "A" * 43


def card(*words: str, lane: Lane = Lane.FACTS, asks: bool = False) -> Card:
    items = tuple(Item(w, "Schedule", when_line="Fri 27 Nov 2026", asks=asks) for w in words)
    return Card(lane, "Update from Mark", "Mark", "email", "Thu 26 Nov 2026, 12:00 pm (UTC-06:00)", items)


def test_markup_in_words_stays_words() -> None:
    written = letter(card('<a href="http://x">pickup</a> <script>1</script> & {{ 7*7 }}'), LINK)
    assert "&lt;a href=&#34;http://x&#34;&gt;pickup&lt;/a&gt;" in written.html
    assert "<script" not in written.html
    assert "{{ 7*7 }}" in written.text


def test_an_hour_stays_on_one_line_with_its_offset() -> None:
    html = letter(card("pickup"), LINK).html
    assert 'Thu 26 Nov 2026, <span class="zone">12:00 pm (UTC-06:00)</span>, by email' in html


def test_a_mail_says_how_it_is_answered() -> None:
    written = letter(card("pickup"), LINK, answer=how_to_answer("ask", "Mark"))
    line = "You can answer this mail: your words go to Mark, without your address. You are asked once before they go."
    assert written.text.endswith(f"{line}\n")
    assert line in written.html
    assert "You can answer" not in letter(card("pickup"), LINK).text


def test_questions_come_first() -> None:
    both = Card(Lane.FACTS, "h", "Mark", "email", "r", (Item("told", "School"), Item("asked?", "School", asks=True)))
    text = letter(both).text
    assert text.index("asked?") < text.index("told")


@pytest.mark.parametrize("count", [1, 2, 3, 10])
@pytest.mark.parametrize("words", ["Pickup is at 6 on Friday", "Zoë’s naïve 🎂 party at 4", "x" * 300])
def test_a_text_fits_two_segments_and_never_cuts_an_item(count: int, words: str) -> None:
    text = text_message(card(*[f"{words} {n}" for n in range(count)]), LINK)
    assert segments(text) <= 2
    shown = [n for n in range(count) if f"{words} {n}" in text]
    assert LINK in text or shown == list(range(count))


@given(st.lists(st.text(min_size=1, max_size=200), min_size=1, max_size=5))
def test_any_words_fit(words: list[str]) -> None:
    assert segments(text_message(card(*words), LINK)) <= 2


def test_danger_by_text_says_nothing() -> None:
    assert text_message(card("i will", lane=Lane.DANGER), LINK) == f"Please read now: {LINK}"


def test_segments() -> None:
    assert [segments(t) for t in ("", "a" * 160, "a" * 161, "€" * 80, "€" * 81, "ł" * 70, "ł" * 71, "🎂" * 35)] == [
        0,
        1,
        2,
        1,
        2,
        1,
        2,
        1,
    ]


NOON = datetime(2026, 11, 26, 18, 0, tzinfo=UTC)
HOURS = (time(8), time(18))


@pytest.mark.parametrize(
    ("lane", "whens", "hour"),
    [
        (Lane.FACTS, [], 24),
        (Lane.FACTS, ["2026-12-24"], 24),
        (Lane.FACTS, ["2026-11-26T17:00"], 18),
        (Lane.FACTS, ["2026-11-26T20:30"], 18),
        (Lane.FACTS, ["2026-11-26"], 18),
        (Lane.UNSORTED, [], 24),
        (Lane.DANGER, [], 18),
        (Lane.EMERGENCY, [], 18),
        (Lane.LEGAL, [], 18),
    ],
)
def test_what_waits_for_the_hour_and_what_does_not(lane: Lane, whens: list[str], hour: int) -> None:
    found = due(NOON, HOURS, "America/Chicago", Matter(lane, tuple(whens)))
    assert (found - datetime(2026, 11, 26, tzinfo=UTC)).total_seconds() == hour * 3600


def test_an_hour_that_the_clock_change_skips_comes_all_the_same() -> None:
    before = datetime(2026, 3, 8, 7, 0, tzinfo=UTC)  # 1 am in Chicago; 2:30 does not exist that day
    found = next_hour(before, (time(2, 30),), "America/Chicago")
    assert before < found <= datetime(2026, 3, 8, 8, 30, tzinfo=UTC)


def test_retries_back_off_and_never_march_in_step() -> None:
    waits = [wait(n) for n in range(1, 41)]
    assert FIRST_WAIT * 0.8 <= waits[0] <= FIRST_WAIT * 1.2
    assert all(w <= LONGEST_WAIT * 1.2 for w in waits)
    assert waits[8] > waits[2]
    assert len({wait(5) for _ in range(20)}) > 1


def test_a_card_survives_the_store() -> None:
    made = card("x", asks=True)
    assert Card.from_json(made.as_json()) == made


def test_a_topic_that_the_parent_wants_at_once_is_a_matter_for_now(make_family) -> None:
    made = Card(Lane.FACTS, "Update from Mark", "Mark", "email", "now", (Item("soccer at 4", "Activity"),))
    assert not matter_of(made, (), make_family(topics={"activity": "digest"})).at_once
    assert matter_of(made, (), make_family(topics={"activity": "now"})).at_once
