"""The coach over drafts marked by hand: what is fine stays unremarked, what is faulty is shown at its words; it never decides."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.demo.sample import family
from gateway.family import Family
from gateway.reply.coach import Advice, Draft, Private, advise, load_coach
from gateway.reply.looking import FAILED, coach_look
from gateway.tagging import open_tagger
from gateway.tagging.facts.child import Child

CASES = Path(__file__).parents[1] / "cases" / "coach"
NOON = datetime(2026, 11, 25, 17, 0, tzinfo=UTC)
FAMILIES = json.loads((CASES / "families.json").read_text(encoding="utf8"))


@cache
def looked(line: str) -> tuple[dict, Advice]:
    case = json.loads(line)
    of = FAMILIES[case["family"]]
    private = Private(home=tuple(of["home"]), work=tuple(of["work"]), people=tuple(of["people"]))
    draft = Draft(
        case["text"],
        tuple(case["context"]),
        private,
        tuple(Child(name) for name in of["children"]),
        case.get("tone", "grey"),
    )
    return case, advise(draft, coach(), open_tagger())


@cache
def coach():
    return load_coach()


def cases(name: str) -> list[str]:
    return (CASES / name).read_text(encoding="utf8").splitlines()


@pytest.mark.parametrize(("file", "at_most"), [("fine.jsonl", 0.02), ("later-fine.jsonl", 0.05)])
def test_fine_drafts_are_left_alone(file, at_most):
    remarked = [case["text"] for case, advice in map(looked, cases(file)) if advice.verdict != "fine"]
    assert len(remarked) <= at_most * len(cases(file)), remarked


@pytest.mark.parametrize(("file", "at_least"), [("faults.jsonl", 0.97), ("later-faults.jsonl", 0.9)])
def test_marked_faults_are_found_where_they_stand(file, at_least):
    marked = missed = 0
    lost = []
    for case, advice in map(looked, cases(file)):
        for fault in case["faults"]:
            marked += 1
            if not any(h.id == fault["id"] and h.start < fault["end"] and h.end > fault["start"] for h in advice.hints):
                missed += 1
                lost.append((fault["id"], case["text"]))
    assert marked - missed >= at_least * marked, lost


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=300))
def test_any_words_give_advice_whose_places_lie_in_them(words):
    advice = advise(Draft(words), coach(), open_tagger())
    assert all(0 <= hint.start <= hint.end <= len(words) for hint in advice.hints)
    assert advice == advise(Draft(words), coach(), open_tagger())


def test_ready_answers_come_with_an_ask():
    advice = advise(
        Draft("Ok.", ("Can you take Emma on Friday at 6?",), children=(Child("Emma"),)), coach(), open_tagger()
    )
    assert advice.templates


def test_the_desk_is_told_in_sentences_that_quote_the_draft():
    look = coach_look(coach(), open_tagger(), lambda: NOON)
    one = Family.model_validate(family())
    assert look("Emma will be ready at 6.", one, ("Pickup at 6 on Friday?",)) == ()
    hints = look("Emma will be ready at 6. I am home alone all evening.", one, ("Pickup at 6 on Friday?",))
    assert hints
    assert "home alone" in hints[0]


def test_a_coach_that_fails_says_so_and_stops_nothing(caplog):
    class Broken:
        version = "0"

        def tag(self, *_args, **_kwargs):
            raise RuntimeError("Emma")

    look = coach_look(coach(), Broken(), lambda: NOON)  # type: ignore[arg-type]
    assert look("Emma will be ready at 6.", Family.model_validate(family()), ()) == (FAILED,)
    assert "Emma" not in caplog.text
