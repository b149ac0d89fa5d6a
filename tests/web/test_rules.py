"""The rules: what stands there, the preview, putting in force, the history, and what a form must bring."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from selectolax.lexbor import LexborHTMLParser

from gateway.accounts import Role
from gateway.demo.sample import EX_PHONE, STRANGER_EMAIL, Sample
from gateway.settings import load
from tests.e2e.world import World
from tests.web.visiting import Browser

SOCCER = Sample(
    "a", "email", "Noah has soccer at 10 on Saturday. You are a pathetic excuse for a mother.\n", "Saturday"
)
MONEY = Sample("b", "sms", "You still owe me 40 for the couch.", sender=EX_PHONE)
SCHOOL = Sample(
    "c", "email", "The school is closed on Monday for staff training.\n", "Closed", sender=STRANGER_EMAIL, name="Office"
)


def words(answer: LexborHTMLParser) -> str:
    return " ".join(answer.body.text().split()) if answer.body else ""


def test_a_topic_is_previewed_put_in_force_and_undone(world: World, parent: Browser) -> None:
    world.send(SOCCER)
    world.settle()
    shown = parent.send("/rules", "/rules/preview", topic_activity="withhold")
    assert shown.status_code == 200
    page = LexborHTMLParser(shown.text)
    assert "One message of the last 90 days would have come out otherwise" in words(page)
    assert "Activity: Kept back (before: At your hours)" in words(page)
    assert "Before: comes through. With the change: kept back." in words(page)
    assert "Noah has soccer" in words(page)  # it was shown before
    assert "pathetic" not in shown.text
    assert load(world.settings.directory).families[0].topics == {}
    form = page.css_first("main form")
    assert form is not None
    plan = {i.attributes["name"]: i.attributes["value"] for i in form.css("input")}
    done = parent.http.post("/rules/put", data=plan, follow_redirects=True)
    assert done.status_code == 200
    assert "The change is in force" in done.text
    assert load(world.settings.directory).families[0].topics == {"activity": "withhold"}
    entry = dict([e for e in world.log() if e.kind == "settings changed"][-1].body)
    assert entry["by"] == "parent 1"
    assert entry["changed"] == ["Activity: Kept back (before: At your hours)"]
    assert "Somebody, parent" in done.text
    world.send(SOCCER)
    world.settle()
    assert world.lanes() == ["facts", "withheld"]
    back = parent.send("/rules", "/rules/undo")
    assert "Activity: At your hours (before: Kept back)" in words(LexborHTMLParser(back.text))
    assert "Show the words" in back.text  # now it was kept back before


def put(browser: Browser, shown: str) -> str:
    form = LexborHTMLParser(shown).css_first("main form[action='/rules/put']")
    assert form is not None, shown[:800]
    plan = {str(i.attributes["name"]): str(i.attributes["value"]) for i in form.css("input")}
    done = browser.http.post("/rules/put", data=plan, follow_redirects=True)
    return done.text


def test_a_category_may_be_shown_and_its_words_are_behind_a_step(world: World, parent: Browser) -> None:
    world.send(MONEY)
    world.settle()
    assert world.lanes() == ["withheld"]
    shown = parent.send("/rules", "/rules/preview", show=["money"])
    page = LexborHTMLParser(shown.text)
    assert "kept back. With the change: comes through." in words(page)
    details = page.css_first("details")
    assert details is not None
    assert "owe me 40" in details.text()
    for node in page.css("details"):
        node.decompose()
    assert "owe me" not in words(page)
    put(parent, shown.text)
    world.send(Sample("b", "sms", "You still owe me 50 for the couch.", sender=EX_PHONE))
    world.settle()
    assert world.lanes()[-1] == "facts"
    assert "owe me 50" in world.mails()[-1].get_body(("plain",)).get_content()


def test_words_are_checked_kept_and_said_in_the_log_by_their_number_only(world: World, parent: Browser) -> None:
    wrong = parent.send("/rules", "/rules/preview", child_words="telescope\n*\n", withheld_words="sunshine")
    assert wrong.status_code == 422
    assert "at least 2 letters or digits" in wrong.text
    typed = LexborHTMLParser(wrong.text)
    assert typed.css_first("#child_words").text() == "telescope\n*\n"  # type: ignore[union-attr]
    assert typed.css_first("#withheld_words").text() == "sunshine"  # type: ignore[union-attr]
    world.send(Sample("d", "sms", "I threw your telescope out, you never deserved nice things.", sender=EX_PHONE))
    world.settle()
    shown = parent.send("/rules", "/rules/preview", child_words="telescope\n")
    assert "Words that concern your children, added: telescope" in shown.text
    assert "waits for a look" in shown.text
    put(parent, shown.text)
    entry = dict([e for e in world.log() if e.kind == "settings changed"][-1].body)
    assert entry["changed"] == ["Words that concern your children, added: 1"]
    assert load(world.settings.directory).families[0].child_words == ("telescope",)


def test_a_person_is_added_and_taken_out_with_what_that_changes(world: World, parent: Browser) -> None:
    world.send(SCHOOL)
    world.settle()
    page = parent.page("/rules")
    forms = page.css("form#add-person")
    assert len(forms) == 1
    fields = {str(i.attributes["name"]): i.attributes.get("value") or "" for i in forms[0].css("input")}
    wrong = parent.http.post("/rules/people", data=fields | {"name": "", "role": "professional", "email": "nobody"})
    assert wrong.status_code == 422
    assert "Please give a name." in wrong.text
    assert "Please write an email address" in wrong.text
    assert 'value="nobody"' in wrong.text
    added = parent.http.post(
        "/rules/people", data=fields | {"name": "Oak School", "role": "professional", "email": STRANGER_EMAIL}
    )
    assert "Oak School is added." in added.text
    assert "One message of the last 90 days" in added.text
    put(parent, added.text)
    assert load(world.settings.directory).families[0].people[-1].name == "Oak School"
    text = (world.settings.directory / "breakwater.toml").read_text()
    assert text.count("[[family.person]]") == 3
    world.send(SCHOOL)
    world.settle()
    assert world.lanes()[-1] == "legal"
    gone = [f for f in parent.page("/rules").css("main form.row") if "Take Oak School out" in f.text()]
    data = {str(i.attributes["name"]): str(i.attributes["value"]) for i in gone[0].css("input")}
    put(parent, parent.http.post("/rules/people", data=data).text)
    assert [p.name for p in load(world.settings.directory).families[0].people] == ["Ms Okafor", "Ruth"]
    kinds = [dict(e.body).get("changed") for e in world.log() if e.kind == "settings changed"]
    assert "Oak" not in str(kinds)


@pytest.mark.parametrize(("fields", "said"), [
    ({"topic_medical": "withhold"}, "cannot be kept back"),
    ({"topic_activity": "burn"}, "choose one of the list"),
    ({}, "Nothing would change"),
])  # fmt: skip
def test_a_wrong_form_changes_nothing(world: World, parent: Browser, fields: dict[str, str], said: str) -> None:
    before = (world.settings.directory / "breakwater.toml").read_bytes()
    answer = parent.send("/rules", "/rules/preview", **fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert str(world.settings.directory) not in answer.text
    assert (world.settings.directory / "breakwater.toml").read_bytes() == before


def test_a_plan_counts_once_and_names_nothing_else(world: World, parent: Browser) -> None:
    shown = parent.send("/rules", "/rules/preview", topic_school="now").text
    assert "In force" not in put(parent, shown)
    again = put(parent, shown)
    assert "Nothing would change" in again  # it is so already
    other = parent.send("/rules", "/rules/preview", topic_travel="reviewer").text
    put(parent, parent.send("/rules", "/rules/preview", topic_school="digest").text)
    assert "Something else was changed meanwhile" in put(parent, other)
    form = LexborHTMLParser(other).css_first("main form[action='/rules/put'] input[name=form]").attributes["value"]  # type: ignore[union-attr]
    for plan in (
        '{"base":"","set":[[["mailbox"],{"host":"x"}]]}',
        "x",
        '{"set":1}',
        '{"base":"","set":[[["relay_email"],"a@b"]]}',
    ):
        assert parent.http.post("/rules/put", data={"form": form, "plan": plan}).status_code == 422


def test_only_the_parent_enters(world: World, enter: Callable[[Role], Browser]) -> None:
    for role in (Role.REVIEWER, Role.PROFESSIONAL, Role.OPERATOR):
        browser = enter(role)
        for path in ("/rules", "/rules/try"):
            assert browser.get(path).status_code == 404
        assert browser.http.post("/rules/put", data={}).status_code == 404


def test_the_history_is_the_familys_own_and_hostile_words_are_text(world: World, parent: Browser) -> None:
    put(parent, parent.send("/rules", "/rules/preview", child_words="<script>alert(1)</script>").text)
    text = parent.get("/rules").text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text
    form = parent.page("/rules").css_first("form[action='/rules/undo'] input[name=form]").attributes["value"]  # type: ignore[union-attr]
    for number in ("1", "999", "-1", "x", "9" * 30):
        assert parent.http.post("/rules/undo", data={"form": form, "change": number}).status_code == 422
    assert re.search(r"settings of \w{3} \d+ \w{3} \d{4}", text)
