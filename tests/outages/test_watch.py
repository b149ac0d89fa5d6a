"""Outages: told once over another route, taken back where they end by night, and told again when they are over."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from gateway.family import Directory, Family
from gateway.ledger import entries
from gateway.outages import routes
from gateway.outages.heartbeat import Heartbeat, stale
from gateway.outages.watch import RouteWatch, State, verdict
from gateway.store import Store
from gateway.store.tables import DeliveryRow
from tests.delivery.planted import deliveries

NOON = datetime(2026, 11, 26, 18, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)  # 2 am
PATIENCE = timedelta(minutes=20)


@pytest.mark.parametrize(
    ("failing", "told", "waits", "said"),
    [
        (20, None, True, "tell"),
        (19, None, True, None),
        (20, None, False, None),
        (50, 30, True, None),
        (None, 30, False, "over"),
        (None, None, True, None),
    ],
)
def test_what_is_said(failing: int | None, told: int | None, waits: bool, said: str | None) -> None:
    def ago(minutes: int | None) -> datetime | None:
        return None if minutes is None else NOON - timedelta(minutes=minutes)

    assert verdict(State(ago(failing), ago(told), waits), PATIENCE, NOON) == said


class Stage:
    def __init__(self, store: Store, family: Family, now: datetime) -> None:
        self.store, self.family, self.now = store, family, now
        self.why: str | None = None
        self.watch = RouteWatch(store, Directory([family]), lambda: self.now, {routes.DOOR: lambda: self.why})

    def after(self, minutes: int) -> int:
        self.now += timedelta(minutes=minutes)
        return self.watch.step()

    def try_(self, route: str, *, works: bool) -> None:
        with self.store.write() as session:
            if works:
                routes.good(session, "rivera", route, self.now)
            else:
                routes.bad(session, "rivera", route, self.now, "the smart host asks to wait (451)")

    def wait_for(self, channel: str) -> None:
        with self.store.write() as session:
            content = {"subject": "", "text": "", "link": None}
            row = DeliveryRow(
                family="rivera", kind="card", channel=channel, address="a", content=content, out_id=channel
            )
            row.next_at, row.attempts = self.now, 1
            session.add(row)

    def kinds(self) -> list[str]:
        with self.store.read() as session:
            return [e.kind for e in entries(session, "rivera")]


@pytest.fixture
def make_stage(store: Store, make_family: Callable[..., Family]) -> Callable[..., Stage]:
    def make(now: datetime = NOON, **changes: object) -> Stage:
        return Stage(store, make_family(**changes), now)

    return make


def test_told_once_by_the_other_route_and_once_that_it_is_over(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage()
    stage.try_("email", works=False)
    stage.wait_for("email")
    assert [stage.after(m) for m in (10, 9, 1, 1, 300)] == [0, 0, 1, 0, 0]
    (told,) = deliveries(stage.store, kind="outage")
    assert (told.channel, told.address) == ("sms", "+15005550002")
    assert told.content["text"].startswith("Mail from this service has not gone out since Thu 26 Nov 2026, 12:00 pm")
    with stage.store.write() as session:
        session.get_one(DeliveryRow, told.id).state = "sent"
    stage.try_("email", works=True)
    assert [stage.after(1), stage.after(1)] == [1, 0]
    texts = [row.content["text"] for row in deliveries(stage.store, kind="outage")]
    assert len(texts) == 2
    assert texts[1].startswith("Mail from this service goes out again.")
    assert stage.kinds() == ["outage", "outage over"]


def test_nothing_to_send_is_no_outage(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage()
    stage.try_("sms", works=False)
    assert stage.after(600) == 0


def test_by_night_it_waits_for_the_morning_and_is_taken_back_when_over(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(NIGHT)
    stage.try_("sms", works=False)
    stage.wait_for("sms")
    stage.after(20)
    (told,) = deliveries(stage.store, kind="outage")
    assert told.next_at == datetime(2026, 11, 27, 13, 0, tzinfo=UTC)
    stage.try_("sms", works=True)
    stage.after(1)
    (told,) = deliveries(stage.store, kind="outage")
    assert told.state == "withdrawn"
    assert stage.kinds() == ["outage", "outage over"]


def test_a_parent_with_one_way_is_told_through_the_safety_contact_even_by_night(
    make_stage: Callable[..., Stage],
) -> None:
    person = [{"name": "Ruth", "role": "safety contact", "phones": ["+15005550007"]}]
    stage = make_stage(
        NIGHT, cards_by=["email"], parent={"name": "Dana", "emails": ["dana@example.org"]}, person=person
    )
    stage.try_("email", works=False)
    stage.wait_for("email")
    stage.after(20)
    (told,) = deliveries(stage.store, kind="outage")
    assert (told.address, told.next_at) == ("+15005550007", stage.now)
    assert told.content["text"].startswith("Please tell Dana: Mail from this service")


def test_a_door_that_stays_shut_is_told_by_all_ways(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage()
    stage.why = "the mail port does not answer"
    assert [stage.after(1), stage.after(20)] == [0, 1]
    assert {row.channel for row in deliveries(stage.store, kind="outage")} == {"email", "sms"}
    stage.why = None
    assert stage.after(1) == 1


def test_the_heart_beats_only_while_all_parts_live(store: Store, tmp_path) -> None:
    now, dead, asked = [NOON], [None], []

    def ping(url: str) -> bool:
        asked.append(url)
        return False

    file = tmp_path / "heartbeat"
    heart = Heartbeat(
        store, lambda: now[0], lambda: dead[0], every=timedelta(minutes=5), file=file, url="http://x", ping=ping
    )
    assert (heart.step(), heart.fresh, asked) == (True, True, ["http://x"])
    now[0] += timedelta(minutes=4)
    assert heart.step() is False
    now[0] += timedelta(minutes=1)
    assert heart.step() is True
    assert stale(file.read_text("utf8"), now[0], timedelta(minutes=1)) is None
    dead[0] = "worker has ended"
    now[0] += timedelta(minutes=16)
    assert (heart.step(), heart.fresh) == (False, False)
    assert stale(file.read_text("utf8"), now[0], timedelta(minutes=15)) == (
        "the last one is 16 minutes old, of 2026-11-26T18:05:00.000000Z"
    )


@pytest.mark.parametrize("words", ["", "none yet", "2026-11-26T18:00:00", "yesterday", "2026-11-27T18:00:00Z"])
def test_a_heartbeat_that_tells_no_time_is_no_heartbeat(words: str) -> None:
    assert stale(words, NOON, timedelta(minutes=15)) is not None
