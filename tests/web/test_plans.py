"""No page reads a table that grows with the installation from end to end: asked of the database's own plan, page by page."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event, text

from gateway.accounts import Role
from gateway.demo.sample import SAMPLES, Sample
from tests.e2e.world import World, open_world
from tests.web.visiting import Browser, sign_in

PATHS = (
    "/", "/questions", "/questions/1", "/unsorted", "/calendar", "/calendar?view=month", "/expenses", "/vault", "/vault/1", "/vault?lane=danger",
    "/vault?topic=medical&child=Emma", "/patterns", "/journal", "/record", "/rules", "/settings", "/settings/you", "/settings/tests",
    "/people", "/tools", "/account",
)  # fmt: skip
GROWING = {
    "message", "entry", "leaf", "decision", "card", "delivery", "question", "vault", "digest", "reply", "alarm", "note", "export", "opening",
    "settings", "visit", "checkpoint", "anchor", "news", "original",
}  # fmt: skip


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Browser, list[tuple[str, Any]]]]:
    """A gateway, its parent, and the statements that the pages send."""
    asked: list[tuple[str, Any]] = []
    with open_world(tmp_path_factory.mktemp("plans")) as world:
        for sample in SAMPLES:
            world.send(sample)
        world.send(Sample("q", "email", "Can you take Noah to the dentist on Friday at 4 pm?\n", "dentist"))
        world.settle(60)
        browser = sign_in(world.settings.server.public_url, world.store, world.settings.families[0], Role.PARENT)
        assert world.gateway is not None
        engine = world.gateway.store.engine

        @event.listens_for(engine, "before_cursor_execute")
        def _note(_c: Any, _cursor: Any, statement: str, values: Any, _context: Any, _many: bool) -> None:
            page = threading.current_thread().name.startswith("AnyIO")  # not the gateway's own rounds
            if page and statement.lstrip().upper().startswith("SELECT"):
                asked.append((statement, values))

        yield world, browser, asked
        browser.http.close()


def whole(world: World, statement: str, values: Any) -> list[str]:
    """Tables that the database would read from end to end, or sort by reading all of them."""
    assert world.gateway is not None
    with world.gateway.store.engine.connect() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    found = []
    for row in rows:
        words = str(row[-1]).split()
        if words[0] == "SCAN" and words[1].strip('"') in GROWING:
            found.append(str(row[-1]))
    return found


@pytest.mark.parametrize("path", PATHS)
def test_no_page_reads_a_whole_table(seen: tuple[World, Browser, list[tuple[str, Any]]], path: str) -> None:
    world, browser, asked = seen
    asked.clear()
    assert browser.get(path).status_code == 200
    found = list(asked)
    assert found
    wrong = {f"{line}: {statement[:300]}" for statement, values in found for line in whole(world, statement, values)}
    assert not wrong, "\n".join(sorted(wrong))


def test_a_whole_table_is_noticed(seen: tuple[World, Browser, list[tuple[str, Any]]]) -> None:
    assert whole(seen[0], str(text("SELECT * FROM message WHERE size = 9")), ()) != []
