"""How long the outbox tries: a mailbox that asks to wait is given up; an outage of the whole route is waited out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from gateway.delivery import outbox
from gateway.delivery.outbox import LONG_PATIENCE, PATIENCE
from gateway.demo.sample import family
from gateway.family import Family
from gateway.outages import routes
from gateway.store import Store
from gateway.store.tables import DeliveryRow
from tests.delivery.planted import deliveries, plant
from tests.delivery.sample import card, item

NOON = datetime(2026, 11, 26, 18, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(f"sqlite:///{tmp_path}/x.db")
    made.migrate()
    yield made
    made.close()


@pytest.mark.parametrize(
    ("out_for", "attempts", "state"),
    [
        (timedelta(hours=2), PATIENCE, "failed"),
        (timedelta(hours=33), PATIENCE, "pending"),
        (timedelta(days=10), LONG_PATIENCE, "failed"),
    ],
)
@pytest.mark.parametrize("mark", [outbox.mark_later, outbox.mark_uncertain])
def test_an_outage_of_the_route_is_waited_out(
    store: Store, mark: Callable[..., object], out_for: timedelta, attempts: int, state: str
) -> None:
    """Whether the host says "later" or nothing at all: each try after its silence may be a copy more, so these end as well."""
    plant(store, Family.model_validate(family() | {"cards_by": ["email"]}), card(item("Soccer at 8")), at=NOON)
    with store.write() as session:
        routes.bad(session, "rivera", "email", NOON - out_for, "away")
        session.execute(update(DeliveryRow).values(attempts=attempts - 1))
    (parcel,) = outbox.due(store, NOON)
    if mark is outbox.mark_uncertain:
        outbox.mark_sending(store, parcel, NOON)  # which counts the try
    after: list[str] = []
    mark(
        store,
        parcel,
        NOON,
        "the smart host cannot be reached",
        zone="UTC",
        after=lambda _, row: after.append(row.state),
    )
    if mark is outbox.mark_uncertain and state == "pending":
        state = "uncertain"
    assert deliveries(store)[0].state == state
    assert after == (["failed"] if state == "failed" else [])
