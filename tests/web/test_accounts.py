"""Signing in and one's own account: codes, passkeys, recovery, patience with failures, browsers, notices."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import func, select
from typer.testing import CliRunner

from gateway.accounts import Role, passwords
from gateway.accounts.browsers import plain_name
from gateway.accounts.invite import normal_login
from gateway.accounts.key import AccountKey, account_key
from gateway.accounts.passkeys import place_of
from gateway.accounts.patience import BY_NAME, BY_NETWORK, CODES_A_DAY, FIRST, MOST, WINDOW, wait_after
from gateway.cli import app
from gateway.clock import utc_now
from gateway.errors import SettingsError, UserError
from gateway.store.tables import AccountRow, BrowserRow, DeliveryRow, KnockRow, VisitRow
from gateway.web.pages.entrance import NOT_YET, WRONG, WRONG_CODE
from gateway.web.source import device_of, inside, language_of, network_of
from tests.e2e.world import World, open_world
from tests.web.authenticator import Authenticator
from tests.web.visiting import PASSWORD, Browser, account_of, filled, sign_in

LOGIN = "parent rivera"
NEW = "nine slow otters sleep"


@dataclass
class Shifted:
    """A clock that can be put forward."""

    by: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return utc_now() + self.by


@pytest.fixture
def clock() -> Shifted:
    return Shifted()


@pytest.fixture
def world(tmp_path: Path, clock: Shifted) -> Iterator[World]:
    with open_world(tmp_path, clock) as made:
        yield made


@pytest.fixture
def stranger(world: World) -> Iterator[Callable[[str], Browser]]:
    """A new browser in a network; the gateway trusts the proxy on its own machine for the address."""
    made: list[httpx.Client] = []

    def stranger(address: str = "198.51.100.7") -> Browser:
        http = httpx.Client(base_url=world.settings.server.public_url, timeout=30, headers={"X-Forwarded-For": address})
        made.append(http)
        return Browser(http)

    yield stranger
    for http in made:
        http.close()


def step(browser: Browser, answer: httpx.Response, action: str, **fields: str) -> httpx.Response:
    """Fill in a form of an answer."""
    found = next(f for f in LexborHTMLParser(answer.text).css("main form") if f.attributes.get("action") == action)
    return browser.http.post(action, data=filled(found) | fields, follow_redirects=True)


def knock(browser: Browser, login: str = LOGIN, password: str = "not this one, no") -> httpx.Response:
    return browser.send("/sign-in", "/sign-in", login=login, password=password)


def set_up(parent: Browser) -> tuple[pyotp.TOTP, list[str]]:
    """A code app and its recovery codes."""
    page = parent.page("/account/code")
    secret = str(page.css_first("input[name=secret]").attributes["value"])  # type: ignore[union-attr]
    app_ = pyotp.TOTP(secret)
    data = filled(page.css("main form")[0]) | {"act": "on", "code": app_.now(), "old": PASSWORD}
    answer = parent.http.post("/account/code", data=data, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return app_, [node.text() for node in LexborHTMLParser(answer.text).css("ol code")]


def notices(world: World) -> list[str]:
    """What the parent was told by mail; it goes by text too."""
    query = select(DeliveryRow.content).where(DeliveryRow.kind == "notice", DeliveryRow.channel == "email")
    with world.store.read() as session:
        return [content["text"] for content in session.scalars(query.order_by(DeliveryRow.id))]


def kinds(world: World) -> list[str]:
    return [entry.kind for entry in world.log()]


# Codes of an app


def test_a_code_is_asked_counts_once_and_its_secret_is_shown_once(
    world: World, parent: Browser, clock: Shifted, stranger: Callable[..., Browser]
) -> None:
    app_, codes = set_up(parent)
    assert len(set(codes)) == 10
    kept = account_of(world.store, LOGIN)
    assert kept.totp is not None
    assert app_.secret not in kept.totp
    assert app_.secret not in parent.get("/account/code").text
    clock.by += timedelta(seconds=90)
    other = stranger()
    asked = knock(other, password=PASSWORD)
    assert asked.status_code == 200
    assert other.get("/").url.path == "/sign-in", "the password alone opens nothing"
    code = app_.at(clock())
    assert "Today" in step(other, asked, "/sign-in/code", code=code).text
    third = stranger()
    again = step(third, knock(third, password=PASSWORD), "/sign-in/code", code=code)
    assert again.status_code == 403
    assert WRONG_CODE in again.text
    assert [e.body["proved"] for e in world.log() if e.kind == "signed in"] == ["invitation", "password+code"]


def test_a_wrong_code_sets_nothing_up_and_the_secret_stays_for_the_next_try(world: World, parent: Browser) -> None:
    page = parent.page("/account/code")
    secret = str(page.css_first("input[name=secret]").attributes["value"])  # type: ignore[union-attr]
    picture = page.css_first("main img")
    assert picture is not None
    assert str(picture.attributes["src"]).startswith("data:image/png;base64,")
    for fields in ({"code": "000000", "old": PASSWORD}, {"code": pyotp.TOTP(secret).now(), "old": "not mine at all"}):
        answer = parent.http.post("/account/code", data=filled(page.css("main form")[0]) | fields | {"act": "on"})
        assert answer.status_code == 422
        assert secret in answer.text
    assert account_of(world.store, LOGIN).totp is None


def test_codes_are_turned_off_with_the_password_only(world: World, parent: Browser) -> None:
    set_up(parent)
    assert parent.send("/account/code", "/account/code", button="act=off", old="guess guess guess").status_code == 422
    assert account_of(world.store, LOGIN).totp is not None
    parent.send("/account/code", "/account/code", button="act=off", old=PASSWORD)
    assert account_of(world.store, LOGIN).totp is None
    assert kinds(world)[-1] == "code app removed"


def test_a_ticket_of_another_browser_or_an_old_one_lets_nobody_in(
    world: World, parent: Browser, clock: Shifted, stranger: Callable[..., Browser]
) -> None:
    app_, _ = set_up(parent)
    mine, theirs = stranger(), stranger("203.0.113.9")
    asked = knock(mine, password=PASSWORD)
    half = str(LexborHTMLParser(asked.text).css_first("input[name=half]").attributes["value"])  # type: ignore[union-attr]
    clock.by += timedelta(seconds=60)
    form = str(theirs.page("/sign-in").css_first("input[name=form]").attributes["value"])  # type: ignore[union-attr]
    data = {"form": form, "half": half, "code": app_.at(clock()), "to": "/"}
    assert theirs.http.post("/sign-in/code", data=data).status_code == 403
    clock.by += timedelta(minutes=11)
    assert step(mine, asked, "/sign-in/code", code=app_.at(clock())).status_code == 403
    assert mine.get("/").url.path == "/sign-in"


def test_a_ticket_of_an_earlier_password_lets_nobody_in(
    world: World, parent: Browser, clock: Shifted, stranger: Callable[..., Browser]
) -> None:
    """The ex gave the old password; the parent changes it before they give the code."""
    app_, codes = set_up(parent)
    other = stranger()
    asked = knock(other, password=PASSWORD)
    done = parent.send("/account/password", old=PASSWORD, password=NEW, again=NEW)
    assert done.status_code == 200
    clock.by += timedelta(seconds=60)
    for code in (app_.at(clock()), codes[0]):
        assert step(other, asked, "/sign-in/code", code=code).status_code == 403
    assert other.get("/").url.path == "/sign-in"


def test_a_change_of_the_way_in_is_told(world: World, parent: Browser, clock: Shifted) -> None:
    set_up(parent)
    assert sum("a code of an app is asked at sign-in" in text for text in notices(world)) == 1
    assert sum("new recovery codes were made" in text for text in notices(world)) == 1
    parent.send("/account/recovery", "/account/recovery#end", button="act=end", old=PASSWORD)
    parent.send("/account/code", button="act=off", old=PASSWORD)
    parent.send("/account/password", old=PASSWORD, password=NEW, again=NEW)
    for words in ("the recovery codes were ended", "no code of an app is asked any more", "a new password"):
        (told,) = [text for text in notices(world) if words in text]
        assert "ask whoever runs this installation" in told
        assert PASSWORD not in told
        assert NEW not in told


def test_a_locked_browser_needs_the_password_and_no_code(world: World, parent: Browser, clock: Shifted) -> None:
    set_up(parent)
    before = parent.http.cookies["visit"]
    clock.by += timedelta(minutes=20)
    assert "Locked" in parent.get("/").text
    assert knock(parent, password=PASSWORD).url.path == "/"
    assert parent.http.cookies["visit"] != before
    with world.store.read() as session:
        assert session.scalar(select(func.count()).select_from(VisitRow)) == 1
    clock.by += timedelta(hours=13)
    assert "code" in knock(parent, password=PASSWORD).text


# Recovery codes


def test_a_recovery_code_counts_once_and_is_told(
    world: World, parent: Browser, clock: Shifted, stranger: Callable[..., Browser]
) -> None:
    _, codes = set_up(parent)
    clock.by += timedelta(minutes=2)
    other, third = stranger(), stranger()
    typed = codes[3].upper().replace("-", " ")
    assert "Today" in step(other, knock(other, password=PASSWORD), "/sign-in/code", code=typed).text
    assert step(third, knock(third, password=PASSWORD), "/sign-in/code", code=codes[3]).status_code == 403
    assert any("recovery code was used" in text for text in notices(world))
    assert codes[3].replace("-", "") not in str(account_of(world.store, LOGIN).recovery)
    assert "9" in parent.page("/account").css("dd")[3].text()


def test_a_new_set_replaces_the_old_one_and_a_form_sent_twice_makes_one_set(
    world: World, parent: Browser, clock: Shifted, stranger: Callable[..., Browser]
) -> None:
    _, old = set_up(parent)
    page = parent.page("/account/recovery")
    form = next(f for f in page.css("main form") if f.attributes["action"] == "/account/recovery")
    data = filled(form) | {"old": PASSWORD, "act": "make"}
    first, second = (parent.http.post("/account/recovery", data=data) for _ in range(2))
    shown = [[node.text() for node in LexborHTMLParser(a.text).css("ol code")] for a in (first, second)]
    assert shown[0] == shown[1] != old
    assert kinds(world).count("recovery codes made") == 2
    clock.by += timedelta(minutes=2)
    other = stranger()
    assert step(other, knock(other, password=PASSWORD), "/sign-in/code", code=old[0]).status_code == 403
    assert "Today" in step(other, knock(other, password=PASSWORD), "/sign-in/code", code=shown[0][0]).text
    parent.http.post("/account/recovery", data=data)  # what was used of the set stays used
    third = stranger()
    assert step(third, knock(third, password=PASSWORD), "/sign-in/code", code=shown[0][0]).status_code == 403
    assert parent.send("/account/recovery", "/account/recovery#end", button="act=end").status_code == 422
    assert account_of(world.store, LOGIN).recovery != []
    parent.send("/account/recovery", "/account/recovery#end", button="act=end", old=PASSWORD)
    assert account_of(world.store, LOGIN).recovery == []


# Passkeys


@pytest.fixture
def keyed(tmp_path: Path, clock: Shifted) -> Iterator[tuple[World, Browser, Authenticator]]:
    """A gateway that is reached as http://localhost, its parent, and a passkey of theirs."""
    with open_world(tmp_path, clock) as probe:
        port = urlsplit(probe.settings.server.public_url).port
    (tmp_path / "second").mkdir()
    with open_world(
        tmp_path / "second", clock, server={"public_url": f"http://localhost:{port}", "web_listen": f"127.0.0.1:{port}"}
    ) as world:
        base = f"http://127.0.0.1:{port}"
        parent = sign_in(base, world.store, world.settings.families[0])
        stick = Authenticator(f"http://localhost:{port}")
        assert add_key(parent, stick).status_code == 200
        yield world, parent, stick
        parent.http.close()


