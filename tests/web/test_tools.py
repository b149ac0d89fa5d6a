"""Tokens and webhooks on the parent's own page: made with the password, shown once, seen, ended; each change an entry and told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import select

from gateway.accounts import Role
from gateway.api import tokens
from gateway.api.scopes import Scope
from gateway.clock import utc_now
from gateway.store.tables import ToolTokenRow, WebhookRow
from tests.api.receiver import Receiver
from tests.e2e.world import World, open_world, wait_until
from tests.web.visiting import PASSWORD, Browser

PAGE, TOKEN, HOOK = "/tools", "/tools/token", "/tools/webhook"
GIVEN = {"name": "Lawyer's calendar", "scope": ["cards:read", "calendar:read"], "old": PASSWORD}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path, tools={"loopback_webhooks": True}) as made:
        yield made


def shown(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    found = LexborHTMLParser(answer.text).css_first("code.long")
    assert found is not None
    return found.text()


def rows(world: World) -> list[ToolTokenRow]:
    with world.store.read() as session:
        found = list(session.scalars(select(ToolTokenRow).order_by(ToolTokenRow.id)))
        session.expunge_all()
        return found


def test_a_token_is_made_used_seen_and_ended(world: World, parent: Browser) -> None:
    token = shown(parent.send(PAGE, TOKEN, **GIVEN))
    assert tokens.TOKEN.fullmatch(token)
    (row,) = rows(world)
    assert (row.name, row.scopes) == ("Lawyer's calendar", ["cards:read", "calendar:read"])
    assert timedelta(days=89) < row.ends_at - utc_now() < timedelta(days=92)
    url = world.settings.server.public_url + "/api/v1"
    headers = {"Authorization": f"Bearer {token}"}
    assert "never" in parent.page(PAGE).css_first("#t1").parent.text()  # type: ignore[union-attr]
    assert httpx.get(f"{url}/cards", headers=headers).status_code == 200
    assert httpx.get(f"{url}/records", headers=headers).status_code == 403
    page = parent.get(PAGE).text
    assert token not in page
    assert "never" not in page
    parent.send(PAGE, f"{TOKEN}/1")
    assert httpx.get(f"{url}/cards", headers=headers).status_code == 401
    assert [f for f in parent.page(PAGE).css("form") if f.attributes.get("action") == f"{TOKEN}/1"] == []
    entries = [(e.kind, dict(e.body)) for e in world.log() if "token" in e.kind]
    assert [kind for kind, _ in entries] == ["token made", "token ended"] or [k for k, _ in entries][:2] == [
        "token made",
        "token ended",
    ]
    assert entries[0][1]["scopes"] == ["cards:read", "calendar:read"]
    assert "calendar" not in str(entries[0][1].get("name", ""))
    world.settle()
    told = [m for m in world.mails() if "token for a program of yours" in m.get_content()]
    assert len(told) == 1
    assert token not in told[0].as_string()


def test_a_form_that_is_sent_twice_makes_one_and_shows_the_same(world: World, parent: Browser) -> None:
    page = parent.page(PAGE).css_first(f"form[action='{TOKEN}'] input[name=form]")
    assert page is not None
    fields = GIVEN | {"form": str(page.attributes["value"]), "ends": f"{utc_now() + timedelta(days=5):%Y-%m-%d}"}
    one, two = (shown(parent.http.post(TOKEN, data=fields)) for _ in range(2))
    assert one == two
    assert len(rows(world)) == 1
    assert len([e for e in world.log() if e.kind == "token made"]) == 1
    parent.send(PAGE, f"{TOKEN}/1")
    again = parent.http.post(TOKEN, data=fields)
    assert again.status_code == 422
    assert one not in again.text


@pytest.mark.parametrize(("change", "said"), [
    ({"old": "wrong password here"}, "not your password"), ({"old": ""}, "not your password"), ({"scope": []}, "at least one thing"),
    ({"scope": ["vault:read", "everything"]}, "at least one thing"), ({"name": " "}, "1 to 100 characters"), ({"ends": "soon"}, "end date"),
    ({"ends": "2020-01-01"}, "end date"), ({"ends": "2199-12-31"}, "end date"), ({"ends": "9999-12-31"}, "end date"), ({"ends": ""}, "end date"),
])  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_is_made(
    world: World, parent: Browser, change: dict[str, str], said: str
) -> None:
    answer = parent.send(PAGE, TOKEN, **GIVEN | change)
    assert answer.status_code == 422
    assert said in LexborHTMLParser(answer.text).css_first("[role=alert]").text()  # type: ignore[union-attr]
    assert not rows(world)
    assert PASSWORD not in answer.text


def test_a_name_is_shown_as_text(world: World, parent: Browser) -> None:
    parent.send(PAGE, TOKEN, **GIVEN | {"name": "<script>alert(1)</script>\u202e"})
    assert parent.page(PAGE).css_first("main h3").text() == "<script>alert(1)</script>"  # type: ignore[union-attr]


def test_twenty_are_enough(world: World, parent: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "MOST", 1)
    parent.send(PAGE, TOKEN, **GIVEN)
    assert parent.send(PAGE, TOKEN, **GIVEN).status_code == 422
    parent.send(PAGE, f"{TOKEN}/1")
    assert parent.send(PAGE, TOKEN, **GIVEN).status_code == 200


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.PROFESSIONAL, Role.OPERATOR])
def test_nobody_but_the_parent_finds_the_page(enter: Callable[[Role], Browser], role: Role) -> None:
    browser = enter(role)
    assert browser.get(PAGE).status_code == 404


def test_a_webhook_is_set_tried_seen_and_taken_out(world: World, parent: Browser) -> None:
    with Receiver() as receiver:
        secret = shown(parent.send(PAGE, HOOK, hook="Calendar", url=receiver.url, old=PASSWORD))
        assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", secret)
        assert secret not in parent.get(PAGE).text
        parent.send(PAGE, f"{HOOK}/1", button="act=test")
        wait_until(lambda: len(receiver.got) == 1, 30)
        assert b'"type":"test"' in receiver.got[0][1]
        parent.send(PAGE, f"{HOOK}/1", button="act=end")
        assert parent.http.post(f"{HOOK}/1", data={}).status_code == 403
    assert not [f for f in parent.page(PAGE).css("form") if (f.attributes.get("action") or "").startswith(f"{HOOK}/")]
    kinds = [e.kind for e in world.log() if e.kind.startswith("webhook")]
    assert kinds == ["webhook made", "webhook tried", "webhook told", "webhook ended"]


@pytest.mark.parametrize(("change", "said"), [
    ({"url": "http://tools.example.org/"}, "https://"), ({"url": "https://10.0.0.1/"}, "not public"), ({"url": "https://localhost/"}, "https://"),
    ({"url": "https://dana:secret@tools.example.org/"}, "https://"), ({"old": "wrong"}, "not your password"), ({"hook": ""}, "characters"),
])  # fmt: skip
def test_an_address_that_is_none_is_refused(world: World, parent: Browser, change: dict[str, str], said: str) -> None:
    given = {"hook": "Calendar", "url": "https://tools.example.org/news", "old": PASSWORD} | change
    answer = parent.send(PAGE, HOOK, **given)
    assert answer.status_code == 422
    assert said in LexborHTMLParser(answer.text).css_first("[role=alert]").text()  # type: ignore[union-attr]
    with world.store.read() as session:
        assert session.scalars(select(WebhookRow)).all() == []


def test_every_scope_has_its_words(parent: Browser) -> None:
    boxes = parent.page(PAGE).css("input[name=scope]")
    assert {box.attributes["value"] for box in boxes} == set(Scope)
    for box in boxes:
        assert len(box.parent.text().strip()) > 8  # type: ignore[union-attr]
