import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.tagging.clauses import clause_at, clauses


def parts(text: str) -> list[str]:
    return [text[a:b] for a, b in clauses(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I'll drop Noah at 6 since you clearly can't drive", ["I'll drop Noah at 6", "since you clearly can't drive"]),
        (
            "pick up 5.30 p.m. at the gym, bring $1,200 by 5:30. Thanks!!",
            ["pick up 5.30 p.m. at the gym,", "bring $1,200 by 5:30.", "Thanks!!"],
        ),
        ("ok...fine (see above) then", ["ok...", "fine", "(see above)", "then"]),
        ("Hi\n\nJ. Smith called; 24-26 Dec — bring shoes", ["Hi", "J. Smith called;", "24-26 Dec —", "bring shoes"]),
        ("exams start 15 Sept.His ticket is in", ["exams start 15 Sept.", "His ticket is in"]),
        ("bring the band and the button", ["bring the band", "and the button"]),
        ("", []),
        ("   \n ", []),
    ],
)
def test_clauses(text: str, expected: list[str]) -> None:
    assert parts(text) == expected


def test_the_clause_around_a_passage() -> None:
    text = "Emma has swimming at 4, and I know where you park. See you Friday"
    at = text.index("know where")
    assert text[slice(*clause_at(text, at, at + 10))] == "and I know where you park."
    across = text.index("at 4")
    assert text[slice(*clause_at(text, across, at))] == "Emma has swimming at 4, and I know where you park."


@given(st.text(max_size=200), st.integers(0, 200), st.integers(0, 50))
def test_a_clause_holds_its_passage(text: str, start: int, length: int) -> None:
    start = min(start, len(text))
    end = min(start + length, len(text))
    a, b = clause_at(text, start, end)
    assert 0 <= a <= start
    assert end <= b <= len(text)


@given(st.text(max_size=200))
def test_clauses_hold_every_letter_once(text: str) -> None:
    found = clauses(text)
    assert all(a < b for a, b in found)
    assert all(x[1] <= y[0] for x, y in itertools.pairwise(found))
    inside = {i for a, b in found for i in range(a, b)}
    assert all(i in inside for i, c in enumerate(text) if c.isalnum())


@pytest.mark.parametrize("part", ["a ", "\n ", " ", ".", "-", ", ", "–", " and", "a.", "\r\n", "("])
def test_time_is_linear(part: str) -> None:
    started = time.perf_counter()
    clauses(part * 20_000)
    assert time.perf_counter() - started < 3
