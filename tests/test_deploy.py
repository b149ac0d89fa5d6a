"""The units for systemd say commands that there are, and give the gateway no more than it needs."""

import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from gateway.cli import app

DEPLOY = Path(__file__).parent.parent / "deploy"
GUIDE = DEPLOY.parent / "docs" / "operators-guide.md"
ROOT = DEPLOY.parent
KEYS = {
    "build", "cap_add", "cap_drop", "command", "depends_on", "env_file", "environment", "healthcheck", "image", "networks", "ports", "profiles", "read_only", "restart",
    "security_opt", "stop_grace_period", "tmpfs", "volumes",
}  # fmt: skip
"""Of a service, as the Compose Specification has them; those that we use."""


def dockerfile() -> list[tuple[str, str]]:
    """Instructions and what stands behind them, of the Dockerfile."""
    lines = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text("utf8")).splitlines()
    return [(line.partition(" ")[0], line.partition(" ")[2]) for line in lines if line and not line.startswith("#")]


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf8"))
    return found


def ours() -> dict[str, dict[str, Any]]:
    """The services that run the gateway."""
    return {name: one for name, one in compose()["services"].items() if "build" in one}


def asks(arguments: list[str]) -> None:
    """The command line knows the command and each of its options."""
    command, *options = arguments
    said = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200"})
    assert said.exit_code == 0, command
    assert [option for option in options if option.startswith("--") and option not in said.output] == []


def test_the_image_runs_a_command_that_there_is_without_being_root() -> None:
    lines = dockerfile()
    said = dict(lines)
    assert json.loads(said["ENTRYPOINT"]) == ["breakwater"]
    asks(json.loads(said["CMD"]))
    assert said["USER"].split(":")[0].isdigit()
    assert int(said["USER"].split(":")[0]) > 0
    last = [name for name, _ in lines].index("USER")
    assert "RUN" not in [name for name, _ in lines[last:]]
    assert said["VOLUME"] == "/data"


def test_the_image_has_the_locked_versions_and_no_other_source() -> None:
    runs = [rest for name, rest in dockerfile() if name == "RUN"]
    installs = [run for run in runs if "pip install" in run]
    assert installs
    assert all("-c constraints.txt" in part for run in installs for part in run.split("&&") if "pip install" in part)
    assert "requirements.lock > constraints.txt" in " ".join(runs)
    assert all(rest.split()[0] == "python:3.11-slim" for name, rest in dockerfile() if name == "FROM")
    assert not re.search("://|index", (ROOT / "Dockerfile").read_text("utf8")), "no other place to take packages from"


def test_everything_that_the_image_copies_is_there_and_let_through() -> None:
    let = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf8").splitlines() if line.startswith("!")}
    copied = {
        part for name, rest in dockerfile() if name == "COPY" and "--from" not in rest for part in rest.split()[:-1]
    }
    assert all((ROOT / part).exists() for part in copied)
    assert copied == let


def test_one_service_runs_the_gateway_by_a_command_that_there_is() -> None:
    (service,) = (
        ours().values()
    )  # mail, pages and the worker are one process; two on one folder would refuse each other
    assert service["command"] == ["serve", "--dir", "/data"]
    asks(service["command"])


def test_the_gateway_s_containers_can_write_only_their_data() -> None:
    for service in ours().values():
        assert (service["read_only"], service["cap_drop"], service["security_opt"]) == (
            True,
            ["ALL"],
            ["no-new-privileges:true"],
        )
        assert service["volumes"] == ["data:/data"]
        assert [one.partition(":")[0] for one in service["tmpfs"]] == ["/tmp"]
        assert "user" not in service
        assert "privileged" not in service


def test_the_compose_file_is_whole() -> None:
    """As the Compose Specification has it; where the client has the plugin, it reads the file too."""
    read = compose()
    assert set(read) == {"name", "services", "networks", "volumes"}
    for name, service in read["services"].items():
        assert set(service) <= KEYS, name
        assert {one.partition(":")[0] for one in service["volumes"] if not one.startswith(".")} <= set(read["volumes"])
        assert all((ROOT / one.partition(":")[0]).exists() for one in service["volumes"] if one.startswith("."))
        assert set(service["networks"]) <= set(read["networks"])
        assert set(service.get("depends_on", ())) <= set(read["services"])
        assert all(re.fullmatch(r"\d+:\d+", port) for port in service.get("ports", ()))
    waits = [one["depends_on"]["database"]["condition"] for one in ours().values()]
    assert set(waits) == {"service_healthy"}
    assert "healthcheck" in read["services"]["database"]
    assert "ports" not in read["services"]["database"]
    assert read["services"]["database"]["networks"] == ["inside"]
    assert read["networks"]["inside"]["internal"] is True
    docker = shutil.which("docker")
    if docker and subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode == 0:
        given = os.environ | {"POSTGRES_PASSWORD": "x", "BREAKWATER_NAME": "relay.example.org"}
        subprocess.run([docker, "compose", "config", "-q"], cwd=ROOT, env=given, check=True)


def test_what_the_containers_set_are_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from gateway.settings import load
    from tests.family.test_settings import made

    made(tmp_path / "home")
    given = ours()["gateway"]["environment"]
    for name, value in given.items():
        monkeypatch.setenv(
            name,
            re.sub(r"\$\{BREAKWATER_NAME[^}]*\}", "relay.example.org", re.sub(r"\$\{POSTGRES[^}]*\}", "secret", value)),
        )
    server = load(tmp_path / "home").server
    assert (server.database, server.public_url) == (
        "postgresql://breakwater:secret@database/breakwater",
        "https://relay.example.org",
    )
    assert server.proxies == (compose()["networks"]["inside"]["ipam"]["config"][0]["subnet"],)
    assert (server.smtp_listen, server.web_listen) == ("0.0.0.0:2525", "0.0.0.0:8025")


def test_no_secret_and_no_registry_stands_in_what_is_handed_out() -> None:
    for file in (ROOT / "docker-compose.yml", ROOT / "Dockerfile"):
        text = file.read_text("utf8")
        assert not re.search(r"(?i)password\w*: +[^$\s]", text)
        assert [
            one["image"]
            for one in compose()["services"].values()
            if "." in one["image"].split("/")[0] and "/" in one["image"]
        ] == []


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
