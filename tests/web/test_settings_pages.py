"""The settings page: each section, what a wrong value says, and what a change does at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
import tomlkit
from selectolax.lexbor import LexborHTMLParser

from gateway.accounts import Role
from gateway.changes import Changes, puts
from gateway.clock import utc_now
from gateway.policy import load_rules
from gateway.restart import MAILBOX, SEALS, waits_for_restart
from gateway.settings import FILE_NAME, load
from tests.e2e.world import World
from tests.web.visiting import Browser


def said(text: str) -> str:
    body = LexborHTMLParser(text).body
    return " ".join(body.text().split()) if body else ""


def change(browser: Browser, section: str, **fields: str):  # type: ignore[no-untyped-def]
    return browser.send(f"/settings/of/{section}", f"/settings/of/{section}", **fields)


def test_every_section_changes_what_it_says(world: World, parent: Browser) -> None:
    assert "Settings" in parent.page("/settings").css_first("h1").text()  # type: ignore[union-attr]
    wanted = {
        "hours": ({"deliver": "08:00, 18:00", "quiet_notice": "yes", "cards_by": "email", "subject": "topics"}, "When updates come: 08:00, 18:00 (before: at once)"),
        "quiet": ({"pause": "2027-01-20 to 2027-01-27", "hold_until": "2027-02-14 17:00", "hard_days": "2027-03-01, 2027-03-02"}, "Hard days: 2027-03-01, 2027-03-02 (before: none)"),
        "receipt": ({"receipt_kind": "neutral", "receipt_answer_hours": "48"}, "What the other parent is told: neutral (before: silent)"),
        "answers": ({"coach_tone": "yellow", "coach_hold_heated": "yes", "answer_hours": "24", "private_home": "418 Alder Court"}, "Words that should stand in no answer: changed"),
        "alarms": ({"alarms_repeat_minutes": "5, 15", "alarms_hourly": "3", "alarms_also": "Ruth", "alarms_test": "weekly"}, "Hourly repeats of an alarm: 3 (before: 12)"),
        "contact": ({"contact": "archive-only", "archive": "keep", "count_every": "week"}, "Counts of what was kept: week (before: never)"),
    }  # fmt: skip
    for section, (fields, told) in wanted.items():
        answer = change(parent, section, **fields)
        assert answer.status_code == 200, (section, said(answer.text)[:400])
        assert answer.url.path == "/settings"
        entry = dict([e for e in world.log() if e.kind == "settings changed"][-1].body)
        assert told in entry["changed"], entry
        assert entry["by"] == "parent 1"
        assert "Alder" not in str(entry)
    family = load(world.settings.directory).families[0]
    assert [f"{hour:%H:%M}" for hour in family.deliver] == ["08:00", "18:00"]  # type: ignore[union-attr]
    assert (family.pause[0].first, family.hard_days[0]) == (date(2027, 1, 20), date(2027, 3, 1))
    assert str(family.hold_until) == "2027-02-14 17:00:00"
    assert (family.coach.tone, family.coach.private.home, family.alarms.also) == (
        "yellow",
        ("418 Alder Court",),
        ("Ruth",),
    )
    assert "archive-only" in [dict(e.body).get("mode") for e in world.log() if e.kind == "contact mode"]
    page = said(parent.get("/rules").text)
    assert "Counts of what was kept: week (before: never)" in page
    undo_all(parent, world)


def undo_all(parent: Browser, world: World) -> None:
    """Every change is undone from the history, the newest first."""
    numbers = [
        str(i.attributes["value"]) for i in parent.page("/rules").css("form[action='/rules/undo'] input[name=change]")
    ]
    assert len(numbers) == 6
    for number in numbers:
        form = parent.page("/rules").css_first("main form input[name=form]").attributes["value"]  # type: ignore[union-attr]
        shown = parent.http.post("/rules/undo", data={"form": form, "change": number})
        assert shown.status_code == 200, said(shown.text)[:500]
        fields = LexborHTMLParser(shown.text).css("main form[action='/rules/put'] input")
        done = parent.http.post(
            "/rules/put", data={str(f.attributes["name"]): str(f.attributes["value"]) for f in fields}
        )
        assert done.status_code == 303, said(done.text)[:500]
    assert load(world.settings.directory).families[0] == world.settings.families[0]


@pytest.mark.parametrize(("section", "fields", "field", "words"), [
    ("hours", {"deliver": "8 o'clock"}, "deliver", "hours such as 08:00, 18:00"),
    ("hours", {"deliver": ""}, "deliver", "Please fill this in."),
    ("quiet", {"pause": "2027-01-20 to 2027-01-10"}, "pause", "not before"),
    ("quiet", {"pause": "next week"}, "pause", "2026-12-20 to 2026-12-27"),
    ("quiet", {"hold_until": "tomorrow"}, "hold_until", "a day and an hour"),
    ("quiet", {"hard_days": "2027-02-31"}, "hard_days", "days such as"),
    ("receipt", {"receipt_answer_hours": "48"}, "receipt_answer_hours", "silent receipt"),
    ("alarms", {"alarms_repeat_minutes": "30, 10"}, "alarms_repeat_minutes", "each later than the one before"),
    ("alarms", {"alarms_also": "Nobody"}, "alarms_also", "each should be the name"),
    ("answers", {"private_home": "ab"}, "private_home", "at least 3 letters"),
    ("answers", {"answer_hours": "100%"}, "answer_hours", "a whole number"),
    ("contact", {"contact": "burn"}, "contact", "choose one of the list"),
])  # fmt: skip
def test_a_wrong_value_is_explained_at_its_field(
    shared: tuple[World, Browser], section: str, fields: dict[str, str], field: str, words: str
) -> None:
    world, parent = shared
    before = (world.settings.directory / FILE_NAME).read_bytes()
    answer = change(parent, section, **fields)
    assert answer.status_code == 422
    page = LexborHTMLParser(answer.text)
    wrong = page.css_first(f"#wrong-{field}")
    assert wrong is not None, said(answer.text)[:600]
    assert words in wrong.text()
    assert str(world.settings.directory) not in answer.text
    assert (world.settings.directory / FILE_NAME).read_bytes() == before


def test_nothing_changed_says_so_and_no_other_section_is_there(shared: tuple[World, Browser]) -> None:
    _, parent = shared
    assert "Nothing would change" in change(parent, "hours").text
    for path in ("/settings/of/mailbox", "/settings/of/server"):
        assert parent.get(path).status_code == 404


def test_only_the_parent_enters(world: World, enter: Callable[[Role], Browser]) -> None:
    for role in (Role.REVIEWER, Role.PROFESSIONAL, Role.OPERATOR):
        browser = enter(role)
        for path in ("/settings", "/settings/of/hours", "/settings/tests"):
            assert browser.get(path).status_code == 404


def test_what_counts_only_after_a_restart_is_said(world: World, parent: Browser) -> None:
    assert "only after Breakwater was started again" not in parent.get("/settings").text
    file = world.settings.directory / FILE_NAME
    document = tomlkit.parse(file.read_text())
    document["mail_out"]["port"] = 2500  # type: ignore[index]
    file.write_text(tomlkit.dumps(document))
    page = said(parent.get("/settings").text)
    assert "only after Breakwater was started again" in page
    assert "the server that takes its mail" in page
    box = {"host": "imap.example.org", "username": "rivera", "secret_env": "BOX_SECRET"}
    changes = Changes(
        world.settings.directory, world.store, world.settings.families_by_address(), utc_now, load_rules().for_family
    )
    changes.make("rivera", puts({("mailbox",): box, ("checkpoints_to",): ["me@example.org"]}), "a test")
    assert {MAILBOX, SEALS} <= set(waits_for_restart(world.settings, load(world.settings.directory)))
