"""The doors: the other parent cannot lock the parent out by failing, and leaving quickly leaves nothing behind."""

from __future__ import annotations

import httpx

from tests.browser.conftest import Person, Somebody
from tests.e2e.world import World
from tests.web.test_vault import CRUEL, number_of
from tests.web.visiting import PASSWORD, Browser

TRIES = 60


def knock(one: Person, login: str, password: str) -> int:
    """Fill in the page and press; what the gateway answered."""
    one.fill("Sign-in name", login)
    one.fill("Password", password)
    with one.page.expect_navigation() as waiting:
        one.page.get_by_role("button", name="Sign in", exact=True).click()
    return waiting.value.status  # type: ignore[union-attr]


def test_nobody_locks_the_parent_out(world: World, dana: Person, somebody: Somebody) -> None:
    """The worst case: the other parent sits in the same network, as in a house that both use."""
    dana.go("/account")
    dana.press("Sign out")
    assert dana.page.url.endswith("/sign-in")
    mark = somebody(dana.url)
    mark.go("/sign-in")
    said = [knock(mark, "dana", f"guess number {number}") for number in range(TRIES)]
    assert set(said) == {403, 429}
    assert said.count(429) > TRIES / 2
    assert "Nothing else is locked." in mark.read()
    assert knock(mark, "dana", PASSWORD) == 429, "not even the right one helps a guesser before the wait is over"
    assert knock(dana, "dana", PASSWORD) == 200
    assert dana.page.get_by_role("heading", level=1).inner_text() == "Today"
    elsewhere = httpx.Client(base_url=dana.url, transport=httpx.HTTPTransport(local_address="127.0.0.2"), timeout=60)
    with elsewhere:  # a browser that is new, in a network where nobody failed
        assert Browser(elsewhere).send("/sign-in", login="dana", password=PASSWORD).url.path == "/"


def test_leaving_quickly_leaves_nothing(world: World, dana: Person) -> None:
    kept: list[str] = []
    dana.page.on(
        "response",
        lambda answer: (
            kept.append(f"{answer.url}: {answer.headers.get('cache-control')}")
            if answer.request.resource_type == "document" and "no-store" not in answer.headers.get("cache-control", "")
            else None
        ),
    )
    world.send(CRUEL)
    world.settle(60)
    number = number_of(world, "withheld")
    dana.go(f"/vault/{number}")
    dana.page.get_by_text("I need it now").click()
    dana.page.get_by_label("My safety or that of the children").check()
    dana.press("Open it now")
    assert dana.original() == CRUEL.text
    cookies = {cookie["name"]: cookie["value"] for cookie in dana.context.cookies()}
    dana.press("Leave quickly")
    assert dana.page.url == f"{dana.url}/away"
    assert dana.page.title() == "New page"
    assert dana.page.locator("body").inner_text() == ""
    for _ in range(3):
        dana.page.go_back()
        assert "/sign-in" in dana.page.url or dana.page.url == "about:blank"
        assert "put up with" not in dana.page.content()
        assert dana.page.locator("nav a").count() == 0
    assert kept == []
    with httpx.Client(base_url=dana.url, cookies=cookies) as copied:  # the cookie as it was is worth nothing
        assert copied.get(f"/vault/{number}/original").headers["location"].startswith("/sign-in")
    names = {cookie["name"] for cookie in dana.context.cookies()}
    assert names <= {"browser", "door"}


def test_escape_twice_leaves_too(dana: Person) -> None:
    dana.go("/rules")
    dana.page.keyboard.press("Escape")
    if not dana.script:  # the key needs script; nothing happens without, and the button is there
        dana.page.keyboard.press("Escape")
        assert dana.page.url == f"{dana.url}/rules"
        return
    with dana.page.expect_navigation():
        dana.page.keyboard.press("Escape")
    assert dana.page.url == f"{dana.url}/away"
