"""From every earlier form of the database to the newest, with a family's data in it; and no way back that loses something."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from rich.console import Console
from sqlalchemy import text
from typer.testing import CliRunner

import gateway.replay
from gateway.cli import app
from gateway.errors import StoreError
from gateway.ledger import append, entries, verify
from gateway.ledger.checkpoints import Checkpoints, signing_key
from gateway.policy import load_rules
from gateway.store import Store, looked_at
from gateway.store.tables import Base, DecisionRow, MessageRow
from gateway.store.unit_of_work import MIGRATIONS, NEWEST
from gateway.tagging import open_tagger
from tests.record.sample import make
from tests.store.earlier import LATER, ROWS, Rows, fill, missing, rows_of, upgrade, wanting

_config = Config()
_config.set_main_option("script_location", str(MIGRATIONS))
REVISIONS = [script.revision for script in reversed(list(ScriptDirectory.from_config(_config).walk_revisions()))]


@dataclass(frozen=True)
class Installation:
    """A true installation: its folder, and every row of its database."""

    folder: Path
    rows: Rows


@pytest.fixture(scope="module")
def true(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    words = (
        "Emma's dentist is Tuesday at 3:30 on Main Street",
        "I hate you",
        "Noah's fees are $85, can you pay half by Friday?",
    )
    world = make(tmp_path_factory.mktemp("true") / "family", 8, odd=words)
    rows = rows_of(world.store)
    world.close()
    return Installation(world.folder, rows)


def test_every_table_has_data(true: Installation) -> None:
    assert wanting(true.rows) == {}, "new tables: write a row for each into tests/store/earlier.py, ROWS"
    assert ROWS.keys() <= Base.metadata.tables.keys()


TREE = REVISIONS.index("0004_tree")
JOURNEYS = {
    "before-the-tree": REVISIONS[:TREE],  # that form makes leaves of the log's entries by itself
    "since-the-tree": REVISIONS[TREE:],
    **{name: [name] for name in (REVISIONS[len(REVISIONS) // 2], REVISIONS[-2])},
}
"""Where data came in on the way: at each form in turn, into the tables that were new in it; or at one of them into all tables that there were,
so that columns which came late have values too."""


@pytest.mark.parametrize("journey", JOURNEYS)
def test_an_upgrade_loses_nothing(
    true: Installation, journey: str, empty_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, put = Store(empty_database_url), Rows()
    for revision in JOURNEYS[journey]:
        upgrade(store, revision)
        fill(store, true.rows, put)
    assert all(put[name] for name in ("message", "entry", "decision", "card", "delivery"))
    store.migrate()
    assert missing(store, put) == []
    with store.read() as session:
        assert verify(entries(session)) == {
            name: sum(row["log"] == name for row in true.rows["entry"])
            for name in {row["log"] for row in true.rows["entry"]}
        }
        decided = list(session.query(DecisionRow.message_id).order_by(DecisionRow.message_id))[:4]
        assert session.query(MessageRow).count() == len(true.rows["message"])
    with store.write() as session:  # the log goes on, and is signed as before
        append(session, "rivera", "settings changed", {"sha256": "0" * 64}, now=LATER)
    folder = _moved(true.folder, tmp_path / "family", empty_database_url)
    Checkpoints(store, signing_key(folder / "data"), "relay.example.org").make_due(LATER, at_once=True)
    store.close()
    shown = CliRunner().invoke(app, ["log", "verify", "--dir", str(folder)])
    assert shown.exit_code == 0, shown.output
    _same(decided, folder, monkeypatch)


def _moved(folder: Path, place: Path, database: str) -> Path:
    """The installation's folder over the database that was upgraded."""
    shutil.copytree(folder, place)
    for file in (place / "data").glob("*.db*"):
        file.unlink()
    settings = place / "breakwater.toml"
    settings.write_text(
        settings.read_text("utf8").replace("[server]\n", f'[server]\ndatabase = "{database}"\n', 1), "utf8"
    )
    return place


TAGGER, RULES = open_tagger(), load_rules()


def _same(decided: list, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Old decisions come out as they did."""
    monkeypatch.setattr(gateway.replay, "open_tagger", lambda: TAGGER)
    monkeypatch.setattr(gateway.replay, "load_rules", lambda: RULES)
    quiet = Console(quiet=True)
    assert [gateway.replay.stored(quiet, folder, number) for (number,) in decided] == [True] * 4


def test_an_older_program_refuses_a_newer_database_and_says_what_to_do(empty_database_url: str) -> None:
    store = Store(empty_database_url)
    store.migrate()
    with store.write_rows() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999_to_come'"))
    with pytest.raises(
        StoreError,
        match=r"made by a newer Breakwater.*Nothing was changed.*[Ii]nstall that newer version again, or restore",
    ):
        store.migrate()
    with pytest.raises(StoreError, match="made by a newer Breakwater"), looked_at(empty_database_url):
        raise AssertionError
    with store.glance() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "9999_to_come"
    store.close()
    assert REVISIONS[-1] == NEWEST


@pytest.mark.parametrize("arguments", [["serve"], ["log", "verify"], ["message", "list"], ["status"]])
def test_every_command_says_it_in_plain_lines(true: Installation, tmp_path: Path, arguments: list[str]) -> None:
    folder = _moved(true.folder, tmp_path / "family", f"sqlite:///{tmp_path / 'newer.db'}")
    store = Store(f"sqlite:///{tmp_path / 'newer.db'}")
    store.migrate()
    with store.write_rows() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999_to_come'"))
    store.close()
    with pytest.raises(StoreError, match="made by a newer Breakwater"):
        CliRunner().invoke(app, [*arguments, "--dir", str(folder)], catch_exceptions=False)


def test_no_migration_goes_back() -> None:
    """There is no downgrade that could be run by mistake: the way back is a backup."""
    for file in (MIGRATIONS / "versions").glob("m*.py"):
        assert "def downgrade" not in file.read_text("utf8")
