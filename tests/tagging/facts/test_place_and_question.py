"""Where, whether something is asked, and by when an answer is wanted."""

from __future__ import annotations

from datetime import datetime

import pytest

from gateway.tagging.facts import Fact, read_facts
from gateway.tagging.facts.child import Child

SENT = datetime.fromisoformat("2026-11-24T19:40:00-05:00")


def fact(text: str, topic: str = "schedule") -> Fact:
    return read_facts(text, [(0, len(text), topic)], SENT, [Child("Emma")], day_first=False, currency="USD")[0]


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("we are in an ambulance to St Luke's hospital right now", "St Luke's hospital"),
        ("refill is ready at the pharmacy on Oak St, can you get it", "the pharmacy on Oak St"),
        ("flu shot thurs at 345 at the walgreens on 6th", "the walgreens on 6th"),
        ("Emma's cleats are in the boot of your car", "the boot of your car"),
        ("drop her at the school office before 9", "the school office"),
        ("recital is 4 today at the Ebell", "the Ebell"),
        ("exchange Sunday 5 @ the library", "the library"),
        ("I pick up at your mom's", "your mom's"),
        ("match on Sunday is at 10, Burgess Park.", "Burgess Park"),
        ("debate moved to Wednesday 4:30, room 118", "room 118"),
        ("Thursday 5.30 pm, same pool", "same pool"),
        ("we are going to Mysuru from 1 to 4 October", "Mysuru"),
        ("conference is Thursday 6 pm on Zoom", "Zoom"),
        ("her form is in the blue folder", "the blue folder"),
        ("get her from camp at 330", "camp"),
        ("Her shoes are at yours", "yours"),
        ("pickup at 5", None),
        ("in two weeks", None),
        ("gave her motrin at 4", None),
        ("in the morning", None),
        ("she was at least 20 min late", None),
        ("Emma has a cold", None),
    ],
)
def test_where(text: str, want: str | None) -> None:
    assert fact(text).where == want


@pytest.mark.parametrize(
    "text",
    [
        "can you get her at 5",
        "can u bring her boots",
        "please pack a hat",
        "Could we swap Friday?",
        "let me know by Thursday",
        "Pickup at 5. Bring her boots.",
        "send the form back",
        "is noon ok?",
        "do you have her passport",
    ],
)
def test_a_fact_that_asks(text: str) -> None:
    assert fact(text).asks


@pytest.mark.parametrize("text", ["Emma has a cold", "pickup is at 5", "she slept well", "her fever is 101"])
def test_a_fact_that_tells(text: str) -> None:
    assert not fact(text).asks


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("Can we swap the 5th? Let me know by Friday", "2026-11-27"),
        ("swap Dec 5 with Dec 12? please confirm by Thursday at noon", "2026-11-26T12:00"),
        ("I need an answer by tomorrow", "2026-11-25"),
        ("text me before 9 tonight if she can come", "2026-11-24T21:00"),
        ("tell me by the 1st", "2026-12-01"),
        ("pay me by Friday", None),
        ("pickup Friday", None),
        ("let me know", None),
    ],
)
def test_answer_by(text: str, want: str | None) -> None:
    assert fact(text).answer_by == want
