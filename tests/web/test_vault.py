"""The vault: dates and types in the list, an original only after a deliberate step, and nobody else's message ever."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from gateway.accounts import Role
from gateway.accounts.opened import Opening, What, choose
from gateway.clock import utc_now
from gateway.demo.sample import EX_EMAIL, EX_PHONE, RELAY_EMAIL, Sample
from gateway.demo.sample import family as sample_family
from gateway.family import Family
from gateway.store.tables import AccountRow, AttachmentRow, MessageRow, OpeningRow, VaultRow
from tests.e2e.world import World, open_world
from tests.web.visiting import Browser, sign_in

FACT = Sample("fact", "email", "Emma's dentist appointment is Tuesday at 3:30.\nYou are pathetic.\n", "Dentist")
CRUEL = Sample("cruel", "sms", "nobody will ever put up with you like i did. you are pathetic", sender=EX_PHONE)
DANGER = Sample("danger", "sms", "I know where you park now. Keep this up and I will kill you.", sender=EX_PHONE)


def number_of(world: World, lane: str) -> int:
    with world.store.read() as session:
        return session.scalars(select(VaultRow.message_id).where(VaultRow.lane == lane)).one()


def kinds(world: World) -> list[tuple[str, dict[str, Any]]]:
    return [(e.kind, dict(e.body)) for e in world.log() if e.kind.startswith("original")]


def shift(world: World, minutes: int) -> None:
    """Let time pass for what was asked for."""
    with world.store.write() as session:
        for row in session.scalars(select(OpeningRow)):
            row.asked_at -= timedelta(minutes=minutes)
            row.opens_at -= timedelta(minutes=minutes)


def test_the_list_shows_dates_and_types_and_no_word(world: World, parent: Browser) -> None:
    for sample in (FACT, CRUEL, DANGER):
        world.send(sample)
    world.settle()
    page = parent.get("/vault")
    assert "3 messages." in page.text
    for words in ("dentist", "pathetic", "put up with", "park", "Dentist"):
        assert words not in page.text
    rows = [[cell.text(strip=True) for cell in row.css("th,td")] for row in parent.page("/vault").css("tbody tr")]
    assert [row[1:4] for row in rows] == [
        ["From the other parent", "Text message", "Sign of danger: alarm raised"],
        ["From the other parent", "Text message", "Not about the children: withheld"],
        ["From the other parent", "Email", "About the children: sent on"],
    ]
    assert "(UTC-0" in rows[0][0]
    assert "1 message was taken as a sign of danger." in page.text
    assert len(parent.page("/vault?lane=danger").css("tbody tr")) == 1
    assert len(parent.page("/vault?topic=medical").css("tbody tr")) == 1
    assert len(parent.page("/vault?child=Emma").css("tbody tr")) == 1
    assert len(parent.page("/vault?channel=sms&side=coparent").css("tbody tr")) == 2
    assert len(parent.page("/vault?side=parent").css("tbody tr")) == 0
    assert len(parent.page("/vault?to=2001-01-01").css("tbody tr")) == 0
    assert len(parent.page("/vault?lane=' OR 1=1&before=nothing&topic=%25").css("tbody tr")) == 3
    assert parent.get("/vault?from=31.12.2026").status_code == 422
    assert parent.get("/vault?from=2026-12-31&to=2026-01-01").status_code == 422
    assert parent.get("/vault?from=0001-01-01&to=9999-12-31").status_code == 200


def test_an_original_waits_and_closes_again(world: World, parent: Browser) -> None:
    world.send(FACT)
    world.settle()
    number = number_of(world, "facts")
    door = parent.page(f"/vault/{number}")
    assert "pathetic" not in door.html  # type: ignore[operator]
    assert parent.get(f"/vault/{number}/original").url.path == f"/vault/{number}"
    parent.send(f"/vault/{number}", f"/vault/{number}/ask")
    parent.http.post(f"/vault/{number}/open", data=parent_form(parent, f"/vault/{number}"))
    assert parent.get(f"/vault/{number}/original").url.path == f"/vault/{number}"
    shift(world, 11)
    answer = parent.send(f"/vault/{number}", f"/vault/{number}/open")
    assert answer.url.path == f"/vault/{number}/original"
    page = parent.page(f"/vault/{number}/original")
    quote = page.css_first("blockquote")
    assert quote is not None
    assert "dentist appointment is Tuesday at 3:30" in " ".join(m.text() for m in quote.css("mark"))
    assert "pathetic" in " ".join(k.text() for k in quote.css(".kept"))
    assert "pathetic" not in " ".join(m.text() for m in quote.css("mark"))
    assert len(page.css("ol li")) >= 1
    for sup in quote.css("sup"):
        sup.decompose()
    assert quote.text().strip() == FACT.text.strip()
    shift(world, 61)
    assert parent.get(f"/vault/{number}/original").url.path == f"/vault/{number}"
    asked, opened = kinds(world)
    assert asked[0] == "original asked"
    assert opened == ("original opened", {"message": number, "account": asked[1]["account"]})


def parent_form(parent: Browser, path: str) -> dict[str, str]:
    found = parent.page(path).css_first("main input[name=form], header input[name=form]")
    assert found is not None
    return {"form": str(found.attributes["value"])}


def test_asking_twice_counts_once_and_a_reason_opens_at_once(world: World, parent: Browser) -> None:
    world.send(CRUEL)
    world.settle()
    number = number_of(world, "withheld")
    form = parent_form(parent, f"/vault/{number}")
    for _ in range(2):
        assert parent.http.post(f"/vault/{number}/ask", data=form).status_code == 303
    assert [kind for kind, _ in kinds(world)] == ["original asked"]
    wrong = parent.http.post(f"/vault/{number}/ask", data=form | {"reason": "curious"})
    assert wrong.headers["location"] == f"/vault/{number}"
    answer = parent.send(f"/vault/{number}", f"/vault/{number}/ask#now", reason="court")
    assert answer.url.path == f"/vault/{number}/original"
    assert "put up with you" in answer.text
    assert [body.get("reason") for _, body in kinds(world)] == [None, "court", "court"]


def test_a_sign_of_danger_is_one_step_away(world: World, parent: Browser) -> None:
    world.send(DANGER)
    world.settle()
    number = number_of(world, "danger")
    answer = parent.send(f"/vault/{number}", f"/vault/{number}/ask")
    assert answer.url.path == f"/vault/{number}/original"
    assert "I will kill you" in answer.text
    assert [body.get("reason") for _, body in kinds(world)] == ["danger", "danger"]


def test_the_parents_choices_count(tmp_path: Path) -> None:
    family = Family.model_validate(sample_family() | {"vault": {"companion": "Ruth", "delay_minutes": 45}})
    with open_world(tmp_path, families=(family,)) as world:
        parent = sign_in(world.settings.server.public_url, world.store, family)
        world.send(CRUEL)
        world.settle()
        number = number_of(world, "withheld")
        assert "You wanted Ruth to be with you" in parent.get(f"/vault/{number}").text
        assert "You chose to wait 45 minutes" in parent.get(f"/vault/{number}").text
        parent.send(f"/vault/{number}", f"/vault/{number}/ask")
        shift(world, 44)
        assert parent.get(f"/vault/{number}/original").url.path == f"/vault/{number}"
        assert "Time to ask Ruth to be with you" in parent.get(f"/vault/{number}").text
        parent.http.close()


@pytest.mark.parametrize("wrong", [{"delay_minutes": 1441}, {"delay_minutes": -1}, {"companion": "a\nb"}, {"hours": 1}])
def test_wrong_choices_are_told(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="vault"):
        Family.model_validate(sample_family() | {"vault": wrong})


def test_others_see_nothing(world: World, parent: Browser, enter: Callable[[Role], Browser]) -> None:
    world.send(CRUEL)
    world.settle()
    number = number_of(world, "withheld")
    nowhere = parent.get("/vault/999999").text
    for role in (Role.PROFESSIONAL, Role.REVIEWER, Role.OPERATOR):
        other = enter(role)
        for path in ("/vault", f"/vault/{number}", f"/vault/{number}/original", f"/vault/{number}/picture/0"):
            answer = other.get(path)
            assert answer.status_code == 404, (role, path)
            assert answer.text == nowhere
    with world.store.write() as session:
        row = session.get_one(VaultRow, number)
        row.family = "another"
    for path in (
        f"/vault/{number}",
        f"/vault/{number}/original",
        "/vault/0",
        "/vault/x",
        "/vault/99999999999999999999",
    ):
        answer = parent.get(path)
        assert (answer.status_code, answer.text) == (404, nowhere)
    assert "0 messages." in parent.get("/vault").text


def picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "PNG")
    return out.getvalue()


def test_hostile_content_is_text_and_pictures_are_drawn_anew(world: World, parent: Browser) -> None:
    message = EmailMessage()
    message["From"], message["To"] = EX_EMAIL, RELAY_EMAIL
    message["Subject"] = "<script>alert(1)</script>"
    message.set_content("<img src=x onerror=alert(1)> \u202e You are pathetic & more\n" * 3)
    message.add_attachment(picture(), maintype="image", subtype="png", filename='"><svg onload=x>.png')
    message.add_attachment(b"<svg onload='x'/>", maintype="image", subtype="svg+xml", filename="a\u202egpj.svg")
    send_mail(world, message)
    world.settle()
    with world.store.read() as session:
        number = session.scalars(select(MessageRow.id)).one()
        places = {row.place: row.words for row in session.scalars(select(AttachmentRow))}
    answer = parent.send(f"/vault/{number}", f"/vault/{number}/ask#now", reason="safety")
    assert answer.url.path.endswith("/original")
    inside = answer.text.split("<main")[1]
    for bad in ("<script", "<img", "<svg", "onload=x>"):
        assert bad not in inside, bad
    assert "&lt;img src=x onerror=alert(1)&gt;" in inside
    assert "&#34;&gt;&lt;svg onload=x&gt;.png" in inside
    assert len(parent.page(f"/vault/{number}/original").css("dd.code")) == 2
    drawable = [place for place, words in places.items() if words == "picture"]
    assert drawable == [0]
    page = parent.page(f"/vault/{number}/picture/0")
    shown = page.css_first("img")
    assert shown is not None
    assert str(shown.attributes["src"]).startswith("data:image/jpeg;base64,/9j/")
    for place in ("1", "7", "-1", "x"):
        assert parent.get(f"/vault/{number}/picture/{place}").status_code == 404
    shift(world, 61)
    assert parent.get(f"/vault/{number}/picture/0").url.path == f"/vault/{number}"


def send_mail(world: World, message: EmailMessage) -> None:
    import smtplib

    host, _, port = world.settings.server.smtp_listen.rpartition(":")
    with smtplib.SMTP(host, int(port)) as smtp:
        smtp.sendmail(EX_EMAIL, [RELAY_EMAIL], message.as_bytes())


def test_a_long_message_is_read_in_parts_and_nothing_is_lost(world: World, parent: Browser) -> None:
    words = "".join(f"line {n} you are pathetic\n" for n in range(4000))
    world.send(Sample("long", "email", words, "long"))
    world.settle()
    with world.store.read() as session:
        number = session.scalars(select(MessageRow.id)).one()
    parent.send(f"/vault/{number}", f"/vault/{number}/ask#now", reason="safety")
    got, part = "", 1
    while True:
        answer = parent.get(f"/vault/{number}/original?part={part}")
        page = parent.page(f"/vault/{number}/original?part={part}")
        quote = page.css_first("blockquote")
        assert quote is not None
        for sup in quote.css("sup"):
            sup.decompose()
        got += quote.text()
        assert len(answer.content) < 150_000
        if not any(a.text() == "Go on" for a in page.css("a")):
            break
        part += 1
    assert part > 2
    assert got.strip() == words.strip()


def test_a_professional_sees_what_the_parent_opened_while_it_is_open(tmp_path: Path) -> None:
    with open_world(tmp_path) as world:
        world.send(CRUEL)
        world.settle()
        family = world.settings.families[0]
        browser = sign_in(world.settings.server.public_url, world.store, family, Role.PROFESSIONAL)
        number, now = number_of(world, "withheld"), utc_now()
        assert browser.get("/vault").status_code == browser.get(f"/vault/{number}").status_code == 404

        def give(*openings: Opening) -> None:
            with world.store.write() as session:
                row = session.scalars(select(AccountRow).where(AccountRow.role == "professional")).one()
                choose(session, row, {one.what: one for one in openings}, utc_now(), zone=family.time_zone)

        give(Opening(What.ORIGINALS, until=now - timedelta(days=1)))
        assert "1 message." not in browser.get("/vault").text
        assert browser.get(f"/vault/{number}").status_code == 404
        give(Opening(What.ORIGINALS, since=now - timedelta(days=1)))
        assert "1 message." in browser.get("/vault").text
        answer = browser.send(f"/vault/{number}", f"/vault/{number}/ask")
        assert answer.url.path == f"/vault/{number}/original"
        give()
        assert browser.get(f"/vault/{number}/original").status_code == 404
        browser.http.close()
