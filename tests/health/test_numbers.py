"""Numbers of a running gateway: what a monitor and a person are told, and that it tells of nobody."""

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import update
from typer.testing import CliRunner

from gateway.cli import app
from gateway.clock import utc_now
from gateway.demo.carriers import free_port
from gateway.demo.sample import EX_EMAIL, PARENT_EMAIL, SAMPLES
from gateway.errors import SettingsError, StoreError
from gateway.health.metrics import Numbers, open_metrics
from gateway.store import Store
from gateway.store.tables import MessageRow
from tests.e2e.world import World, open_world

run = CliRunner()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with open_world(tmp_path_factory.mktemp("world")) as made:
        for sample in SAMPLES[:4]:
            made.send(sample)
        made.settle(120)
        yield made


@pytest.fixture
def url(world: World) -> Iterator[str]:
    port = free_port()
    server, thread = open_metrics(f"127.0.0.1:{port}", Numbers(world.store, world.gateway.directory, utc_now))
    yield f"http://127.0.0.1:{port}/metrics"
    server.shutdown()
    server.server_close()
    thread.join()


def numbers(text: str) -> dict[str, float]:
    return {name: float(value) for name, value in re.findall(r"^(\w+)(?:\{[^}]*\})? (\S+)$", text, re.MULTILINE)}


def test_what_a_monitor_is_told(world: World, url: str) -> None:
    found = numbers(httpx.get(url).text)
    assert found["breakwater_up"] == 1
    assert found["breakwater_messages_total"] == 4
    assert found["breakwater_entries_total"] >= 8
    assert found["breakwater_messages_waiting"] == 0
    assert found["breakwater_messages_shunted"] == 0
    assert found["breakwater_families"] == 1
    assert found["process_resident_memory_bytes"] > 1e6


def test_it_tells_of_nobody(url: str) -> None:
    text = httpx.get(url).text
    for word in (EX_EMAIL, PARENT_EMAIL, "rivera", "Emma", "Dana", "Mark"):
        assert word not in text


def test_a_database_that_is_away_is_said_and_is_no_fault(tmp_path, directory, clock) -> None:
    store = Store(f"sqlite:///{tmp_path / 'gone' / 'none.db'}")
    port = free_port()
    server, thread = open_metrics(f"127.0.0.1:{port}", Numbers(store, directory, clock))
    answer = httpx.get(f"http://127.0.0.1:{port}/metrics")
    assert (answer.status_code, numbers(answer.text)["breakwater_up"]) == (200, 0)
    assert "breakwater_messages_total" not in answer.text
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_port_that_is_taken_is_named(store, directory, clock) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        listen = f"127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(SettingsError, match=rf"metrics_listen: {listen} cannot be opened"):
            open_metrics(listen, Numbers(store, directory, clock))


def test_the_setting_opens_it_and_without_it_there_is_none(tmp_path) -> None:
    listen = f"127.0.0.1:{free_port()}"
    with open_world(tmp_path, server={"metrics_listen": listen}):
        assert numbers(httpx.get(f"http://{listen}/metrics").text)["breakwater_up"] == 1
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://{listen}/metrics")


def test_status_for_a_person_and_as_json(world: World) -> None:
    folder = str(world.settings.directory)
    done = run.invoke(app, ["status", "--dir", folder])
    assert done.exit_code == 0, done.output
    assert "ok   Messages to be read: 0" in done.output
    assert "ok   The gateway: last sign of life" in done.output
    found = json.loads(run.invoke(app, ["status", "--json", "--dir", folder]).output)
    assert (found["messages_total"], found["well"]) == (4, True)


def test_status_says_what_somebody_should_look_at(world: World) -> None:
    folder = str(world.settings.directory)
    with world.store.write() as session:
        session.execute(update(MessageRow).where(MessageRow.id == 1).values(state="shunted"))
    try:
        done = run.invoke(app, ["status", "--dir", folder])
        assert (done.exit_code, "BAD  Messages that could not be read" in done.output) == (1, True)
    finally:
        with world.store.write() as session:
            session.execute(update(MessageRow).where(MessageRow.id == 1).values(state="done"))


def test_status_makes_no_database_and_changes_none(tmp_path: Path) -> None:
    (tmp_path / "breakwater.toml").write_text("")
    file = tmp_path / "data" / "breakwater.db"
    done = run.invoke(app, ["status", "--dir", str(tmp_path)])
    assert (type(done.exception), file.exists()) == (StoreError, False)
    assert "there is no database yet" in str(done.exception)
    file.parent.mkdir()
    store = Store(f"sqlite:///{file}")
    store.migrate()
    with store.write_rows() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0022_due'")
    done = run.invoke(app, ["status", "--dir", str(tmp_path)])
    assert "is in the form 0022_due" in str(done.exception)
    with store.glance() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == "0022_due"
    store.close()
