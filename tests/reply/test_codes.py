"""Short codes of a family never meet; where they do all the same, nothing goes to a wrong message."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from gateway.demo.sample import EX_EMAIL, EX_PHONE, PARENT_PHONE, Sample, family
from gateway.family import Family
from gateway.reply import codes
from gateway.reply.codes import new_secret
from gateway.reply.written import code_of
from gateway.store import Store
from gateway.store.tables import CardRow
from tests.delivery.planted import plant
from tests.delivery.sample import card, item
from tests.e2e.world import World, open_world

TOKENS = [f"{number:043}" for number in range(3000)]


def twins() -> tuple[str, str]:
    """Two secrets with the same code."""
    seen: dict[str, str] = {}
    for token in TOKENS:
        if (other := seen.setdefault(code_of(token), token)) != token:
            return other, token
    raise AssertionError("the birthday did not come")


def ask(world: World, words: str) -> None:
    world.send(Sample("x", "sms", words, sender=EX_PHONE))
    world.settle()


def to_the_ex(world: World) -> list[str]:
    mails = [raw.decode("utf8", "replace") for _, tos, raw in world.mailbox.received if EX_EMAIL in tos]
    return mails + [text["Body"] for text in world.carrier.sent if text["To"] == EX_PHONE]


def test_a_code_that_two_cards_have_sends_nothing(tmp_path: Path) -> None:
    one = Family.model_validate(family() | {"replies": "on"})
    with open_world(tmp_path, families=(one,)) as world:
        ask(world, "is pickup at 6 on friday ok?")
        ask(world, "can emma skip soccer on saturday?")
        first, second = twins()
        with world.store.write() as session:
            for row, token in zip(session.query(CardRow).order_by(CardRow.id), (first, second), strict=True):
                row.token = token
        world.send(Sample("x", "sms", f"{code_of(first)} No.", sender=PARENT_PHONE))
        world.settle()
        assert to_the_ex(world) == []
        assert any("Two updates have the code" in text["Body"] for text in world.carrier.sent)


def test_a_new_card_takes_no_code_that_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, one = Store(f"sqlite:///{tmp_path}/x.db"), Family.model_validate(family())
    store.migrate()
    first, second = twins()
    now = datetime(2026, 11, 26, 18, tzinfo=UTC)
    plant(
        store, one, card(item("Soccer at 8")), at=now - timedelta(days=40)
    )  # its code is not taken any more, yet somebody may type it
    made = iter([second, TOKENS[-1]])
    with store.write() as session:
        session.execute(update(CardRow).values(token=first))
        monkeypatch.setattr(codes.secrets, "token_urlsafe", lambda _size: next(made))
        assert new_secret(session, "rivera", now) == TOKENS[-1]
    store.close()
