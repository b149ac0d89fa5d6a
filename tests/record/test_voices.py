"""The record of a family with other voices: modes beside each message, receipts, and nothing of what a child wrote."""

from __future__ import annotations

import csv
import json
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.clock import utc_now
from gateway.ledger.whole import handed_over
from gateway.record.again import check_again
from gateway.record.make import Order, make
from gateway.record.verifier.report import Report
from gateway.record.verifier.run import verify_bundle
from tests.voices.proved import CHILD_EMAIL, bring, mail, open_proved
from tests.voices.test_children import SECRET, finish

FACT = "Pickup is at 6 pm on Friday at the library."


def checked(target: Path) -> Report:
    report = verify_bundle(target, None, None)
    check_again(target / "data", report)
    return report


def test_a_childs_words_are_in_no_record_and_their_number_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, changes in enumerate(({"receipt": {"kind": "neutral"}}, {"contact": "no-contact"})):
        with open_proved(tmp_path / "home", **changes) as world:
            bring(world, mail(FACT))
            if number == 0:
                bring(world, mail(f"please get me early, {SECRET}", CHILD_EMAIL, "mum"))
                finish(world)
            bring(world, mail("You are pathetic. Nobody will ever want you."))
            monkeypatch.setattr("gateway.record.make.load", lambda _folder, settings=world.settings: settings)
            target = tmp_path / f"bundle-{number}"
            made = make(tmp_path, target, Order(), utc_now() + timedelta(seconds=2))
    assert (made.messages, made.total) == (4, 4)
    report = checked(target)
    assert report.failures == 0, report.text()
    every = b"".join(f.read_bytes() for f in target.rglob("*") if f.is_file())
    assert SECRET.encode() not in every
    assert CHILD_EMAIL.encode() not in every
    rows = list(csv.DictReader((target / "data" / "index.csv").read_text("utf8").splitlines()))
    assert [row["mode"] for row in rows] == ["modified-contact"] * 2 + ["no-contact"] * 2
    said = json.loads((target / "data" / "transcript.json").read_text("utf8"))
    assert [bool(m["mode"]) for m in said["messages"]] == [False, False, True, True]
    assert "receipt by email" in said["messages"][0]["sent"]
    cover = {row[0]: row[1] for row in said["cover"]}
    assert cover["Contact modes"] == ["modified-contact 2; no-contact 2"]
    assert cover["From the children"][0].startswith("1, handed over")
    assert any("1 entries were of what a child wrote" in line for line in report.text().split("\n"))
    with open_proved(tmp_path / "home") as world, world.store.read() as session:
        assert len(handed_over(session)) == 1
