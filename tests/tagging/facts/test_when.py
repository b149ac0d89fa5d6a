"""The table of phrases, and what a fact takes over from the words before it."""

from __future__ import annotations

from datetime import datetime

import pytest

from gateway.tagging.facts import read_facts
from gateway.tagging.facts.child import Child
from tests.tagging.facts.when_cases import AU, UK, US

FAMILIES = {
    "US": (US, "2026-11-24T19:40:00-05:00", False),
    "UK": (UK, "2026-06-10T08:15:00+01:00", True),
    "AU": (AU, "2026-03-06T13:00:00+11:00", True),
}


def cases() -> list[tuple[str, str, bool, str, str | None]]:
    out = []
    for table, sent, day_first in FAMILIES.values():
        for line in table.strip().splitlines():
            phrase, want = (part.strip() for part in line.split("|"))
            topic = "schedule"
            if phrase.startswith("["):
                topic, phrase = phrase[1:].split("] ", 1)
            out.append((phrase, sent, day_first, topic, None if want == "-" else want))
    return out


CASES = cases()


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 250


@pytest.mark.parametrize(("phrase", "sent", "day_first", "topic", "want"), CASES)
def test_a_phrase_means_its_date(phrase: str, sent: str, day_first: bool, topic: str, want: str | None) -> None:
    [fact] = read_facts(
        phrase,
        [(0, len(phrase), topic)],
        datetime.fromisoformat(sent),
        [Child("Noah"), Child("Emma")],
        day_first=day_first,
        currency="USD",
    )
    assert fact.when == want


def whens(marked: str, sent: str = "2026-11-24T19:40:00-05:00", day_first: bool = False) -> list[str | None]:
    """The dates of the passages in square brackets, ``[topic|words]``."""
    text, spans, rest = "", [], marked
    while "[" in rest:
        before, rest = rest.split("[", 1)
        inside, rest = rest.split("]", 1)
        topic, words = inside.split("|", 1)
        text += before
        spans.append((len(text), len(text) + len(words), topic))
        text += words
    text += rest
    facts = read_facts(
        text, spans, datetime.fromisoformat(sent), [Child("Noah"), Child("Emma")], day_first=day_first, currency="USD"
    )
    return [f.when for f in facts]


@pytest.mark.parametrize(
    ("marked", "want"),
    [
        (
            "[schedule|pickup Friday.] you never answer. [schedule|can you make it 5]",
            ["2026-11-27", "2026-11-27T17:00"],
        ),
        ("[school|no school tomorrow] whatever, [schedule|I keep her until 5]", ["2026-11-25", "2026-11-25T17:00"]),
        (
            "[activity|recital is Dec 5 at 2] and [schedule|pick up that day is 3.45]",
            ["2026-12-05T14:00", "2026-12-05T15:45"],
        ),
        ("[activity|camp is Dec 5.] [belongings|both need hats that day]", ["2026-12-05", "2026-12-05"]),
        ("[schedule|drop off is Friday.] [medical|gave him motrin at 4]", ["2026-11-27", "2026-11-24T16:00"]),
        ("[school|trip is Friday.] [belongings|bring a hat]", ["2026-11-27", None]),
        ("[school|trip is Dec 11 to 13.] [school|bus leaves 8am on the Friday]", ["2026-12-11", "2026-12-11T08:00"]),
        ("dinner Friday was a joke. [schedule|running late]", [None]),
        ("[school|trip is Friday.]\n[schedule|I collect him at 3]", ["2026-11-27", "2026-11-27T15:00"]),
        ("[school|trip is Friday.]\n[contact|he wants to call you at 9]", ["2026-11-27", "2026-11-24T21:00"]),
        (
            "[travel|we are away December 12 and 13.] [medical|her check is the 21st at 8am]",
            ["2026-12-12", "2026-12-21T08:00"],
        ),
        ("[travel|we are away December 12.] [legal|reply by the 28th]", ["2026-12-12", "2026-11-28"]),
        ("[activity|game is Saturday.] [belongings|bring her cleats then]", ["2026-11-28", "2026-11-28"]),
        ("[school|concert is Friday.] [expense|send me the 20 by then]", ["2026-11-27", "2026-11-27"]),
        ("[school|no school Friday.] [schedule|I will have them the night before]", ["2026-11-27", "2026-11-26"]),
        ("[activity|game is Dec 12.] [schedule|could you keep him that Friday]", ["2026-12-12", "2026-12-11"]),
        ("[schedule|I'll be there by 530] are you on nights now", ["2026-11-25T17:30"]),
        (
            "[activity|gala is Saturday.] [schedule|I'd bring her at 6 instead of 5. Let me know by Thursday]",
            ["2026-11-28", "2026-11-28T18:00"],
        ),
        ("[school|form is due Wednesday.] [schedule|pickup is at 3 tomorrow]", ["2026-11-25", "2026-11-25T15:00"]),
    ],
)
def test_a_fact_leans_on_the_words_before(marked: str, want: list[str | None]) -> None:
    assert whens(marked) == want


