"""One message for one hour: what is merged, what is not, quiet hours, floods; over the real outbox and real mail."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from gateway.clock import utc_now
from gateway.delivery import outbox
from gateway.delivery.edge import Edge
from gateway.delivery.email import SmartHost
from gateway.delivery.gather import Gatherer
from gateway.delivery.gsm import segments
from gateway.delivery.schedule import FLOOD
from gateway.demo.carriers import Mailbox
from gateway.demo.sample import PARENT_EMAIL
from gateway.errors import StoreError
from gateway.family import Directory, Family
from gateway.ledger import entries, verify
from gateway.messages import _state
from gateway.policy import Lane
from gateway.settings import MailOut
from gateway.store import Store
from gateway.store.tables import CardRow, DigestRow, MessageRow
from gateway.web.app import make_app
from gateway.web.pages.digest import DigestPages
from tests.delivery.planted import URL, deliveries, plant
from tests.delivery.sample import CARDS, CLEATS, DENTIST, PICKUP, card, item
from tests.harness import Loop

NOON = datetime(2026, 11, 26, 18, 0, tzinfo=UTC)
SIX = datetime(2026, 11, 27, 0, 0, tzinfo=UTC)
EIGHT = datetime(2026, 11, 27, 14, 0, tzinfo=UTC)
PLAIN = tuple(card(item(f"Plain thing {n}.", "Activities", "Noah")) for n in range(3))


@pytest.fixture
def family(make_family: Callable[..., Family]) -> Family:
    return make_family(deliver=["08:00", "18:00"], cards_by=["email"])


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    loop, opened = Loop(), Mailbox()
    loop.do(opened.open())
    yield opened
    loop.do(opened.close())
    loop.close()


class Desk:
    """A gatherer and an edge over real SMTP, with a clock that is set by hand."""

    def __init__(self, store: Store, mailbox: Mailbox, *families: Family) -> None:
        self.now, self.mailbox, self.store = NOON, mailbox, store
        directory = Directory(families)
        self.gatherer = Gatherer(store, directory, URL)
        host = SmartHost(MailOut(host="127.0.0.1", port=mailbox.port, security="none"), None)
        self._edge = Edge(store, directory, {"email": host}, lambda: self.now, self.gatherer)
        self._loop = Loop()

    def at(self, moment: datetime) -> list[EmailMessage]:
        """Send all that is due at `moment`; the mails that came of it."""
        self.now, before = moment, len(self.mailbox.received)
        while self._loop.do(self._edge.round()):
            pass
        return [message_from_bytes(raw, policy=policy.default) for _, _, raw in self.mailbox.received[before:]]

    def log(self, log: str = "rivera") -> list:
        with self.store.read() as session:
            return list(entries(session, log))

    def close(self) -> None:
        self._loop.close()


@pytest.fixture
def desk(store: Store, mailbox: Mailbox, family: Family) -> Iterator[Desk]:
    made = Desk(store, mailbox, family)
    yield made
    made.close()


def words(mail: EmailMessage) -> str:
    return mail.get_body(("plain",)).get_content().replace("\r\n", "\n")


def test_cards_of_one_hour_go_out_as_one(desk: Desk, store: Store, family: Family) -> None:
    numbers = plant(store, family, *CARDS, at=NOON, whens=())
    assert desk.at(SIX - timedelta(minutes=1)) == []
    (mail,) = desk.at(SIX)
    assert (mail["Subject"], mail["To"]) == ("Update, 6 items", PARENT_EMAIL)
    assert words(mail).startswith("Updates\nThu 26 Nov 2026, 6:00 pm (UTC-06:00)\n")
    for one in (x for c in CARDS for x in c.items):
        assert one.text in words(mail)
    merged = deliveries(store, kind="card")
    (sent,) = deliveries(store, kind="digest")
    assert {row.state for row in merged} == {"merged"}
    assert {row.digest_id for row in merged} == {sent.digest_id}
    with store.read() as session:
        assert {_state(session, row, "UTC") for row in merged} == {"in a digest by email: sent"}
    told = [e for e in desk.log() if e.kind.endswith(" sent")]
    assert [(e.kind, e.body["messages"]) for e in told] == [("digest sent", numbers)]
    assert desk.at(EIGHT) == []
    with store.read() as session:
        assert verify(entries(session))["rivera"] > 0


def test_one_card_stays_a_card(desk: Desk, store: Store, family: Family) -> None:
    plant(store, family, PLAIN[0], at=NOON)
    (mail,) = desk.at(EIGHT)
    assert words(mail).startswith("Update from Mark")
    assert [row.state for row in deliveries(store)] == ["sent"]


def test_what_is_urgent_goes_alone_and_at_once(desk: Desk, store: Store, family: Family) -> None:
    plant(store, family, *PLAIN, at=NOON)
    plant(store, family, card(PICKUP), at=NOON, whens=("2026-11-26T17:00",))
    plant(store, family, card(item("We are in an ambulance"), lane=Lane.EMERGENCY), at=NOON)
    at_once = desk.at(NOON)
    assert [m["Subject"] for m in at_once] == ["Please read now", "Update, 1 item"]
    # Even where the gateway was off and all of it is due now, what was urgent is a mail of its own.
    plant(store, family, card(DENTIST), at=NOON, whens=("2026-11-26T17:00",))
    assert sorted(m["Subject"] for m in desk.at(EIGHT)) == ["Update, 1 item", "Update, 3 items"]
    assert Counter(row.state for row in deliveries(store, kind="card")) == {"merged": 3, "sent": 3}


def test_three_hours_make_three_messages(store: Store, mailbox: Mailbox, make_family) -> None:
    family = make_family(deliver=["07:00", "13:00", "19:30"], cards_by=["email"])
    desk = Desk(store, mailbox, family)
    start = datetime(2026, 11, 26, 6, 0, tzinfo=UTC)  # midnight in Chicago
    found = []
    for quarter in range(97):
        now = start + timedelta(minutes=15 * quarter)
        found += [(now, m["Subject"]) for m in desk.at(now)]
        if quarter % 4 == 0:
            plant(store, family, PLAIN[0], at=now)
    desk.close()
    assert [((now - start) / timedelta(hours=1), subject) for now, subject in found] == [
        (7, "Update, 7 items"), (13, "Update, 6 items"), (19.5, "Update, 7 items")
    ]  # fmt: skip


def test_families_channels_and_addresses_are_kept_apart(store: Store, mailbox: Mailbox, make_family) -> None:
    rivera = make_family(deliver=["08:00"])
    okoro = make_family(deliver=["08:00"], key="okoro", relay_email="o@relay.example.org", relay_phone="+15005550009")
    gatherer = Gatherer(store, Directory([rivera, okoro]), URL)
    for family in (rivera, okoro):
        plant(store, family, *PLAIN, at=NOON)
    assert gatherer.gather(EIGHT - timedelta(seconds=1)) == 0
    assert gatherer.gather(EIGHT) == 4
    assert gatherer.gather(EIGHT) == 0
    made = deliveries(store, kind="digest")
    assert Counter((row.family, row.channel) for row in made) == Counter(
        [(f, c) for f in ("rivera", "okoro") for c in ("email", "sms")]
    )
    assert all(segments(row.content["text"]) <= 2 for row in made if row.channel == "sms")
    assert {row.family for row in deliveries(store, state="merged")} == {"rivera", "okoro"}


def test_a_card_that_was_tried_already_is_left_alone(
    desk: Desk, store: Store, family: Family, mailbox: Mailbox
) -> None:
    plant(store, family, PLAIN[0], at=NOON)
    mailbox.answers.append("451 later")
    assert desk.at(EIGHT) == []
    plant(store, family, *PLAIN[1:], at=EIGHT)
    mails = desk.at(EIGHT + timedelta(hours=10))
    assert sorted(m["Subject"] for m in mails) == ["Update, 1 item", "Update, 2 items"]


def test_a_digest_that_cannot_be_made_lets_its_cards_go(desk: Desk, store: Store, family: Family, caplog) -> None:
    plant(store, family, *PLAIN, at=NOON)
    with store.write() as session:
        broken = session.scalars(select(CardRow)).first()
        broken.content = {"lane": "facts"}
    assert [m["Subject"] for m in desk.at(EIGHT)] == ["Update, 1 item"] * 3
    assert "a digest could not be made" in caplog.text


def test_a_database_that_refuses_half_way_changes_nothing(tmp_path: Path, family: Family) -> None:
    store = Store(f"sqlite:///{tmp_path / 'refusing.db'}")
    store.migrate()
    plant(store, family, *PLAIN, at=NOON)
    with store.write() as session:
        session.connection().exec_driver_sql(
            "CREATE TRIGGER refuse BEFORE UPDATE ON delivery WHEN NEW.state = 'merged' AND OLD.id = 3 "
            "BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    with pytest.raises(StoreError):
        Gatherer(store, Directory([family]), URL).gather(EIGHT)
    assert [(row.kind, row.state, row.digest_id) for row in deliveries(store)] == [("card", "pending", None)] * 3
    with store.read() as session:
        assert session.scalars(select(DigestRow)).all() == []
    store.close()


def test_several_gatherers_at_once_make_one_digest(store: Store, make_family) -> None:
    family = make_family(deliver=["08:00", "18:00"], cards_by=["email"], quiet_notice=True)
    gatherers = [Gatherer(store, Directory([family]), URL) for _ in range(4)]
    plant(store, family, *PLAIN, at=NOON)
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda g: g.gather(SIX), gatherers)) == 1
        assert sum(pool.map(lambda g: g.quiet(EIGHT), gatherers)) == 1
    assert Counter(row.kind for row in deliveries(store)) == {"card": 3, "digest": 1, "quiet": 1}


def test_a_flood_of_three_hundred_is_one_mail_and_loses_nothing(desk: Desk, store: Store, family: Family) -> None:
    cards = [card(item(f"Thing number {n}.", "Activities")) for n in range(299)]
    asked = card(item("Can you take Noah?", "Schedule", "Noah", asks=True))
    plant(store, family, *cards, asked, at=NOON)
    (mail,) = desk.at(EIGHT)
    text = words(mail)
    assert mail["Subject"] == "Update, 300 items"
    assert text.index("Can you take Noah?") < text.index("Thing number 0.")
    assert "260 MORE" in text
    with store.read() as session:
        tokens = list(session.scalars(select(CardRow.token)))
        page = session.scalars(select(DigestRow.token)).one()
    assert all(f"{URL}/card/{token}" in text for token in tokens)
    shown = browse(store, family).get(f"/digest/{page}")
    assert all(f"Thing number {n}." in shown.text for n in range(299))
    assert all(f'href="/card/{token}"' in shown.text for token in tokens)
    assert len([e for e in desk.log() if e.kind == "digest sent"]) == 1
    assert len(next(e for e in desk.log() if e.kind == "digest sent").body["messages"]) == 300


def test_a_flood_for_a_family_that_wants_all_at_once(store: Store, mailbox: Mailbox, make_family) -> None:
    family = make_family(deliver="at once", cards_by=["email"])
    desk = Desk(store, mailbox, family)
    plant(store, family, *[PLAIN[0]] * (FLOOD + 20), at=NOON + timedelta(minutes=1))
    plant(store, family, card(item("hurt"), lane=Lane.EMERGENCY), at=NOON + timedelta(minutes=2))
    now = desk.at(NOON + timedelta(minutes=2))
    assert Counter(m["Subject"] for m in now) == {"Update, 1 item": FLOOD, "Please read now": 1}
    assert [m["Subject"] for m in desk.at(NOON + timedelta(hours=1))] == ["Update, 20 items"]
    desk.close()


def test_dates_come_along(desk: Desk, store: Store, family: Family) -> None:
    plant(store, family, card(DENTIST), card(CLEATS), at=NOON)
    (mail,) = desk.at(EIGHT)
    (dates,) = mail.iter_attachments()
    assert (dates.get_content_type(), dates.get_filename()) == ("text/calendar", "dates.ics")
    assert "SUMMARY:Emma: Medical\\, Dr Lee" in dates.get_content()
    plant(store, family, card(DENTIST), at=EIGHT)
    (alone,) = desk.at(EIGHT + timedelta(hours=10))
    assert [a.get_filename() for a in alone.iter_attachments()] == ["dates.ics"]
    plant(store, family, card(CLEATS), at=EIGHT + timedelta(hours=11))
    (without,) = desk.at(EIGHT + timedelta(hours=24))
    assert list(without.iter_attachments()) == []


def test_quiet_hours_are_said_once_and_only_where_wanted(store: Store, mailbox: Mailbox, make_family) -> None:
    family = make_family(deliver=["08:00", "18:00"], cards_by=["email"], quiet_notice=True)
    desk = Desk(store, mailbox, family)
    assert [m["Subject"] for m in desk.at(EIGHT)] == ["Update, 0 items"]
    assert desk.at(EIGHT + timedelta(minutes=5)) == []
    plant(store, family, PLAIN[0], at=EIGHT + timedelta(minutes=6))
    assert [m["Subject"] for m in desk.at(EIGHT + timedelta(hours=10))] == ["Update, 1 item"]
    # The gateway was off at the hour: late, nobody says any more that it was quiet.
    assert desk.at(EIGHT + timedelta(hours=27)) == []
    # A message lies unread: nobody knows whether there is something new.
    plant(store, family, PLAIN[0], at=EIGHT + timedelta(hours=33), state="done")
    with store.write() as session:
        session.scalars(select(MessageRow).order_by(MessageRow.id.desc())).first().state = "stored"
    assert desk.at(EIGHT + timedelta(hours=34)) == []
    desk.close()


def test_no_quiet_notice_by_default_nor_in_a_pause(desk: Desk, store: Store, mailbox: Mailbox, make_family) -> None:
    assert desk.at(EIGHT) == []
    away = make_family(
        deliver=["08:00"], cards_by=["email"], quiet_notice=True, pause=[{"from": "2026-11-20", "to": "2026-12-01"}]
    )
    other = Desk(store, mailbox, away)
    assert other.at(EIGHT) == []
    other.close()


def test_what_a_pause_held_comes_as_one_at_its_end(store: Store, mailbox: Mailbox, make_family) -> None:
    pause = [{"from": "2026-11-26", "to": "2026-11-30"}]
    family = make_family(deliver=["08:00", "18:00"], cards_by=["email"], pause=pause)
    desk = Desk(store, mailbox, family)
    plant(store, family, *PLAIN, at=NOON)
    plant(store, family, card(item("Soccer on Saturday")), at=NOON, whens=("2026-11-28T10:00",))
    plant(store, family, card(item("Give her the drops", "Medical", "Emma")), at=NOON)
    assert [m["Subject"] for m in desk.at(EIGHT)] == ["Update, 2 items"]
    assert desk.at(EIGHT + timedelta(days=3)) == []
    assert [m["Subject"] for m in desk.at(EIGHT + timedelta(days=4))] == ["Update, 3 items"]
    desk.close()


def test_a_pause_that_is_ended_early_lets_go(store: Store, mailbox: Mailbox, make_family) -> None:
    pause = [{"from": "2026-11-26", "to": "2026-12-20"}]
    plant(store, make_family(deliver=["08:00"], cards_by=["email"], pause=pause), *PLAIN, at=NOON)
    desk = Desk(store, mailbox, make_family(deliver=["08:00"], cards_by=["email"]))
    assert desk.gatherer.bring_forward(NOON) == 3
    assert desk.gatherer.bring_forward(NOON) == 0
    assert [m["Subject"] for m in desk.at(EIGHT)] == ["Update, 3 items"]
    desk.close()


def test_the_page_of_a_digest_has_all_and_guards_its_door(desk: Desk, store: Store, family: Family) -> None:
    plant(store, family, *CARDS, at=NOON)
    desk.at(EIGHT)
    with store.read() as session:
        token = session.scalars(select(DigestRow.token)).one()
    client = browse(store, family)
    page = client.get(f"/digest/{token}")
    assert page.status_code == 200
    assert "Did you sign the form?" in page.text
    assert "no-store" in page.headers["Cache-Control"]
    assert client.get("/digest/" + "A" * 43).status_code == 404
    assert client.get("/digest/x").status_code == 404
    assert before_and_after(desk, lambda: client.get(f"/digest/{token}")), "looking changes nothing"


def test_subjects_with_topics_where_they_were_chosen(store: Store, mailbox: Mailbox, make_family) -> None:
    family = make_family(deliver=["08:00"], cards_by=["email"], subject="topics")
    desk = Desk(store, mailbox, family)
    plant(store, family, card(DENTIST), card(CLEATS), at=NOON)
    assert [m["Subject"] for m in desk.at(EIGHT)] == ["Update, 2 items: Expenses, Medical"]
    desk.close()


def test_a_digest_that_is_refused_is_told_over_the_other_channel(store: Store, mailbox: Mailbox, make_family) -> None:
    family = make_family(deliver=["08:00"], cards_by=["email"])
    plant(store, family, *PLAIN, at=NOON)
    Gatherer(store, Directory([family]), URL).gather(EIGHT)
    loop = Loop()
    host = SmartHost(MailOut(host="127.0.0.1", port=mailbox.port, security="none"), None)
    edge = Edge(store, Directory([family]), {"email": host, "sms": host}, lambda: EIGHT)
    mailbox.answers.append("550 no")
    loop.do(edge.round())
    loop.close()
    (notice,) = deliveries(store, kind="notice")
    assert notice.channel == "sms"
    assert "could not be delivered the usual way. Open: https://relay.example.org/digest/" in notice.content["text"]
    assert (outbox.URGENT_KIND, outbox.URGENT_LANES) == ("alarm", ("danger", "emergency"))


@pytest.mark.parametrize("hour", [date(2026, 3, 8), date(2026, 11, 1)])
def test_a_digest_over_the_clock_change(store: Store, mailbox: Mailbox, family: Family, hour: date) -> None:
    desk = Desk(store, mailbox, family)
    noon = datetime(hour.year, hour.month, hour.day, 12, tzinfo=UTC) - timedelta(days=1)
    plant(store, family, *PLAIN, at=noon + timedelta(hours=12, minutes=5))
    offset = 5 if hour.month == 3 else 6
    assert desk.at(datetime(hour.year, hour.month, hour.day, 7 + offset, 59, tzinfo=UTC)) == []
    (mail,) = desk.at(datetime(hour.year, hour.month, hour.day, 8 + offset, 0, tzinfo=UTC))
    assert f", 8:00 am (UTC-0{offset}:00)" in words(mail)
    desk.close()


def browse(store: Store, family: Family) -> TestClient:
    return TestClient(make_app(DigestPages(store, Directory([family]), utc_now)))


def before_and_after(desk: Desk, look: Callable[[], object]) -> bool:
    before = len(desk.log())
    look()
    return len(desk.log()) == before
