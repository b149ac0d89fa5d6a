"""The units for systemd say commands that there are, and give the gateway no more than it needs."""

import configparser
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli import app

DEPLOY = Path(__file__).parent.parent / "deploy"
GUIDE = DEPLOY.parent / "docs" / "operators-guide.md"


def unit(name: str) -> configparser.ConfigParser:
    found = configparser.ConfigParser(strict=False, interpolation=None)
    found.optionxform = str  # type: ignore[assignment, method-assign]
    found.read_string((DEPLOY / name).read_text("utf8"))
    return found


@pytest.mark.parametrize("name", ["breakwater.service", "breakwater-role@.service", "breakwater-backup.service"])
def test_a_unit_says_a_command_that_there_is(name: str) -> None:
    program, command, *options = shlex.split(unit(name)["Service"]["ExecStart"])
    assert Path(program).name == "breakwater"
    said = CliRunner().invoke(app, [command, "--help"])
    assert said.exit_code == 0
    assert all(option in said.output for option in options if option.startswith("--"))


@pytest.mark.parametrize("name", ["breakwater.service", "breakwater-role@.service", "breakwater-backup.service"])
def test_a_unit_is_not_root_and_writes_only_where_it_must(name: str) -> None:
    service = unit(name)["Service"]
    assert service["User"] == "breakwater"
    assert (service["ProtectSystem"], service["NoNewPrivileges"], service["UMask"]) == ("strict", "yes", "0077")


def test_the_timer_starts_the_backup_also_when_the_night_was_missed() -> None:
    assert unit("breakwater-backup.timer")["Timer"]["Persistent"] == "yes"
    assert (DEPLOY / "breakwater-backup.service").exists()


def test_the_guide_names_every_file() -> None:
    said = GUIDE.read_text("utf8")
    assert [file.name for file in DEPLOY.iterdir() if f"deploy/{file.name}" not in said] == []


def test_no_web_server_keeps_secrets_of_links_in_a_log() -> None:
    assert re.search(r"log \{\s+output discard", (DEPLOY / "Caddyfile").read_text("utf8"))
