"""Who is who, changed by the parent; what was typed when the page was locked; a second family by an operator's link."""

from __future__ import annotations

import re
from datetime import timedelta

from gateway.accounts import Role
from gateway.clock import utc_now
from gateway.settings import load
from gateway.store.tables import VisitRow
from tests.browser.conftest import LONG, Person, Somebody
from tests.e2e.world import World, wait_until
from tests.web.visiting import PASSWORD

NEW = "dana.new@example.org"
TYPED = "She came home at 7:40, without her coat."


def texts(world: World, to: str) -> list[str]:
    return [str(m.get_body(("plain",)).get_content()) for m in world.mails(to)]  # type: ignore[union-attr]


def test_a_new_address_is_given_and_confirmed(world: World, dana: Person) -> None:
    dana.press("Settings")
    dana.press("You")
    form = dana.page.locator("form", has=dana.page.get_by_role("button", name="Send a code there")).first
    form.get_by_label("New email address").fill(NEW)
    form.get_by_label("Your password").fill(PASSWORD)
    with dana.page.expect_navigation(wait_until="load"):
        form.get_by_role("button", name="Send a code there").click()
    assert NEW in dana.page.locator("#waiting").inner_text()
    wait_until(lambda: any("give the code" in text for text in texts(world, NEW)), LONG)
    code = next(found[1] for text in texts(world, NEW) if (found := re.search(r"the code (\d{6})", text)))
    dana.fill("Code", code, exact=True)
    dana.press("Confirm")
    assert "the change is in force" in dana.read()
    assert load(world.settings.directory).families[0].parent.email_on(utc_now().date()) == NEW
    wait_until(lambda: any("go to another address" in text for text in texts(world, "dana@example.org")), LONG)


def test_a_child_and_an_order_are_changed(world: World, dana: Person) -> None:
    dana.go("/settings/children")
    dana.page.get_by_label("First name").last.fill("Ida")
    dana.fill("Your password", PASSWORD)
    dana.press("Put in force")
    assert "Ida" in dana.read()
    dana.press("Orders")
    dana.page.get_by_role("radio", name="Yes, it protects me").check()
    dana.page.get_by_role("group", name="Is there a court order").get_by_role("radio", name="Yes").check()
    dana.press("See what follows")
    assert "Contact mode: no-contact" in dana.read()
    dana.fill("Your password", PASSWORD)
    dana.press("Put in force")
    home = load(world.settings.directory).families[0]
    assert (str(home.contact), home.children[-1].name) == ("no-contact", "Ida")


def test_what_was_typed_is_back_after_the_lock(world: World, dana: Person) -> None:
    dana.go("/journal/write")
    dana.fill("What happened", TYPED)
    with world.store.write() as session:
        for row in session.query(VisitRow):
            row.seen_at -= timedelta(minutes=30)
    dana.press("Keep this note")
    assert "Locked" in dana.read()
    assert TYPED not in dana.page.content()
    assert "7%3A40" not in dana.page.url
    dana.fill("Sign-in name", "dana")
    dana.fill("Password", PASSWORD)
    dana.press("Sign in")
    assert dana.page.get_by_label("What happened").input_value() == TYPED
    dana.press("Keep this note")
    assert TYPED in dana.read()


def test_an_operator_invites_a_second_family(world: World, somebody: Somebody) -> None:
    operator = somebody(world.settings.server.public_url)
    operator.sign_in(world.store, None, Role.OPERATOR, "operator")
    operator.press("Families")
    operator.fill("A name for the list", "family 2")
    operator.fill("Their relay address", "second@relay.example.org")
    operator.press("Make the link")
    link = operator.page.locator("main code").inner_text()
    astrid = somebody(world.settings.server.public_url)
    astrid.go(link.removeprefix(astrid.url))
    assert "Step 1 of" in astrid.read()
    astrid.go(link.removeprefix(astrid.url) + "/channels")
    field = astrid.page.get_by_label("The relay address that you give to the other parent")
    assert field.input_value() == "second@relay.example.org"
    assert "Dana" not in astrid.page.content()