def add_key(parent: Browser, stick: Authenticator, old: str = PASSWORD) -> httpx.Response:
    page = parent.page("/account/passkeys")
    form = next(f for f in page.css("main form") if "data-passkey" in f.attributes)
    answer = stick.create(str(form.attributes["data-asked"]))
    data = filled(form) | {"answer": answer, "old": old, "name": "Stick"}
    return parent.http.post("/account/passkeys", data=data, follow_redirects=True)


def use_key(browser: Browser, stick: Authenticator) -> tuple[httpx.Response, dict[str, Any]]:
    form = next(f for f in browser.page("/sign-in").css("main form") if "data-passkey" in f.attributes)
    data = filled(form) | {"answer": stick.get(str(form.attributes["data-asked"]))}
    return browser.http.post("/sign-in/passkey", data=data, follow_redirects=True), data


def test_a_passkey_signs_in_alone(keyed: tuple[World, Browser, Authenticator], clock: Shifted) -> None:
    world, parent, stick = keyed
    with httpx.Client(base_url=parent.http.base_url) as http:
        other = Browser(http)
        answer, data = use_key(other, stick)
        assert answer.url.path == "/"
        door = dict(http.cookies)
        assert [e.body["proved"] for e in world.log() if e.kind == "signed in"][-1] == "passkey"
        assert any("not used before" in text for text in notices(world))
        http.post(
            "/sign-out", data={"form": str(other.page("/").css_first("header input[name=form]").attributes["value"])}
        )  # type: ignore[union-attr]
        http.cookies.update(door)
        assert http.post("/sign-in/passkey", data=data).status_code == 403, "an answer counts once"
    assert any(e.kind == "passkey added" for e in world.log())


