"""Caps on texts, emails and money: what is over one becomes an email or waits, nothing is dropped, alarms never stop."""

import asyncio
import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.delivery.caps import DAY, HOUR, Caps, Held, Limit, Used, decide, month_after
from gateway.delivery.edge import Edge
from gateway.delivery.gather import Gatherer
from gateway.delivery.outbox import Parcel
from gateway.demo.sample import EX_PHONE, PARENT_EMAIL, PARENT_PHONE, SAFETY_EMAIL
from gateway.errors import SettingsError
from gateway.family import Directory, Family
from gateway.ledger import entries, verify
from gateway.policy import Lane
from gateway.settings import load
from gateway.store import Store
from tests.delivery.planted import URL, deliveries, plant
from tests.delivery.sample import card, item
from tests.family.test_settings import made

NOON = datetime(2026, 11, 26, 18, 0, tzinfo=UTC)
NUMBERS = itertools.count(1)
NONE, FREE = Used(), Limit()


def caps(price: float | None = None, installation: Limit = FREE, **family: float) -> Caps:
    return Caps(price_per_segment=price, family=Limit(**family), installation=installation)


def used(*minutes_ago: float, segments: int = 0) -> Used:
    return Used(tuple(sorted(NOON - timedelta(minutes=m) for m in minutes_ago)), segments)


@pytest.mark.parametrize(
    ("settings", "mine", "everybody", "held"),
    [
        (caps(), used(1, 2, 3), NONE, None),
        (caps(texts_per_hour=3), used(1, 2), NONE, None),
        (caps(texts_per_hour=3), used(1, 2, 50), NONE, Held("texts per hour", NOON + timedelta(minutes=10))),
        (caps(texts_per_hour=2), used(1, 2, 50), NONE, Held("texts per hour", NOON + timedelta(minutes=58))),
        (caps(texts_per_hour=3), used(1, 2, 60), NONE, None),
        (caps(texts_per_day=2), used(100, 200), NONE, Held("texts per day", NOON + DAY - timedelta(minutes=200))),
        (caps(installation=Limit(texts_per_hour=2)), NONE, used(1, 30), Held("texts per hour", NOON + timedelta(minutes=30))),
        (caps(0.01, money_per_month=1), used(1, segments=98), NONE, None),
        (caps(0.01, money_per_month=1), used(1, segments=99), NONE, Held("money per month", datetime(2026, 12, 1, tzinfo=UTC))),
    ],
)  # fmt: skip
def test_a_text_may_go_or_not(settings: Caps, mine: Used, everybody: Used, held: Held | None) -> None:
    assert decide("sms", 2, NOON, mine, everybody, settings, only_way=False) == held


def test_emails_have_their_own_cap() -> None:
    settings = caps(texts_per_hour=1, emails_per_hour=2)
    assert decide("email", 0, NOON, used(1), NONE, settings, only_way=False) is None
    assert decide("email", 0, NOON, used(1, 20), NONE, settings, only_way=False) == Held(
        "emails per hour", NOON + timedelta(minutes=40)
    )


def test_without_an_email_one_text_a_day_goes_when_the_money_is_gone() -> None:
    settings = caps(0.01, money_per_month=1)
    spent = used(60 * 3, segments=500)
    assert decide("sms", 1, NOON, spent, NONE, settings, only_way=True) == Held(
        "money per month", NOON + timedelta(hours=21)
    )
    assert decide("sms", 1, NOON, Used((), 500), NONE, settings, only_way=True) is None


@given(
    st.lists(st.floats(0, 3000), max_size=40),
    st.integers(1, 10),
    st.integers(1, 30),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),
)
def test_when_the_wait_is_over_it_may_go(ago: list[float], hour: int, day: int, moment: datetime) -> None:
    now = moment.replace(tzinfo=UTC)
    mine = Used(tuple(sorted(now - timedelta(minutes=m) for m in ago if m < 1440)), 0)
    settings = caps(texts_per_hour=hour, texts_per_day=day)
    held = decide("sms", 1, now, mine, NONE, settings, only_way=False)
    if held is None:
        assert sum(t > now - HOUR for t in mine.times) < hour
    else:
        assert held.until > now
        later = Used(tuple(t for t in mine.times if t > held.until - DAY), 0)
        assert decide("sms", 1, held.until, later, NONE, settings, only_way=False) is None
    assert month_after(now) > now


