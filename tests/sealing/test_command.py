"""What the commands, doctor and status say of sealing."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli import app
from gateway.doctor import storage
from gateway.errors import SettingsError, UserError
from gateway.sealing.master import keys_in
from gateway.settings import load
from gateway.store.blobs import Blobs

run = CliRunner()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    words = ["--parent-name", "Dana", "--parent-email", "dana@example.org", "--coparent-name", "Mark"]
    words += ["--coparent-email", "mark@example.net", "--child", "Emma", "--time-zone", "America/New_York"]
    done = run.invoke(app, ["init", str(folder), *words, "--relay-email", "r@relay.example.org"])
    assert done.exit_code == 0, done.output
    assert "Whoever loses it loses every message" in done.output
    return folder


def test_a_new_installation_seals_and_its_key_can_be_copied(home: Path) -> None:
    file = home / "data" / "master.key"
    shown = run.invoke(app, ["keys", "show", "--dir", str(home)])
    assert keys_in(shown.output) == keys_in(file.read_text())
    found = storage.sealing(load(home))
    assert found.good
    assert str(file) in found.said
    assert "BWM1-" not in found.said
    assert "Sealing: on, the master key is in the file" in run.invoke(app, ["status", "--dir", str(home)]).output


def test_doctor_tells_of_a_key_that_others_read_and_of_what_is_still_plain(home: Path) -> None:
    plain = Blobs(home / "data" / "blobs")
    plain.put("family-emma", b"from before")
    plain.close()
    assert "1 files are still to be sealed" in storage.sealing(load(home)).said
    (home / "data" / "master.key").chmod(0o644)
    assert storage.sealing(load(home)).good is False


def test_where_nothing_is_sealed_it_is_said(home: Path) -> None:
    other = home.parent / "other"
    (other / "data").mkdir(parents=True)
    text = (home / "breakwater.toml").read_text()
    begin, rest = text.split("[sealing]", 1)
    (other / "breakwater.toml").write_text(begin + rest[rest.index("# [backup]") :])
    assert load(other).master is None
    assert storage.sealing(load(other)).good is None
    for command in ("show", "rotate"):
        with pytest.raises(UserError, match=r"no \[sealing\]"):
            run.invoke(app, ["keys", command, "--dir", str(other)], catch_exceptions=False)


def test_a_command_that_is_missing_is_a_mistake_in_the_settings(home: Path) -> None:
    toml = home / "breakwater.toml"
    toml.write_text(toml.read_text().replace('master = "file"', 'master = "command"'))
    with pytest.raises(SettingsError, match="sealing: with master"):
        load(home)
