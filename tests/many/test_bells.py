"""Bells over one PostgreSQL: each is heard in the other process, by one connection that stays, and silence wakes nobody."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from gateway.many.bells import AGAIN, DUE, KEPT, Bells
from gateway.store import Store
from tests.many.installation import wait_until
from tests.many.server import Server

pytestmark = pytest.mark.timeout(120)


class Ear:
    """A process as far as bells go. `heard`: which rang; `made`: connections to the database."""

    def __init__(self, url: str, name: str) -> None:
        self.store, self.heard, self.made = Store(url), list[str](), 0
        event.listen(self.store.engine, "connect", self._count)
        self.bells = Bells(self.store, name)
        for bell in (KEPT, DUE):
            self.bells.on(bell, lambda bell=bell: self.heard.append(bell))

    def _count(self, *_: object) -> None:
        self.made += 1


@contextmanager
def ear(url: str, name: str) -> Iterator[Ear]:
    made = Ear(url, name)
    made.bells.open()
    wait_until(lambda: len(made.heard) == 2, 20)  # each once when it begins to listen, for what was rung before
    made.heard.clear()
    try:
        yield made
    finally:
        made.bells.close()
        made.store.close()


def test_a_bell_is_heard_in_the_other_process_and_silence_wakes_nobody(server: Server) -> None:
    with server.database() as url, ear(url, "one") as one, ear(url, "two") as two:
        time.sleep(2.5 * AGAIN)
        assert (one.heard, two.heard) == ([], [])
        assert (one.made, two.made) == (1, 1)
        one.bells.ring(DUE)
        assert one.heard == [DUE]
        wait_until(lambda: two.heard == [DUE], 10)
        time.sleep(2 * AGAIN)
        assert (one.heard, two.heard) == ([DUE], [DUE])  # its own ring does not come back to it
        assert (one.made, two.made) == (2, 1)  # who rings has a connection for that besides


def test_who_lost_its_connection_listens_again_and_looks_at_everything_once(server: Server) -> None:
    with server.database() as url, ear(url, "one") as one, ear(url, "two") as two:
        server.restart()
        wait_until(lambda: sorted(two.heard) == [DUE, KEPT], 20)
        wait_until(lambda: sorted(one.heard) == [DUE, KEPT], 20)
        one.bells.ring(KEPT)
        wait_until(lambda: two.heard.count(KEPT) == 2, 20)


def test_a_process_that_rings_without_end_tells_it_in_few_notices(server: Server) -> None:
    with server.database() as url, ear(url, "one") as one, ear(url, "two") as two:
        ringing = [threading.Thread(target=lambda: [one.bells.ring(KEPT) for _ in range(200)]) for _ in range(5)]
        for thread in ringing:
            thread.start()
        for thread in ringing:
            thread.join()
        wait_until(lambda: bool(two.heard), 10)
        time.sleep(AGAIN)
        assert len(one.heard) == 1000
        assert len(two.heard) < 100
