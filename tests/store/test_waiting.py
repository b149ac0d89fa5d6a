"""Whoever only looks whether there is work: reads little however much went before, and keeps nobody from writing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event

from gateway.alarms.desk import AlarmDesk
from gateway.delivery import outbox
from gateway.demo.sample import family as sample_family
from gateway.family import Directory, Family
from gateway.outages import routes
from gateway.outages.watch import RouteWatch
from gateway.policy import load_rules
from gateway.questions import Reminders
from gateway.store import Blobs, Store
from gateway.tagging.fallback import Fallback
from gateway.worker import Worker

NOW = datetime(2026, 11, 26, 18, 0, tzinfo=UTC)
URL = "https://relay.example.org"


def _troubled(store: Store) -> RouteWatch:
    return RouteWatch(store, Directory([Family.model_validate(sample_family())]), lambda: NOW)


@pytest.mark.parametrize(
    ("look", "uses"),
    [
        (lambda store: outbox.next_due(store, "email"), "delivery_due (state=? AND channel=?)"),
        (lambda store: outbox.due(store, NOW, "email"), "delivery_due (state=? AND channel=? AND next_at<?)"),
        (lambda store: Reminders(store, Directory([]), lambda: NOW, URL).next_due(), "question"),
        (lambda store: AlarmDesk(store, Directory([]), lambda: NOW, URL).step(), "delivery_call (call_id=?)"),
        (lambda store: _troubled(store).step(), "delivery_due (state=? AND channel=?)"),
    ],
    ids=[
        "the next of a route",
        "what is due there",
        "the next reminder",
        "alarms that are stuck",
        "what waits on a dead route",
    ],
)
def test_what_went_long_ago_is_not_read(tmp_path: Path, look: Callable[[Store], object], uses: str) -> None:
    store = Store(f"sqlite:///{tmp_path / 'plans.db'}")
    store.migrate()
    with store.write() as session:
        routes.bad(session, "rivera", routes.EMAIL, NOW, "away")
    asked: list[tuple[str, object]] = []

    @event.listens_for(store.engine, "before_cursor_execute")
    def _note(_connection: object, _cursor: object, words: str, values: object, *_rest: object) -> None:
        asked.append((words, values))

    look(store)
    with store.engine.connect() as connection:
        plan = [
            row.detail
            for words, values in list(asked)
            if words.startswith("SELECT")
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {words}", values)
        ]
    store.close()
    assert not any(
        "delivery_planned (family=?)" in line or "delivery_due (state=?)" in line or "SCAN delivery" in line
        for line in plan
    ), plan
    assert any(uses in line and "SEARCH" in line for line in plan), plan


def test_an_idle_worker_does_not_ask_for_the_right_to_write(store: Store, blobs: Blobs, directory: Directory) -> None:
    worker = Worker(store, blobs, directory, Fallback(), load_rules(), lambda: NOW, public_url=URL)
    begun: list[bool] = []

    @event.listens_for(store.engine, "begin")
    def _begun(connection: object) -> None:
        begun.append(connection.get_execution_options().get("reading", False))  # type: ignore[attr-defined]

    assert worker.step() is False
    assert begun
    assert all(begun)
