"""Each route by itself: a host that does not answer keeps no text waiting, and the urgent overtakes what is due already."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from gateway.delivery.edge import Edge
from gateway.delivery.gather import Gatherer
from gateway.delivery.outbox import Parcel
from gateway.family import Directory, Family
from gateway.policy import Lane
from gateway.store import Store
from tests.delivery.planted import URL, deliveries, plant
from tests.delivery.sample import card, item

NOON, SIX = datetime(2026, 11, 26, 18, 0, tzinfo=UTC), datetime(2026, 11, 27, 0, 0, tzinfo=UTC)
PLAIN = card(item("Plain thing.", "Activities"))
HURT = card(item("hurt"), lane=Lane.EMERGENCY)


@pytest.fixture
def family(make_family: Callable[..., Family]) -> Family:
    return make_family(deliver=["08:00", "18:00"], person=[])


class Played:
    """A sender that waits for `go`, and then takes what it is given."""

    def __init__(self, *, open_: bool) -> None:
        self.go, self.went = asyncio.Event(), []
        if open_:
            self.go.set()

    async def send(self, parcel: Parcel, *, sender: str, now: datetime, hand_over: Callable[[], None]) -> None:
        await self.go.wait()
        hand_over()
        self.went.append(parcel)


async def until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110 (what is waited for is in lists)
        await asyncio.sleep(0.01)


class Stage:
    """An edge over a mail host that does not answer yet and a text carrier that does."""

    def __init__(self, store: Store, family: Family, now: datetime) -> None:
        self.mail, self.texts = Played(open_=False), Played(open_=True)
        directory = Directory([family])
        gatherer = Gatherer(store, directory, URL)
        self.edge = Edge(store, directory, {"email": self.mail, "sms": self.texts}, lambda: now, gatherer)
        self.running = asyncio.create_task(self.edge.run())

    async def end(self, mails: int) -> None:
        self.mail.go.set()
        await until(lambda: len(self.mail.went) == mails)
        self.edge.stop()
        await self.running


def test_a_dead_mail_host_keeps_no_text_waiting(store: Store, family: Family) -> None:
    async def play() -> None:
        plant(store, family, PLAIN, at=NOON, whens=("2026-11-26T13:00",))
        stage = Stage(store, family, NOON)
        await until(lambda: len(stage.texts.went) == 1)
        plant(store, family, PLAIN, PLAIN, at=NOON, whens=("2026-11-26T13:00",))
        (urgent,) = plant(store, family, HURT, at=NOON)
        stage.edge.wake()
        await until(lambda: len(stage.texts.went) == 4)
        (text,) = (row for row in deliveries(store, channel="sms") if row.message_id == urgent)
        assert stage.texts.went[1].id == text.id
        assert stage.mail.went == []
        await stage.end(mails=4)
        assert stage.mail.went[1].content["subject"] == "Please read now"

    asyncio.run(play())


def test_a_route_gathers_nothing_that_another_is_sending(store: Store, family: Family) -> None:
    async def play() -> None:
        plant(store, family, PLAIN, at=NOON)
        stage = Stage(store, family, SIX)
        await until(lambda: len(stage.texts.went) == 1)
        plant(store, family, PLAIN, at=NOON)  # due as well by now
        stage.edge.wake()
        await until(lambda: len(stage.texts.went) == 2)
        await stage.end(mails=2)
        assert [(row.kind, row.state) for row in deliveries(store, channel="email")] == [("card", "sent")] * 2

    asyncio.run(play())