def said_before(passage: str, topic: str, *previous: str, subject: str | None = None) -> tuple[str | None, str | None]:
    """The date and child of a message that is one passage, after these messages."""
    [fact] = read_facts(
        passage,
        [(0, len(passage), topic)],
        datetime.fromisoformat("2026-11-24T19:40:00-05:00"),
        [Child("Noah"), Child("Emma")],
        day_first=False,
        currency="USD",
        subject=subject,
        previous=previous,
    )
    return fact.when, fact.child


@pytest.mark.parametrize(
    ("passage", "topic", "previous", "want"),
    [
        ("2", "activity", ("<What time is the recital tomorrow", "<Are you there?"), ("2026-11-25T14:00", None)),
        ("its 5", "schedule", ("<so 5 on Friday, yes?",), ("2026-11-27T17:00", None)),
        ("5", "medical", ("<Did you give Noah the allergy med", ">yes", "<When"), ("2026-11-24T17:00", "Noah")),
        ("threw up twice", "medical", (">the camp called", "<Is Emma sick?"), (None, "Emma")),
        ("he's fine", "wellbeing", ("<How is Noah?",), (None, "Noah")),
        ("the blue one is in the wash", "belongings", ("<Where are the bags of Emma and Noah?",), (None, None)),
        ("pickup is at the gate", "schedule", ("<How is Noah?",), (None, None)),
        ("Emma at 10", "contact", ("<is she still calling tomorrow?",), ("2026-11-25T10:00", "Emma")),
    ],
)
def test_an_answer_leans_on_the_messages_before(
    passage: str, topic: str, previous: tuple[str, ...], want: tuple[str | None, str | None]
) -> None:
    assert said_before(passage, topic, *previous) == want


def test_an_answer_leans_on_the_subject() -> None:
    assert said_before("Me, 10:20", "medical", subject="Re: Emma, the 30th") == ("2026-11-30T10:20", "Emma")


def test_nothing_that_was_said_before_is_a_fact_of_this_message() -> None:
    assert said_before("the bag is by the door", "belongings", "<Friday at 5?") == (None, None)


def test_thanksgiving_is_in_october_for_a_canadian_family() -> None:
    sent = datetime.fromisoformat("2026-09-20T10:00:00-04:00")
    [fact] = read_facts("Thanksgiving", [(0, 12, "schedule")], sent, [], day_first=False, currency="CAD")
    assert fact.when == "2026-10-12"


@pytest.mark.parametrize(
    ("marked", "want"),
    [
        ("[school|the harvest assembly is today at 2]", ["2026-11-25T14:00"]),
        ("[activity|her match is today at 1]", ["2026-11-25T13:00"]),
        ("[schedule|I will be at yours at 2]", ["2026-11-25T02:00"]),
    ],
)
def test_written_after_midnight_what_happens_by_day_is_not_in_the_night(marked: str, want: list[str | None]) -> None:
    assert whens(marked, "2026-11-25T00:40:00-05:00") == want


def test_a_weekday_settles_which_half_of_a_date_is_the_month() -> None:
    assert whens("[schedule|Friday 4/12]", "2026-11-24T19:40:00+00:00", day_first=True) == ["2026-12-04"]
    assert whens("[schedule|Friday 12/4]", "2026-11-24T19:40:00+00:00", day_first=True) == ["2026-12-04"]
