"""What somebody tries who wants in, wants the parent out, or wants to leave something behind: odd methods, hostile words, old tabs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from gateway.accounts import Role
from gateway.demo.sample import SAMPLES, Sample
from gateway.demo.sample import family as sample_family
from gateway.errors import StoreError
from gateway.family import Family
from gateway.store.tables import ExportRow
from tests.e2e.world import World, open_world
from tests.web.visiting import PASSWORD, Browser, filled, sign_in

HOSTILE = {
    "markup": "\"'><img src=x onerror=alert(1) id=pwned><script id=pwned>alert(1)</script><svg/onload=alert(1) id=pwned>",
    "template": "{{7*7}}${7*7}%(name)s%s{name}{0}<%= 7*7 %>",
    "hidden": "\u202egnp.exe\u2066\u200b\u200d\ufeff\u00ad\x07\x1b[31m",
    "lines": "a\r\nSet-Cookie: visit=evil\r\n\r\n<b id=pwned>",
    "nul": "a\x00b",
    "formula": '=HYPERLINK("http://evil.example","x")',
    "huge": "9" * 5000,
    "long": "ñ" * 30_000,
    "minus": "-1",
    "year": "0001-01-01",
    "last": "9999-12-31",
    "leap": "2027-02-29",
    "digits": "²٣",
    "empty": "",
}
TEXT = {None, "text", "email", "tel", "number", "date", "time", "search", "url", "hidden"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A family with messages, and one beside it."""
    with open_world(tmp_path_factory.mktemp("attacks"), families=(Family.model_validate(sample_family()),)) as made:
        for sample in SAMPLES:
            made.send(sample)
        made.send(Sample("unsorted", "email", "He said the thing about the doctor is whatever, ask the ask.", "hm"))
        made.settle(60)
        yield made


@pytest.fixture(scope="module")
def parent(world: World) -> Iterator[Browser]:
    made = sign_in(world.settings.server.public_url, world.store, world.settings.families[0], login="attacked parent")
    yield made
    made.http.close()


def rooms(world: World, role: Role = Role.PARENT) -> list[Any]:
    assert world.gateway is not None
    return [room for room in world.gateway.site.guard.rooms_open if role in room.roles]


def pages(world: World) -> list[str]:
    """Every page of the parent that is there."""
    made = [room.path.replace("{section}", "hours") for room in rooms(world) if "GET" in room.methods]
    return [path.replace("{number:int}", "1").replace("{number}", "1").replace("{place}", "1") for path in made]


def form_of(browser: Browser) -> str:
    found = browser.page("/account").css_first("header input[name=form]")
    assert found is not None
    return str(found.attributes["value"])


def test_a_head_request_only_looks(world: World, parent: Browser) -> None:
    """RFC 9110 section 9.3.2: the same as GET, without the body; mail scanners and programs that check links send it."""
    before = len([e for e in world.log() if e.kind not in ("page viewed", "checkpoint")])
    with world.store.read() as session:
        exports = session.scalar(select(func.count()).select_from(ExportRow))
    for path in pages(world):
        looked, asked = parent.http.get(path), parent.http.head(path)
        assert (asked.status_code, asked.headers.get("location")) == (
            looked.status_code,
            looked.headers.get("location"),
        ), path
        assert asked.content == b""
    kinds = [e.kind for e in world.log() if e.kind not in ("page viewed", "checkpoint")]
    assert kinds[before:] == []
    with world.store.read() as session:
        assert session.scalar(select(func.count()).select_from(ExportRow)) == exports


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECTX"])
def test_odd_methods_do_nothing(world: World, parent: Browser, method: str) -> None:
    for path in pages(world):
        answer = parent.http.request(method, path, data={"form": form_of(parent)})
        assert answer.status_code in (405, 400), (method, path, answer.status_code)


def test_numbers_longer_than_any_are_nowhere(world: World, parent: Browser) -> None:
    """Python reads no number of more than 4300 digits."""
    for room in rooms(world):
        if "{" in room.path:
            for number in ("9" * 5000, "0" * 5000 + "1"):
                path = room.path.replace("{number:int}", number).replace("{number}", number)
                path = path.replace("{place:int}", number).replace("{place}", number).replace("{section}", number)
                for method in room.methods:
                    data = {"form": form_of(parent)} if method == "POST" else None
                    assert parent.http.request(method, path, data=data).status_code == 404, (room.name, method)


