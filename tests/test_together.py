"""Texts read together: one thought over several texts is read as one, and nothing is lost by it. With the real tagger."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from gateway.family import Family
from gateway.parsing.joined import between, join
from gateway.parsing.reading import Reading, Segment, SegmentKind
from gateway.pipeline import Context, Judgement, is_forwarded
from gateway.policy import Lane, load_rules
from gateway.tagging import open_tagger
from gateway.together import read_together

TAGGER = open_tagger()


def reading(words: str) -> Reading:
    return Reading(body=words, segments=(Segment(0, len(words), SegmentKind.NEW),) if words else ())


@pytest.fixture
def together(make_family: Callable[..., Family]) -> Callable[..., tuple[Judgement, tuple[Judgement, ...]]]:
    family = make_family()
    rules = load_rules().for_family(family)
    noon = datetime(2026, 11, 26, 12, 0, tzinfo=ZoneInfo("America/Chicago"))
    context = Context(family.readable_children(), noon, "Mark", "Dana", channel="sms")

    def read(*texts: str) -> tuple[Judgement, tuple[Judgement, ...]]:
        _, whole, parts = read_together([reading(t) for t in texts], context, TAGGER, rules)
        return whole, parts

    return read


def shown(judged: Judgement) -> list[str]:
    return [judged.text[c.span.start : c.span.end] for c in judged.decision.choices if is_forwarded(c)]


def test_one_thought_over_three_texts_is_one_fact_with_day_and_hour(together) -> None:
    whole, parts = together("pickup at", "6", "on friday")
    assert shown(whole) == ["pickup at 6 on friday"]
    assert [f.fact.when for f in whole.forwarded] == ["2026-11-27T18:00"]
    assert [part.text for part in parts] == ["pickup at", "6", "on friday"]
    assert [shown(part) for part in parts] == [["pickup at"], ["6"], ["on friday"]]
    assert {part.decision.lane for part in parts} == {Lane.FACTS}


def test_an_insult_in_the_next_text_does_not_take_the_hour_with_it(together) -> None:
    whole, (first, second) = together("see you at 5", "you are pathetic")
    assert shown(whole) == shown(first) == ["see you at 5"]
    assert (first.decision.outcome, second.decision.outcome) == ("forward", "withhold")
    assert whole.decision.lane is Lane.FACTS
    assert whole.decision.outcome == "partial"


def test_each_text_keeps_its_own_decision(together) -> None:
    _, parts = together("can you take noah", "thursday", "instead of wed?", "you never do anything for them anyway")
    assert [p.decision.outcome for p in parts] == ["forward", "forward", "forward", "withhold"]
    assert parts[3].decision.lane is Lane.WITHHELD


@pytest.mark.parametrize(
    "texts",
    [
        ("i will", "kill you"),
        ("i swear i am going to", "kill", "you"),
        ("if i cant have you", "no one will"),
        ("i will find you wherever you sleep tonight and then i am going", "to kill you and nobody will ever know it"),
    ],
)
def test_a_threat_cut_in_pieces_is_still_a_threat(together, texts: tuple[str, ...]) -> None:
    whole, _ = together(*texts)
    assert whole.decision.lane is Lane.DANGER


def test_an_emergency_cut_in_pieces_is_still_an_emergency(together) -> None:
    whole, _ = together("we are at", "the ER", "with noah")
    assert whole.decision.lane is Lane.EMERGENCY


def test_parts_cover_no_words_of_their_neighbours(together) -> None:
    texts = ("Em needs her inhaler", "its in the blue bag", "you always forget everything", "ok?")
    whole, parts = together(*texts)
    assert [part.text for part in parts] == list(texts)
    for part in parts:
        for choice in part.decision.choices:
            assert 0 <= choice.span.start < choice.span.end <= len(part.text)
        for fact in part.forwarded:
            assert 0 <= fact.start < fact.end <= len(part.text)
    assert "forget" not in " ".join(shown(whole))


@pytest.mark.parametrize(
    ("before", "after", "mark"),
    [
        ("pickup at", "6", " "),
        ("6", "on friday", " "),
        ("Noah has soccer", "please bring his shoes", "\n"),
        ("I'm", "not coming on Friday at all", " "),
        ("Done.", "ok", "\n"),
        ("bring the coat,", "the blue bag and the shoes", " "),
    ],
)
def test_what_stands_between_two_texts(before: str, after: str, mark: str) -> None:
    assert between(before, after) == mark


def test_empty_texts_have_empty_places() -> None:
    joined = join([reading(""), reading("a b c d"), reading(""), reading("e f g h")])
    assert joined.reading.new_text == "a b c d\ne f g h"
    assert [(p.start, p.end) for p in joined.pieces] == [(0, 0), (0, 7), (7, 7), (8, 15)]
    with pytest.raises(ValueError, match="no text"):
        join([])
