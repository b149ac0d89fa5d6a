"""Who is who, changed in the pages: each change needs the password, is told, and counts at once; a new address is confirmed first."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser

from gateway.accounts import Role
from gateway.clock import utc_now
from gateway.demo.sample import EX_EMAIL, PARENT_EMAIL, Sample
from gateway.family import Family
from gateway.settings import FILE_NAME, load
from gateway.settings_sections import BY_KEY, SECTIONS
from tests.e2e.world import World, wait_until
from tests.web.visiting import PASSWORD, Browser, filled

NEW = "dana.new@example.org"


def said(answer: httpx.Response) -> str:
    body = LexborHTMLParser(answer.text).body
    return " ".join(body.text().split()) if body else ""


def change(browser: Browser, page: str, password: str = PASSWORD, **fields: str) -> httpx.Response:
    return browser.send(f"/settings/{page}", f"/settings/{page}", password=password, **fields)


def give(browser: Browser, channel: str, address: str, password: str = PASSWORD, button: str = "") -> httpx.Response:
    page = browser.page("/settings/you")
    form = next(f for f in page.css("main form") if (c := f.css_first("input[name=channel]")) and c.attributes["value"] == channel)  # fmt: skip
    fields = {str(i.attributes["name"]): str(i.attributes.get("value") or "") for i in form.css("input")}
    fields |= {channel: address, "password": password, **({"act": button} if button else {})}
    return browser.http.post("/settings/you/address", data=fields, follow_redirects=True)


def family_of(world: World) -> Family:
    return load(world.settings.directory).families[0]


def texts(world: World, to: str) -> list[str]:
    return [str(m.get_body(("plain",)).get_content()) for m in world.mails(to)]  # type: ignore[union-attr]


def code_to(world: World, address: str) -> str:
    wait_until(lambda: any("give the code" in text for text in texts(world, address)), 60)
    return next(f[1] for text in reversed(texts(world, address)) if (f := re.search(r"the code (\d{6})", text)))


def test_a_new_address_is_confirmed_there_and_told_at_the_old_one(world: World, parent: Browser) -> None:
    before = (world.settings.directory / FILE_NAME).read_bytes()
    assert "not your password" in give(parent, "email", NEW, password="not this one, sorry").text
    answer = give(parent, "email", NEW)
    assert NEW in LexborHTMLParser(answer.text).css_first("#waiting").text()  # type: ignore[union-attr]
    assert (world.settings.directory / FILE_NAME).read_bytes() == before, "nothing changes before the code is given"
    wait_until(lambda: any("Nothing changes before the code" in text for text in texts(world, PARENT_EMAIL)), 60)
    assert not any(NEW in text for text in texts(world, PARENT_EMAIL)), (
        "the old mailbox may be the one that is not safe"
    )
    code = code_to(world, NEW)
    wrong = parent.send("/settings/you", "/settings/you/code", code="000000" if code != "000000" else "111111")
    assert "does not fit" in LexborHTMLParser(wrong.text).css_first("#wrong-code").text()  # type: ignore[union-attr]
    done = parent.send("/settings/you", "/settings/you/code", code=f" {code} ")
    assert done.url.path == "/settings", said(done)
    today = utc_now().date()
    home = family_of(world)
    assert home.parent.email_on(today) == NEW
    assert home.parent.has(PARENT_EMAIL, today), "what came from the old one is still known to be the parent's"
    assert world.gateway is not None
    assert world.gateway.directory.family(home.key) == home
    wait_until(lambda: any("go to another address from now on" in text for text in texts(world, PARENT_EMAIL)), 60)
    world.send(Sample("later", "email", "Pickup is at 6 pm on Friday at the library.\n", "Friday"))
    wait_until(lambda: any("Pickup is at 6 pm" in text for text in texts(world, NEW)), 60)
    assert not any("Pickup is at 6 pm" in text for text in texts(world, PARENT_EMAIL))
    kinds = [e.kind for e in world.log()]
    assert {"move asked", "move done", "settings changed"} <= set(kinds)
    assert not any(NEW in str(dict(e.body)) for e in world.log())


def test_the_button_in_the_mail_is_enough(world: World, parent: Browser) -> None:
    give(parent, "email", NEW)
    code_to(world, NEW)
    link = next(f[0] for text in texts(world, NEW) if (f := re.search(r"http\S+/confirm/\S+", text)))
    page = httpx.post(link)
    assert page.status_code == 200
    assert family_of(world).parent.email_on(utc_now().date()) == NEW


def test_it_can_be_left_and_ten_wrong_codes_end_it(world: World, parent: Browser) -> None:
    give(parent, "email", NEW)
    parent.send("/settings/you", "/settings/you/code", button="act=drop")
    assert parent.page("/settings/you").css_first("#waiting") is None
    give(parent, "email", NEW)
    code = code_to(world, NEW)
    for number in range(10):
        wrong = f"{(int(code) + number + 1) % 10**6:06}"
        parent.send("/settings/you", "/settings/you/code", code=wrong)
    assert parent.page("/settings/you").css_first("#waiting") is None
    assert family_of(world).parent.email_on(utc_now().date()) == PARENT_EMAIL


@pytest.mark.parametrize("address", [EX_EMAIL, "ruth@example.org", "rivera@relay.example.org", PARENT_EMAIL, "dana"])
def test_what_cannot_be_the_parents_is_refused(shared: tuple[World, Browser], address: str) -> None:
    world, parent = shared
    answer = give(parent, "email", address)
    assert answer.status_code == 422
    assert LexborHTMLParser(answer.text).css_first("#wrong-email") is not None
    assert family_of(world) == world.settings.families[0]


def test_a_way_is_taken_out_and_that_is_told_there(world: World, parent: Browser) -> None:
    assert give(parent, "sms", "", button="out").url.path == "/settings"
    assert family_of(world).parent.phone_on(date.max) is None
    last = give(parent, "email", "", button="out")
    assert "the only way to you" in said(last)
    assert family_of(world).parent.email_on(utc_now().date()) == PARENT_EMAIL
    wait_until(lambda: any("taken out" in text for text in texts(world, PARENT_EMAIL)), 60)


def test_an_address_of_the_other_parent_is_ended_never_forgotten(world: World, parent: Browser) -> None:
    answer = change(parent, "other", name="Mark", emails="mark.b@example.net\nM.B <bad", phones="")
    assert "an email address" in LexborHTMLParser(answer.text).css_first("#wrong-emails").text()  # type: ignore[union-attr]
    assert "mark.b@example.net" in answer.text, "what was typed is still there"
    answer = change(parent, "other", name="Mark", emails="mark.b@example.net", phones="")
    assert answer.url.path == "/settings", said(answer)
    today, home = utc_now().date(), family_of(world)
    assert home.coparent.email_on(date.max) == "mark.b@example.net"
    assert home.who(EX_EMAIL, today) == home.who("mark.b@example.net", today)
    assert home.who(EX_EMAIL, date.max) is None
    assert EX_EMAIL in parent.get("/settings/other").text
    wait_until(lambda: any("known of the other parent was changed" in text for text in texts(world, PARENT_EMAIL)), 60)
    again = change(parent, "other", emails=f"mark.b@example.net\n{EX_EMAIL}")
    assert again.url.path == "/settings"
    assert [a.until for a in family_of(world).coparent.emails] == [None, None]
    both = change(parent, "other", emails=PARENT_EMAIL)
    assert "both parents" in said(both)
    assert "at least one" in said(change(parent, "other", emails="", phones=""))
    assert "at least one" not in said(parent.get("/settings/other"))


def test_children_are_changed_added_and_left_out(world: World, parent: Browser) -> None:
    names = [child.name for child in world.settings.families[0].children]
    assert names == ["Emma", "Noah"]
    fields = {"child_1_nicknames": "Em, Bean", "child_2_out": "yes", "child_3_name": "Ida", "child_3_addresses": "ida@example.com"}  # fmt: skip
    before = (world.settings.directory / FILE_NAME).read_text()
    assert "not your password" in change(parent, "children", password="wrong wrong wrong", **fields).text
    answer = change(parent, "children", **fields)
    assert answer.url.path == "/settings", said(answer)
    home = family_of(world)
    assert [child.name for child in home.children] == ["Emma", "Ida"]
    assert home.children[0].nicknames == ("Em", "Bean")
    assert home.children[1].emails[0].address == "ida@example.com"
    assert len((world.settings.directory / FILE_NAME).read_text()) > len(before) / 2
    change(parent, "children", child_2_addresses="")
    assert home.children[1].has("ida@example.com", utc_now().date())
    assert not family_of(world).children[1].has("ida@example.com", utc_now().date())
    page = parent.page("/settings/children")
    form = {str(i.attributes["name"]): str(i.attributes.get("value") or "") for i in page.css("main form input[name]")}
    stale = parent.http.post("/settings/children", data=form | {"child_1_was": "Noah", "password": PASSWORD})
    assert "The list is another by now" in stale.text
    none = change(parent, "children", child_1_out="yes", child_2_out="yes")
    assert "at least one child" in said(none)


@pytest.mark.parametrize(
    "nicknames", ["Em, E\u202emy", "\u200f", "Em\x00", "\x1b[31m", "E\u200bm", "Em, " + "m" * 10_000]
)
def test_a_nickname_of_signs_that_nobody_sees_or_without_an_end_is_refused(
    shared: tuple[World, Browser], nicknames: str
) -> None:
    world, parent = shared
    before = (world.settings.directory / FILE_NAME).read_bytes()
    answer = change(parent, "children", child_1_nicknames=nicknames)
    assert (answer.status_code, "Please write" in said(answer)) == (422, True)
    assert (world.settings.directory / FILE_NAME).read_bytes() == before


def test_a_file_that_was_changed_by_hand_meanwhile_is_not_written_over(world: World, parent: Browser) -> None:
    file = world.settings.directory / FILE_NAME
    text = file.read_text(encoding="utf8")
    changed = text.replace('"Noah"', '"Ana"').replace("'Noah'", "'Ana'")
    assert changed != text
    file.write_text(changed, encoding="utf8")
    answer = change(parent, "children", child_1_nicknames="Emmy")
    assert (answer.status_code, "The list is another by now" in said(answer)) == (422, True), said(answer)
    assert file.read_text(encoding="utf8") == changed


def test_orders_show_what_follows_and_set_it(world: World, parent: Browser) -> None:
    fields = {"order": "yes", "no_contact": "protects me", "order_hours": "24"}
    shown = parent.send("/settings/orders", "/settings/orders", **fields)
    assert "Contact mode: no-contact" in said(shown)
    assert "Ask a lawyer" in said(shown)
    assert family_of(world).order.there_is != "yes"
    form = LexborHTMLParser(shown.text).css("main form[action='/settings/orders'] input")
    data = {str(i.attributes["name"]): str(i.attributes.get("value") or "") for i in form}
    wrong = parent.http.post("/settings/orders", data=data | {"password": "no"})
    assert "not your password" in wrong.text
    done = parent.http.post("/settings/orders", data=data | {"password": PASSWORD}, follow_redirects=True)
    assert done.url.path == "/settings", said(done)
    home = family_of(world)
    assert (str(home.contact), home.order.no_contact, home.answer_hours) == ("no-contact", "protects me", 24)
    assert home.replies == "off"
    assert "no-contact" in [dict(e.body).get("mode") for e in world.log() if e.kind == "contact mode"]
    lifted = parent.send("/settings/orders", "/settings/orders", no_contact="none", order_hours="")
    assert "Contact mode" not in " ".join(d.text() for d in LexborHTMLParser(lifted.text).css("main form ul"))
    assert "choose one" in said(parent.send("/settings/orders", "/settings/orders", order=""))


def test_two_families_never_share_a_parents_address(world: World, parent: Browser) -> None:
    """Only whoever reads mail at that address learns that it is used."""
    assert world.gateway is not None
    home = world.settings.families[0]
    other = home.model_copy(update={
        "key": "other", "relay_email": "other@relay.example.org", "relay_phone": None,
        "parent": home.parent.model_copy(update={"name": "Astrid", "emails": (home.parent.emails[0].model_copy(update={"address": NEW}),), "phones": ()}),
    })  # fmt: skip
    world.gateway.directory.replace([home, other])
    assert give(parent, "email", NEW).status_code == 200
    world.gateway.directory.replace([home, other])
    refused = parent.send("/settings/you", "/settings/you/code", code=code_to(world, NEW))
    assert "cannot be used here" in said(refused)
    assert family_of(world).parent.email_on(utc_now().date()) == PARENT_EMAIL


def test_where_you_live_and_originals_are_sections(world: World, parent: Browser) -> None:
    path = "/settings/of/place"
    assert "Mars" not in str(parent.send(path, path, time_zone="Europe/London", country="GB").url)
    home = family_of(world)
    assert (home.time_zone, home.country) == ("Europe/London", "GB")
    assert "time zone name" in said(parent.send(path, path, time_zone="Mars"))
    path = "/settings/of/originals"
    assert parent.send(path, path, vault_delay_minutes="30", vault_companion="Ruth").url.path == "/settings"
    assert (family_of(world).vault.delay_minutes, family_of(world).vault.companion) == (30, "Ruth")


def test_only_the_parent_enters(world: World, enter: Callable[[Role], Browser]) -> None:
    for role in (Role.REVIEWER, Role.PROFESSIONAL, Role.OPERATOR):
        browser = enter(role)
        for page in ("you", "other", "children", "orders"):
            assert browser.get(f"/settings/{page}").status_code == 404


def form_on(browser: Browser, path: str) -> dict[str, Any]:
    found = browser.page(path).css_first(f"main form[action='{path}']")
    assert found is not None
    return filled(found)


def test_a_second_tab_does_not_undo_what_the_first_one_set(world: World, parent: Browser) -> None:
    """Both pages were loaded before either was sent; in each another field is touched."""
    path = "/settings/other"
    first, second = (form_on(parent, path) for _ in range(2))
    more = first["emails"] + "\nmark.other@example.net"
    assert parent.http.post(path, data=first | {"emails": more, "password": PASSWORD}).status_code == 303
    assert parent.http.post(path, data=second | {"name": "Marcus", "password": PASSWORD}).status_code == 303
    today, other = utc_now().date(), family_of(world).coparent
    assert other.name == "Marcus"
    assert other.has("mark.other@example.net", today)
    path = "/settings/children"
    first, second = (form_on(parent, path) for _ in range(2))
    assert (
        parent.http.post(path, data=first | {"child_1_nicknames": "Emmy, Bug", "password": PASSWORD}).status_code == 303
    )
    assert parent.http.post(path, data=second | {"child_2_nicknames": "Nono", "password": PASSWORD}).status_code == 303
    assert [child.nicknames for child in family_of(world).children] == [("Emmy", "Bug"), ("Nono",)]


@pytest.mark.parametrize("section", [section.key for section in SECTIONS])
def test_a_second_tab_with_a_section_does_not_undo_the_first(world: World, parent: Browser, section: str) -> None:
    path = f"/settings/of/{section}"
    form = form_on(parent, path)
    keys = [key for key in form if f"was-{key}" in form]
    assert set(keys) == {one.field.key for one in BY_KEY[section].settings}
    assert "Nothing would change" in said(parent.http.post(path, data=form))
    for key in keys:
        old = form | {key: "what stood before", f"was-{key}": "what stood before"}
        assert "Nothing would change" in said(parent.http.post(path, data=old)), key


def test_what_follows_from_orders_is_shown_again_where_it_is_other_by_now(world: World, parent: Browser) -> None:
    path = "/settings/orders"
    before = (world.settings.directory / FILE_NAME).read_bytes()
    form = form_on(parent, path) | {"order": "yes", "no_contact": "protects me", "order_hours": "24"}
    page = LexborHTMLParser(parent.http.post(path, data=form).text).css_first("main form")
    assert page is not None
    sent = filled(page) | {"password": PASSWORD}
    for seen in ("yes", "", "0" * 64):
        again = parent.http.post(path, data=sent | {"seen": seen})
        assert "What would change" in again.text
    assert (world.settings.directory / FILE_NAME).read_bytes() == before
    assert parent.http.post(path, data=sent).status_code == 303
