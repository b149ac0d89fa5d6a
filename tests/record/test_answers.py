"""What the parent sent through the relay in the record: the words, and nothing else of the parent's."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from gateway.demo.sample import PARENT_EMAIL, PARENT_PHONE, RELAY_EMAIL, Sample, family
from gateway.family import Family
from gateway.record.make import Order, make
from gateway.record.verifier.run import verify_bundle
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
    everything = b"\n".join(p.read_bytes() for p in data.rglob("*") if p.is_file() and p.suffix != ".pyz")
    for secret in (PARENT_EMAIL, PARENT_PHONE, "Kowalski", "Elm Street", "ruth@example.org"):
        assert secret.encode() not in everything, secret
        assert secret not in pages
    assert RELAY_EMAIL in pages
    (data / "native" / "000002.txt").write_text("Seven is fine.")
    assert verify_bundle(tmp_path / "bundle", made.fingerprint, None).failures
