"""The set-up interview: every step, wrong answers, coming back, and what it puts in force."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import select

from gateway.clock import utc_now
from gateway.demo.sample import Sample
from gateway.errors import UserError
from gateway.settings import load
from gateway.setup import QUESTIONS, create, create_for_pages, gather
from gateway.store.tables import AccountRow, SetupRow
from tests.e2e.world import wait_until
from tests.web.fresh import Fresh, open_fresh
from tests.web.visiting import PASSWORD, Browser

STEPS = {
    "you": {"parent_name": "Dana", "parent_email": "dana@example.org", "parent_phone": "+15005550002", "time_zone": "America/Chicago"},
    "other": {"coparent_name": "Mark", "coparent_email": "mark@example.net", "coparent_phone": "+1 500 555 0003"},
    "children": {
        "child_1_name": "Emma", "child_1_nicknames": "Em, Emmy", "child_1_pronouns": "she",
        "child_1_addresses": "emma@example.com",
    },
    "order": {"order": "no", "no_contact": "none"},
    "channels": {"relay_email": "rivera@relay.example.org", "relay_phone": "+15005550001", "recording": "yes"},
    "hours": {"deliver": "at once"},
    "topics": {"topic_activity": "reviewer"},
    "safety": {"safety_name": "Ruth", "safety_email": "ruth@example.org"},
    "receipt": {"receipt": "neutral", "receipt_hours": "24"},
    "modes": {},
    "account": {"login": "Dana R", "password": PASSWORD, "again": PASSWORD},
}  # fmt: skip


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Fresh]:
    with open_fresh(tmp_path / "home") as made:
        yield made


def said(answer: httpx.Response) -> str:
    body = LexborHTMLParser(answer.text).body
    return " ".join(body.text().split()) if body else ""


def step(fresh: Fresh, key: str, **fields: str) -> httpx.Response:
    return fresh.browser.send(f"{fresh.path}/{key}", f"{fresh.path}/{key}", **fields)


def fill(fresh: Fresh) -> httpx.Response:
    for key, fields in STEPS.items():
        answer = step(fresh, key, **fields)
        assert answer.status_code == 200, (key, said(answer)[:600])
    return answer


def test_the_interview_makes_a_family_that_is_in_force_at_once(fresh: Fresh) -> None:
    assert fresh.browser.get("/").url.path == "/sign-in"
    answer = fresh.browser.get(fresh.path)
    assert answer.url.path == f"{fresh.path}/you"
    two = step(fresh, "you", **STEPS["you"])
    assert two.url.path == f"{fresh.path}/other"
    last = fill(fresh)
    assert last.url.path == f"{fresh.path}/summary"
    assert PASSWORD not in last.text
    assert "Emma" in last.text
    assert "not an emergency service" in last.text
    assert "Receipts are neutral" in last.text
    done = fresh.browser.send(f"{fresh.path}/summary", f"{fresh.path}/summary")
    assert done.status_code == 200, said(done)[:800]
    assert done.url.path == "/settings/tests"
    family = load(fresh.folder).families[0]
    assert (family.key, family.parent.name, family.children[0].nicknames) == ("family-emma", "Dana", ("Em", "Emmy"))
    assert family.children[0].pronouns == "she"
    assert family.children[0].emails[0].address == "emma@example.com"
    assert family.topics == {"activity": "reviewer"}
    assert (family.receipt.kind, family.receipt.answer_hours, family.voicemail) == ("neutral", 24, "record")
    assert family.safety_contacts()[0].name == "Ruth"
    assert fresh.gateway.directory.family("family-emma") == family
    with fresh.world.store.read() as session:
        account = session.scalars(select(AccountRow)).one()
        assert (account.family, account.role, account.login, account.name) == (
            "family-emma",
            "parent",
            "dana r",
            "Dana",
        )
        row = session.scalars(select(SetupRow)).one()
        assert (row.answers, row.password, row.family) == ({}, None, "family-emma")
    kinds = [e.kind for e in fresh.world.log("family-emma")]
    assert {"settings changed", "account opened", "signed in", "destination new"} <= set(kinds)
    again = httpx.get(fresh.link)
    assert (again.status_code, again.headers["location"]) == (303, "/sign-in")
    signed = Browser(httpx.Client(base_url=fresh.browser.http.base_url, timeout=60))
    assert signed.send("/sign-in", login="dana r", password=PASSWORD).url.path == "/"
    signed.http.close()
    arrives(fresh)


def texts(fresh: Fresh) -> list[str]:
    """What came to the parent by mail so far."""
    return [str(m.get_body(("plain",)).get_content()) for m in fresh.world.mails("dana@example.org")]  # type: ignore[union-attr]


def arrives(fresh: Fresh) -> None:
    """Codes, a test message, a test alarm, and a real message; all without a restart."""
    world, browser = fresh.world, fresh.browser
    wait_until(lambda: any("give the code" in text for text in texts(fresh)), 60)
    assert "waits for its code" in said(browser.get("/settings/tests"))
    assert browser.send("/settings/tests", "/settings/tests/code", code="000000").status_code == 422
    code = next(found[1] for text in texts(fresh) if (found := re.search(r"the code (\d{6})", text)))
    assert browser.send("/settings/tests", "/settings/tests/code", code=f" {code} ").status_code == 200
    assert "dana@example.org — ✓ confirmed" in said(browser.get("/settings/tests"))
    assert browser.send("/settings/tests", "/settings/tests/message").status_code == 200
    assert browser.send("/settings/tests", "/settings/tests/message").status_code == 422  # not twice
    assert browser.send("/settings/tests", "/settings/tests/alarm").status_code == 200
    wait_until(lambda: any("This is a test message." in text for text in texts(fresh)), 60)
    handed = ("email, dana@example.org: handed over", "safety contact, email: handed over, not answered yet")
    wait_until(lambda: all(words in said(browser.get("/settings/tests")) for words in handed), 60)
    world.settings = load(fresh.folder)
    world.send(Sample("x", "email", "Pickup is at 6 pm on Friday at the library.\n", "Friday"))
    wait_until(lambda: any("Pickup is at 6 pm" in text for text in texts(fresh)), 60)


def test_wrong_answers_are_explained_at_their_field_and_nothing_typed_is_lost(fresh: Fresh) -> None:
    answer = step(fresh, "you", parent_name="Dana", parent_email="dana", parent_phone="12", time_zone="Mars")
    assert answer.status_code == 422
    page = LexborHTMLParser(answer.text)
    for field, words in (
        ("parent_email", "an email address"),
        ("parent_phone", "country code"),
        ("time_zone", "Chicago"),
    ):
        assert words in page.css_first(f"#wrong-{field}").text()  # type: ignore[union-attr]
        assert page.css_first(f"#{field}").attributes["aria-describedby"] == f"wrong-{field}"  # type: ignore[union-attr]
    later = fresh.browser.page(f"{fresh.path}/you")
    assert later.css_first("#time_zone").attributes["value"] == "Mars"  # type: ignore[union-attr]
    assert step(fresh, "you", **STEPS["you"]).status_code == 200
    both = step(fresh, "other", coparent_name="Mark", coparent_email="dana@example.org")
    assert "both parents" in LexborHTMLParser(both.text).css_first("#wrong-coparent_email").text()  # type: ignore[union-attr]
    step(fresh, "other", **STEPS["other"])
    none = step(fresh, "children", child_1_nicknames="Em")
    assert LexborHTMLParser(none.text).css_first("#wrong-child_1_name")
    taken = step(fresh, "children", child_1_name="Emma", child_1_addresses="mark@example.net")
    assert LexborHTMLParser(taken.text).css_first("#wrong-child_1_addresses")
    more = step(fresh, "children", child_1_addresses="", more="1")
    assert LexborHTMLParser(more.text).css_first("#child_2_name")
    short = step(fresh, "account", login="d", password="short", again="short")
    assert LexborHTMLParser(short.text).css_first("#wrong-login")
    assert "at least 12" in short.text
    names = step(fresh, "account", login="dana", password="emma mark dana", again="emma mark dana")
    assert "names that the other parent knows" in names.text
    unlike = step(fresh, "account", login="dana", password=PASSWORD, again="another")
    assert "not the same" in unlike.text
    early = fresh.browser.get(f"{fresh.path}/summary")
    assert "Still to be answered" in early.text
    form = LexborHTMLParser(more.text).css_first("main form input[name=form]").attributes["value"]  # type: ignore[union-attr]
    forced = fresh.browser.http.post(f"{fresh.path}/summary", data={"form": form})
    assert forced.status_code == 422
    assert load(fresh.folder).families == ()


def test_orders_set_what_they_demand_as_init_does(fresh: Fresh, tmp_path: Path) -> None:
    fill(fresh)
    step(fresh, "order", order="yes", order_app="OurFamilyWizard", order_hours="24", no_contact="protects me")
    summary = fresh.browser.get(f"{fresh.path}/summary")
    assert "Contact mode is set to" in summary.text
    assert "Ask a lawyer" in summary.text
    assert fresh.browser.send(f"{fresh.path}/summary", f"{fresh.path}/summary").status_code == 200
    by_page = load(fresh.folder).families[0]
    given = {
        "parent_name": "Dana", "parent_email": "dana@example.org", "parent_phone": "+15005550002", "coparent_name": "Mark",
        "coparent_email": "mark@example.net", "coparent_phone": "+15005550003", "children": "Emma: Em, Emmy",
        "child_addresses": "Emma: emma@example.com", "time_zone": "America/Chicago", "relay_email": "rivera@relay.example.org",
        "relay_phone": "+15005550001", "deliver": "at once", "safety_name": "Ruth", "safety_email": "ruth@example.org",
        "order": "yes", "order_app": "OurFamilyWizard", "order_hours": "24", "no_contact": "protects me",
        "recording": "yes", "receipt": "neutral", "receipt_hours": "24",
    }  # fmt: skip
    assert set(given) <= {q.key for q in QUESTIONS}
    create(tmp_path / "init", gather(given, None))
    by_init = load(tmp_path / "init").families[0]
    only_pages = {"topics", "children", "replies"}
    assert by_page.model_dump(exclude=only_pages) == by_init.model_dump(exclude=only_pages)
    assert (str(by_page.contact), by_page.receipt.kind) == ("no-contact", "silent")


def test_a_link_counts_for_a_week_and_a_new_one_takes_over(tmp_path: Path) -> None:
    now = utc_now()
    moment = [now]
    with open_fresh(tmp_path / "home", lambda: moment[0]) as fresh:
        assert step(fresh, "you", **STEPS["you"]).status_code == 200
        assert fresh.browser.get(fresh.path[:-1] + "x").status_code == 404
        other = httpx.post(f"{fresh.link}/you", data={"form": "x"})
        assert other.status_code == 403
        old = fresh.link
        _, fresh.link = create_for_pages(fresh.folder, "", "", moment[0])
        assert httpx.get(old).status_code == 404
        assert fresh.browser.get(fresh.path).url.path == f"{fresh.path}/other"  # what was typed goes on
        moment[0] = now + timedelta(days=8)
        assert httpx.get(fresh.link).status_code == 404
        moment[0] = now
        fill(fresh)
        fresh.browser.send(f"{fresh.path}/summary", f"{fresh.path}/summary")
        with pytest.raises(UserError, match="there is a family already"):
            create_for_pages(fresh.folder, "", "", now)


def test_hostile_answers_are_text_and_make_no_settings(fresh: Fresh) -> None:
    hostile = '"]\n[twilio]\naccount_sid = "x" <script>alert(1)</script> 100%'
    assert step(fresh, "you", **{**STEPS["you"], "parent_name": hostile}).status_code in (200, 422)
    for key in ("you", "summary"):
        shown = fresh.browser.get(f"{fresh.path}/{key}").text
        assert "<script>alert" not in shown
    fill(fresh)
    step(fresh, "you", parent_name='Da"na [x] <b> 100%')
    fresh.browser.send(f"{fresh.path}/summary", f"{fresh.path}/summary")
    assert load(fresh.folder).families[0].parent.name == 'Da"na [x] <b> 100%'
    assert fresh.browser.get("/settings").status_code == 200