@pytest.mark.parametrize("wrong", ["origin", "verified", "key", "signature", "json", "ticket"])
def test_what_is_not_quite_a_passkey_opens_nothing(keyed: tuple[World, Browser, Authenticator], wrong: str) -> None:
    _, parent, stick = keyed
    if wrong == "origin":
        stick.origin = "http://localhost.example:80"
    elif wrong == "verified":
        stick.verified = False
    elif wrong == "key":
        stick.id = b"x" * 32
    elif wrong == "signature":
        stick.key = Authenticator("").key
    with httpx.Client(base_url=parent.http.base_url) as http:
        other = Browser(http)
        form = next(f for f in other.page("/sign-in").css("main form") if "data-passkey" in f.attributes)
        data = filled(form) | {"answer": stick.get(str(form.attributes["data-asked"]))}
        data |= {"json": {"answer": "[]"}, "ticket": {"ticket": data["ticket"][:-1] + "0"}}.get(wrong, {})
        if wrong == "ticket" and data["ticket"].endswith("0"):
            data["ticket"] = data["ticket"][:-1] + "1"
        assert http.post("/sign-in/passkey", data=data).status_code == 403
        assert other.get("/").url.path == "/sign-in"


def test_a_passkey_needs_the_password_to_be_added_and_to_be_removed(
    keyed: tuple[World, Browser, Authenticator],
) -> None:
    _, parent, stick = keyed
    assert add_key(parent, Authenticator(stick.origin), old="some other words").status_code == 422
    assert add_key(parent, stick).status_code == 422, "it is there already"
    weak = Authenticator(stick.origin, verified=False)
    assert add_key(parent, weak).status_code == 422
    page = parent.page("/account/passkeys")
    form = next(f for f in page.css("main form") if f.css_first("input[name=passkey]"))
    for old in ("", "some other words"):
        refused = parent.http.post("/account/passkeys", data=filled(form) | {"act": "remove", "old": old})
        assert refused.status_code == 422
    parent.http.post("/account/passkeys", data=filled(form) | {"act": "remove", "old": PASSWORD})
    with httpx.Client(base_url=parent.http.base_url) as http:
        assert use_key(Browser(http), stick)[0].status_code == 403


