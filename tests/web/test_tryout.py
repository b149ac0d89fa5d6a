"""The try-it box: what it shows, and that nothing of it is kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import func, select

from gateway.store.tables import DeliveryRow, MessageRow
from tests.e2e.world import World
from tests.web.visiting import Browser

MIXED = "You always make everything so hard. Emma's dentist appointment is Tuesday at 3:30."


def test_word_by_word_with_the_rule_and_the_card(world: World, parent: Browser) -> None:
    answer = parent.send("/rules/try", text=MIXED, channel="sms")
    page = LexborHTMLParser(answer.text)
    fates = {node.attributes["class"]: node.text() for node in page.css(".fate")}
    assert "dentist" in fates["fate forwarded"]
    assert "so hard" in fates["fate withheld"]
    assert "✓ comes through" in fates["fate forwarded"]
    assert "A child-related fact" in answer.text
    card = page.css_first("#the-card").parent.text()  # type: ignore[union-attr]
    assert "Emma" in card
    assert "3:30 pm" in card
    assert "so hard" not in card


def test_danger_and_doubt_are_marked_with_words(world: World, parent: Browser) -> None:
    answer = parent.send("/rules/try", text="Keep this up and I will kill you.", channel="sms")
    page = LexborHTMLParser(answer.text)
    assert "! danger: an alarm" in page.css_first(".fate.alarm").text()  # type: ignore[union-attr]
    assert "A message from Mark needs your attention" in answer.text
    whole = parent.send("/rules/try", text="The hearing is on 3 May.", channel="email", sender="person 0")
    assert "Legal mail from Ms Okafor" in whole.text


def test_nothing_is_kept_and_no_log_holds_the_words(
    world: World, parent: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "zanzibar quokka"
    with caplog.at_level(0):
        parent.send("/rules/try", text=f"{secret} pickup at 5", subject=secret, channel="email")
    assert secret not in caplog.text
    assert not any("zanzibar" in str(e.body) for log in ("rivera", "installation") for e in world.log(log))
    with world.store.read() as session:
        assert session.scalar(select(func.count()).select_from(MessageRow)) == 0
        assert session.scalar(select(func.count()).select_from(DeliveryRow)) == 0
    kept = [p for p in Path(world.settings.data).rglob("*") if p.is_file() and b"zanzibar" in p.read_bytes()]
    assert not kept


@pytest.mark.parametrize("text", ["", "   \n"])
def test_an_empty_box_says_so(world: World, parent: Browser, text: str) -> None:
    answer = parent.send("/rules/try", text=text)
    assert answer.status_code == 422
    assert "Please paste or write a message." in answer.text


def test_markup_is_text(world: World, parent: Browser) -> None:
    answer = parent.send("/rules/try", text="<script>alert(1)</script><img src=x onerror=alert(2)>", subject="<b>x")
    assert "<script>alert" not in answer.text
    assert "<img" not in answer.text
    assert "&lt;script&gt;" in answer.text
