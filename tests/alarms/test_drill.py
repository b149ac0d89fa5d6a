"""Test alarms: on which day, at which hour, and what is said when one does not get through."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import update

from gateway.alarms.drill import Drill, slot
from gateway.family import Directory, Family
from gateway.ledger import entries
from gateway.lifetime import note_start
from gateway.store import Store
from gateway.store.tables import DeliveryRow
from tests.delivery.planted import URL, deliveries

ZONE = "America/Chicago"
MONDAY = datetime(2026, 12, 7, 14, 0, tzinfo=UTC)  # 8 am, the first Monday of the month


@pytest.mark.parametrize(
    ("now", "choice", "wanted"),
    [
        (MONDAY, "monthly", MONDAY),
        (MONDAY - timedelta(seconds=1), "monthly", datetime(2026, 11, 2, 14, 0, tzinfo=UTC)),
        (MONDAY + timedelta(days=20), "monthly", MONDAY),
        (MONDAY + timedelta(days=8), "weekly", MONDAY + timedelta(days=7)),
        (MONDAY, "off", None),
        # The clock change: 8 am there is an hour earlier in UTC.
        (datetime(2026, 7, 8, tzinfo=UTC), "monthly", datetime(2026, 7, 6, 13, 0, tzinfo=UTC)),
    ],
)
def test_the_day_and_the_hour(now: datetime, choice: str, wanted: datetime | None) -> None:
    assert slot(now, choice, (time(18), time(8)), ZONE) == wanted


class Stage:
    def __init__(self, store: Store, family: Family) -> None:
        self.store, self.now = store, MONDAY - timedelta(days=3)
        directory = Directory([family])
        note_start(store, directory, self.now)
        self.drill = Drill(store, directory, lambda: self.now, URL)

    def at(self, moment: datetime) -> int:
        self.now = moment
        return self.drill.step()

    def kinds(self) -> list[str]:
        with self.store.read() as session:
            return [e.kind for e in entries(session, "rivera") if e.kind.startswith("alarm")]

    def came(self, channel: str) -> None:
        with self.store.write() as session:
            query = update(DeliveryRow).where(DeliveryRow.channel == channel, DeliveryRow.kind == "test")
            session.execute(query.values(state="sent"))


@pytest.fixture
def stage(store: Store, make_family: Callable[..., Family]) -> Stage:
    return Stage(store, make_family(deliver=["08:00", "18:00"]))


def test_one_test_on_its_day_plainly_marked_by_every_way(stage: Stage) -> None:
    assert stage.at(MONDAY - timedelta(minutes=1)) == 0
    assert stage.at(MONDAY) == 1
    assert stage.at(MONDAY + timedelta(minutes=1)) == 0
    rows = deliveries(stage.store, kind="test")
    assert sorted(row.address for row in rows) == ["+15005550002", "dana@example.org", "ruth@example.org"]
    assert all(row.content["text"].startswith("This is only a test. Nothing has happened.") for row in rows)
    assert all(row.content["subject"].startswith("Test") for row in rows)
    assert all(row.next_at == MONDAY for row in rows)
    assert stage.at(MONDAY + timedelta(days=29)) > 0  # the next month's
    assert stage.kinds().count("alarm test") == 2


def test_a_change_of_the_hours_makes_no_second_test(stage: Stage, make_family: Callable[..., Family]) -> None:
    stage.at(MONDAY)
    later = Directory([make_family(deliver=["18:00"])])
    assert Drill(stage.store, later, lambda: MONDAY + timedelta(hours=11), URL).step() == 1  # the result of the first
    assert len(deliveries(stage.store, kind="test")) == 3


def test_what_was_not_handed_over_is_told_by_another_way_once(stage: Stage) -> None:
    stage.at(MONDAY)
    stage.came("sms")
    stage.at(MONDAY + timedelta(minutes=20))
    stage.at(MONDAY + timedelta(minutes=40))
    (told,) = deliveries(stage.store, kind="outage")
    assert (told.channel, told.address) == ("sms", "+15005550002")
    assert "could not be handed over: your mail, the safety contact's mail." in told.content["text"]
    assert stage.kinds() == ["alarm test", "alarm test result"]


def test_who_did_not_answer_is_told_after_two_days(stage: Stage) -> None:
    stage.at(MONDAY)
    for channel in ("sms", "email"):
        stage.came(channel)
    stage.at(MONDAY + timedelta(minutes=20))
    assert deliveries(stage.store, kind="outage") == []
    stage.at(MONDAY + timedelta(days=3))
    notices = deliveries(stage.store, kind="notice")
    assert {row.channel for row in notices} == {"email", "sms"}
    assert "your mail, your text messages, the safety contact" in notices[0].content["text"]
    assert stage.kinds()[-1] == "alarm test answers"


def test_a_pause_and_a_late_start_move_it_to_the_parents_hours(
    store: Store, make_family: Callable[..., Family]
) -> None:
    stage = Stage(store, make_family(deliver=["08:00"], pause=[{"from": "2026-12-06", "to": "2026-12-09"}]))
    stage.at(MONDAY + timedelta(hours=5))
    assert {row.next_at for row in deliveries(store, kind="test")} == {MONDAY + timedelta(days=3)}
