"""The question clock: by when, reminded once at the parent's hours, settled by an answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from gateway.delivery import outbox
from gateway.delivery.card import Item
from gateway.errors import WithdrawnError
from gateway.family import Directory, Family
from gateway.ledger import entries
from gateway.questions import AHEAD, LEFT_OUT, Reminders, note_questions, overdue, remind_at, settle, wanted
from gateway.store import Store
from gateway.store.tables import DeliveryRow, MessageRow, QuestionRow

ASKED = datetime(2026, 11, 25, 18, 0, tzinfo=UTC)  # a Wednesday, noon in Chicago
ZONE = "America/Chicago"


def item(by: str | None = None, *, asks: bool = True) -> Item:
    return Item("Can you take Noah on Sunday?", "Schedule", asks=asks, answer_by=by)


@pytest.mark.parametrize(
    ("by", "moment", "named"),
    [
        (None, ASKED + timedelta(hours=48), False),
        ("2026-11-27", datetime(2026, 11, 28, 0, 0, tzinfo=UTC), True),
        ("2026-11-26T09:00", datetime(2026, 11, 26, 15, 0, tzinfo=UTC), True),
        ("2026-11-20", ASKED + timedelta(hours=48), False),
        ("2030-05-01T09:00", datetime(2030, 5, 1, 14, 0, tzinfo=UTC), True),
        ("9999-05-01", ASKED + timedelta(hours=48), False),  # the hours until then would be too many to look at
        ("9999-12-31T23:30", ASKED + timedelta(hours=48), False),
        ("2027-03-14T02:30", datetime(2027, 3, 14, 8, 30, tzinfo=UTC), True),  # an hour that the clock change skips
    ],
)
def test_by_when(by: str | None, moment: datetime, named: bool) -> None:
    found = wanted(item(by), ASKED, ZONE, 48)
    assert (found.by.astimezone(UTC), found.named) == (moment, named)


def test_when_a_reminder_falls() -> None:
    assert remind_at(ASKED, ASKED + timedelta(days=5)) == ASKED + timedelta(days=4)
    assert remind_at(ASKED, ASKED + timedelta(hours=20)) == ASKED + timedelta(hours=10)
    assert remind_at(ASKED, ASKED + timedelta(hours=1)) == ASKED + timedelta(hours=2)


class World:
    def __init__(self, store: Store, family: Family) -> None:
        self.store, self.family, self.now = store, family, ASKED
        self.reminders = Reminders(store, Directory([family]), lambda: self.now, "https://relay.example.org")
        with store.write() as session:
            for number in (1, 2):
                session.add(
                    MessageRow(
                        id=number, family=family.key, channel="email", received_at=ASKED, sha256="ab" * 32, size=1,
                        envelope={}, fingerprint=str(number), entry_seq=number, state="done",
                    )
                )  # fmt: skip
        with store.write() as session:
            note_questions(session, 1, (item(), item(asks=False), item("2026-11-26T09:00")), family, ASKED)

    def rows(self) -> list[QuestionRow]:
        with self.store.read() as session:
            return list(session.scalars(select(QuestionRow).order_by(QuestionRow.id)))

    def notices(self) -> list[DeliveryRow]:
        with self.store.read() as session:
            return list(session.scalars(select(DeliveryRow)))


@pytest.fixture
def world(store: Store, make_family: Callable[..., Family]) -> World:
    return World(store, make_family(cards_by=["email"], deliver=["08:00", "18:00"]))


def test_each_question_is_reminded_of_once(world: World) -> None:
    assert [row.place for row in world.rows()] == [0, 2]
    assert world.reminders.step() == 0
    world.now = ASKED + timedelta(hours=6) - AHEAD  # 18:00 leaves fifteen hours; at 08:00 one would be left
    assert world.reminders.step() == 1
    assert world.reminders.step() == 0
    (notice,) = world.notices()
    assert notice.next_at == ASKED + timedelta(hours=6)
    assert "The message asks for an answer by Thu 26 Nov 2026, 9:00 am (UTC-06:00)." in notice.content["text"]
    assert "Noah" not in str(notice.content)
    world.now = ASKED + timedelta(hours=25)
    assert world.reminders.step() == 1
    assert "An answer is usual by" in world.notices()[-1].content["text"]


def test_a_reminder_comes_at_an_hour_of_the_parents_or_not_at_all(
    store: Store, make_family: Callable[..., Family]
) -> None:
    world = World(store, make_family(cards_by=["email"], deliver=["18:00"]))
    with store.write() as session:  # the next chosen hour is after the time
        note_questions(session, 2, (item("2026-11-25T17:30"),), world.family, ASKED)
    (row,) = [row for row in world.rows() if row.message_id == 2]
    assert row.remind_at is None
    world.now = ASKED + timedelta(hours=3)
    assert world.reminders.step() == 0
    with store.read() as session:
        told = [e.body for e in entries(session, world.family.key) if e.kind == LEFT_OUT]
    assert told == [{"message": 2, "place": 0}]


def test_hours_that_changed_meanwhile_leave_no_reminder_too_late(
    store: Store, make_family: Callable[..., Family]
) -> None:
    world = World(store, make_family(cards_by=["email"], deliver=["08:00", "18:00"]))
    later = make_family(cards_by=["email"], deliver=["20:00"])
    reminders = Reminders(store, Directory([later]), lambda: world.now, "https://relay.example.org")
    world.now = ASKED + timedelta(hours=14, minutes=30)
    assert reminders.step() == 1  # 02:30; the next hour is 20:00, and the answer is wanted by 09:00
    assert world.notices() == []


def test_many_questions_of_one_message_ring_once(store: Store, make_family: Callable[..., Family]) -> None:
    world = World(store, make_family(cards_by=["email"]))
    with store.write() as session:
        note_questions(session, 2, [item()] * 12, world.family, ASKED)
    world.now = ASKED + timedelta(hours=30)
    world.reminders.step()
    about = [d for d in world.notices() if d.question_id in {row.id for row in world.rows() if row.message_id == 2}]
    assert len(about) == 1
    with store.write() as session:
        settle(session, world.family, 2, 1, world.now)
    assert {d.state for d in world.notices() if d.id == about[0].id} == {"withdrawn"}


@pytest.mark.parametrize("state", ["pending", "uncertain"])
def test_an_answer_withdraws_a_reminder_that_still_waits(world: World, state: str) -> None:
    world.now = ASKED + timedelta(hours=6) - AHEAD
    assert world.reminders.step() == 1
    with world.store.write() as session:
        session.scalars(select(DeliveryRow)).one().state = state
        settle(session, world.family, 1, 2, world.now)
    (row,) = world.notices()
    assert row.state == "withdrawn"
    assert outbox.due(world.store, ASKED + timedelta(days=1)) == []
    with world.store.read() as session:
        told = [e.body for e in entries(session, world.family.key) if e.kind == "question answered"]
    assert told == [{"message": 1, "answer": 2, "questions": 2, "reminders_withdrawn": 1}]


def test_what_is_withdrawn_while_it_is_tried_does_not_leave_and_does_not_come_back(world: World) -> None:
    world.now = ASKED + timedelta(hours=6)
    world.reminders.step()
    (parcel,) = outbox.due(world.store, world.now)
    with world.store.write() as session:
        settle(session, world.family, 1, 2, world.now)
    with pytest.raises(WithdrawnError):
        outbox.mark_sending(world.store, parcel, world.now)
    outbox.mark_later(world.store, parcel, world.now, "busy", zone=ZONE)
    outbox.mark_failed(world.store, parcel, world.now, "no", zone=ZONE)
    assert [row.state for row in world.notices()] == ["withdrawn"]


def test_a_card_that_waits_is_not_reminded_of_before_it_was_shown(
    store: Store, make_family: Callable[..., Family]
) -> None:
    world = World(store, make_family(cards_by=["email"], deliver=["08:00", "18:00"]))
    shown = ASKED + timedelta(hours=6)
    with store.write() as session:
        note_questions(session, 2, (item("2026-11-26T09:00"),), world.family, ASKED, shown)
    (row,) = [row for row in world.rows() if row.message_id == 2]
    assert row.remind_at is not None
    assert row.remind_at >= shown + timedelta(hours=2)


def test_an_answer_settles_the_questions_of_its_message(world: World) -> None:
    with world.store.write() as session:
        settle(session, world.family, 1, 2, ASKED + timedelta(hours=1))
        settle(session, world.family, 1, 2, ASKED + timedelta(hours=2))
        settle(session, world.family, None, 2, ASKED)
    assert all(row.answered_at == ASKED + timedelta(hours=1) and row.answer_id == 2 for row in world.rows())
    world.now = ASKED + timedelta(days=3)
    assert world.reminders.step() == 0
    with world.store.read() as session:
        assert overdue(session, world.family.key, world.now) == 0
        told = [e.body for e in entries(session, world.family.key) if e.kind == "question answered"]
    assert told == [{"message": 1, "answer": 2, "questions": 2}]


def test_what_is_past_its_time_is_counted_and_not_reminded_of(world: World) -> None:
    world.now = ASKED + timedelta(days=30)
    assert world.reminders.step() == 2
    assert world.notices() == []
    with world.store.read() as session:
        assert overdue(session, world.family.key, world.now) == 2


def test_a_reminder_of_just_after_an_hour_waits_for_the_next(store: Store, make_family: Callable[..., Family]) -> None:
    world = World(store, make_family(cards_by=["email"], deliver=["08:00", "18:00"]))
    with store.write() as session:
        note_questions(session, 2, (item("2026-11-28T18:03"),), world.family, ASKED)
    world.now = ASKED + timedelta(days=2, hours=6, minutes=3, seconds=30)  # Friday, a little after six
    world.reminders.step()
    (row,) = [row for row in world.rows() if row.message_id == 2]
    (notice,) = [notice for notice in world.notices() if notice.question_id == row.id]
    assert notice.next_at == ASKED + timedelta(days=2, hours=20)


@pytest.mark.parametrize(
    ("back", "leaves"), [(7, 7), (9, 20), (15, 20)], ids=["an hour late", "three hours late", "in the night"]
)
def test_an_hour_that_passed_while_the_gateway_was_off(world: World, back: int, leaves: int) -> None:
    """It was for 18:00, six hours after the question; the next hour is 08:00, an hour before the answer is wanted."""
    world.now = ASKED + timedelta(hours=back)
    assert world.reminders.step() == 1
    (notice,) = world.notices()
    assert notice.next_at == ASKED + timedelta(hours=leaves)


def test_what_is_due_next_is_known(world: World) -> None:
    assert world.reminders.next_due() == ASKED + timedelta(hours=6) - AHEAD
    world.now = ASKED + timedelta(hours=6) - AHEAD
    world.reminders.step()
    assert world.reminders.next_due() == ASKED + timedelta(hours=24)
    with world.store.write() as session:
        settle(session, world.family, 1, 2, world.now)
    assert world.reminders.next_due() is None
