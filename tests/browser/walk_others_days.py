"""A reviewer's and a lawyer's day: invited by the parent, they find what was opened to them and nothing else, until the parent ends it."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from gateway.clock import utc_now
from tests.browser.conftest import Person, Somebody, come
from tests.e2e.world import World
from tests.web.test_unsorted import HELD, INHALER
from tests.web.test_vault import CRUEL, FACT, number_of
from tests.web.visiting import PASSWORD

REVIEWER, LAWYER, LAWYERS_MAIL = "Sam Reed", "Robin Cole", "robin@law.example"
EVERY = ("/vault", "/rules", "/people", "/questions", "/calendar", "/expenses", "/unsorted", "/record", "/record/ask",
         "/journal", "/settings", "/patterns", "/operator")  # fmt: skip


def invite(dana: Person, name: str, role: str, *opened: str, email: str = "") -> str:
    """The link, as it stands on the page."""
    dana.press("People")
    dana.fill("Their name", name)
    dana.page.get_by_label(role, exact=True).check()
    for what in opened:
        dana.page.get_by_label(what, exact=True).check()
    dana.fill("Send the link to this email address", email)
    dana.fill("Your password", PASSWORD)
    dana.press("Make the link")
    return dana.page.locator("main code").inner_text()


def take(one: Person, link: str, login: str) -> None:
    one.go(link.removeprefix(one.url))
    one.fill("Sign-in name", login)
    one.fill("Password, at least 12 characters", PASSWORD)
    one.fill("The same password again", PASSWORD)
    one.press("Go on")


def found(one: Person) -> set[str]:
    """Of all pages those that are there for them."""
    return {path for path in EVERY if one.context.request.get(one.url + path, max_redirects=0).status == 200}


def shut_out(one: Person, login: str) -> None:
    """Signed out at the next step, and not let in again."""
    one.page.reload()
    assert "/sign-in" in one.page.url
    one.fill("Sign-in name", login)
    one.fill("Password", PASSWORD)
    one.press("Sign in")
    assert "/sign-in" in one.page.url
    assert found(one) == set()


def end(dana: Person, name: str) -> None:
    dana.go("/people")
    dana.press(name)
    dana.press("End the access now")
    assert "ended" in dana.read()


def test_a_reviewers_day(world: World, dana: Person, somebody: Somebody) -> None:
    come(world, INHALER, FACT, CRUEL)
    link = invite(dana, REVIEWER, "Reviewer", "Passages that could not be sorted")
    sam = somebody(dana.url)
    take(sam, link, "sam")
    assert sam.menu() == ["Today", "Unsorted", "Account"]
    assert found(sam) == {"/unsorted"}
    content = sam.page.content()
    assert not [
        word for word in ("dentist", "pathetic", "cough", "mark@example.net", "dana@example.org") if word in content
    ]
    sam.press("1 passage waits to be sorted.")
    assert HELD in sam.read()
    assert sam.page.get_by_role("link", name="Open the card").count() == 0
    sam.press("About the children")
    assert "It comes as a card after 5 minutes." in sam.read()
    dana.go("/unsorted")
    assert f"by {REVIEWER}" in dana.read()
    dana.press("Take it back")
    dana.go("/people")
    assert "in use" in dana.read()
    end(dana, REVIEWER)
    shut_out(sam, "sam")
    again = somebody(dana.url)
    assert again.page.goto(link).status == 404  # type: ignore[union-attr]
    kinds = [(e.kind, e.body.get("what")) for e in world.log() if e.kind.startswith("access")]
    assert kinds == [("access opened", "unsorted"), ("access closed", "unsorted")]


def test_a_lawyers_day(world: World, dana: Person, somebody: Somebody) -> None:
    come(world, FACT, CRUEL)
    link = invite(dana, LAWYER, "Professional", "Records", "Calendar", email=LAWYERS_MAIL)
    assert f"It is on its way to {LAWYERS_MAIL} too." in dana.read()
    world.settle(60)
    (mail,) = world.mails(LAWYERS_MAIL)
    assert link in mail.get_body(("plain",)).get_content().replace("=\n", "")  # type: ignore[union-attr]
    robin = somebody(dana.url)
    take(robin, link, "robin")
    assert robin.menu() == ["Today", "Calendar", "Record", "Account"]
    assert found(robin) == {"/calendar", "/record"}
    robin.press("Record")
    assert robin.page.get_by_role("link", name="Make a record").count() == 0
    assert robin.page.goto(f"{robin.url}/vault/1").status == 404  # type: ignore[union-attr]
    dana.go("/people")
    dana.press(LAWYER)
    today = utc_now().astimezone(ZoneInfo("America/Chicago")).date()
    originals(dana, (today - timedelta(days=1)).isoformat(), (today + timedelta(days=1)).isoformat())
    robin.go("/")
    robin.press("Vault")
    assert "2 messages." in robin.read()
    assert "pathetic" not in robin.page.content()
    number = number_of(world, "withheld")
    robin.go(f"/vault/{number}")
    robin.press("Read the original")
    assert robin.original() == CRUEL.text
    originals(dana, "2024-01-01", "2024-12-31")
    assert robin.page.reload().status == 404  # type: ignore[union-attr]
    assert "0 messages." in robin.go("/vault").locator("main").inner_text()
    end(dana, LAWYER)
    robin.page.goto(f"{robin.url}/")
    shut_out(robin, "robin")
    opened = [dict(e.body) for e in world.log() if e.kind == "original opened"]
    assert [one["message"] for one in opened] == [number], "the parent can see that it was read"


def originals(dana: Person, first: str, last: str) -> None:
    dana.page.get_by_label("Originals of a period").check()
    dana.fill("Originals: first day", first)
    dana.fill("Originals: last day", last)
    dana.page.locator("#old-open").fill(PASSWORD)
    dana.press("Save")
    assert dana.page.get_by_label("Originals: last day").input_value() == last