@pytest.mark.parametrize(("url", "good"), [
    ("https://relay.example.org", True), ("http://localhost:8025", True), ("https://relay.example.org:8443", True),
    ("http://127.0.0.1:8025", False), ("http://relay.example.org", False), ("https://192.0.2.4", False),
    ("https://[2001:db8::1]", False),
])  # fmt: skip
def test_where_passkeys_work(url: str, good: bool) -> None:
    assert (place_of(url) is not None) is good


def test_the_page_says_where_passkeys_do_not_work(parent: Browser) -> None:
    assert "only where these pages are reached over https://" in parent.get("/account/passkeys").text


# Patience with failures


def test_failures_slow_down_where_they_come_from_and_lock_nobody_else_out(
    world: World, parent: Browser, clock: Shifted, stranger: Callable[..., Browser]
) -> None:
    ex = stranger("203.0.113.5")
    for _ in range(BY_NAME):
        assert knock(ex).status_code == 403
    refused = knock(ex)
    assert refused.status_code == 429
    assert NOT_YET in refused.text
    assert 1 <= int(refused.headers["retry-after"]) <= FIRST.total_seconds()
    assert knock(ex, password=PASSWORD).status_code == 429, "nothing is looked at meanwhile"
    assert knock(stranger("198.51.100.7"), password=PASSWORD).url.path == "/", "another network"
    clock.by += FIRST
    assert knock(ex).status_code == 403
    assert knock(ex).status_code == 429


def test_a_known_browser_is_not_slowed_down_even_in_the_same_network(
    world: World, stranger: Callable[..., Browser]
) -> None:
    known = sign_in(world.settings.server.public_url, world.store, world.settings.families[0])
    known.http.headers["X-Forwarded-For"] = "203.0.113.5"
    known.send("/account", "/sign-out")
    ex = stranger("203.0.113.5")
    for number in range(BY_NETWORK + 1):
        knock(ex, login=LOGIN if number < 4 else f"somebody {number}")
    assert knock(stranger("203.0.113.5"), password=PASSWORD).status_code == 429
    assert knock(known, password=PASSWORD).url.path == "/"
    known.http.close()


