"""Changing settings while the gateway runs: file, log and what is in force change together, or nothing does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import tomlkit

from gateway.changes import Changes, puts
from gateway.clock import utc_now
from gateway.demo.sample import family as sample_family
from gateway.errors import SettingsError, UserError
from gateway.ledger import entries
from gateway.policy import load_rules
from gateway.policy.rulesets import Rulesets
from gateway.settings import Settings, load
from gateway.store import Store

COMMENT = "# our own note, which stays\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "breakwater.toml").write_text(COMMENT + tomlkit.dumps({"family": [sample_family()]}))
    return load(tmp_path)


def opened(settings: Settings, store: Store) -> tuple[Changes, Any]:
    directory = settings.families_by_address()
    return Changes(settings.directory, store, directory, utc_now, load_rules().for_family), directory


def test_a_change_stands_in_the_file_in_the_log_and_in_force(settings: Settings, store: Store) -> None:
    changes, directory = opened(settings, store)
    rules = Rulesets(load_rules(), lambda: directory.by_key)
    before = rules["rivera"].version
    changes.make("rivera", puts({("topics", "activity"): "withhold", ("deliver",): ["08:00", "18:00"]}), "parent 1")
    assert directory.family("rivera").topics == {"activity": "withhold"}
    assert rules["rivera"].version != before
    text = (settings.directory / "breakwater.toml").read_text()
    assert text.startswith(COMMENT)
    assert load(settings.directory).families[0].topics == {"activity": "withhold"}
    with store.read() as session:
        (entry,) = [e for e in entries(session, "rivera") if e.kind == "settings changed"]
    assert entry.body["by"] == "parent 1"
    changes.make("rivera", puts({("topics", "activity"): None}), "parent 1")
    assert directory.family("rivera").topics == {}


@pytest.mark.parametrize("values", [
    {("topics", "medical"): "withhold"}, {("time_zone",): "Mars/Olympus"}, {("no_such",): 1}, {("relay_email",): "mark@example.net"},
])  # fmt: skip
def test_a_wrong_change_changes_nothing(settings: Settings, store: Store, values: dict[tuple[str, ...], Any]) -> None:
    changes, directory = opened(settings, store)
    before, family = (settings.directory / "breakwater.toml").read_bytes(), directory.family("rivera")
    with pytest.raises(UserError):
        changes.make("rivera", puts(values), "parent 1")
    assert (settings.directory / "breakwater.toml").read_bytes() == before
    assert directory.family("rivera") is family
    with store.read() as session:
        assert not list(entries(session, "rivera"))


def test_a_disk_that_refuses_changes_nothing(settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    changes, directory = opened(settings, store)
    before = (settings.directory / "breakwater.toml").read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(SettingsError, match="No space left"):
        changes.make("rivera", puts({("quiet_notice",): True}), "parent 1")
    monkeypatch.undo()
    assert (settings.directory / "breakwater.toml").read_bytes() == before
    assert directory.family("rivera").quiet_notice is False
    with store.read() as session:
        assert not list(entries(session, "rivera"))
    assert {p.name for p in settings.directory.glob("breakwater*")} == {"breakwater.toml"}
