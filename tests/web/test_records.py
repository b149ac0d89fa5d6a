"""A record asked for on the page, made in the background, checked, downloaded, verified, sent by a link that ends."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import select
from typer.testing import CliRunner

from gateway.accounts import Role
from gateway.accounts.opened import Opening, What, choose
from gateway.cli import app
from gateway.clock import utc_now
from gateway.demo.sample import EX_EMAIL, LAWYER_EMAIL, SAMPLES
from gateway.record import shelf
from gateway.store.tables import AccountRow, ExportLinkRow, ExportRow
from tests.e2e.world import World, wait_until
from tests.web.visiting import Browser

HREF = "/record/1"


def rows(world: World) -> list[ExportRow]:
    with world.store.read() as session:
        found = list(session.scalars(select(ExportRow).order_by(ExportRow.id)))
        session.expunge_all()
        return found


@pytest.fixture
def ready(world: World, parent: Browser) -> Browser:
    """A parent with one record of three messages on the shelf."""
    for sample in SAMPLES[:3]:
        world.send(sample)
    world.settle()
    answer = parent.send("/record/ask", style="us")
    assert answer.url.path == HREF
    wait_until(lambda: rows(world)[0].state in (shelf.READY, shelf.FAILED), 90)
    assert rows(world)[0].state == shelf.READY, rows(world)[0].said
    return parent


def test_a_record_is_made_checked_and_verifies_outside(world: World, ready: Browser, tmp_path: Path) -> None:
    page = ready.page(HREF)
    words = page.body.text()  # type: ignore[union-attr]
    assert "3 of 3" in words
    assert "nothing failed" in words
    assert page.css_first("meta[http-equiv=refresh]") is None
    answer = ready.get(f"{HREF}/file")
    assert answer.headers["content-disposition"].startswith('attachment; filename="record-1-')
    bundle = tmp_path / "fetched.zip"
    bundle.write_bytes(answer.content)
    fingerprint = str(rows(world)[0].said["fingerprint"])
    assert fingerprint in words
    done = CliRunner().invoke(app, ["verify", str(bundle), "--key", fingerprint])
    assert done.exit_code == 0, done.output
    assert zipfile.ZipFile(bundle).testzip() is None
    kinds = [e.kind for e in world.log()]
    assert kinds.index("record asked") < kinds.index("exported") < len(kinds)
    assert shelf.place(world.settings.data, 1).stat().st_mode & 0o077 == 0


def test_a_link_is_mailed_fetches_once_pressed_and_ends(world: World, ready: Browser) -> None:
    form = [f for f in ready.page(HREF).css("main form") if f.css_first("input[name=to]")]
    assert len(form) == 1
    token = str(form[0].css_first("input[name=form]").attributes["value"])  # type: ignore[union-attr]
    for _ in range(2):  # pressed twice: one link, one mail
        answer = ready.http.post(f"{HREF}/change", data={"form": token, "act": "link", "to": "Ms Okafor"})
        assert answer.status_code == 200
    world.settle()
    (mail,) = [m for m in world.mails(LAWYER_EMAIL) if "/bundle/" in m.get_content()]
    body = mail.get_content()
    assert str(rows(world)[0].said["fingerprint"]) not in body
    assert not world.mails(EX_EMAIL)
    link = next(word for word in body.split() if "/bundle/" in word)
    with httpx.Client() as stranger:
        assert b"PK" not in stranger.get(link).content[:2]
        fetched = stranger.post(link)
        assert fetched.content[:2] == b"PK"
        assert [e.kind for e in world.log()].count("record fetched") == 1
        with world.store.write() as session:
            session.scalars(select(ExportLinkRow)).one().until = utc_now() - timedelta(seconds=1)
        assert stranger.get(link).status_code == stranger.post(link).status_code == 404
        assert stranger.get(link[:-4] + "AAAA").status_code == 404


@pytest.mark.parametrize("to", [EX_EMAIL, "not an address", "rivera@relay.example.org"])
def test_a_link_goes_to_nobody_on_the_other_side(world: World, ready: Browser, to: str) -> None:
    form = next(f for f in ready.page(HREF).css("main form") if f.css_first("input[name=to]"))
    token = str(form.css_first("input[name=form]").attributes["value"])  # type: ignore[union-attr]
    answer = ready.http.post(f"{HREF}/change", data={"form": token, "act": "link", "to": to})
    assert answer.status_code == 422
    with world.store.read() as session:
        assert not session.scalars(select(ExportLinkRow)).all()


def test_what_is_removed_is_gone_and_stays_in_the_history(world: World, ready: Browser) -> None:
    form = next(f for f in ready.page(HREF).css("main form") if f.css_first("button[value=remove]"))
    token = str(form.css_first("input[name=form]").attributes["value"])  # type: ignore[union-attr]
    ready.http.post(f"{HREF}/change", data={"form": token, "act": "remove"})
    assert not shelf.place(world.settings.data, 1).exists()
    assert ready.get(f"{HREF}/file").status_code == 404
    assert "removed here" in ready.page("/record").body.text()  # type: ignore[union-attr]


@pytest.mark.parametrize(("fields", "said"), [
    ({"since": "2026-05-02", "until": "2026-05-01"}, "should not lie before"),
    ({"since": "soon"}, "should be a day"),
    ({"style": "comic"}, "should be"),
    ({"prefix": "../../etc"}, "letters, digits"),
    ({"about": "weather"}, "known are"),
    ({"language": "fr"}, "should be en or es"),
])  # fmt: skip
def test_a_wrong_wish_is_explained_and_keeps_what_was_typed(
    world: World, parent: Browser, fields: dict[str, str], said: str
) -> None:
    answer = parent.send("/record/ask", **fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert not rows(world)
    if "since" in fields:
        assert f'value="{fields["since"]}"' in answer.text


def test_nobody_else_sees_them_unless_they_were_opened(
    world: World, ready: Browser, enter: Callable[[Role], Browser]
) -> None:
    lawyer, reviewer, operator = enter(Role.PROFESSIONAL), enter(Role.REVIEWER), enter(Role.OPERATOR)
    for browser in (lawyer, reviewer, operator):
        assert [browser.get(p).status_code for p in ("/record", HREF, f"{HREF}/file", "/record/ask")] == [404] * 4
    family = world.settings.families[0]
    with world.store.write() as session:
        row = session.scalars(select(AccountRow).where(AccountRow.role == "professional")).one()
        choose(session, row, {What.RECORDS: Opening(What.RECORDS)}, utc_now(), zone=family.time_zone)
    assert lawyer.get(f"{HREF}/file").content[:2] == b"PK"
    assert lawyer.get("/record/ask").status_code == 404
    assert "End all links" not in lawyer.get(HREF).text


def test_a_record_that_a_stop_interrupted_is_begun_again(world: World, parent: Browser) -> None:
    world.send(SAMPLES[0])
    world.settle()
    with world.store.write() as session:
        row = session.scalars(select(AccountRow)).first()
        assert row is not None
        shelf.ask(session, world.settings.families[0], row.id, shelf.Order(), "n", utc_now())
        session.scalars(select(ExportRow)).one().state = shelf.MAKING
        shelf.take_up(session)
        assert session.scalars(select(ExportRow)).one().state == shelf.WAITING
    wait_until(lambda: rows(world)[0].state == shelf.READY, 90)


def test_three_may_wait_and_a_fourth_is_told_so(world: World, parent: Browser) -> None:
    with world.store.write() as session:
        account = session.scalars(select(AccountRow.id)).one()
        for number in range(3):
            shelf.ask(
                session, world.settings.families[0], account, shelf.Order(), f"n{number}", utc_now()
            ).state = shelf.CHECKING
    answer = parent.send("/record/ask", language="es")
    assert answer.status_code == 422
    assert "Three records" in answer.text
    chosen = LexborHTMLParser(answer.text).css("input[name=language][checked]")
    assert [box.attributes["value"] for box in chosen] == ["es"], "what was chosen stays chosen"
    chosen = parent.page("/record/ask").css("input[name=language][checked]")
    assert [box.attributes["value"] for box in chosen] == ["en"], "the family's language is offered first"
    assert {row.wanted["language"] for row in rows(world)} == {"en"}


def test_a_mail_scanner_that_only_looks_fetches_nothing(world: World, ready: Browser) -> None:
    form = [f for f in ready.page(HREF).css("main form") if f.css_first("input[name=to]")]
    token = str(form[0].css_first("input[name=form]").attributes["value"])  # type: ignore[union-attr]
    assert ready.http.post(f"{HREF}/change", data={"form": token, "act": "link", "to": "Ms Okafor"}).status_code == 200
    world.settle()
    (mail,) = [m for m in world.mails(LAWYER_EMAIL) if "/bundle/" in m.get_content()]
    link = next(word for word in mail.get_content().split() if "/bundle/" in word)
    for method in ("HEAD", "GET"):
        assert httpx.request(method, link).headers["content-type"].startswith("text/html")
    assert "record fetched" not in [e.kind for e in world.log()]
