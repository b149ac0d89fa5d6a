"""A note of an alarm that is answered in the last moment does not leave; a card always does."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from gateway.alarms import acknowledge
from gateway.delivery import outbox
from gateway.delivery.edge import Edge
from gateway.errors import WithdrawnError
from gateway.family import Directory, Family
from gateway.ledger import entries
from gateway.policy import Lane
from gateway.store import Store
from gateway.store.tables import AlarmCallRow
from tests.delivery.planted import URL, deliveries, plant
from tests.delivery.sample import card, item

NOON = datetime(2026, 11, 26, 18, 0, tzinfo=UTC)
RUTH = "ruth@example.org"


def answer(store: Store, family: Family) -> None:
    with store.write() as session:
        call = session.scalars(select(AlarmCallRow).where(AlarmCallRow.channel == "sms")).one()
        assert acknowledge.by_call(session, call, acknowledge.LINK, family, NOON, URL)


def of(store: Store, address: str) -> str:
    (row,) = [row for row in deliveries(store) if row.address == address and row.call_id is not None]
    return row.state


@pytest.mark.parametrize("moment", ["waits", "under way", "uncertain"])
def test_what_has_not_left_is_stopped(store: Store, make_family: Callable[..., Family], moment: str) -> None:
    family = make_family()
    plant(store, family, card(item("x"), lane=Lane.DANGER), at=NOON)
    (parcel,) = [p for p in outbox.due(store, NOON) if p.address == RUTH]
    if moment != "waits":
        outbox.mark_sending(store, parcel, NOON)
    answer(store, family)
    if moment == "uncertain":
        outbox.mark_uncertain(store, parcel, NOON, "no answer", zone="UTC")
    elif moment == "under way":
        assert outbox.mark_later(store, parcel, NOON, "later", zone="UTC")
    with pytest.raises(WithdrawnError):
        outbox.mark_sending(store, parcel, NOON)
    assert of(store, RUTH) == "withdrawn"
    outbox.mark_sending(store, next(p for p in outbox.due(store, NOON) if p.address == "dana@example.org"), NOON)


def test_the_edge_lets_it_go_without_a_word(store: Store, make_family: Callable[..., Family]) -> None:
    family = make_family()
    plant(store, family, card(item("x"), lane=Lane.DANGER), at=NOON)
    went = []

    class Slow:
        async def send(self, parcel, *, sender, now, hand_over) -> None:
            if parcel.address == RUTH:
                answer(store, family)
            hand_over()
            went.append(parcel.address)

    edge = Edge(store, Directory([family]), {"email": Slow(), "sms": Slow()}, lambda: NOON + timedelta(seconds=1))
    asyncio.run(edge.round("email"))
    assert went == ["dana@example.org"]
    assert of(store, RUTH) == "withdrawn"
    with store.read() as session:
        assert not [e for e in entries(session, "rivera") if e.kind.startswith("delivery")]
