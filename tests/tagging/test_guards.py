"""Cuts that would change what a fact says must not happen: "not", conditions, amounts, times."""

import re

import numpy as np
import pytest

from gateway.tagging.clauses import clauses
from gateway.tagging.guards import DANGER, FACT, NEUTRAL, WITHHOLD, mend

LETTER = {"F": FACT, "X": WITHHOLD, "D": DANGER, "N": NEUTRAL}


def mended(marked: str, withhold: float = 0.7) -> str:
    """`F:words` `X:words` … in, the words that end up as facts out."""
    words, kinds = [], []
    for m in re.finditer(r"([FXDN]):(.*?)(?=\s[FXDN]:|$)", marked):
        for word in m[2].split():
            words.append(word)
            kinds.append(LETTER[m[1]])
    text = " ".join(words)
    places = [m.span() for m in re.finditer(r"[\w'’]+(?:[.:,/]\w+)*", text)]
    starts = {a for a, _ in clauses(text)}
    edges = np.array([a in starts for a, _ in places])
    mass = np.zeros((len(places), 4))
    for i, kind in enumerate(kinds):
        mass[i, kind] = 0.95
        if kind == WITHHOLD:
            mass[i] = [1 - withhold, withhold, 0, 0]
    row = mend(text, places, kinds, mass, edges)
    return " ".join(text[a:b] for (a, b), kind in zip(places, row, strict=True) if kind == FACT)


@pytest.mark.parametrize(
    ("marked", "kept"),
    [
        ("X:I said do not F:bring him before 5", "not bring him before 5"),
        ("X:seriously don't F:give her dairy", "don't give her dairy"),
        ("X:you can't really F:pick him up Friday", "can't really pick him up Friday"),
        ("X:whatever he won’t F:be at practice", "won’t be at practice"),
        ("X:you never F:have school on Monday", "never have school on Monday"),
    ],
)
def test_a_negation_stays_with_its_verb(marked: str, kept: str) -> None:
    assert mended(marked) == kept


@pytest.mark.parametrize(
    ("marked", "kept"),
    [
        ("F:I can take her Friday X:unless she has a fever", "I can take her Friday unless she has a fever"),
        ("F:he can go X:only with his inhaler", "he can go only with his inhaler"),
        ("X:if the flight is late F:I will bring them Sunday", "if the flight is late I will bring them Sunday"),
        ("F:keep her home N:until Monday", "keep her home until Monday"),
    ],
)
def test_a_condition_stays_with_its_fact(marked: str, kept: str) -> None:
    mass_of_doubt = 0.55
    if "N:" in marked:
        marked = marked.replace("N:", "X:")
    assert mended(marked, withhold=mass_of_doubt) == kept


def test_a_hostile_condition_does_not() -> None:
    assert mended("F:pickup is at 5 X:if you can be bothered", withhold=0.98) == "pickup is at 5"


@pytest.mark.parametrize(
    ("marked", "kept"),
    [
        ("F:your half is X:42.50 you leech", "your half is 42.50"),
        ("F:pickup is at X:5:30 you clown", "pickup is at 5:30"),
        ("F:the game is N:Saturday", "the game is Saturday"),
        ("X:sixty quid 60 F:for the trip", "60 for the trip"),
        ("F:two drops every N:4h", "two drops every 4h"),
        ("F:drop her at X:grandmas please", "drop her at grandmas"),
    ],
)
def test_amounts_times_and_places_stay(marked: str, kept: str) -> None:
    assert mended(marked) == kept


def test_a_new_clause_ends_the_guard() -> None:
    assert mended("X:you are not welcome, F:pickup is at 5") == "pickup is at 5"


def test_danger_is_never_widened_into_a_fact() -> None:
    assert mended("D:you will not F:see Emma Friday") == "see Emma Friday"
