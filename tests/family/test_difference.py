"""What changed, in plain words; what the log may say of it; and taking it back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gateway.demo.sample import family as sample_family
from gateway.family import Family
from gateway.family.difference import differences, undone
from gateway.family.said import CATEGORIES_SAID, ROLES_SAID, SETTINGS_SAID, TOPICS_SAID
from gateway.tagging.spans import CATEGORIES, TOPICS

Make = Callable[..., Family]
PEOPLE = sample_family()["person"]
SCHOOL = {"name": "Oak School", "role": "professional", "emails": ["office@oak.example.com"]}


def dump(family: Family) -> dict[str, Any]:
    return family.model_dump(mode="json")


@pytest.mark.parametrize(("changes", "plain", "logged"), [
    ({"topics": {"activity": "withhold"}}, "Activity: Kept back (before: At your hours)", None),
    ({"show_categories": ["money"]}, "Money that is not about the children: may be shown", None),
    ({"child_words": ["Mr Bun", "cello"]}, "Words that concern your children, added: Mr Bun, cello", "Words that concern your children, added: 2"),
    ({"person": [*PEOPLE, SCHOOL]}, "Oak School is added. Teacher, doctor, court, social worker: mail comes whole", "a person is added. Teacher, doctor, court, social worker: mail comes whole"),
    ({"person": PEOPLE[:1]}, "Ruth is taken out. Safety contact: is told of alarms", "a person is taken out. Safety contact: is told of alarms"),
    ({"person": [PEOPLE[0], PEOPLE[1] | {"phones": ["+15005550009"]}]}, "What is known of Ruth is changed. Safety contact: is told of alarms", "What is known of a person is changed. Safety contact: is told of alarms"),
    ({"deliver": ["08:00", "18:00"]}, "When updates come: 08:00, 18:00 (before: at once)", None),
    ({"parent": {"name": "Dana", "emails": ["new@example.org"], "phones": ["+15005550002"]}}, "What is known of you: changed", None),
    ({"coach": {"private": {"home": ["418 Alder Court"]}}}, "Words that should stand in no answer: changed", None),
])  # fmt: skip
def test_each_change_in_plain_words(make_family: Make, changes: dict[str, Any], plain: str, logged: str | None) -> None:
    (one,) = differences(dump(make_family()), dump(make_family(**changes)))
    assert one.plain == plain
    assert one.logged == (logged or plain)


def test_nothing_is_left_unsaid(make_family: Make) -> None:
    """Every key of a family is named somewhere, so that no change passes without a word."""
    named = {path[0] for path in SETTINGS_SAID} | {
        "topics",
        "show_categories",
        "child_words",
        "withheld_words",
        "people",
    }
    assert set(dump(make_family())) - named == {"key"}
    assert (set(TOPICS_SAID), set(CATEGORIES_SAID)) == (set(TOPICS), set(CATEGORIES))
    assert {person.role.value for person in make_family().people} <= set(ROLES_SAID)
    for section in ("receipt", "coach", "alarms", "vault"):
        keys = {path[1] for path in SETTINGS_SAID if path[0] == section}
        assert keys == set(dump(make_family())[section])


def test_taking_back_leaves_what_came_later(make_family: Make) -> None:
    before, after = (
        dump(make_family(child_words=["a b"])),
        dump(make_family(child_words=["a b", "cello"], quiet_notice=True)),
    )
    current = dump(make_family(child_words=["a b", "cello", "Mr Bun"], quiet_notice=True, subject="topics"))
    assert undone(before, after, current) == {("child_words",): ["a b", "Mr Bun"], ("quiet_notice",): False}
    assert differences(before, before) == ()
