"""`breakwater import` beside a gateway that runs on the same database: both go on, nothing is lost and nothing is there twice."""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select

from gateway.errors import StoreError
from gateway.intake.archives import errand
from gateway.ledger import entries, verify
from gateway.provenance import IMPORTED
from gateway.store import Blobs
from gateway.store.tables import CardRow, DecisionRow, MessageRow
from tests.e2e.world import open_world
from tests.intake.archives.samples import long_chat, write
from tests.intake.archives.test_import import SETTINGS
from tests.intake.archives.test_import_killed import home, spawn
from tests.store.test_read_only import bring, letter

COUNT, MAILS = 70, 6


def importing(folder: Path) -> None:
    errand.run("whatsapp", folder / "chat.txt", folder, "", None, None)


def mails() -> list[EmailMessage]:
    return [letter(f"Pickup on day {number} is at 6.") for number in range(MAILS)]


@pytest.mark.timeout(300)
def test_both_go_on_and_each_message_is_there_once(tmp_path: Path) -> None:
    with open_world(tmp_path) as world:
        folder = world.settings.directory
        write(folder, "breakwater.toml", SETTINGS)
        write(folder, "chat.txt", long_chat(COUNT))
        answers: list[int] = []
        sending = threading.Thread(target=lambda: answers.extend(bring(world, mail) for mail in mails()))
        lives = [spawn.Process(target=importing, args=(folder,)) for _ in range(2)]  # and one beside the other
        for one in (*lives, sending):
            one.start()
        for one in (*lives, sending):
            one.join(120)
        world.settle(120)
        assert [life.exitcode for life in lives] == [0, 0]
        assert answers == [250] * MAILS
        blobs = Blobs(world.settings.data / "blobs", world.store)
        with world.store.read() as session:
            verify(entries(session))
            rows = session.scalars(select(MessageRow)).all()
            assert Counter(row.provenance for row in rows) == {IMPORTED: COUNT, "received": MAILS}
            assert {row.state for row in rows} == {"done"}
            assert len({blobs.get(row.family, row.sha256) for row in rows if row.provenance != IMPORTED}) == MAILS
            assert Counter(session.scalars(select(DecisionRow.message_id))) == Counter(row.id for row in rows)
            old = [row.id for row in rows if row.provenance == IMPORTED]
            assert session.scalars(select(CardRow.id).where(CardRow.message_id.in_(old))).all() == []
        blobs.close()


def test_a_database_that_stays_locked_is_waited_for_then_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = home(tmp_path / "home", 4)
    errand.run("whatsapp", folder / "chat.txt", folder, "", None, None, later=True)
    assert errand.PATIENCE >= 60
    monkeypatch.setattr(errand, "PATIENCE", 0.2)
    other = sqlite3.connect(folder / "data" / "breakwater.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match=r"the database refused"):
        importing(folder)
    other.execute("ROLLBACK")
    real = errand.Worker.step

    def locked(self: errand.Worker, *provenances: str) -> bool:
        other.execute("BEGIN IMMEDIATE")
        try:
            return real(self, *provenances)
        finally:
            other.execute("ROLLBACK")

    with monkeypatch.context() as patch:
        patch.setattr(errand.Worker, "step", locked)
        with pytest.raises(StoreError, match=r"Every message is kept. The gateway reads them by itself, or repeat"):
            importing(folder)
    importing(folder)
    other.close()
