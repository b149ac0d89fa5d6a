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
        ("[school|form is due Wednesday.] [schedule|pickup is at 3 tomorrow]", ["2026-11-25", "2026-11-25T15:00"]),
    ],
)
def test_a_fact_leans_on_the_words_before(marked: str, want: list[str | None]) -> None:
    assert whens(marked) == want


def test_thanksgiving_is_in_october_for_a_canadian_family() -> None:
    sent = datetime.fromisoformat("2026-09-20T10:00:00-04:00")
    [fact] = read_facts("Thanksgiving", [(0, 12, "schedule")], sent, [], day_first=False, currency="CAD")
    assert fact.when == "2026-10-12"


def test_a_weekday_settles_which_half_of_a_date_is_the_month() -> None:
    assert whens("[schedule|Friday 4/12]", "2026-11-24T19:40:00+00:00", day_first=True) == ["2026-12-04"]
    assert whens("[schedule|Friday 12/4]", "2026-11-24T19:40:00+00:00", day_first=True) == ["2026-12-04"]