def test_a_name_that_does_not_exist_waits_and_reads_the_same(
    world: World, parent: Browser, stranger: Callable[..., Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[str] = []
    real = passwords._HASHER.verify
    monkeypatch.setattr(
        passwords, "_HASHER", type("Counting", (), {"verify": lambda _s, k, p: (counted.append("v"), real(k, p))[1]})()
    )
    seen = []
    for number, login in enumerate((LOGIN, "nobody at all", "operator nowhere")):
        ex, answers = stranger(f"203.0.113.{number}"), []
        for _ in range(BY_NAME + 2):
            before = len(counted)
            answer = knock(ex, login=login)
            said = LexborHTMLParser(answer.text).css_first("[role=alert]")
            assert said is not None
            answers.append((answer.status_code, said.text(), len(counted) - before, sorted(answer.headers)))
        seen.append(answers)
    assert seen[0] == seen[1] == seen[2]
    assert [one[2] for one in seen[0]] == [1] * BY_NAME + [0, 0]
    assert seen[0][0][1] == WRONG


def test_an_ended_account_costs_the_same(
    world: World, parent: Browser, stranger: Callable[..., Browser], clock: Shifted
) -> None:
    with world.store.write() as session:
        session.scalars(select(AccountRow)).one().ends_at = clock()
    assert parent.get("/").url.path == "/sign-in"
    answer = knock(stranger(), password=PASSWORD)
    assert (answer.status_code, WRONG in answer.text) == (403, True)


def test_many_tries_at_once_count_as_many(world: World, parent: Browser, stranger: Callable[..., Browser]) -> None:
    ex = stranger("203.0.113.5")
    form = filled(ex.page("/sign-in").css("main form")[0]) | {"login": LOGIN, "password": "not this one, no"}
    codes: list[int] = []
    threads = [
        threading.Thread(target=lambda: codes.append(ex.http.post("/sign-in", data=form).status_code))
        for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes.count(403) == BY_NAME
    assert codes.count(429) == 12 - BY_NAME


def test_wrong_codes_from_everywhere_end_in_recovery_codes_for_strangers_only(
    world: World, parent: Browser, clock: Shifted, stranger: Callable[..., Browser]
) -> None:
    app_, codes = set_up(parent)
    account = account_of(world.store, LOGIN).id
    with world.store.write() as session:
        session.add_all(
            KnockRow(account_id=account, kind="code", source=f"{n}", at=clock()) for n in range(CODES_A_DAY)
        )
    clock.by += timedelta(minutes=2)
    other = stranger()
    right = app_.at(clock())
    assert step(other, knock(other, password=PASSWORD), "/sign-in/code", code=right).status_code == 403
    parent.send("/account", "/sign-out")
    assert "Today" in step(parent, knock(parent, password=PASSWORD), "/sign-in/code", code=right).text
    assert "Today" in step(other, knock(other, password=PASSWORD), "/sign-in/code", code=codes[0]).text


@given(st.lists(st.integers(0, 3000), max_size=40), st.integers(1, 20))
def test_the_wait_grows_and_never_passes_its_limit(seconds: list[int], free: int) -> None:
    now = datetime.fromisoformat("2026-11-26T18:00:00+00:00")
    times = [now - timedelta(seconds=s) for s in seconds]
    wait = wait_after(times, now, free)
    assert timedelta() <= wait <= MOST
    assert wait == timedelta() or len(times) >= free
    assert wait_after([t - WINDOW for t in times], now, free) == timedelta()


def test_waits() -> None:
    now = datetime.fromisoformat("2026-11-26T18:00:00+00:00")
    found = [wait_after([now] * n, now, 5).total_seconds() for n in range(4, 13)]
    assert found == [0, 30, 60, 120, 240, 480, 900, 900, 900]


def test_networks() -> None:
    assert network_of("198.51.100.7") == "198.51.100.7/32"
    assert network_of("2001:db8:1:2ff:a::1") == network_of("2001:db8:1:200::9") == "2001:db8:1:200::/56"
    assert network_of("::ffff:198.51.100.7") == "198.51.100.7/32"
    assert network_of("testclient") == "testclient"


def test_only_a_proxy_that_is_named_says_where_a_request_comes_from(tmp_path: Path) -> None:
    with open_world(tmp_path, server={"proxies": ("192.0.2.1",)}) as world:
        sign_in(world.settings.server.public_url, world.store, world.settings.families[0]).http.close()
        codes = []
        for number in range(BY_NAME + 1):
            headers = {"X-Forwarded-For": f"203.0.113.{number}"}
            with httpx.Client(base_url=world.settings.server.public_url, timeout=30, headers=headers) as http:
                codes.append(knock(Browser(http)).status_code)
    assert codes == [403] * BY_NAME + [429]


# Browsers and the account page


def test_browsers_are_listed_renamed_and_signed_out(
    world: World, parent: Browser, stranger: Callable[..., Browser]
) -> None:
    other = stranger()
    other.http.headers["User-Agent"] = "Mozilla/5.0 (Linux; Android 16) Firefox/150.0"
    knock(other, password=PASSWORD)
    page = parent.page("/account")
    names = [node.text(strip=True) for node in page.css("main h3")]
    assert len(names) == 2
    assert any(name.endswith("(this browser)") for name in names)
    assert any(name == "Firefox on Android" for name in names)
    form = next(
        filled(s.css_first("form"))
        for s in page.css("main section")
        if "on Android" in s.text() and s.css_first("form")
    )
    hostile = 'Phone\r\nSet-Cookie: visit=x\x00 <b onmouseover="x">\u202e'
    renamed = parent.http.post("/account", data=form | {"act": "rename", "name": hostile}, follow_redirects=True)
    assert renamed.status_code == 200
    assert "<b on" not in renamed.text
    assert "Phone Set-Cookie: visit=x &lt;b" in renamed.text
    assert parent.http.post("/account", data=form | {"act": "rename", "name": " \u200b "}).status_code == 422
    token = other.http.cookies["visit"]
    parent.http.post("/account", data=form | {"act": "out"})
    assert other.get("/").url.path == "/sign-in"
    replay = httpx.get(f"{world.settings.server.public_url}/", cookies={"visit": token})
    assert replay.headers["location"].startswith("/sign-in")
    assert parent.get("/").url.path == "/"
    assert "browser signed out" in kinds(world)
    foreign = parent.http.post("/account", data=form | {"act": "out", "browser": "999"})
    assert foreign.status_code == 422


def test_all_others_are_signed_out_and_strangers_again(
    world: World, parent: Browser, stranger: Callable[..., Browser]
) -> None:
    others = [stranger(), stranger()]
    for other in others:
        knock(other, password=PASSWORD)
    told = len(notices(world))
    assert told == 2
    parent.send("/account", "/account#others", button="act=others")
    assert all(other.get("/").url.path == "/sign-in" for other in others)
    assert parent.get("/").url.path == "/"
    knock(others[0], password=PASSWORD)
    assert len(notices(world)) == told + 1


def test_a_new_password_asks_the_old_one_and_signs_the_others_out(
    world: World, parent: Browser, stranger: Callable[..., Browser]
) -> None:
    other = stranger()
    knock(other, password=PASSWORD)
    for fields, said in (
        ({"old": "wrong wrong wrong", "password": NEW, "again": NEW}, "not your password"),
        ({"old": PASSWORD, "password": NEW, "again": "x" + NEW}, "not the same"),
        ({"old": PASSWORD, "password": "Emma Noah Mark!", "again": "Emma Noah Mark!"}, "the other parent knows"),
    ):
        answer = parent.send("/account/password", "/account/password", **fields)
        assert answer.status_code == 422
        assert said in answer.text
    before = parent.http.cookies["visit"]
    parent.send("/account/password", "/account/password", old=PASSWORD, password=NEW, again=NEW)
    assert parent.http.cookies["visit"] != before
    assert httpx.get(f"{world.settings.server.public_url}/", cookies={"visit": before}).status_code == 303
    assert parent.get("/").url.path == "/"
    assert other.get("/").url.path == "/sign-in"
    assert knock(other, password=PASSWORD).status_code == 403
    assert knock(other, password=NEW).url.path == "/"
    assert "password changed" in kinds(world)


def test_guessing_the_password_on_a_page_inside_is_slowed_down_too(world: World, parent: Browser) -> None:
    answers = [
        parent.send("/account/password", "/account/password", old=f"guess number {n}", password=NEW, again=NEW).text
        for n in range(11)
    ]
    assert "not your password" in answers[9]
    assert "wait a quarter of an hour" in answers[10]


def test_language_and_idle_time(world: World, parent: Browser, clock: Shifted) -> None:
    parent.send("/account", "/account#choices", button="act=choices", language="es", idle="60")
    assert 'lang="es"' in parent.get("/").text
    clock.by += timedelta(minutes=59)
    assert parent.get("/").url.path == "/"
    for fields in ({"language": "xx"}, {"idle": "9999"}, {"idle": "-1"}):
        assert parent.send("/account", "/account#choices", button="act=choices", **fields).status_code == 422


def test_the_sign_in_page_speaks_the_language_of_the_browser() -> None:
    assert [language_of(a) for a in ("es-MX,es;q=0.9,en;q=0.8", "de,en;q=0.5", "", "xx", "EN")] == [
        "es",
        "en",
        "en",
        "en",
        "en",
    ]


# Cookies, tokens, forms


def test_the_visit_is_new_at_every_sign_in_and_dead_after_sign_out(
    world: World, parent: Browser, stranger: Callable[..., Browser]
) -> None:
    other = stranger()
    planted = "A" * 43
    other.http.cookies.set("visit", planted, domain="127.0.0.1", path="/")
    answer = other.send("/sign-in", "/sign-in", login=LOGIN, password=PASSWORD)
    assert answer.status_code == 200
    token = next(c.value for c in other.http.cookies.jar if c.name == "visit" and c.value != planted)
    base = world.settings.server.public_url
    assert httpx.get(f"{base}/", cookies={"visit": planted}).status_code == 303
    assert httpx.get(f"{base}/", cookies={"visit": str(token)}).status_code == 200
    form = str(LexborHTMLParser(answer.text).css_first("header input[name=form]").attributes["value"])  # type: ignore[union-attr]
    httpx.post(f"{base}/sign-out", data={"form": form}, cookies={"visit": str(token)})
    assert httpx.get(f"{base}/", cookies={"visit": str(token)}).status_code == 303


def test_a_browser_token_that_somebody_planted_is_not_taken(
    world: World, parent: Browser, enter: Callable[[Role], Browser], stranger: Callable[..., Browser]
) -> None:
    reviewer = enter(Role.REVIEWER)
    planted = reviewer.http.cookies["browser"]
    victim = stranger()
    victim.http.cookies.set("browser", planted, domain="127.0.0.1", path="/")
    knock(victim, password=PASSWORD)
    with world.store.read() as session:
        tokens = session.scalars(select(BrowserRow.token)).all()
    assert len(set(tokens)) == 3
    assert planted not in str(tokens)
    ex = stranger("203.0.113.5")
    ex.http.cookies.set("browser", planted, domain="127.0.0.1", path="/")
    codes = [knock(ex).status_code for _ in range(BY_NAME + 1)]
    assert codes[-1] == 429


def test_cookies_are_for_this_host_alone(world: World, stranger: Callable[..., Browser], parent: Browser) -> None:
    other = stranger()
    data = filled(other.page("/sign-in").css("main form")[0]) | {"login": LOGIN, "password": PASSWORD}
    set_ = other.http.post("/sign-in", data=data).headers.get_list("set-cookie")
    assert {one.partition("=")[0] for one in set_} == {"visit", "browser", "door"}
    for one in set_:
        assert "HttpOnly" in one
        assert "SameSite=strict" in one


def test_a_sign_in_needs_a_form_of_ours(world: World, parent: Browser, stranger: Callable[..., Browser]) -> None:
    other = stranger()
    data = {"login": LOGIN, "password": PASSWORD}
    assert other.http.post("/sign-in", data=data).status_code == 403
    form = filled(other.page("/sign-in").css("main form")[0])
    crossed = other.http.post("/sign-in", data=form | data, headers={"Sec-Fetch-Site": "cross-site"})
    assert crossed.status_code == 403
    fresh = stranger()
    assert fresh.http.post("/sign-in", data=form | data).status_code == 403
    for path in ("/account", "/account/password", "/account/code", "/account/recovery", "/account/passkeys"):
        assert parent.http.post(path, data={"act": "others"}).status_code == 403, path


@pytest.mark.parametrize(
    "to", ["//evil.example", "https://evil.example/", "/\\evil.example", "/\t/evil.example", "/[::1"]
)
def test_nobody_is_led_away_after_signing_in(
    world: World, parent: Browser, stranger: Callable[..., Browser], to: str
) -> None:
    other = stranger()
    data = filled(other.page("/sign-in").css("main form")[0]) | {"login": LOGIN, "password": PASSWORD, "to": to}
    answer = other.http.post("/sign-in", data=data)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/")
    assert "evil" not in answer.headers["location"]


@given(st.text(max_size=60))
def test_inside_is_always_a_path_of_ours(to: str) -> None:
    found = inside(to)
    assert found.startswith("/")
    assert not found.startswith(("//", "/\\"))


@given(st.text(max_size=200))
def test_device_names_are_words_of_ours(agent: str) -> None:
    assert re.fullmatch(
        r"(Firefox|Edge|Chrome|Safari|Browser)( on (Android|iPhone|iPad|Windows|Mac|Linux))?", device_of(agent)
    )


@given(st.text(max_size=120))
def test_sign_in_names_have_one_form(name: str) -> None:
    form = normal_login(name)
    assert normal_login(form) == form.casefold() or not form.isascii()
    assert form.isprintable()
    assert normal_login(f" {name.upper()}\x00\u200b\n") == normal_login(name.upper())


@given(st.text(max_size=120))
def test_names_of_browsers_are_one_line_without_hidden_signs(name: str) -> None:
    try:
        kept = plain_name(name)
    except UserError:
        return
    assert kept == " ".join(kept.split())
    assert 0 < len(kept) <= 100
    assert not any(c in kept for c in "\r\n\x00\u202e\u200b")


# Notices


def test_a_sign_in_with_a_new_browser_is_told_in_neutral_words(
    world: World, parent: Browser, stranger: Callable[..., Browser]
) -> None:
    assert notices(world) == [], "the first browser took the invitation"
    other = stranger()
    other.http.headers["User-Agent"] = "Mozilla/5.0 (Windows NT 10.0) Chrome/150 <script>"
    knock(other, password=PASSWORD)
    world.settle()
    [mail] = world.mails()
    body = mail.get_body(("plain",))
    assert body is not None
    words = " ".join(body.get_content().split())
    assert mail["Subject"] == "Update, 1 item"
    assert "a browser that was not used before: Chrome on Windows, " in words
    assert f"{world.settings.server.public_url}/account" in words
    assert "<script>" not in words
    knock(other, password=PASSWORD)
    world.settle()
    assert len(world.mails()) == 1, "it is known now"


def test_failures_are_told_once_a_day(
    world: World, parent: Browser, clock: Shifted, stranger: Callable[..., Browser]
) -> None:
    def storm(net: int) -> None:
        for number in range(12):
            knock(stranger(f"203.0.{net}.{number}"))

    storm(113)
    storm(114)
    assert len(notices(world)) == 1
    assert "did not get in" in notices(world)[0]
    assert [dict(e.body)["codes"] for e in world.log() if e.kind == "sign-ins failed"] == [0]
    clock.by += timedelta(hours=25)
    storm(115)
    assert len(notices(world)) == 2


def test_wrong_codes_after_the_right_password_are_told_sooner(
    world: World, parent: Browser, clock: Shifted, stranger: Callable[..., Browser]
) -> None:
    set_up(parent)
    for number in range(3):
        other = stranger(f"203.0.113.{number}")
        step(other, knock(other, password=PASSWORD), "/sign-in/code", code="000000")
    assert any("the right password of your account and then wrong codes" in text for text in notices(world))


# Reset, key


def test_reset_keeps_the_account_and_cuts_off_who_was_in(
    world: World, parent: Browser, stranger: Callable[..., Browser]
) -> None:
    set_up(parent)
    before = account_of(world.store, LOGIN)
    said = CliRunner().invoke(app, ["account", "reset", str(before.id), "--dir", str(world.settings.directory)])
    assert said.exit_code == 0, said.output
    token = said.output.strip().rpartition("/")[2]
    assert parent.get("/").url.path == "/sign-in"
    assert knock(stranger(), password=PASSWORD).status_code == 403
    fresh = stranger("198.51.100.99")
    page = fresh.page(f"/invited/{token}")
    assert page.css_first("#login").attributes["value"] == LOGIN  # type: ignore[union-attr]
    assert fresh.send(f"/invited/{token}", login=LOGIN, password=NEW, again=NEW).url.path == "/"
    after = account_of(world.store, LOGIN)
    assert (after.id, after.role, after.totp, after.recovery) == (before.id, "parent", None, [])
    assert sum("was set anew" in text for text in notices(world)) == 1
    assert fresh.get(f"/invited/{token}").status_code == 404
    assert "account reset" in kinds(world)
    gone = CliRunner().invoke(app, ["account", "reset", "999", "--dir", str(world.settings.directory)])
    assert isinstance(gone.exception, UserError)


def test_the_key_is_made_once_kept_close_and_told_when_damaged(tmp_path: Path) -> None:
    first, second = account_key(tmp_path), account_key(tmp_path)
    assert first.mac("a", "b") == second.mac("a", "b") != first.mac("a", "c")
    assert (tmp_path / "accounts.key").stat().st_mode & 0o777 == 0o600
    sealed = first.seal(b"words", "here")
    assert second.unseal(sealed, "here") == b"words"
    assert second.unseal(sealed, "there") is None
    assert AccountKey(b"x" * 32).unseal(sealed, "here") is None
    (tmp_path / "accounts.key").write_bytes(b"short")
    with pytest.raises(SettingsError, match="damaged"):
        account_key(tmp_path)


@given(st.text(max_size=150))
def test_no_made_up_ticket_is_read(ticket: str) -> None:
    key, now = AccountKey(b"k" * 32), datetime.fromisoformat("2026-11-26T18:00:00+00:00")
    assert key.read(ticket, "half", "door", now, timedelta(minutes=10)) is None
    good = key.ticket("half", "7", "door", now)
    assert key.read(good, "half", "door", now, timedelta(minutes=10)) == ("7", now)
    for purpose, bound in (("other", "door"), ("half", "window")):
        assert key.read(good, purpose, bound, now, timedelta(minutes=10)) is None


def test_an_account_that_does_not_exist_costs_as_much_as_one_that_does() -> None:
    assert not passwords._HASHER.check_needs_rehash(passwords._NOBODY)
    assert not passwords.fits("nobody has this password", None)
