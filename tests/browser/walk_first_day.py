"""The first day: from an installation without a family to the first card, and the parent's first change of a rule."""

from __future__ import annotations

import re
from pathlib import Path

from gateway.accounts import Role
from gateway.demo.sample import Sample
from gateway.settings import load
from tests.browser.conftest import Person, Somebody
from tests.e2e.world import World, open_world, wait_until
from tests.web.fresh import Fresh, open_fresh
from tests.web.visiting import PASSWORD

TYPED: dict[str, dict[str, str]] = {
    "About you": {
        "Your first name": "Dana",
        "Your own email address": "dana@example.org",
        "Your time zone": "America/Chicago",
    },
    "The other parent": {
        "The other parent’s first name": "Mark",
        "The email address that they write from": "mark@example.net",
    },
}
SOCCER = Sample("activity", "email", "Noah has soccer at 10 on Saturday. You are a pathetic mother.\n", "Saturday")
DENTIST = Sample("medical", "email", "Emma's dentist appointment is on Tuesday at 3:30.\n", "Dentist")


def on(one: Person) -> None:
    one.press("Keep and go on")
    assert one.page.get_by_role("alert").count() == 0, one.read()


def choose(one: Person, question: str, answer: str) -> None:
    one.page.get_by_role("group", name=question).get_by_label(answer, exact=True).check()


def answer_all(one: Person) -> None:
    """All eleven steps, as they stand on the screen."""
    for fields in TYPED.values():
        for label, value in fields.items():
            one.fill(label, value)
        on(one)
    child = one.page.get_by_role("group", name="Child 1")
    child.get_by_label("First name").fill("Emma")
    child.get_by_label("Nicknames, with commas").fill("Em, Emmy")
    on(one)
    choose(one, "Is there a court order", "No")
    choose(one, "Is there a no-contact or protective order?", "No")
    on(one)
    one.fill("The relay address", "rivera@relay.example.org")
    on(one)
    one.fill("When may updates reach you?", "at once")
    on(one)
    one.page.get_by_label("Activity").select_option("Waits for a look")
    on(one)
    one.fill("Their first name", "Ruth")
    one.fill("Their email address", "ruth@example.org")
    on(one)
    on(one)
    on(one)
    one.fill("Sign-in name", "Dana R")
    one.fill("Password, at least 12 characters", PASSWORD)
    one.fill("The same password again", PASSWORD)
    on(one)


def mails(fresh: Fresh) -> list[str]:
    return [str(m.get_body(("plain",)).get_content()) for m in fresh.world.mails("dana@example.org")]  # type: ignore[union-attr]


def test_from_nothing_to_the_first_card(somebody: Somebody, tmp_path: Path) -> None:
    with open_fresh(tmp_path / "home") as fresh:
        dana = somebody(fresh.link.removesuffix(fresh.path))
        dana.go(fresh.path)
        assert "Step 1 of 11" in dana.read()
        dana.press("Keep and go on")  # nothing typed: said at its field, nothing lost
        assert dana.page.locator("#wrong-parent_name").is_visible()
        answer_all(dana)
        assert dana.page.get_by_role("heading", level=1).inner_text() == "Summary"
        assert "Nothing is in force yet." in dana.read()
        assert load(fresh.folder).families == ()
        dana.press("Put in force")
        assert dana.page.url.endswith("/settings/tests")
        wait_until(lambda: any("give the code" in text for text in mails(fresh)), 60)
        dana.fill(
            "Code", next(f[1] for text in mails(fresh) if (f := re.search(r"the code (\d{6})", text))), exact=True
        )
        dana.press("Confirm")
        assert "dana@example.org — ✓ confirmed" in dana.read()
        fresh.world.settings = load(fresh.folder)
        fresh.world.send(
            Sample("x", "email", "You never listen. Pickup is at 6 pm on Friday at the library.\n", "Friday")
        )
        wait_until(lambda: any("Pickup is at 6 pm" in text for text in mails(fresh)), 60)
        (card,) = [text for text in mails(fresh) if "Pickup is at 6 pm" in text]
        assert "never listen" not in card
        dana.go("/")
        assert "Pickup is at 6 pm on Friday at the library." in dana.read()
        assert "never listen" not in dana.page.content()
        link = next(word for word in card.split() if word.startswith(dana.url + "/"))
        assert "Pickup is at 6 pm" in dana.go(link.removeprefix(dana.url)).locator("body").inner_text()
        late = somebody(
            dana.url
        )  # whoever finds the link of the interview later finds the way in, and nothing of the answers
        late.go(fresh.path)
        assert late.page.url.endswith("/sign-in")
        for one in (dana, late):
            one.close()


def decided(world: World) -> str:
    world.send(SOCCER)
    world.settle()
    return world.lanes()[-1]


def test_a_rule_is_tried_changed_and_undone(somebody: Somebody, tmp_path: Path) -> None:
    with open_world(tmp_path) as world:
        dana = somebody(world.settings.server.public_url)
        dana.sign_in(world.store, world.settings.families[0], Role.PARENT)
        world.send(DENTIST)
        assert decided(world) == "facts"
        dana.press("Rules")
        dana.page.get_by_label("Activity").select_option("Kept back")
        with dana.page.expect_navigation():
            dana.page.get_by_role("button", name="See what would change").first.click()
        assert "One message of the last 90 days would have come out otherwise" in dana.read()
        assert "2 messages were looked at." in dana.read()
        (words,) = dana.page.locator("article blockquote").all_inner_texts()
        assert words.strip() == "Noah has soccer at 10 on Saturday."
        assert "pathetic" not in dana.page.content()
        assert decided(world) == "facts", "looking changes nothing"
        dana.press("Put in force")
        assert "The change is in force." in dana.read()
        assert decided(world) == "withheld"
        dana.press("Undo this change")
        assert "Activity: At your hours (before: Kept back)" in dana.read()
        dana.press("Put in force")
        assert decided(world) == "facts"
        assert world.lanes() == ["facts", "facts", "facts", "withheld", "facts"]
        dana.go("/rules")
        assert dana.page.get_by_label("Activity").input_value() == "digest"
        dana.close()
