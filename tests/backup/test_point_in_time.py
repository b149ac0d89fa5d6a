"""Back to a moment, on PostgreSQL, as the operator's guide has it: base backup, archive of the write-ahead log, and a later copy of the bytes."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import tomlkit
from sqlalchemy import select
from typer.testing import CliRunner

from gateway.cli import app
from gateway.intake.keep import Arrival, Keeper
from gateway.ledger.checkpoints import Checkpoints, signing_key
from gateway.ledger.whole import whole
from gateway.settings import Settings, load
from gateway.store import Blobs, Store, fresh
from gateway.store.tables import FreshRow, MessageRow
from tests.e2e.world import wait_until
from tests.many.server import OWNER, Server

GUIDE = Path(__file__).parents[2] / "docs" / "operators-guide.md"
LARGE = b"x" * (fresh.SMALL + 1)
run = CliRunner()


def lines_of_the_guide(beginning: str) -> list[str]:
    """Lines of settings that the guide names, with its folder in place of theirs: what is tested is what is written there."""
    found = re.findall(rf"^ {{4,7}}({beginning}\w* = .*)$", GUIDE.read_text("utf8"), re.MULTILINE)
    return [line.partition("   #")[0].replace("/media/disk/wal", "{folder}/wal") for line in found]


@pytest.fixture
def server() -> Iterator[Server]:
    archive = lines_of_the_guide("(?:wal_|archive_)")
    assert [line.split()[0] for line in archive] == ["wal_level", "archive_mode", "archive_command", "archive_timeout"]
    made = Server(*archive)
    (made.folder / "wal").mkdir()
    if os.getuid() == 0:
        shutil.chown(made.folder / "wal", OWNER, OWNER)
    yield made
    made.close()


def installed(home: Path, url: str) -> Settings:
    home.mkdir()
    (home / "breakwater.toml").write_text(
        tomlkit.dumps({"server": {"database": url, "host_name": "relay.example.org"}, "sealing": {}})
    )
    settings = load(home)
    settings.data.mkdir()
    return settings


class Life:
    """Keeps messages in the installation as `serve` would, and signs its logs."""

    def __init__(self, settings: Settings) -> None:
        self.store = Store(settings.database_url, settings.master)
        self.store.migrate()
        self.blobs = Blobs(settings.blobs_at, self.store)
        self.signer = Checkpoints(self.store, signing_key(settings.data), settings.server.host_name)

    def keep(self, *numbers: int, settle: bool = True) -> None:
        keeper = Keeper(self.store, self.blobs)
        for number in numbers:
            raw = b"Subject: Emma\r\n\r\nPickup at %d" % number + (LARGE if number % 2 else b"")
            keeper.submit(
                Arrival("rivera", "UTC", "email", raw, {"mail_from": "a@b.example"}, datetime.now(UTC))
            ).result()
        if settle:
            wait_until(lambda: not self.fresh(), 30)
        keeper.close()

    def fresh(self) -> int:
        with self.store.read() as session:
            return len(session.scalars(select(FreshRow.sha256)).all())

    def sign(self) -> None:
        self.signer.make_due(datetime.now(UTC), at_once=True)

    def close(self) -> None:
        self.blobs.close()
        self.store.close()


def moment(url: str) -> datetime:
    """The database's own time."""
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute("SELECT clock_timestamp()").fetchone()[0]


def archived(url: str) -> None:
    """Wait until all that was written so far is in the archive."""
    with psycopg.connect(url, autocommit=True) as connection:
        name = connection.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone()[0]

        def there() -> bool:
            found = connection.execute("SELECT last_archived_wal >= %s FROM pg_stat_archiver", (name,)).fetchone()
            return bool(found and found[0])

        wait_until(there, 60)


def test_back_to_a_moment_with_its_bytes_and_the_log_holds_to_its_last_checkpoint(
    server: Server, tmp_path: Path
) -> None:
    settings = installed(tmp_path / "home", server.url())
    with closing(Life(settings)) as before:
        before.keep(*range(4))
        server.base_backup()
        before.keep(*range(4, 9))
        before.sign()
        then = moment(server.url())
        wait_until(lambda: moment(server.url()) > then + timedelta(milliseconds=20), 10)
        before.keep(*range(9, 14))  # the mistake that is to be undone
        before.sign()
        archived(server.url())
        held = whole(before.store, before.blobs, before.signer)
        assert (held.messages, held.checkpoints["rivera"]) == (14, 2)
    shutil.copytree(tmp_path / "home", tmp_path / "copy")  # after the moment, as the guide asks
    server.stop("fast")

    recovery = [
        line.replace("2026-11-28 12:00:00+00", then.isoformat())
        for line in lines_of_the_guide("(?:restore_|recovery_)")
    ]
    assert [line.split()[0] for line in recovery] == [
        "restore_command",
        "recovery_target_time",
        "recovery_target_action",
    ]
    server.recover(*recovery)
    settings = load(tmp_path / "copy")
    done = run.invoke(app, ["log", "verify", "--dir", str(tmp_path / "copy")])
    assert done.exit_code == 0, done.output
    assert "9 stored messages, all unchanged" in done.output
    assert re.search(r"rivera: \d+ entries, all fit; 1 checkpoints, all fit", done.output)
    with closing(Life(settings)) as after:
        with after.store.read() as session:
            times = session.scalars(select(MessageRow.received_at).order_by(MessageRow.id)).all()
        assert len(times) == 9
        assert max(times) <= then
        after.keep(*range(9, 11))  # it goes on, and what lay there already is no hindrance
        after.sign()
        held = whole(after.store, after.blobs, after.signer)
        assert (held.messages, held.checkpoints["rivera"]) == (11, 2)


def test_bytes_that_waited_in_the_database_come_back_with_it(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the moment they had no file yet, and the copy of the folder was made before they got one: they are in the database."""
    settings = installed(tmp_path / "home", server.url())
    monkeypatch.setattr(fresh, "settle", lambda *_: 0)
    with closing(Life(settings)) as before:
        server.base_backup()
        before.keep(0, 2, 4, settle=False)
        assert before.fresh() == 3
        before.sign()
        then = moment(server.url())
        wait_until(lambda: moment(server.url()) > then + timedelta(milliseconds=20), 10)
        before.keep(6, settle=False)
        archived(server.url())
    server.stop("fast")
    server.recover(
        *[
            line.replace("2026-11-28 12:00:00+00", then.isoformat())
            for line in lines_of_the_guide("(?:restore_|recovery_)")
        ]
    )
    monkeypatch.undo()
    with closing(Life(settings)) as after:
        assert whole(after.store, after.blobs, after.signer).messages == 3
        assert fresh.settle(after.store, after.blobs) == 3
        assert whole(after.store, after.blobs, after.signer).messages == 3
