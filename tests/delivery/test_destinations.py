"""Each address is confirmed once before ordinary cards go there; alarms go all the same; what is known stays known."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import select, text
from typer.testing import CliRunner

from gateway.cli import app
from gateway.delivery.destinations import Destinations
from gateway.demo.sample import EX_PHONE, PARENT_EMAIL, PARENT_PHONE, SAFETY_EMAIL, SAMPLES, Sample, family
from gateway.doctor.people import destinations as doctor_says
from gateway.errors import UserError
from gateway.family import Directory, Family
from gateway.settings import Destinations as Choice
from gateway.store import Store
from gateway.store.tables import DestinationRow
from gateway.store.unit_of_work import MIGRATIONS
from tests.conftest import NOON
from tests.e2e.world import World, open_world, wait_until

ASKED = "Please confirm"
PLAIN = SAMPLES[0]


def home(**changes: object) -> Family:
    return Family.model_validate(family() | changes)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path, destinations=Choice(verify=True), families=(home(cards_by=["email"]),)) as opened:
        wait_until(lambda: len(opened.mailbox.received) == 2 and len(opened.carrier.sent) == 1, 20)
        yield opened


def subjects(world: World, to: str = PARENT_EMAIL) -> list[str]:
    return [str(mail["Subject"]) for mail in world.mails(to)]


def link(world: World, to: str = PARENT_EMAIL) -> str:
    words = world.mails(to)[0].get_body(("plain",)).get_content()
    return re.search(r"http\S+/confirm/\S+", words.replace("=\r\n", ""))[0]  # type: ignore[index]


def states(world: World) -> dict[str, tuple[str, str]]:
    with world.store.read() as session:
        return {row.address: (row.state, row.via) for row in session.scalars(select(DestinationRow))}


def bring(world: World, sample: Sample, cards: int) -> None:
    world.send(sample)
    wait_until(lambda: len(world.cards()) == cards, 30)


def held(world: World) -> list[dict]:
    return [dict(e.body) for e in world.log() if e.kind == "delivery waits"]


def test_a_card_waits_until_the_page_is_confirmed(world: World) -> None:
    assert subjects(world) == [ASKED]
    bring(world, PLAIN, 1)
    wait_until(lambda: len(held(world)) == 1, 20)
    assert subjects(world) == [ASKED]
    page = link(world)
    assert "Yes, send updates here" in httpx.get(page).text
    assert states(world)[PARENT_EMAIL] == ("waiting", "")  # a mail host's link checker confirms nothing
    assert "Confirmed" in httpx.post(page).text
    assert states(world)[PARENT_EMAIL] == ("verified", "page")
    wait_until(lambda: len(subjects(world)) == 2, 20)
    assert "Pickup is at 6 pm on Friday at the library." in world.mails()[1].get_body(("plain",)).get_content()
    assert [e.kind for e in world.log() if e.kind.startswith("destination")] == ["destination new"] * 3 + [
        "destination verified"
    ]
    assert PARENT_EMAIL not in str(world.log())


def test_what_waited_comes_together(world: World) -> None:
    bring(world, PLAIN, 1)
    bring(world, Sample("x", "email", "Noah has soccer at 10 on 12 December.\n", "soccer"), 2)
    wait_until(lambda: len(held(world)) == 2, 20)
    httpx.post(link(world))
    wait_until(lambda: len(subjects(world)) == 2, 20)
    assert "Noah has soccer" in world.mails()[1].get_body(("plain",)).get_content()


@pytest.mark.parametrize("sample", [SAMPLES[5], SAMPLES[6], SAMPLES[7]], ids=["danger", "emergency", "court"])
def test_what_cannot_wait_goes_all_the_same(world: World, sample: Sample) -> None:
    bring(world, sample, 1)
    wait_until(lambda: len(subjects(world)) == 2, 20)
    if sample is SAMPLES[5]:
        wait_until(lambda: len(world.mails(SAFETY_EMAIL)) == 2, 20)
        assert len(world.carrier.sent) == 2


def test_the_code_at_the_command_line(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    runner = CliRunner()
    from tests.family.test_settings import made

    made(folder)
    assert "No address is known yet" in runner.invoke(app, ["verify-address", "--dir", str(folder)]).output
    from gateway.settings import load

    settings = load(folder)
    store = Store(settings.database_url)
    Destinations(store, settings.families_by_address(), lambda: NOON, "http://x").note_all()
    with store.read() as session:
        codes = {row.address: row.code for row in session.scalars(select(DestinationRow))}
    assert doctor_says(settings).good is False
    with pytest.raises(UserError, match="no address waits for that code"):
        runner.invoke(app, ["verify-address", "0000000", "--dir", str(folder)], catch_exceptions=False)
    for address, one in codes.items():
        assert f"{address}: confirmed" in runner.invoke(app, ["verify-address", one, "--dir", str(folder)]).output
    assert doctor_says(settings).good is True
    assert "confirmed since" in runner.invoke(app, ["verify-address", "--dir", str(folder)]).output
    with pytest.raises(UserError, match="does not wait to be confirmed"):
        runner.invoke(
            app, ["verify-address", "--again", "dana@example.org", "--dir", str(folder)], catch_exceptions=False
        )
    store.close()


def test_a_new_code_voids_the_old_one(store: Store, directory: Directory) -> None:
    desk = Destinations(store, directory, lambda: NOON, "http://x")
    assert desk.note_all() == 3
    assert desk.note_all() == 0
    with store.read() as session:
        old = session.scalars(select(DestinationRow.code).where(DestinationRow.address == PARENT_EMAIL)).one()
    assert desk.again(PARENT_EMAIL) == 1
    assert [row.address for row in desk.confirm_code(old)] in ([], [PARENT_EMAIL])  # one in a million is the same
    assert desk.confirm_code("") == []


def test_a_new_address_is_told_at_the_one_that_is_known(store: Store) -> None:
    def open_(one: Family) -> Destinations:
        return Destinations(store, Directory([one]), lambda: NOON, "http://x")

    first = home(cards_by=["email"], person=[], relay_phone=None, parent={"name": "Dana", "emails": [PARENT_EMAIL]})
    desk = open_(first)
    desk.note_all()
    with store.read() as session:
        token = session.scalars(select(DestinationRow.token)).one()
    assert desk.confirm_page(token)
    assert not desk.confirm_page("x" * 43)
    open_(home(person=[])).note_all()
    from tests.delivery.planted import deliveries

    (news,) = deliveries(store, kind="notice")
    assert (news.address, "A new phone number was set for your updates" in news.content["text"]) == (PARENT_EMAIL, True)
    assert [row.address for row in deliveries(store, kind="verify")] == [PARENT_EMAIL, PARENT_PHONE]
    assert EX_PHONE not in str(news.content)


def test_what_was_in_the_settings_before_counts_as_confirmed(empty_database_url: str) -> None:
    store = Store(empty_database_url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with store.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0010_digests")
        old = home(parent={"name": "Dana", "emails": ["old@example.org"]}, cards_by=["email"])
        for one in (old, home()):
            connection.execute(
                text("INSERT INTO family_settings (family, since, sha256, content) VALUES ('rivera', :at, :sha, :content)"),
                {"at": NOON.replace(tzinfo=None) if "sqlite" in empty_database_url else NOON, "sha": "0" * 64,
                 "content": json.dumps(one.model_dump(mode="json"))},
            )  # fmt: skip
    store.migrate()
    with store.read() as session:
        rows = {(row.channel, row.address): (row.state, row.via) for row in session.scalars(select(DestinationRow))}
    assert rows == {
        ("email", PARENT_EMAIL): ("verified", "before"),
        ("sms", PARENT_PHONE): ("verified", "before"),
        ("email", SAFETY_EMAIL): ("verified", "before"),
    }
    assert Destinations(store, Directory([home()]), lambda: NOON, "http://x").note_all() == 0
    store.close()


@pytest.mark.parametrize("token", ["x", "A" * 43, "../x", "%00"])
def test_a_guessed_page_leads_nowhere(world: World, token: str) -> None:
    url = f"{world.settings.server.public_url}/confirm/{token}"
    assert httpx.get(url).status_code == 404
    assert httpx.post(url).status_code in (404, 405)
    assert {state for state, _ in states(world).values()} == {"waiting"}
