"""What was typed when the page was locked: it is back after the sign-in, and nobody else ever sees it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser

from gateway.accounts import Role
from gateway.demo.sample import Sample
from gateway.store.tables import KeptFormRow, NoteRow, VisitRow
from gateway.web.refill import refilled
from tests.e2e.world import World
from tests.web.visiting import PASSWORD, Browser, account_of, filled, sign_in

WORDS = "He brought Emma back at 7:40, not 6:00.\nShe had <b>no</b> coat. ¿Y ahora?"


def lock(world: World, login: str = "parent rivera", ago: timedelta = timedelta(minutes=30)) -> None:
    number = account_of(world.store, login).id
    with world.store.write() as session:
        for row in session.query(VisitRow).filter(VisitRow.account_id == number, VisitRow.ended_at.is_(None)):
            row.seen_at -= ago
            row.began_at -= ago


def form_on(browser: Browser, path: str, action: str) -> dict[str, Any]:
    return filled(browser.page(path).css_first(f"main form[action='{action}']"))  # type: ignore[arg-type]


def sign_in_again(browser: Browser, answer: httpx.Response, login: str = "parent rivera") -> httpx.Response:
    """At the page that the locked form led to."""
    assert answer.status_code == 303
    at = answer.headers["location"]
    assert at.startswith("/sign-in?to=")
    return browser.send(at, "/sign-in", login=login, password=PASSWORD)


def text_of(answer: httpx.Response, css: str) -> str:
    found = LexborHTMLParser(answer.text).css_first(css)
    assert found is not None, answer.text[:300]
    return found.text().removeprefix("\n")


def test_a_note_of_the_journal_is_back_and_can_be_kept(world: World, parent: Browser) -> None:
    data = form_on(parent, "/journal/write", "/journal/write") | {"words": WORDS, "kind": "health", "day": "2026-11-20"}
    lock(world)
    locked = parent.http.post("/journal/write", data=data)
    assert WORDS[:10] not in locked.text
    assert "coat" not in str(locked.headers), "what was typed never stands in an address"
    asked = parent.get(locked.headers["location"])
    assert "kept for an hour" in asked.text
    back = sign_in_again(parent, locked)
    assert back.url.path == "/journal/write"
    page = LexborHTMLParser(back.text)
    assert text_of(back, "#words") == WORDS
    assert page.css_first("#kind option[selected]").attributes["value"] == "health"  # type: ignore[union-attr]
    assert page.css_first("#day").attributes["value"] == "2026-11-20"  # type: ignore[union-attr]
    assert page.css_first("#kept") is not None
    with world.store.read() as session:
        assert session.query(NoteRow).count() == 0, "nothing was done by the locked form"
        assert "coat" not in session.query(KeptFormRow).one().sealed
    form = filled(page.css_first("main form[action='/journal/write']"))  # type: ignore[arg-type]
    done = parent.http.post("/journal/write", data=form, follow_redirects=True)
    assert "coat" in done.text
    assert text_of(parent.get("/journal/write"), "#words") == ""
    with world.store.read() as session:
        assert session.query(NoteRow).one().content["words"].startswith("He brought")
    assert "form kept" in [e.kind for e in world.log()]
    assert not any("coat" in str(dict(e.body)) for e in world.log() if e.kind == "form kept")


def test_an_answer_and_a_rule_are_back(world: World, parent: Browser) -> None:
    world.send(Sample("q", "email", "Can you take Noah to the dentist on Friday at 4 pm?\n", "dentist"))
    world.settle(60)
    data = form_on(parent, "/questions/1", "/questions/1/answer") | {"words": "Yes, I can.", "act": "send"}
    rules = form_on(parent, "/rules", "/rules/preview") | {
        "child_words": "swimming badge",
        "topic_activity": "reviewer",
    }
    lock(world)
    locked = parent.http.post("/questions/1/answer", data=data)
    other = parent.http.post("/rules/preview", data=rules)
    back = sign_in_again(parent, locked)
    assert back.url.path == "/questions/1"
    assert text_of(back, "textarea[name=words]") == "Yes, I can."
    assert world.carrier.sent == [] or not any("Yes, I can" in str(one) for one in world.carrier.sent)
    page = parent.get(other.headers["location"].partition("?to=")[2].partition("&")[0])
    assert "swimming badge" in text_of(page, "textarea[name=child_words]")
    chosen = LexborHTMLParser(page.text).css_first("[name=topic_activity][checked],[name=topic_activity] option[selected]")  # fmt: skip
    assert chosen is not None
    assert chosen.attributes["value"] == "reviewer"


def test_a_visit_whose_time_is_over_keeps_the_words_too(world: World, parent: Browser) -> None:
    data = form_on(parent, "/journal/write", "/journal/write") | {"words": WORDS}
    lock(world, ago=timedelta(hours=13))
    assert text_of(sign_in_again(parent, parent.http.post("/journal/write", data=data)), "#words") == WORDS


def test_a_page_from_before_the_last_sign_in_gives_the_words_back(world: World, parent: Browser) -> None:
    data = form_on(parent, "/journal/write", "/journal/write") | {"words": WORDS}
    lock(world)
    parent.send("/sign-in?locked=1", "/sign-in", login="parent rivera", password=PASSWORD)  # in another tab
    stale = parent.http.post("/journal/write", data=data, headers={"Sec-Fetch-Site": "same-origin"})
    assert stale.status_code == 403
    assert text_of(parent.get("/journal/write"), "#words") == WORDS
    with world.store.read() as session:
        assert session.query(NoteRow).count() == 0


def test_nobody_else_and_no_other_browser_sees_them(world: World, parent: Browser) -> None:
    data = form_on(parent, "/journal/write", "/journal/write") | {"words": WORDS}
    lock(world)
    parent.http.post("/journal/write", data=data)
    url, home = world.settings.server.public_url, world.settings.families[0]
    with httpx.Client(base_url=url, timeout=30) as http:
        elsewhere = Browser(http)
        elsewhere.send("/sign-in", "/sign-in", login="parent rivera", password=PASSWORD)
        assert text_of(elsewhere.get("/journal/write"), "#words") == ""
    second = sign_in(url, world.store, home, Role.PARENT, login="another")
    assert text_of(second.get("/journal/write"), "#words") == ""
    second.http.close()


def test_it_is_gone_after_an_hour(world: World, parent: Browser) -> None:
    data = form_on(parent, "/journal/write", "/journal/write") | {"words": WORDS}
    lock(world)
    locked = parent.http.post("/journal/write", data=data)
    with world.store.write() as session:
        session.query(KeptFormRow).one().until -= timedelta(hours=1)
    assert text_of(sign_in_again(parent, locked), "#words") == ""


@pytest.mark.parametrize(
    ("path", "action"), [("/settings/other", "/settings/other"), ("/account/password", "/account/password")]
)
def test_passwords_are_never_kept(world: World, parent: Browser, path: str, action: str) -> None:
    fields = {"password": "a new password 123", "old": PASSWORD, "again": "a new password 123", "name": "Marc"}
    data = form_on(parent, path, action) | fields
    lock(world)
    back = sign_in_again(parent, parent.http.post(action, data=data))
    assert "a new password" not in back.text
    assert PASSWORD not in back.text


def test_what_is_no_form_of_this_visit_is_not_kept(world: World, parent: Browser) -> None:
    lock(world)
    for data in ({"words": WORDS}, {"words": WORDS, "form": "x"}):
        assert parent.http.post("/journal/write", data=data).status_code == 403
    with world.store.read() as session:
        assert session.query(KeptFormRow).count() == 0


def test_leaving_works_while_locked(world: World, parent: Browser) -> None:
    data = filled(parent.page("/").css_first("header form"))  # type: ignore[arg-type]
    lock(world)
    assert parent.http.post("/sign-out", data=data | {"exit": "1"}).headers["location"] == "/away"


def test_only_what_a_person_fills_in_is_put_back() -> None:
    html = (
        '<form action="/x"><input type="hidden" name="form" value="fresh"><input type="hidden" name="seen" value="s">'
        '<input type="checkbox" name="open" value="a" checked><input type="checkbox" name="open" value="b">'
        '<input type="password" name="password"><textarea name="words">\nold</textarea></form><form action="/y"></form>'
    )
    fields = {
        "form": ["stale"],
        "seen": ["t"],
        "open": ["b"],
        "password": ["p"],
        "words": ["</textarea><script>x</script>"],
    }
    made = refilled(html, "/x", fields, "note <b>")
    assert made is not None
    page = LexborHTMLParser(made)
    assert [i.attributes.get("value") for i in page.css("input")] == ["fresh", "s", "a", "b", None]
    assert ["checked" in i.attributes for i in page.css("input[type=checkbox]")] == [False, True]
    assert page.css_first("textarea").text().strip() == "</textarea><script>x</script>"  # type: ignore[union-attr]
    assert page.css_first("script") is None
    assert "note &lt;b&gt;" in made
    assert refilled(html, "/nowhere", fields, "") is None
    assert refilled('<form action="/x"><input name="words"></form>', "/x", {"other": ["1"]}, "") is None