@pytest.mark.parametrize("kind", HOSTILE)
def test_queries_make_no_fault(world: World, parent: Browser, kind: str) -> None:
    names = ("on view child state before changed page part lane channel side from until since to words country corrects all early weeks done"
             " first last topic q year month").split()  # fmt: skip
    value = HOSTILE[kind][:300]
    for path in pages(world):
        answer = parent.http.get(path, params=dict.fromkeys(names, value))
        assert answer.status_code < 500, path
        assert "id=pwned>" not in answer.text, path


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_words_in_every_field_are_words(world: World, parent: Browser, kind: str) -> None:
    """Every form of every page, all its fields at once, with the password where it is asked; then every page again."""
    value = HOSTILE[kind]
    for path in pages(world):
        if path in ("/account/password",):
            continue
        page = parent.get(path)
        if page.status_code != 200 or "text/html" not in page.headers["content-type"]:
            continue
        for form in parent.page(path).css("main form"):
            target = form.attributes.get("action") or path
            data = filled(form)
            for field in form.css("input[name],textarea[name],select[name]"):
                name, sort = str(field.attributes["name"]), field.attributes.get("type")
                if name in ("old", "password"):
                    data[name] = PASSWORD
                elif name not in ("form", "ticket") and (field.tag != "input" or sort in TEXT):
                    data[name] = value
            for button in form.css("button[name]")[:1] or [None]:
                if button is not None:
                    data[str(button.attributes["name"])] = button.attributes.get("value") or ""
                answer = parent.http.post(target.split("#")[0], data=data)
                assert answer.status_code < 500, (path, target, kind)
                assert "id=pwned>" not in answer.text, (path, target, kind)
                assert "Set-Cookie" not in answer.headers.get("location", "")
                assert answer.headers.get("set-cookie", "").find("evil") == -1
    for path in pages(world):
        answer = parent.get(path)
        assert answer.status_code < 500, (path, kind)
        assert "id=pwned>" not in answer.text, (path, kind)


# Leaving quickly


def leave(browser: Browser, form: str, **headers: str) -> httpx.Response:
    return browser.http.post("/sign-out", data={"form": form, "exit": "1"}, headers=headers)


@pytest.fixture
def leaver(world: World) -> Iterator[Browser]:
    """The parent in one more browser."""
    login = f"leaver {next(NUMBERS)}"
    made = sign_in(world.settings.server.public_url, world.store, world.settings.families[0], login=login)
    yield made
    made.http.close()


NUMBERS = count(1)


def test_leaving_quickly_in_a_second_tab_leads_away_too(leaver: Browser) -> None:
    form = form_of(leaver)
    assert leave(leaver, form).headers["location"] == "/away"
    again = leave(leaver, form)
    assert (again.status_code, again.headers.get("location")) == (303, "/away")


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "same-origin"}])
def test_leaving_quickly_on_an_old_page_leads_away_and_signs_out(leaver: Browser, headers: dict[str, str]) -> None:
    """A tab from before the visit got another token."""
    for form in (f"{'A' * 22}.1.{'0' * 64}", ""):
        answer = leave(leaver, form, **headers)
        assert (answer.status_code, answer.headers.get("location")) == (303, "/away")
        assert "Clear-Site-Data" in answer.headers
        assert leaver.get("/").url.path == "/sign-in"


def test_another_site_cannot_sign_anybody_out(leaver: Browser) -> None:
    for origin in ("cross-site", "same-site"):
        assert leave(leaver, form_of(leaver), **{"Sec-Fetch-Site": origin}).status_code == 403
    assert leaver.get("/").url.path == "/"


def test_leaving_quickly_leads_away_while_the_database_is_away(
    world: World, leaver: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    form, gateway = form_of(leaver), world.gateway
    assert gateway is not None

    def away() -> None:
        raise StoreError("the database refused")

    for name in ("write", "read"):
        with monkeypatch.context() as patch:
            patch.setattr(gateway.store, name, away)
            answer = leave(leaver, form)
        assert (answer.status_code, answer.headers.get("location")) == (303, "/away"), name
        assert 'visit=""' in answer.headers["set-cookie"], name
