"""Which passages wait, what stands around them, and which words are proposed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.conclusion import NOTE_ECHO, NOTE_STRANGER, NOTE_UNPROVED, money
from gateway.contact import NOTE_MAY_BE_LEGAL
from gateway.delivery.card import Card, Item
from gateway.expenses import read_money, sums_of
from gateway.policy import Lane
from gateway.sorting.passages import SENDER, UNREAD, Passage, around, passages_of
from gateway.sorting.suggest import chosen_word, suggested

TEXT = "You never listen. The inhaler, maybe Saturday. She said so. You are hopeless."


def choice(words: str, label: str, action: str, text: str = TEXT, rule: str = "r") -> dict[str, Any]:
    start = text.index(words)
    return {"start": start, "end": start + len(words), "label": label, "action": action, "rule": rule}


CHOICES = [
    choice("You never listen.", "X:blame", "withhold"),
    choice("The inhaler, maybe Saturday.", "F:medical", "hold"),
    choice("She said so.", "N", "hold"),
    choice("You are hopeless.", "X:insult", "withhold"),
]
CARD = Card(Lane.UNSORTED, "h", "Mark", "email", "now")


def test_neighbours_of_one_kind_are_one_passage() -> None:
    (found,) = passages_of(CARD, {"choices": CHOICES}, TEXT)
    assert TEXT[found.start : found.end] == "The inhaler, maybe Saturday. She said so."
    assert (found.label, found.field) == ("F:medical", "text")
    insult = [*CHOICES[:3], {**CHOICES[3], "action": "hold"}]
    assert [TEXT[p.start : p.end] for p in passages_of(CARD, {"choices": insult}, TEXT)][1:] == ["You are hopeless."]


def test_what_was_withheld_is_a_gap_around_a_passage() -> None:
    (found,) = passages_of(CARD, {"choices": CHOICES}, TEXT)
    pieces = around(found, TEXT, CHOICES)
    assert [p.kind for p in pieces] == ["gap", "this", "gap"]
    assert "hopeless" not in "".join(p.words for p in pieces)
    shown = [{**CHOICES[0], "label": "F:school", "action": "forward"}, *CHOICES[1:]]
    assert "".join(p.words for p in around(found, TEXT, shown) if p.kind != "gap").startswith(
        "You never listen. The inhaler"
    )


def test_danger_legal_and_other_lanes_have_no_passages() -> None:
    for lane in (Lane.DANGER, Lane.LEGAL, Lane.WHOLE):
        assert passages_of(replace(CARD, lane=lane), {"choices": CHOICES}, TEXT) == ()
    assert len(passages_of(replace(CARD, lane=Lane.EMERGENCY), {"choices": CHOICES}, TEXT)) == 1
    assert passages_of(replace(CARD, lane=Lane.FACTS), {"choices": CHOICES[:1]}, TEXT) == ()


def test_what_is_held_for_its_sender_or_could_not_be_read_waits_whole() -> None:
    assert passages_of(CARD, {"kind": "shunted"}, "") == (Passage("whole", 0, 0, "N", UNREAD),)
    forwarded = [{**CHOICES[1], "action": "forward"}]
    assert passages_of(CARD, {"choices": forwarded}, TEXT) == (Passage("whole", 0, 0, "N", SENDER),)
    stranger = replace(CARD, notes=(NOTE_STRANGER,))
    assert passages_of(stranger, {"choices": CHOICES}, TEXT) == (Passage("whole", 0, 0, "N", SENDER),)
    for note in (NOTE_UNPROVED, NOTE_ECHO, NOTE_MAY_BE_LEGAL):
        assert passages_of(replace(CARD, notes=(note,)), {"choices": CHOICES}, TEXT)[0].rule == SENDER
    assert passages_of(CARD, {"choices": []}, "") == ()  # no words: its files are on the card
    assert passages_of(CARD, {"choices": CHOICES, "mode": "no-contact"}, TEXT)[0].field == "whole"


@given(st.text(max_size=80), st.lists(st.tuples(st.integers(0, 80), st.integers(0, 80)), max_size=6))
def test_around_any_passage_no_withheld_word_stands(text: str, places: list[tuple[int, int]]) -> None:
    spans = [{"start": min(a, b), "end": max(a, b), "label": "X:insult", "action": "withhold"} for a, b in places]
    pieces = around(Passage("text", 3, 5, "N", "r"), text, spans)
    assert "".join(p.words for p in pieces if p.kind == "this") == text[3:5]
    assert not any(c.isalnum() for p in pieces if p.kind == "shown" for c in p.words)


def test_proposed_words_tell_something_and_name_nobody() -> None:
    words = "Emma's recital costume, they said something about the Recital with Mark's mother"
    assert suggested(words, ["Emma", "Mark"]) == ("recital", "costume", "mother")
    assert suggested("a b ok", []) == ()
    assert chosen_word("  Swim   Meet ") == "swim meet"
    assert [chosen_word(w) for w in ("", "ab", "  ", "...", "x" * 61)] == [""] * 5


@given(
    st.integers(0, 10**9),
    st.sampled_from(["USD", "GBP", "EUR", "CAD", "AUD", "NZD", "INR", "NGN", "ZAR", "CHF", "JPY"]),
)
def test_sums_are_read_back_as_they_were_written(cents: int, currency: str) -> None:
    assert read_money(str(money(cents / 100, currency))) == (cents, currency)


def test_only_sums_for_a_need_count() -> None:
    card = replace(
        CARD, items=(Item("a", "Expense", amount="$42.50"), Item("b", "School", amount="$5.00"), Item("c", "Expense"))
    )
    assert [(s.place, s.cents, s.currency) for s in sums_of(card)] == [(0, 4250, "USD")]
    assert read_money("-5") is read_money("$-5.00") is read_money("5.00") is None
