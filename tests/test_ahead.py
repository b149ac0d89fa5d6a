"""An alarm is read before what came earlier; everything else is read, and its cards are made, in the order in which it came."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from gateway.ahead import LOOK, first_bytes
from gateway.errors import StoreError
from gateway.family import Directory, Family
from gateway.intake.keep import Keeper
from gateway.many.claims import claims_of
from gateway.policy import load_rules
from gateway.store import Blobs, Store
from gateway.store.tables import AlarmRow, CardRow, DecisionRow, MessageRow
from gateway.tagging.fallback import Fallback
from gateway.tagging.spans import Tagging, Unread
from gateway.worker import Worker
from tests.record.sample import arrival

NOW = datetime(2026, 11, 26, 18, 0, tzinfo=UTC)
FACT = "Emma's dentist appointment is Tuesday at 3:30."
EMERGENCY = "Emma is not breathing, the ambulance is on its way."
QUOTED = f"Thank you.\n\nOn Mon, Nov 23, 2026 at 9:00 AM Dana <dana@example.org> wrote:\n> {EMERGENCY}\n"


class Counting:
    """A tagger that counts how often it was asked."""

    def __init__(self) -> None:
        self.inner, self.asked, self.version = Fallback(), 0, Fallback().version

    def tag(self, message: Unread) -> Tagging:
        self.asked += 1
        return self.inner.tag(message)


class Line:
    """A worker with its store, and messages that wait."""

    def __init__(self, store: Store, blobs: Blobs, family: Family) -> None:
        self.store, self.blobs, self.family, self.tagger = store, blobs, family, Counting()
        self.worker = self.another()
        self.keeper = Keeper(store, blobs)

    def another(self) -> Worker:
        return Worker(
            self.store, self.blobs, Directory([self.family]), self.tagger, load_rules(), lambda: NOW,
            public_url="https://relay.example.org", claims=claims_of(self.store),
        )  # fmt: skip

    def keep(self, *words: str, channel: str = "email") -> None:
        for number, each in enumerate(words, self.count() + 1):
            self.keeper.submit(arrival(self.family, number, channel, "Kids", each, NOW)).result()

    def count(self) -> int:
        with self.store.read() as session:
            return len(session.scalars(select(MessageRow.id)).all())

    def order(self) -> list[tuple[int, str]]:
        """Messages with their lanes as they were concluded."""
        with self.store.read() as session:
            query = select(DecisionRow.message_id, DecisionRow.lane).order_by(DecisionRow.id)
            return [(number, lane) for number, lane in session.execute(query)]

    def work(self) -> None:
        while self.worker.step():
            pass


@pytest.fixture
def line(tmp_path: Path, store: Store, make_family: Callable[..., Family]) -> Iterator[Line]:
    blobs = Blobs(tmp_path / "blobs", store)
    made = Line(store, blobs, make_family())
    yield made
    made.keeper.close()
    blobs.close()


def test_an_emergency_is_read_before_what_came_earlier_and_the_rest_in_order(line: Line) -> None:
    line.keep(FACT, FACT + " ", FACT + "  ", EMERGENCY, FACT + "   ", "I will kill you.")
    line.work()
    assert [number for number, _ in line.order()] == [4, 6, 1, 2, 3, 5]
    assert [lane for _, lane in line.order()[:2]] == ["emergency", "danger"]
    with line.store.read() as session:
        assert list(session.scalars(select(AlarmRow.kind).order_by(AlarmRow.id))) == ["emergency", "danger"]
        cards = list(session.scalars(select(CardRow.message_id).order_by(CardRow.id)))
        assert cards == [4, 6, 1, 2, 3, 5]
        assert set(session.scalars(select(MessageRow.starts))) == {1}


def test_what_only_sounds_like_one_comes_in_its_turn(line: Line) -> None:
    line.keep(FACT, FACT + " ", QUOTED)
    line.work()
    assert [number for number, _ in line.order()] == [1, 2, 3]
    with line.store.read() as session:
        assert set(session.scalars(select(MessageRow.starts))) == {1}
        assert session.scalars(select(AlarmRow)).all() == []


def test_a_flood_is_looked_at_once_and_tagged_once(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.ahead.MOST_LOOKS", 4)
    looked: list[int] = []
    real = line.worker._ahead._sounds_urgent
    monkeypatch.setattr(line.worker._ahead, "_sounds_urgent", lambda one: looked.append(one.id) or real(one))
    line.keep(*(f"You are pathetic, number {n}." for n in range(9)), EMERGENCY)
    line.work()
    assert looked == list(range(1, 11))
    assert line.tagger.asked == 10
    assert [number for number, _ in line.order()] == [1, 2, 10, 3, 4, 5, 6, 7, 8, 9]


def test_one_that_waits_alone_is_not_looked_at(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line.worker._ahead, "_sounds_urgent", lambda _: pytest.fail("it is read now anyway"))
    for words in (FACT, EMERGENCY):
        line.keep(words)
        line.work()
    assert [lane for _, lane in line.order()] == ["unsorted", "emergency"]


def test_a_copy_does_not_overtake_what_it_repeats(line: Line) -> None:
    line.keep(FACT)
    same = arrival(line.family, 2, "email", "Kids", EMERGENCY, NOW)
    line.keeper.submit(same).result()
    line.keeper.submit(same).result()
    line.work()
    assert [number for number, _ in line.order()] == [2, 1, 3]
    with line.store.read() as session:
        assert len(session.scalars(select(AlarmRow)).all()) == 1


def test_a_text_behind_texts_is_heard_too(line: Line) -> None:
    line.keep("You are pathetic.", "Again.", EMERGENCY, channel="sms")
    line.work()
    assert line.order()[0] == (3, "emergency")


def test_a_start_that_the_database_broke_off_is_not_counted(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    line.keep(FACT, EMERGENCY)
    with monkeypatch.context() as patch:

        def away(*_: object) -> None:
            raise StoreError("the database refused")

        patch.setattr(line.worker, "_commit", away)
        with pytest.raises(StoreError):
            line.worker.step()
    with line.store.read() as session:
        assert list(session.scalars(select(MessageRow.starts))) == [0, 0]
    line.work()
    assert sorted(number for number, _ in line.order()) == [1, 2]


def test_two_workers_take_each_message_once(line: Line) -> None:
    line.keep(FACT, FACT + " ", EMERGENCY, FACT + "  ")
    other = line.another()
    while line.worker.step() | other.step():
        pass
    assert [number for number, _ in line.order()] == [3, 1, 2, 4]


def test_the_look_is_at_the_subject_and_the_first_words_behind_any_headers() -> None:
    head = "".join(f"X-Filler-{n}: {'x' * 60}\r\n" for n in range(300))
    raw = f"{head}Subject: one\r\n two\r\nTo: x\r\n\r\nwords{'y' * 9000}".encode()
    assert first_bytes("email", raw) == b"Subject: one\n two\n\nwords" + b"y" * (LOOK - 5)
    assert first_bytes("sms", b"z" * 9000) == b"z" * LOOK
    assert first_bytes("email", b"") == b"\n\n"
