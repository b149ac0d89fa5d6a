"""Answers about orders become settings that do not go against them; what cannot be meant is explained."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from gateway.demo.sample import EX_EMAIL, PARENT_EMAIL
from gateway.errors import SettingsError, UserError
from gateway.family import Contact, Family, Role
from gateway.family.order import NOT_ADVICE, Order, demands, for_a_lawyer
from gateway.settings import load
from gateway.setup import create, gather
from gateway.setup_questions import QUESTIONS
from tests.family.test_settings import ANSWERS
from tests.voices.proved import SCHOOL, household


def init(folder: Path, **changes: str) -> tuple[Family, str]:
    """The family as it is read back, and what was said at the end."""
    made = create(folder, gather(ANSWERS | changes, None))
    (family,) = load(folder).families
    return family, "\n".join(made.notes)


def test_without_answers_nothing_changes_and_nothing_is_said(tmp_path: Path) -> None:
    family, said = init(tmp_path)
    assert (family.contact, family.replies, family.voicemail, family.receipt.kind) == (
        Contact.MODIFIED, "ask", "record", "silent",
    )  # fmt: skip
    assert family.order == Order()
    assert said == ""


def test_an_app_that_the_order_names(tmp_path: Path) -> None:
    family, said = init(tmp_path, order="yes", order_app="OurFamilyWizard")
    assert (family.contact, family.archive, family.replies) == (Contact.ARCHIVE, "whole", "off")
    assert (family.order.there_is, family.order.app) == ("yes", "OurFamilyWizard")
    assert "the order names OurFamilyWizard" in said
    assert "Ask a lawyer: May the other parent write to me outside OurFamilyWizard" in said
    assert said.count(NOT_ADVICE) == 1


@pytest.mark.parametrize(("answer", "against"), [("protects me", False), ("protects them", True), ("both", True)])
def test_a_no_contact_order_in_either_direction(tmp_path: Path, answer: str, against: bool) -> None:
    family, said = init(
        tmp_path, order="yes", order_app="AppClose", no_contact=answer, receipt="full", receipt_hours="24"
    )
    assert (family.contact, family.receipt.kind, family.replies) == (Contact.NONE, "silent", "off")
    assert family.receipt.answer_hours is None
    assert "there is an order that forbids contact" in said
    assert ("forbids you to write" in said) is against


@pytest.mark.parametrize(("answer", "voicemail"), [("no", "off"), ("not sure", "off"), ("yes", "record")])
def test_the_law_on_recording(tmp_path: Path, answer: str, voicemail: str) -> None:
    family, said = init(tmp_path, recording=answer, relay_phone="+15550100777")
    assert family.voicemail == voicemail
    assert ("May voicemail be recorded" in said) is (voicemail == "off")


def test_an_order_that_sets_answer_times(tmp_path: Path) -> None:
    family, said = init(tmp_path, order="yes", order_hours="12", deliver="18:00")
    assert (family.answer_hours, family.deliver) == (12, "at once")
    assert "an answer could be late under the order" in said
    family, _ = init(tmp_path / "two", order="yes", order_hours="48", deliver="18:00")
    assert family.deliver != "at once"


def test_a_doubt_changes_nothing_but_asks(tmp_path: Path) -> None:
    family, said = init(tmp_path, order="not sure", no_contact="not sure")
    assert family.contact is Contact.MODIFIED
    assert "Is there a protective or no-contact order" in said
    assert family.order.no_contact == "not sure"


def test_receipts_and_children_are_warned_about(tmp_path: Path) -> None:
    family, said = init(
        tmp_path, receipt="neutral", receipt_hours="48", child_addresses="Emma: emma@example.com, +15550100321"
    )
    assert (family.receipt.kind, family.receipt.answer_hours) == ("neutral", 48)
    assert "somebody keeps what they write" in said
    assert "Whoever has the child's phone or password can write as the child" in said
    day = date(2026, 11, 26)
    assert family.who("emma@example.com", day) == family.who("+15550100321", day) == (Role.CHILD, "Emma")


def test_the_words_of_the_questions_name_risks_and_are_no_advice() -> None:
    words = {q.key: q.words for q in QUESTIONS}
    assert NOT_ADVICE in words["order"]
    assert all(kind in words["receipt"] for kind in ("silent:", "neutral:", "full:"))
    assert "can make an angry person angrier" in words["receipt"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"order": "maybe"}, "--order: found 'maybe'; should be yes, no or not sure"),
        ({"no_contact": "me"}, "--no-contact: found 'me'; should be none, protects me, protects them, both or not sure"),
        ({"order_hours": "two days"}, "--order-hours: found 'two days'; should be a whole number of hours"),
        ({"receipt": "loud"}, "--receipt: found 'loud'; should be silent, neutral or full"),
        ({"recording": "1"}, "--recording: found '1'"),
        ({"child_addresses": "Lea: lea@example.com"}, "--child-address: found 'Lea: lea@example.com'; should be a child's name"),
        ({"child_addresses": "Emma: 12"}, "--child-address: found '12'; should be a phone number"),
        ({"child_addresses": "Emma: mark@example.net"}, "mark@example.net stands for Emma and for somebody else"),
        ({"child_addresses": "Emma: em@example.net"}, "whoever runs example.net can write under Emma's name"),
    ],
)  # fmt: skip
def test_a_wrong_answer_is_explained_and_leaves_nothing(tmp_path: Path, change: dict[str, str], said: str) -> None:
    with pytest.raises(UserError) as caught:
        init(tmp_path, **change)
    assert said in str(caught.value)
    assert not (tmp_path / "breakwater.toml").exists()


APP = {"there_is": "yes", "app": "OurFamilyWizard"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"order": APP}, "contact: found 'modified-contact'; should be 'archive-only', since the order names OurFamilyWizard"),
        ({"order": APP, "contact": "archive-only"}, "replies: found 'ask'; should be 'off'"),
        ({"order": {"no_contact": "both"}}, "contact: found 'modified-contact'; should be 'no-contact'"),
        ({"order": {"no_contact": "protects them"}, "contact": "no-contact"}, "replies: found 'ask'; should be 'off', since the order forbids"),
        ({"order": {"recording": "no"}}, "voicemail: found 'record'; should be 'off'"),
        ({"order": {"answer_hours": 24}}, "answer_hours: found '48'; should be '24'"),
        ({"contact": "no-contact", "receipt": {"kind": "neutral"}}, "should be 'silent' in no-contact"),
        ({"receipt": {"answer_hours": 5}}, "answer_hours stands in no silent receipt"),
        ({"contact": "silence"}, "contact"),
        ({"order": {"app": "two\nlines"}}, "the app's name on one line"),
    ],
)  # fmt: skip
def test_settings_that_go_against_the_answers_are_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        household(**changes)
    assert said in str(caught.value)


def test_a_lawyers_word_allows_other_settings() -> None:
    assert household(order=APP | {"cleared": "2026-12-01"}).contact is Contact.MODIFIED
    assert household(order={"no_contact": "protects me"}, contact="no-contact", replies="ask").replies == "ask"


def test_in_the_file_a_mistake_names_file_and_key(tmp_path: Path) -> None:
    init(tmp_path, order="yes", order_app="TalkingParents")
    file = tmp_path / "breakwater.toml"
    file.write_text(file.read_text("utf8").replace('contact = "archive-only"', 'contact = "modified-contact"'), "utf8")
    with pytest.raises(SettingsError) as caught:
        load(tmp_path)
    assert str(file) in str(caught.value)
    assert "should be 'archive-only', since the order names TalkingParents" in str(caught.value)


def person(**values: Any) -> dict[str, Any]:
    return {"person": [{"name": "Somebody"} | values]}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (person(role="professional", domains=["gmail.com"]), "anybody can have an address there"),
        (person(role="professional", domains=["yahoo.co.uk"]), "anybody can have an address there"),
        (person(role="professional", domains=["k12.tx.us"]), "shared by many"),
        (person(role="lawyer", domains=["co.uk"]), "shared by many"),
        (person(role="lawyer", domains=["office@law.example"]), "a domain, such as"),
        (person(role="relative", domains=["aunt.example"]), "domains are for the roles lawyer and professional"),
        (person(role="child", emails=["x@example.com"]), "stand in its own [[family.child]]"),
        ({"child": [{"name": "Emma", "emails": [PARENT_EMAIL]}]}, "stands for Emma and for somebody else"),
        ({"child": [{"name": "Emma", "emails": ["a@x.example"]}, {"name": "Noah", "emails": ["a@x.example"]}]}, "two children"),
        ({"child": [{"name": "Emma", "emails": ["em@mail.example.net"]}]}, "whoever runs mail.example.net"),
        (
            {"child": [{"name": "Emma", "phones": ["+15005550021"]}], "parent": {"name": "Dana", "phones": ["+15005550002"]}, "cards_by": ["sms"]},
            "then the parent needs an email address",
        ),
    ],
)  # fmt: skip
def test_a_voice_that_opens_a_door_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        household(**changes)
    assert said in str(caught.value)


def test_who_is_known_by_domain_and_who_is_not() -> None:
    family, day = household(), date(2026, 11, 26)
    assert family.who(f"anyone@{SCHOOL}", day) == (Role.PROFESSIONAL, "Oak School")
    for lookalike in (f"x@sub.{SCHOOL}", f"x@{SCHOOL}.example.net", "x@oakschoo1.example.edu", SCHOOL):
        assert family.who(lookalike, day) is None
    assert family.who(EX_EMAIL, day) == (Role.COPARENT, "Mark")
    shared = household(
        child=[{"name": "Emma", "emails": ["em@gmail.com"]}], coparent={"name": "Mark", "emails": ["mark@gmail.com"]}
    )
    assert shared.who("em@gmail.com", day) == (Role.CHILD, "Emma")


def test_what_follows_is_ordered_and_asks_for_a_lawyer() -> None:
    order = Order(there_is="yes", no_contact="both", app="AppClose", recording="not sure", answer_hours=24)
    assert [d.key for d in demands(order)] == ["contact", "receipt", "replies", "voicemail", "answer_hours"]
    assert len(for_a_lawyer(order)) == 6
    assert demands(Order()) == for_a_lawyer(Order()) == ()


OPEN_DOORS = {
    "the other parent's own domain": "example.net",
    "a part of it": "mail.example.net",
    "the relay's": "relay.example.org",
    "a free one of a telephone company": "att.net",
    "one that sounds like a profession": "lawyer.com",
    "forwarding addresses": "duck.com",
    "another country's": "laposte.net",
}


@pytest.mark.parametrize("domain", OPEN_DOORS.values(), ids=OPEN_DOORS.keys())
def test_a_domain_in_which_the_other_parent_can_have_an_address_is_no_professionals(domain: str) -> None:
    school = {"name": "Oak School", "role": "professional", "domains": [domain]}
    with pytest.raises(ValidationError, match=r"list the address|the relay's own domain"):
        household(person=[school])
