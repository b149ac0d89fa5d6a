"""`breakwater alarm` and `breakwater heartbeat` as a person types them: against a gateway that runs, and against none."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.clock import stamp
from gateway.demo.sample import family
from tests.e2e.world import World, open_world, wait_until
from tests.test_cli import breakwater


def said(*words: str) -> tuple[int, str, str]:
    done = breakwater(*words)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path) as world:
        yield world


def settings_file(world: World) -> Path:
    """The running world's settings as a file, for a command in a process of its own."""

    lines = [f"[server]\npublic_url = {json.dumps(world.settings.server.public_url)}\n"]
    one = family()
    lines.append("[[family]]")
    lines += [
        f"{key} = {json.dumps(one[key])}" for key in ("key", "time_zone", "relay_email", "relay_phone", "cards_by")
    ]
    lines += [f"parent = {table(one['parent'])}", f"coparent = {table(one['coparent'])}"]
    lines.append(f"child = [{', '.join(table(c) for c in one['child'])}]")
    lines.append(f"person = [{', '.join(table(p) for p in one['person'])}]")
    (world.settings.directory / "breakwater.toml").write_text("\n".join(lines), encoding="utf8")
    return world.settings.directory


def table(values: dict[str, object]) -> str:
    return "{" + ", ".join(f"{key} = {json.dumps(value)}" for key, value in values.items()) + "}"


def test_a_test_alarm_goes_out_over_every_way(running: World) -> None:
    folder = settings_file(running)
    status, out, err = said("alarm", "test", "--dir", str(folder), "--wait", "30")
    assert (status, err.startswith("Sent. Looking")) == (0, True)
    assert out.splitlines()[:3] == [
        "parent by email: handed over",
        "parent by sms: handed over",
        "safety contact by email: handed over",
    ]
    assert any(text["Body"].startswith("This is only a test.") for text in running.carrier.sent)
    status, out, _ = said("alarm", "list", "--dir", str(folder))
    assert status == 0
    assert "test: a test" in out
    assert "safety contact by email: sent" in out
    assert "example.org" not in out  # no address
    assert said("alarm", "test", "--dir", str(folder), "--family", "smith")[0] == 2


def test_without_a_gateway_nothing_is_handed_over(tmp_path: Path) -> None:
    with open_world(tmp_path) as world:
        folder = settings_file(world)
    status, out, err = said("alarm", "test", "--dir", str(folder), "--wait", "0")
    assert status == 1
    assert "parent by email: NOT handed over" in out
    assert "Does `breakwater serve` run?" in err
    assert said("alarm", "list", "--dir", str(folder))[0] == 0


def test_the_heartbeat_of_a_running_gateway_and_of_a_dead_one(running: World) -> None:
    url = f"{running.settings.server.public_url}/heartbeat"
    wait_until(lambda: said("heartbeat", "--url", url)[0] == 0, 30)
    status, out, err = said("heartbeat", "--url", url)
    assert (status, err) == (0, "")
    assert out.startswith("alive: 20")
    status, _, err = said("heartbeat", "--url", "http://127.0.0.1:9/heartbeat")
    assert status == 1
    assert err.startswith("NO HEARTBEAT: http://127.0.0.1:9/heartbeat cannot be reached (ConnectError).")


def test_the_file_of_the_heartbeat(tmp_path: Path) -> None:
    file, now = tmp_path / "heartbeat", datetime.now(UTC)
    file.write_text(stamp(now) + "\n", encoding="utf8")
    assert said("heartbeat", "--file", str(file))[0] == 0
    file.write_text(stamp(now - timedelta(minutes=16)), encoding="utf8")
    status, _, err = said("heartbeat", "--file", str(file))
    assert status == 1
    assert "the last one is 16 minutes old" in err
    assert said("heartbeat", "--file", str(file), "--minutes", "30")[0] == 0
    assert said("heartbeat", "--file", str(tmp_path / "none"))[0] == 1
    assert said("heartbeat")[0] == 2
    assert said("heartbeat", "--file", str(file), "--url", "http://x")[0] == 2
