"""What the parent sent through the relay in the record: the words, and nothing else of the parent's."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from gateway.demo.sample import PARENT_EMAIL, PARENT_PHONE, RELAY_EMAIL, Sample, family
from gateway.family import Family
from gateway.record.make import Order, make
from gateway.record.verifier.run import verify_bundle
from tests.e2e.browser import Browser, link_in
from tests.e2e.test_replies import answer, card_by_mail
from tests.e2e.world import open_world
from tests.record.sample import toml
from tests.record.test_pages import text_of


def test_an_answer_is_in_the_record_and_the_parents_own_mail_is_not(tmp_path: Path) -> None:
    one = Family.model_validate(family() | {"replies": "on"})
    folder = tmp_path / "family"
    folder.mkdir()
    with open_world(folder, families=(one,)) as world:
        card = card_by_mail(world)
        answer(world, card, "Six is fine.\n\n-- \nDana Kowalski\n12 Elm Street\n")
        world.send(Sample("x", "email", "Emma's dentist appointment is Tuesday at 3:30.\n", "Dentist"))
        world.settle()
        port = world.settings.server
    values = family() | {"replies": "on"}
    (folder / "breakwater.toml").write_text(
        f'[server]\nhost_name = "{port.host_name}"\n\n' + toml(values), encoding="utf8"
    )
    made = make(folder, tmp_path / "bundle", Order(), datetime.now(UTC))
    assert (made.messages, made.total) == (3, 3)
    report = verify_bundle(tmp_path / "bundle", made.fingerprint, None)
    assert report.failures == 0, report.text()
    assert "1 entries kept what the parent wrote to the gateway" in report.text()
    data = tmp_path / "bundle" / "data"
    assert (data / "native" / "000002.txt").read_text() == "Six is fine."
    pages = "\n".join(text_of((data / "transcript.pdf").read_bytes()))
    assert "Words sent" in pages
    assert "No 2," in pages
    values = json.loads((data / "transcript.json").read_text())
    assert values["questions"][0][4].startswith("No 2,")
    (sent,) = [m for m in values["messages"] if m["direction"] == "sent"]
    assert sent["sent"].startswith("reply ")
    everything = b"\n".join(p.read_bytes() for p in data.rglob("*") if p.is_file() and p.suffix != ".pyz")
    for secret in (PARENT_EMAIL, PARENT_PHONE, "Kowalski", "Elm Street", "ruth@example.org"):
        assert secret.encode() not in everything, secret
        assert secret not in pages
    assert RELAY_EMAIL in pages
    (data / "native" / "000002.txt").write_text("Seven is fine.")
    assert verify_bundle(tmp_path / "bundle", made.fingerprint, None).failures


def test_what_was_written_on_a_page_and_slept_over_is_in_the_record_like_a_mail(tmp_path: Path) -> None:
    values = family() | {"coach": {"hold_heated": True}}
    one = Family.model_validate(values)
    folder = tmp_path / "family"
    folder.mkdir()
    with open_world(folder, families=(one,)) as world:
        card = card_by_mail(world, "Is pickup at 6 on 14 November next year fine with you?")
        page = Browser(world.settings.server.public_url).open(link_in(card))
        page.press("Look it over", words="You never listen, you idiot. I am so angry. Six is fine.")
        page.press("Let it wait until the morning").press("Change it").press("Send", words="Six is fine.")
        world.settle()
        kinds = [e.kind for e in world.log() if e.kind.startswith(("reply", "question"))]
        assert kinds == ["reply held", "question answered", "reply", "reply sent"]
        host = world.settings.server.host_name
    (folder / "breakwater.toml").write_text(f'[server]\nhost_name = "{host}"\n\n' + toml(values), encoding="utf8")
    made = make(folder, tmp_path / "bundle", Order(), datetime.now(UTC))
    assert (made.messages, made.total) == (2, 2)
    report = verify_bundle(tmp_path / "bundle", made.fingerprint, None)
    assert report.failures == 0, report.text()
    data = tmp_path / "bundle" / "data"
    assert (data / "native" / "000002.txt").read_text() == "Six is fine."
    everything = b"\n".join(p.read_bytes() for p in data.rglob("*") if p.is_file() and p.suffix != ".pyz")
    assert b"idiot" not in everything
    assert json.loads((data / "transcript.json").read_text())["questions"][0][4].startswith("No 2,")
