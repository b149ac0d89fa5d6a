"""kill -9 at every moment while a digest is made and sent: no card is lost, none comes twice."""

import signal
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path

import pytest

from gateway.demo.carriers import Mailbox
from gateway.demo.sample import family as sample_family
from gateway.family import Family
from gateway.ledger import entries, verify
from gateway.store import Store
from tests.delivery import killed_edge
from tests.delivery.planted import deliveries, plant
from tests.delivery.sample import card, item
from tests.harness import Loop
from tests.lives import spawn

NOON = datetime(2026, 11, 26, 18, 0, tzinfo=UTC)
EIGHT = datetime(2026, 11, 27, 14, 0, tzinfo=UTC)
SETTINGS = sample_family() | {"deliver": ["08:00"], "cards_by": ["email"], "quiet_notice": True}
MOST = 60


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    loop, opened = Loop(), Mailbox()
    loop.do(opened.open())
    yield opened
    loop.do(opened.close())
    loop.close()


def live(url: str, mailbox: Mailbox, chosen: int) -> int | None:
    process = spawn.Process(target=killed_edge.run, args=(url, SETTINGS, mailbox.port, EIGHT, chosen))
    process.start()
    process.join(60)
    return process.exitcode


def look(url: str, mailbox: Mailbox, numbers: list[int], urgent: int) -> None:
    store = Store(url)
    states = {row.id: (row.kind, row.state) for row in deliveries(store)}
    assert Counter(states.values()) == {("card", "merged"): 3, ("card", "sent"): 1, ("digest", "sent"): 1}
    with store.read() as session:
        assert verify(entries(session))["rivera"] > 0
        log = list(entries(session, "rivera"))
    store.close()
    assert [e.body["messages"] for e in log if e.kind == "digest sent"] == [numbers]
    assert [e.body["message"] for e in log if e.kind == "card sent"] == [urgent]
    copies = [e for e in log if "second copy" in str(e.body.get("note"))]
    names = Counter(str(message_from_bytes(raw)["Message-ID"]) for _, _, raw in mailbox.received)
    assert len(names) == 2
    assert sum(names.values()) - 2 <= len(copies)


@pytest.mark.timeout(300)
def test_killed_at_every_moment(tmp_path: Path, mailbox: Mailbox) -> None:
    family = Family.model_validate(SETTINGS)
    for moment in range(1, MOST):
        url = f"sqlite:///{tmp_path / f'{moment}.db'}"
        store = Store(url)
        store.migrate()
        numbers = plant(store, family, *[card(item(f"Plain thing {n}.", "Activities")) for n in range(3)], at=NOON)
        (urgent,) = plant(store, family, card(item("Pickup at 1")), at=NOON, whens=("2026-11-26T13:00",))
        store.close()
        mailbox.received.clear()
        ended = live(url, mailbox, moment)
        if ended != 0:
            assert ended == -signal.SIGKILL
            assert live(url, mailbox, 0) == 0
        look(url, mailbox, numbers, urgent)
        if ended == 0:
            assert moment > 15, "recovered, gathered, and two mails with two commits each: more moments than that"
            return
    raise AssertionError("the work never ended")


@pytest.mark.timeout(300)
def test_a_quiet_hour_is_said_once_though_it_was_killed(tmp_path: Path, mailbox: Mailbox) -> None:
    for moment in range(1, MOST):
        url = f"sqlite:///{tmp_path / f'{moment}.db'}"
        store = Store(url)
        store.migrate()
        mailbox.received.clear()
        ended = live(url, mailbox, moment)
        if ended != 0:
            assert live(url, mailbox, 0) == 0
        assert [(row.kind, row.state) for row in deliveries(store)] == [("quiet", "sent")]
        assert len({str(message_from_bytes(raw)["Message-ID"]) for _, _, raw in mailbox.received}) == 1
        store.close()
        if ended == 0:
            return
    raise AssertionError("the work never ended")
