"""`breakwater disclose`: shown first, sent once, never in no-contact."""

from __future__ import annotations

import shutil

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from gateway.cli import app
from gateway.demo.sample import EX_EMAIL, EX_PHONE
from gateway.errors import UserError
from gateway.receipt import command
from gateway.settings import Settings
from gateway.store.tables import DeliveryRow
from tests.e2e.world import wait_until
from tests.voices.proved import kinds, open_proved, to


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch):
    """The command reads the settings of a running world instead of a file."""
    held: list[Settings] = []
    monkeypatch.setattr("gateway.settings.load", lambda _folder: held[0])
    return held


def run(*words: str):
    return CliRunner().invoke(app, ["disclose", *words], catch_exceptions=False)


def test_it_is_shown_and_then_sent_once(tmp_path, settings) -> None:
    with open_proved(tmp_path) as world:
        settings.append(world.settings)
        shown = run()
        assert "What you write to this address is kept whole" in shown.output
        assert "Nothing was sent" in shown.output
        assert to(world, EX_EMAIL) == []
        run("--send")
        wait_until(lambda: bool(to(world, EX_EMAIL)), 20)
        ((_, raw),) = to(world, EX_EMAIL)
        assert b"Auto-Submitted: auto-generated" in raw
        assert not [word for word in (b"Dana", b"dana", b"Emma") if word in raw]
        with pytest.raises(UserError, match="it was sent already"):
            run("--send")
        run("--send", "--again", "--by", "sms")
        wait_until(lambda: any(t["To"] == EX_PHONE for t in world.carrier.sent), 20)
        world.settle()
        assert kinds(world).count("disclosure") == 2
        assert kinds(world).count("disclosure sent") == 2
        with world.store.read() as session:
            assert len(session.scalars(select(DeliveryRow).where(DeliveryRow.kind == command.KIND)).all()) == 2


def test_not_in_no_contact_nor_to_nowhere(tmp_path, settings) -> None:
    with open_proved(tmp_path, contact="no-contact") as world:
        settings.append(world.settings)
        with pytest.raises(UserError, match="in no-contact nothing is sent"):
            run("--send")
        with pytest.raises(UserError, match="should be email or sms"):
            run("--by", "pigeon")
    shutil.rmtree(tmp_path / "data")
    with open_proved(
        tmp_path, coparent={"name": "Mark", "phones": [EX_PHONE]}, relay_phone=None, cards_by=["email"]
    ) as world:
        settings[0] = world.settings
        with pytest.raises(UserError, match="Mark has no address for sms"):
            run("--send")
