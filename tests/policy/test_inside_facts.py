"""Words of scorn that ride inside a sentence with a fact are cut out, and the fact stays whole."""

from __future__ import annotations

import json

import pytest

from gateway.filtering import answers
from gateway.policy import load_rules
from gateway.tagging import open_tagger


def forwarded(text: str) -> list[str]:
    message = {
        "id": "1",
        "channel": "sms",
        "sent_at": "2026-11-24T19:40:00-05:00",
        "children": ["Emma", "Noah"],
        "sender_name": "Mark",
        "recipient_name": "Dana",
        "subject": None,
        "text": text,
    }
    (answer,) = answers([json.dumps(message)], open_tagger(), load_rules())
    return [text[start:end] for start, end in answer["forwarded"]]


@pytest.mark.parametrize(
    ("fact", "jab"),
    [
        ("Pickup is at 6", ", your majesty"),
        ("Emma's recital is Friday at 7", ", mother of the year"),
        ("Bring her inhaler tomorrow", " if that's not too much to ask"),
        ("drop him at 5", " for once in your life"),
        ("He needs his cleats Saturday", ", not that you'd care"),
        ("Noah has a fever of 102.4", ", no thanks to you."),
        ("Pickup is at 5.30", ", surprise surprise"),
        ("Practice is 4:30", " like you always do"),
        ("Pickup is at 6", " dumbass"),
    ],
)
def test_the_fact_comes_without_the_jab(fact: str, jab: str) -> None:
    assert forwarded(fact + jab) == [fact]


@pytest.mark.parametrize(
    "text",
    [
        "Tell me if it's not too hard for Emma to do the homework on Sunday",
        "Emma is princess in the school play Friday at 7",
    ],
)
def test_like_words_of_a_fact_stay(text: str) -> None:
    assert "".join(forwarded(text)) == text
