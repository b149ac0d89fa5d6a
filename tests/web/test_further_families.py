"""A second family through the interview: by an operator's link, beside the first, which learns nothing of it."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser

from gateway.accounts import Role
from gateway.settings import load
from tests.web.fresh import open_fresh
from tests.web.test_setup import STEPS, Fresh, fill, said, step
from tests.web.visiting import PASSWORD, Browser, filled, sign_in

SECOND = STEPS | {
    "you": {"parent_name": "Astrid", "parent_email": "astrid@example.org", "time_zone": "Europe/Stockholm"},
    "other": {"coparent_name": "Jonas", "coparent_email": "jonas@example.net"},
    "children": {"child_1_name": "Emma"},
    "channels": {},
    "safety": {},
    "account": {"login": "Astrid", "password": PASSWORD, "again": PASSWORD},
}


def invite(operator: Browser, **fields: str) -> httpx.Response:
    given = {"name": "family 2", "relay_email": "second@other.example.org"} | fields
    return operator.send("/operator/families", "/operator/families", **given)


@pytest.fixture
def settled(tmp_path: Path):  # type: ignore[no-untyped-def]
    """The first family is there; an operator is signed in."""
    with open_fresh(tmp_path / "home") as fresh:
        fill(fresh)
        assert fresh.browser.send(f"{fresh.path}/summary", f"{fresh.path}/summary").status_code == 200
        operator = sign_in(str(fresh.browser.http.base_url), fresh.world.store, None, Role.OPERATOR)
        yield fresh, operator
        operator.http.close()


def take(fresh: Fresh, answer: httpx.Response) -> Fresh:
    """A browser of the new parent at the link."""
    found = LexborHTMLParser(answer.text).css_first("main code")
    assert found is not None, said(answer)
    return Fresh(fresh.gateway, fresh.world, found.text(), Browser(httpx.Client(base_url=fresh.browser.http.base_url, timeout=60)))  # fmt: skip


def test_an_operators_link_makes_a_second_family(settled: tuple[Fresh, Browser]) -> None:
    fresh, operator = settled
    first = load(fresh.folder)
    new = take(fresh, invite(operator))
    for key, fields in SECOND.items():
        answer = step(new, key, **fields)
        assert answer.status_code == 200, (key, said(answer)[:500])
    assert answer.url.path.endswith("/summary"), said(answer)
    done = new.browser.send(f"{new.path}/summary", f"{new.path}/summary")
    assert done.url.path == "/settings/tests", said(done)
    settings = load(fresh.folder)
    assert [family.key for family in settings.families] == ["family-emma", "family-emma-2"]
    assert settings.families[0] == first.families[0]
    assert settings.families[1].relay_email == "second@other.example.org"
    assert settings.mail_out.dkim_domain == first.mail_out.dkim_domain, "the first family's mail stays signed"
    assert fresh.gateway.directory.by_email("second@other.example.org") == settings.families[1]
    for words in ("Dana", "rivera", "dana@example.org"):
        assert words not in new.browser.get("/settings").text
    assert "Astrid" not in fresh.browser.get("/settings").text
    assert "the family is set up" in operator.get("/operator/families").text
    assert "Astrid" not in operator.get("/operator/families").text
    kinds = [e.kind for e in fresh.world.log("family-emma-2")]
    assert {"settings changed", "account opened", "signed in"} <= set(kinds)
    assert httpx.get(new.link).headers["location"] == "/sign-in"
    new.browser.http.close()


@pytest.mark.parametrize(("key", "fields"), [
    ("you", {"parent_email": "dana@example.org"}), ("you", {"parent_email": "rivera@relay.example.org"}),
    ("other", {"coparent_email": "rivera@relay.example.org"}), ("channels", {"relay_email": "rivera@relay.example.org"}),
])  # fmt: skip
def test_two_families_never_share_an_address(settled: tuple[Fresh, Browser], key: str, fields: dict[str, str]) -> None:
    fresh, operator = settled
    new = take(fresh, invite(operator))
    for one, given in SECOND.items():
        step(new, one, **given, **(fields if one == key else {})) if not set(given) & set(fields) else step(new, one, **{**given, **fields})  # fmt: skip
    refused = new.browser.send(f"{new.path}/summary", f"{new.path}/summary")
    assert refused.status_code == 422
    assert "used by another family" in said(refused)
    assert "family-emma" not in refused.text
    assert len(load(fresh.folder).families) == 1
    new.browser.http.close()


def test_an_operator_who_made_the_link_does_not_read_what_was_answered(settled: tuple[Fresh, Browser]) -> None:
    fresh, operator = settled
    new = take(fresh, invite(operator))
    assert operator.get(f"{new.path}/you").status_code == 200, "nobody has answered yet"
    assert step(new, "you", **SECOND["you"]).status_code == 200
    anybody = Browser(httpx.Client(base_url=fresh.browser.http.base_url, timeout=60))
    for other in (operator, anybody):
        for path in ("", "/you", "/summary", "/account"):
            refused = other.get(f"{new.path}{path}")
            assert refused.status_code == 403
            assert "Astrid" not in refused.text
        page = new.browser.page(f"{new.path}/other")
        data = filled(page.css("main form")[-1]) | {"coparent_name": "Somebody else"}
        assert other.http.post(f"{new.path}/other", data=data).status_code == 403
    assert "Astrid" in new.browser.get(f"{new.path}/you").text
    assert "Somebody else" not in new.browser.get(f"{new.path}/other").text
    for browser in (anybody, new.browser):
        browser.http.close()


def test_a_link_is_ended_and_several_stand_side_by_side(settled: tuple[Fresh, Browser]) -> None:
    fresh, operator = settled
    one = take(fresh, invite(operator))
    two = take(fresh, invite(operator, name="family 3", relay_email="third@relay.example.org"))
    assert step(one, "you", **SECOND["you"]).status_code == 200
    assert "Astrid" not in two.browser.get(f"{two.path}/you").text
    page = operator.page("/operator/families")
    action = page.css("main td form")[-1].attributes["action"]
    assert operator.send("/operator/families", str(action)).status_code == 200
    assert httpx.get(one.link).status_code == 404
    assert two.browser.get(f"{two.path}/you").status_code == 200
    wrong = invite(operator, name="", relay_email="rivera@relay.example.org", relay_phone="12")
    assert wrong.status_code == 422
    page = LexborHTMLParser(wrong.text)
    assert all(page.css_first(f"#wrong-{key}") for key in ("name", "relay_email", "relay_phone"))
    for browser in (one.browser, two.browser):
        browser.http.close()
