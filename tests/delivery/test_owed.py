"""What the other side said while the database was away is kept until it can be written down: nothing that went goes twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from gateway.delivery.edge import Edge
from gateway.delivery.outbox import Parcel
from gateway.errors import PermanentSendError, SendError, StoreError, TemporarySendError
from gateway.family import Directory, Family
from gateway.ledger import entries
from gateway.store import Store
from tests.delivery.planted import deliveries, plant
from tests.delivery.sample import card, item

NOON = datetime(2026, 11, 26, 18, 0, tzinfo=UTC)


class Leaving(Store):
    """A database that can go away for writers."""

    away = False
    refused = 0

    @contextmanager
    def write(self) -> Iterator[Session]:
        if self.away:
            self.refused += 1
            raise StoreError("the database refused: OperationalError")
        with super().write() as session:
            yield session


class Host:
    """Takes what it is given, or says `no`; while it does, the database goes away."""

    def __init__(self, store: Leaving, no: SendError | None) -> None:
        self.store, self.no, self.asked = store, no, 0

    async def send(self, parcel: Parcel, *, sender: str, now: datetime, hand_over: Callable[[], None]) -> None:
        hand_over()
        self.asked += 1
        self.store.away = True
        if self.no is not None:
            raise self.no


@pytest.mark.parametrize(
    ("no", "state", "said"),
    [
        (None, "sent", "card sent"),
        (PermanentSendError("there is no such mailbox"), "failed", "delivery failed"),
        (TemporarySendError("try again later"), "pending", "delivery delayed"),
    ],
    ids=["taken", "refused for good", "refused for now"],
)
def test_an_answer_is_written_down_when_the_database_is_back(
    database_url: str, make_family: Callable[..., Family], no: SendError | None, state: str, said: str
) -> None:
    async def play() -> None:
        family = make_family(person=[], cards_by=["email"], deliver="at once")
        plant(store, family, card(item("Plain thing.", "Activities")), at=NOON)
        host = Host(store, no)
        edge = Edge(store, Directory([family]), {"email": host}, lambda: NOON)
        running = asyncio.create_task(edge.run())
        while store.refused < 2:  # noqa: ASYNC110 (the first note, and one in vain afterwards)
            await asyncio.sleep(0.02)
        assert [row.state for row in deliveries(store, channel="email")] == ["sending"]
        store.away = False
        while deliveries(store, channel="email")[0].state == "sending":  # noqa: ASYNC110 (what is waited for is in the database)
            await asyncio.sleep(0.02)
        edge.wake()
        await asyncio.sleep(0.2)
        edge.stop()
        await running
        (row,) = deliveries(store, channel="email")
        assert (row.state, host.asked) == (state, 1)
        with store.read() as session:
            found = [entry for entry in entries(session, family.key) if entry.kind == said]
        assert len(found) == 1
        assert "note" not in found[0].body

    store = Leaving(database_url)
    store.migrate()
    asyncio.run(play())
    store.close()
