"""Tokens, news and webhooks on either database: counts, places and claims."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from gateway.accounts.key import AccountKey
from gateway.api import cursor, news, tokens, webhooks
from gateway.api.call import Asked
from gateway.api.courier import Brought
from gateway.api.fields import MOST_NUMBER
from gateway.api.problems import NOT_HERE, Problem
from gateway.api.proving import Proving
from gateway.api.scopes import Scope
from gateway.api.shapes import Pages, Sizes
from gateway.clock import utc_now
from gateway.delivery.card import Card
from gateway.family import Directory
from gateway.ledger import append
from gateway.ledger.checkpoints import Checkpoints, signing_key
from gateway.policy import Lane
from gateway.store import Store
from gateway.store.tables import AccountRow, CardRow, DeliveryRow, MessageRow, NewsRow, ToolTokenRow
from tests.api.asking import parent_of

NOW = utc_now().replace(second=10, microsecond=0)
KEY = AccountKey(b"k" * 32)


def card(store: Store, number: int, *, waits: bool = False, family: str = "rivera") -> int:
    """A card, which may wait for an hour."""
    with store.write() as session:
        message = MessageRow(
            family=family, channel="email", received_at=NOW, sha256="0" * 64, size=1, envelope={}, fingerprint=str(number), entry_seq=number
        )  # fmt: skip
        session.add(message)
        session.flush()
        content = Card(Lane.FACTS, "Update", "Mark", "email", "now").as_json()
        row = CardRow(
            message_id=message.id, family=family, lane="facts", token=f"{number:043}", made_at=NOW, content=content
        )
        session.add(row)
        session.flush()
        later = NOW + timedelta(hours=5)
        if waits:
            session.add(
                DeliveryRow(
                    family=family, message_id=message.id, card_id=row.id, kind="card", channel="email", address="x", content={},
                    out_id=str(number), next_at=later, planned_at=later,
                )
            )  # fmt: skip
        return row.id


def places(store: Store, after: int = 0) -> list[int]:
    with store.read() as session:
        return [row.id for _, row in news.cards(session, "rivera", after, 100)]


def test_news_stand_in_the_order_in_which_they_could_be_seen(store: Store) -> None:
    one, two, other = card(store, 1, waits=True), card(store, 2), card(store, 3, family="lindqvist")
    news.keep_up(store, "rivera", NOW)
    assert places(store) == [two]
    three = card(store, 4)
    news.keep_up(store, "rivera", NOW + timedelta(minutes=1))
    assert places(store) == [two, three]
    news.keep_up(store, "rivera", NOW + timedelta(hours=6))
    news.keep_up(store, "rivera", NOW + timedelta(hours=6))
    assert places(store) == [two, three, one]
    assert other not in places(store)
    with store.read() as session:
        assert news.is_out(session, "rivera", one)
        assert not news.is_out(session, "lindqvist", one)


def test_one_that_was_let_go_before_its_hour_is_news_long_after_it_was_made(store: Store) -> None:
    first, waiting = card(store, 1), card(store, 2, waits=True)
    with store.write() as session:
        row = session.scalars(select(DeliveryRow)).one()
        row.planned_at = row.next_at = NOW + timedelta(days=200)
    news.keep_up(store, "rivera", NOW)
    later = NOW + timedelta(days=100)
    card(store, 3)
    news.keep_up(store, "rivera", later)
    with store.write() as session:
        session.scalars(select(DeliveryRow)).one().state = "failed"
    news.keep_up(store, "rivera", later + timedelta(days=50))
    assert places(store)[0] == first
    assert places(store)[-1] == waiting


def test_two_that_note_at_once_note_each_thing_once(store: Store) -> None:
    for number in range(20):
        card(store, number)
    threads = [threading.Thread(target=news.keep_up, args=(store, "rivera", NOW)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(places(store)) == len(set(places(store))) == 20


def test_calls_of_a_minute_are_counted_by_token(store: Store, directory: Directory) -> None:
    home = next(iter(directory))
    number = parent_of(store, home)
    with store.write() as session:
        account = session.get_one(AccountRow, number)
        made = [
            tokens.make(session, account, f"tool_{n:043}", "x", [Scope.CARDS], NOW + timedelta(days=1), NOW, "UTC").id
            for n in (1, 2)
        ]
    waits = []
    for _ in range(3):
        with store.write() as session:
            waits.append(tokens.admit(session, made[0], NOW, 2))
    assert waits == [timedelta(), timedelta(), timedelta(seconds=50)]
    with store.write() as session:
        assert tokens.admit(session, made[1], NOW, 2) == timedelta()
        assert tokens.admit(session, made[0], NOW + timedelta(seconds=50), 2) == timedelta()
        assert session.get_one(ToolTokenRow, made[0]).used_at == NOW + timedelta(seconds=50)


def test_numbers_that_no_entry_can_have_are_no_fault(store: Store, directory: Directory, tmp_path: Path) -> None:
    """Found on PostgreSQL, where a number of an entry has 32 bits."""
    home = next(iter(directory))
    with store.write() as session:
        append(session, home.key, "something", {}, now=NOW)
    proving = Proving(store, Checkpoints(store, signing_key(tmp_path), "relay.example.org"), tmp_path)
    tool = tokens.Tool(1, home.key, 1, tuple(Scope))
    for number in (2**31 - 1, 2**31, MOST_NUMBER):
        with pytest.raises(Problem) as problem:
            proving.proof(Asked(tool, home, NOW, {"number": number}))
        assert problem.value.kind is NOT_HERE
        for work in (proving.entries, proving.checkpoints, proving.records):
            name = work.__name__
            made: Any = work(Asked(tool, home, NOW, query=Pages(after=cursor.write(name, number))))
            assert made.content.items == []
        with pytest.raises(Problem):
            proving.consistency(Asked(tool, home, NOW, query=Sizes(old=1, new=number)))


class Carries:
    """A courier that notes what it is given."""

    def __init__(self) -> None:
        self.got: list[str] = []

    def bring(self, url: str, headers: dict[str, str], body: bytes) -> Brought:
        self.got.append(headers["webhook-id"])
        return Brought()


@pytest.fixture
def herald(store: Store, directory: Directory) -> Callable[[Carries], webhooks.Herald]:
    def make(courier: Carries) -> webhooks.Herald:
        return webhooks.Herald(store, directory, lambda: NOW, KEY, courier, "https://relay.example.org")  # type: ignore[arg-type]

    return make


def test_two_heralds_do_not_tell_the_same_thing_twice(
    store: Store, directory: Directory, herald: Callable[[Carries], webhooks.Herald]
) -> None:
    home, courier = next(iter(directory)), Carries()
    number = parent_of(store, home)
    with store.write() as session:
        webhooks.make(session, KEY, home, number, "x", "https://tools.example.org/", "n", NOW, loopback=False)
    for n in range(6):
        card(store, n)

    def tell() -> None:
        one = herald(courier)
        for _ in range(8):
            one.step()

    threads = [threading.Thread(target=tell) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as session:
        events = list(session.scalars(select(NewsRow.event).order_by(NewsRow.id)))
    assert courier.got == events