class Takes:
    """A sender that takes everything."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock, self.went = clock, []

    async def send(self, parcel: Parcel, *, sender: str, now: datetime, hand_over: Callable[[], None]) -> str | None:
        hand_over()
        self.went.append(parcel)
        return f"SM{next(NUMBERS)}" if parcel.channel == "sms" else None


class Stage:
    """An edge with caps over a clock that is set."""

    def __init__(self, store: Store, family: Family, settings: Caps) -> None:
        self.store, self.family, self.now = store, family, NOON
        self.mail, self.texts = Takes(lambda: self.now), Takes(lambda: self.now)
        directory = Directory([family])
        gatherer = Gatherer(store, directory, URL)
        self.edge = Edge(
            store, directory, {"email": self.mail, "sms": self.texts}, lambda: self.now, gatherer, caps=settings
        )

    def bring(self, *words: str, lane: Lane = Lane.FACTS) -> None:
        plant(self.store, self.family, *(card(item(w, "School"), lane=lane) for w in words), at=self.now)
        self.run()

    def run(self) -> None:
        async def rounds() -> None:
            for _ in range(12):
                for channel in ("sms", "email"):
                    await self.edge.round(channel)

        asyncio.run(rounds())

    def after(self, **time: float) -> None:
        self.now += timedelta(**time)
        self.run()

    def log(self, kind: str) -> list[dict]:
        with self.store.read() as session:
            assert verify(entries(session))["rivera"]
            return [dict(e.body) for e in entries(session, "rivera") if e.kind == kind]


@pytest.fixture
def both(make_family: Callable[..., Family]) -> Family:
    return make_family(person=[])


@pytest.fixture
def texts_alone(make_family: Callable[..., Family]) -> Family:
    parent = {"name": "Dana", "phones": [PARENT_PHONE]}
    return make_family(person=[], cards_by=["sms"], parent=parent)


@pytest.fixture
def texts_first(make_family: Callable[..., Family]) -> Family:
    return make_family(person=[], cards_by=["sms"])


def test_where_the_card_goes_by_mail_anyway_the_text_is_spared(store: Store, both: Family) -> None:
    stage = Stage(store, both, caps(texts_per_hour=2))
    stage.bring("One.", "Two.", "Three.", "Four.")
    assert len(stage.texts.went) == 2
    assert [row.state for row in deliveries(store, channel="sms")] == ["sent", "sent", "spared", "spared"]
    cards = [p for p in stage.mail.went if p.kind == "card"]
    assert len(cards) == 4
    (told,) = [p for p in stage.mail.went if p.kind == "notice"]
    assert told.content["text"].startswith(
        "Very many texts went out, so updates come by email until Thu 26 Nov 2026, 1:00 pm"
    )
    assert [b["cap"] for b in stage.log("cap reached")] == ["texts per hour"]
    assert len(stage.log("text spared")) == 2


def test_a_text_becomes_an_email_with_the_same_words(store: Store, texts_first: Family) -> None:
    stage = Stage(store, texts_first, caps(texts_per_hour=1))
    stage.bring("One.", "Two.")
    assert len(stage.texts.went) == 1
    turned = next(p for p in stage.mail.went if p.kind == "card")
    assert turned.address == PARENT_EMAIL
    assert "Two." in turned.content["text"]
    assert turned.content["link"].startswith(URL + "/card/")
    assert len(stage.log("text turned into email")) == 1


def test_with_no_email_texts_wait_and_come_together(store: Store, texts_alone: Family) -> None:
    stage = Stage(store, texts_alone, caps(texts_per_hour=2))
    stage.bring("One.", "Two.", "Three.", "Four.")
    assert [p.kind for p in stage.texts.went] == ["card", "card", "notice"]
    assert "updates wait until" in stage.texts.went[-1].content["text"]
    stage.after(minutes=30)
    assert len(stage.texts.went) == 3
    stage.after(minutes=31)
    (digest,) = [p for p in stage.texts.went if p.kind == "digest"]
    assert "Three." in digest.content["text"]
    assert "Four." in digest.content["text"]


@pytest.mark.parametrize("lane", [Lane.EMERGENCY, Lane.DANGER, Lane.LEGAL])
def test_what_cannot_wait_is_never_held(store: Store, texts_alone: Family, lane: Lane) -> None:
    stage = Stage(store, texts_alone, caps(0.01, texts_per_hour=1, texts_per_day=1, money_per_month=0.01))
    stage.bring("One.", "Two.")
    before = len(stage.texts.went)
    stage.bring("Now.", "Now too.", lane=lane)
    assert len(stage.texts.went) == before + 2


def test_alarms_to_the_safety_contact_and_answers_are_never_held(
    store: Store, make_family: Callable[..., Family]
) -> None:
    family = make_family()
    stage = Stage(store, family, caps(texts_per_hour=1, emails_per_hour=1))
    stage.bring("One.")
    stage.bring("danger", lane=Lane.DANGER)
    assert SAFETY_EMAIL in {p.address for p in stage.mail.went}
    from gateway.delivery import outbox

    with store.write() as session:
        for channel, address in (("sms", EX_PHONE), ("email", "mark@example.net")):
            outbox.put(session, family="rivera", message_id=None, card_id=None, kind="reply", channel=channel,
                       address=address, content={"subject": "Re: x", "text": "Yes."}, due=NOON)  # fmt: skip
    stage.run()
    assert [p.address for p in (stage.texts.went[-1], stage.mail.went[-1])] == [EX_PHONE, "mark@example.net"]


def test_the_money_of_the_month(store: Store, texts_alone: Family) -> None:
    stage = Stage(store, texts_alone, caps(0.01, money_per_month=0.02))
    stage.bring("One.")
    stage.after(hours=1)
    stage.bring("Two.")
    stage.after(hours=1)
    stage.bring("Three.")
    before = len(stage.texts.went)
    stage.bring("Four.")
    assert len(stage.texts.went) == before
    stage.after(hours=25)  # one text a day goes all the same
    assert {p.kind for p in stage.texts.went[before:]} == {"digest"}
    assert "Four." in stage.texts.went[-1].content["text"]
    stage.now = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
    stage.bring("Five.")
    assert "Five." in stage.texts.went[-1].content["text"]


def test_emails_wait_for_their_hour(store: Store, make_family: Callable[..., Family]) -> None:
    stage = Stage(store, make_family(person=[], cards_by=["email"]), caps(emails_per_hour=2))
    stage.bring("One.", "Two.", "Three.")
    assert [p.kind for p in stage.mail.went] == ["card", "card", "notice"]
    stage.after(minutes=61)
    assert "Three." in stage.mail.went[-1].content["text"]


def test_one_family_does_not_use_up_anothers_texts(store: Store, make_family: Callable[..., Family]) -> None:
    first, second = make_family(person=[], cards_by=["sms"]), make_family(
        key="okoye", person=[], cards_by=["sms"], relay_email="okoye@relay.example.org", relay_phone="+15005550011"
    )  # fmt: skip
    stage = Stage(store, first, caps(texts_per_hour=1))
    directory = Directory([first, second])
    stage.edge = Edge(
        store, directory, {"email": stage.mail, "sms": stage.texts}, lambda: stage.now,
        Gatherer(store, directory, URL), caps=caps(texts_per_hour=1),
    )  # fmt: skip
    stage.bring("One.", "Two.")
    plant(store, second, card(item("Three.", "School")), at=NOON)
    stage.run()
    assert [p.family for p in stage.texts.went] == ["rivera", "okoye"]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            "[caps.installation]\nmoney_per_month = 5.0",
            "caps: installation has money_per_month: then price_per_segment is needed",
        ),
        (
            "[caps.installation]\ntexts_per_hour = 0",
            "caps › installation › texts_per_hour: found 0; input should be greater than or equal to 1",
        ),
        ("[caps.installation]\ntexts_per_minute = 1", "caps › installation › texts_per_minute: is not a setting"),
    ],
)
def test_mistakes_are_explained(tmp_path: Path, lines: str, said: str) -> None:
    file = made(tmp_path)
    file.write_text(file.read_text(encoding="utf8") + "\n" + lines + "\n", encoding="utf8")
    with pytest.raises(SettingsError) as caught:
        load(tmp_path)
    assert said in str(caught.value)
