"""Professionals come through whole, as words; whoever only looks like one does not. Relatives go by the same rules, flagged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from gateway.demo.sample import LAWYER_EMAIL
from tests.e2e.world import World
from tests.voices.proved import AUNT_EMAIL, PARTNER_EMAIL, SCHOOL, bring, mail, open_proved

OFFICE = f"office@{SCHOOL}"
LETTER = """Dear Ms Rivera,

Emma was rude in class today, and frankly you have been a difficult parent all term. Please call me.

J. Ortiz

On Mon, 23 Nov 2026 at 18:02, Mark <mark@example.net> wrote:
> She is a terrible mother and always was.
"""
CARRIED = "May carry a message for Mark."


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with open_proved(tmp_path_factory.mktemp("professionals")) as opened:
        yield opened


def card(world: World) -> dict[str, Any]:
    return dict(world.cards()[-1].content)


def test_a_teacher_comes_through_whole_and_at_once(world: World) -> None:
    markup = f"<p onclick='x()'>{LETTER}</p><img src='http://tracker.example.edu/open.gif'><a href='http://evil.example'>here</a>"
    assert bring(world, mail(LETTER, OFFICE, "Emma in class", html=markup)) == "legal"
    shown = card(world)
    assert shown["heading"] == "Mail from Oak School"
    for words in ("Emma in class", "a difficult parent all term", "J. Ortiz", "She is a terrible mother"):
        assert words in shown["whole"]
    letter = world.mails()[-1]
    for part in ("plain", "html"):
        body = letter.get_body((part,)).get_content()
        assert "a difficult parent all term" in body
        assert "tracker.example.edu" not in body
        assert "onclick" not in body
        assert "evil.example" not in body


def test_markup_of_a_professional_is_text(world: World) -> None:
    assert bring(world, mail("see <b>this</b> <script>alert(1)</script>", OFFICE, "Note")) == "legal"
    assert "<script>" not in world.mails()[-1].get_body(("html",)).get_content().replace("<style>", "")


def test_a_newsletter_of_the_school_comes_too(world: World) -> None:
    newsletter = mail(
        "No school on Friday.", f"news@{SCHOOL}", "News", List_Id=f"<news.{SCHOOL}>", List_Post="<mailto:x@y.example>"
    )
    assert bring(world, newsletter) == "legal"
    assert "No school on Friday." in card(world)["whole"]


@pytest.mark.parametrize(
    ("sender", "by"),
    [
        (f"office@0akschool.{SCHOOL.partition('.')[2]}", ""),
        (f"office@{SCHOOL}.example.net", "example.net"),
        (f"office@{SCHOOL.replace('.edu', '.net')}", "example.net"),
        (f"office@mail.{SCHOOL}", ""),
        (OFFICE, ""),
        (OFFICE, "example.net"),
        (LAWYER_EMAIL, ""),
        (LAWYER_EMAIL, "new.example.net"),
    ],
)
def test_a_lookalike_or_unproved_professional_does_not(world: World, sender: str, by: str) -> None:
    before = len(world.cards())
    lane = bring(world, mail("You are a terrible mother, says the whole school board.", sender, "Hearing"), by=by)
    assert lane == "unsorted"
    assert len(world.cards()) == before + 1
    assert card(world)["whole"] is None
    assert "terrible mother" not in str(world.mails()[-1])


def test_a_name_that_is_the_schools_proves_nothing(world: World) -> None:
    lookalike = mail(
        "You are a terrible mother.", "x@new.example.net", From=f'"Oak School {OFFICE}" <x@new.example.net>'
    )
    assert bring(world, lookalike) == "unsorted"
    assert "terrible" not in str(card(world))


@pytest.mark.parametrize(("who", "sender"), [("June", AUNT_EMAIL), ("Kim", PARTNER_EMAIL)])
def test_relatives_and_partners_go_by_the_same_rules_with_a_flag(world: World, who: str, sender: str) -> None:
    words = f"You always make everything so hard. Emma's dentist appointment is Tuesday at 3:30 with {who}."
    assert bring(world, mail(words, sender)) == "facts"
    shown = card(world)
    assert shown["heading"] == f"Update from {who}"
    assert "so hard" not in str(shown)
    assert CARRIED in shown["notes"]
    before = len(world.cards())
    assert bring(world, mail("You are pathetic. Nobody will ever want you.", sender)) == "withheld"
    assert len(world.cards()) == before


def test_a_relatives_emergency_and_threat_come_at_once(world: World) -> None:
    assert bring(world, mail("Noah fell, we are in an ambulance to the hospital right now.", AUNT_EMAIL)) == "emergency"
    assert CARRIED in card(world)["notes"]
    assert bring(world, mail("My brother says he will kill you tonight.", AUNT_EMAIL, "x")) == "danger"


def test_a_relative_whom_nothing_proves_is_held(world: World) -> None:
    assert bring(world, mail("Emma's dentist is Wednesday at 4:30.", AUNT_EMAIL), by="") == "unsorted"
    assert "dentist" not in str(card(world))


def test_a_new_address_goes_by_the_same_rules_and_never_in_silence(world: World) -> None:
    assert bring(world, mail("Emma's swimming is on Monday at 5.", "mark2@new.example.net")) == "facts"
    shown = card(world)
    assert [item["text"] for item in shown["items"]] == ["Emma's swimming is on Monday at 5."]
    assert {"The sender is not on your list of people.", CARRIED} <= set(shown["notes"])
    assert bring(world, mail("You are pathetic.", "mark2@new.example.net", "x")) == "unsorted"
    assert "pathetic" not in str(card(world))
    assert bring(world, mail("Emma's swimming is on Monday at 6.", "mark3@new.example.net"), by="") == "unsorted"
    assert "swimming" not in str(card(world))
    assert (
        bring(world, mail("Noah was hit by a car, he is in the ambulance.", "mark3@new.example.net"), by="")
        == "emergency"
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (LAWYER_EMAIL, f"mark2@{LAWYER_EMAIL.partition('@')[2]}"),
        (OFFICE, "mark@example.net"),
        (OFFICE, "mark2@new.example.net"),
        (OFFICE, AUNT_EMAIL),
    ],
)
def test_a_second_name_in_from_is_not_the_professionals(world: World, first: str, second: str) -> None:
    letter = mail(
        "You are a terrible mother, says the whole school board.", first, "Hearing", From=f"{first}, {second}"
    )
    assert bring(world, letter) in ("unsorted", "withheld")
    assert "terrible mother" not in str(card(world))


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Subject": "Automatic reply: you are a terrible mother", "X_Auto_Response_Suppress": "All"},
    ],
)
def test_a_machine_that_repeats_what_anybody_wrote_to_it_is_not_the_professional(
    world: World, headers: dict[str, str]
) -> None:
    """Whoever writes to the school in the relay's name chooses the words of its automatic answer."""
    echo = mail(
        "I am away until Monday.\n\n> You are a terrible mother.", OFFICE, "Automatic reply: terrible mother", **headers
    )
    before = len(world.cards())
    assert bring(world, echo) == "unsorted"
    assert len(world.cards()) == before + 1
    assert "terrible mother" not in str(card(world)) + str(world.mails()[-1])
    assert "automatic answer of Oak School" in str(card(world)["notes"])


def test_a_threat_in_an_automatic_answer_still_alarms(world: World) -> None:
    assert (
        bring(
            world,
            mail("Away.\n\nI will kill you tonight.", OFFICE, "Automatic reply: x", Auto_Submitted="auto-replied"),
        )
        == "danger"
    )
