"""A family that reads Spanish, over real sockets: nothing of ours is English, and what somebody wrote stays as it was."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser

from gateway.delivery.gsm import is_gsm, segments
from gateway.demo.sample import EX_EMAIL, EX_PHONE, PARENT_PHONE, SAFETY_EMAIL, SAMPLES, Sample, family
from gateway.family import Family
from gateway.language import catalogue
from tests.e2e.world import World, open_world, wait_until
from tests.web.test_languages import WORDS

NOON = datetime(2026, 11, 26, 18, 0, tzinfo=UTC)
GAP = re.compile(r"%\(\w+\)s|<[^>]*>|\n")
LEAST = 10
"""Letters of a phrase of ours that nobody writes by chance."""
DANGER = Sample("danger", "sms", "I know where you park now. Keep this up and I will kill you.", sender=EX_PHONE)
ASKS = Sample(
    "cleats",
    "email",
    "Can you bring Noah's cleats to soccer on 12 December at 10? Let me know by Thursday.\n",
    "Cleats",
)


@cache
def phrases() -> tuple[str, ...]:
    """What the catalogue says in English and not in Spanish as well."""
    found = {
        piece.strip()
        for message in catalogue("es")
        if message.id
        for text in ([message.id] if isinstance(message.id, str) else message.id)
        for piece in GAP.split(text)
    }
    spoken = " ".join(str(message.string) for message in catalogue("es") if message.id)
    return tuple(sorted(p for p in found if sum(c.isalpha() for c in p) >= LEAST and " " in p and p not in spoken))


def english(text: str) -> set[str]:
    """Phrases of ours, and small words, that are left in English; the lines that somebody else wrote are left out."""
    ours = "\n".join(line for line in text.split("\n") if not line.strip().startswith('"'))
    ours = re.sub(r"https?://\S+|Dónde: .*", "", ours)  # a place is in the words of who named it
    return {phrase for phrase in phrases() if phrase in ours} | set(WORDS.findall(ours))


def shown(html: str) -> str:
    page = LexborHTMLParser(html)
    for node in page.css("blockquote, style, script, textarea"):
        node.decompose()
    for node in page.css('input[name="answers"]:not([value="none"])'):  # a message is known by its words
        assert node.parent is not None
        node.parent.decompose()
    for node in page.css("dt"):
        if node.text() == "Dónde" and node.next is not None:
            node.next.decompose()
    assert page.root is not None
    assert page.root.attributes["lang"] == "es"
    assert page.body is not None
    return page.body.text(separator="\n")


@pytest.fixture
def now() -> list[datetime]:
    return [NOON]


@pytest.fixture
def world(tmp_path: Path, now: list[datetime]) -> Iterator[World]:
    home = Family.model_validate(
        family() | {"language": "es", "deliver": ["12:30", "18:00"], "quiet_notice": True, "subject": "topics"}
    )
    with open_world(tmp_path, clock=lambda: now[0], families=(home,)) as made:
        yield made


def bodies(world: World, to: str) -> Iterator[tuple[str, str, str]]:
    """Subject, text and HTML of every mail to somebody."""
    for mail in world.mails(to):
        plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
        assert plain is not None
        yield str(mail["Subject"]), plain.get_content(), html.get_content() if html is not None else ""


def test_everything_that_a_spanish_family_gets_is_spanish(world: World, now: list[datetime]) -> None:
    for sample in (*SAMPLES, DANGER, ASKS):
        world.send(sample)
    wait_until(lambda: len(world.lanes()) == len(SAMPLES) + 2, 60)
    for hours in (1, 6, 12, 24):
        now[0] = NOON + timedelta(hours=hours)
        world.settle()
    left: dict[str, set[str]] = {}
    mails = [*bodies(world, "dana@example.org"), *bodies(world, SAFETY_EMAIL)]
    assert len(mails) > 4
    for subject, plain, html in mails:
        for card in world.cards():  # a lawyer's mail comes whole
            plain = plain.replace("\r\n", "\n").replace(card.content["whole"] or "\0", "")
        for part in (subject, plain, shown(html) if html else ""):
            if found := english(part):
                left[f"{subject}: {part}"] = found
    for text in world.carrier.sent:
        assert text["To"] == PARENT_PHONE
        said = re.sub(
            "|".join(re.escape(line) for s in (*SAMPLES, ASKS) for line in sentences(s.text)), "", text["Body"]
        )
        if found := english(said):
            left[text["Body"]] = found
    assert left == {}
    assert any("Emma's dentist appointment is Tuesday at 3:30." in plain for _, plain, _ in mails)
    assert any(subject.startswith("Novedad") for subject, _, _ in mails)


def sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.!?])\s+|\n+", text.strip()) if part]


def test_the_pages_behind_its_links_are_spanish(world: World, now: list[datetime]) -> None:
    for sample in (*SAMPLES, DANGER, ASKS):
        world.send(sample)
    wait_until(lambda: len(world.lanes()) == len(SAMPLES) + 2, 60)
    now[0] = NOON + timedelta(hours=1)
    world.settle()
    sent = " ".join(plain for to in ("dana@example.org", SAFETY_EMAIL) for _, plain, _ in bodies(world, to))
    links = {link.rstrip(".") for link in re.findall(r"http://\S+", sent)} | {
        f"{world.settings.server.public_url}/card/{card.token}" for card in world.cards()
    }
    assert {link.split("/")[3] for link in links} >= {"card", "digest", "alarm", "numbers"}
    left = {}
    for link in sorted(links):
        page = httpx.get(link)
        assert page.status_code == 200
        text = shown(page.text)
        for card in world.cards():
            for item in card.content["items"]:
                text = text.replace(item["text"], "").replace(item["where"] or "\0", "")
        if "/numbers/" in link:  # helplines are named as they name themselves
            text = text.split("Otros países")[0]
            text = re.sub(
                r"National Domestic Violence Hotline|Childhelp National Child Abuse Hotline|988 Suicide and Crisis Lifeline",
                "",
                text,
            )
        if found := english(text):
            left[link] = (found, text)
    assert left == {}
    gone = httpx.get(f"{world.settings.server.public_url}/card/{'A' * 43}", headers={"Accept-Language": "es"})
    assert gone.status_code == 404
    assert "Este enlace no lleva a ninguna parte." in gone.text
    assert "This link does not lead anywhere." in httpx.get(gone.url).text


def test_nothing_tells_the_other_parent_in_which_language_the_family_reads(world: World, now: list[datetime]) -> None:
    world.send(ASKS)
    wait_until(lambda: len(world.lanes()) == 1, 30)
    now[0] = NOON + timedelta(hours=1)
    world.settle()
    (mail,) = world.mails()
    world.send(
        Sample("yes", "email", "Yes, they are in his bag.\n", "Re: x", sender="dana@example.org", name="Dana",
               headers={"In-Reply-To": str(mail["Message-ID"])})
    )  # fmt: skip
    world.settle()
    asked = list(bodies(world, "dana@example.org"))[-1]
    assert asked[0] == "Todavía no se envió"
    assert "Esto va a Mark por correo electrónico cuando respondas ENVIAR:" in asked[1]
    again = world.mails()[-1]
    world.send(
        Sample("send", "email", "ENVIAR\n", "Re: x", sender="dana@example.org", name="Dana",
               headers={"In-Reply-To": str(again["Message-ID"])})
    )  # fmt: skip
    world.settle()
    (theirs,) = world.mails(EX_EMAIL)
    assert theirs["Subject"] == "Re: Cleats"
    plain = theirs.get_body(("plain",))
    assert plain is not None
    assert plain.get_content().split("\r\n") == ["Yes, they are in his bag.", ""]


def test_texts_stay_in_their_alphabet_and_in_two_segments(world: World, now: list[datetime]) -> None:
    world.send(Sample("soccer", "sms", "Noah has soccer at 10 on 12 December", sender=EX_PHONE))
    wait_until(lambda: len(world.lanes()) == 1, 30)
    now[0] = NOON + timedelta(hours=1)
    world.settle()
    (text,) = [one["Body"] for one in world.carrier.sent if one["To"] == PARENT_PHONE]
    assert is_gsm(text)
    assert segments(text) <= 2
    assert text.startswith(
        "Novedad de Mark: Noah has soccer at 10 on 12 December [sab 12 dic 2026, 10:00 a. m. (UTC-06:00)]"
    )
