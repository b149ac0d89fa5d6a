"""Who comes in, who does not, and what a form must bring."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from gateway.accounts import Role, passwords
from gateway.store.tables import VisitRow
from gateway.web.pages.entrance import WRONG
from gateway.web.source import inside
from tests.e2e.world import World
from tests.web.visiting import PASSWORD, Browser, account, account_of


def test_without_a_visit_every_page_leads_to_the_sign_in(world: World) -> None:
    answer = httpx.get(f"{world.settings.server.public_url}/?day=3")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?to=/%3Fday%3D3"


def test_an_invitation_counts_once_and_the_password_signs_in(world: World, parent: Browser) -> None:
    fresh = Browser(httpx.Client(base_url=world.settings.server.public_url))
    assert fresh.get("/").url.path == "/sign-in"
    wrong = fresh.send("/sign-in", login="parent rivera", password="not the one at all")
    assert wrong.status_code == 403
    assert WRONG in wrong.text
    nobody = fresh.send("/sign-in", login="nobody here", password="not the one at all")
    assert nobody.status_code == 403
    assert (
        nobody.text.replace("nobody here", "parent rivera").split("<main")[1].split('name="form"')[0]
        == (wrong.text.split("<main")[1].split('name="form"')[0])
    )
    assert fresh.send("/sign-in", login=" Parent  RIVERA ", password=PASSWORD).url.path == "/"
    assert fresh.page("/").css_first("h1").text() == "Today"  # type: ignore[union-attr]
    fresh.http.close()


def test_a_taken_invitation_is_gone(world: World, parent: Browser) -> None:
    token = account(world.store, world.settings.families[0])
    with httpx.Client(base_url=world.settings.server.public_url) as http:
        browser = Browser(http)
        browser.send(f"/invited/{token}", login="dana again", password=PASSWORD, again=PASSWORD)
        assert browser.get(f"/invited/{token}").status_code == 404


def test_no_password_is_hashed_while_the_database_is_held(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many guesses at the door wait for each other: whoever waited with the database in hand would keep every message waiting."""
    token, real, free = account(world.store, world.settings.families[0]), passwords.hashed, []

    def hashed(password: str) -> str:
        with world.store.write() as session:  # another connection: it waits for whoever writes, and then gives up
            free.append(session.scalar(select(1)))
        return real(password)

    monkeypatch.setattr(passwords, "hashed", hashed)
    with httpx.Client(base_url=world.settings.server.public_url, timeout=60) as http:
        browser = Browser(http)
        assert browser.send(f"/invited/{token}", login="dana", password=PASSWORD, again=PASSWORD).status_code == 200
        new = "nine slow otters sleep"
        assert browser.send("/account/password", old=PASSWORD, password=new, again=new).status_code == 200
    assert free == [1, 1]


@pytest.mark.parametrize(("password", "said"), [
    ("short", "at least 12"), ("aaaaaaaaaaaaaaa", "too easy"), ("Emma Noah Mark!", "names that the other parent knows"),
])  # fmt: skip
def test_weak_passwords_are_not_taken(world: World, password: str, said: str) -> None:
    token = account(world.store, world.settings.families[0])
    with httpx.Client(base_url=world.settings.server.public_url) as http:
        answer = Browser(http).send(f"/invited/{token}", login="dana", password=password, again=password)
    assert answer.status_code == 422
    assert said in answer.text


def test_a_form_of_another_visit_or_another_site_does_nothing(world: World, enter: Callable[[Role], Browser]) -> None:
    parent, other = enter(Role.PARENT), enter(Role.REVIEWER)
    form = parent.page("/").css_first("header form input[name=form]").attributes["value"]  # type: ignore[union-attr]
    assert other.http.post("/sign-out", data={"form": str(form)}).status_code == 403
    assert parent.http.post("/sign-out", data={}).status_code == 403
    crossed = parent.http.post("/sign-out", data={"form": str(form)}, headers={"Sec-Fetch-Site": "cross-site"})
    assert crossed.status_code == 403
    assert parent.get("/").status_code == 200
    assert parent.http.post("/sign-out", data={"form": str(form), "exit": "1"}).headers["location"] == "/away"
    assert parent.get("/").url.path == "/sign-in"


def test_a_visit_that_was_idle_is_locked(world: World, parent: Browser) -> None:
    with world.store.write() as session:
        row = session.query(VisitRow).one()
        row.seen_at -= timedelta(minutes=account_of(world.store, "parent rivera").idle_minutes)
    answer = parent.get("/")
    assert answer.url.path == "/sign-in"
    assert "Locked" in answer.text


def test_views_are_entries_and_answers_carry_the_headers(world: World, parent: Browser) -> None:
    answer = parent.get("/")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    viewed = [e for e in world.log() if e.kind == "page viewed"]
    assert viewed
    assert dict(viewed[-1].body)["page"] == "today"


def test_nobody_is_led_to_another_site() -> None:
    for to in (
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "\\\\evil",
        "javascript:alert(1)",
        "/a\nb",
    ):
        assert inside(to) == "/", to
    assert inside("/vault?page=2") == "/vault?page=2"
