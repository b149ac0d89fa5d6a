"""Texts of one sender within two minutes, over real sockets: one card, each kept apart, and danger never waits."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import select

from gateway.demo.sample import EX_EMAIL, EX_PHONE, PARENT_PHONE, SAFETY_EMAIL, Sample
from gateway.store.tables import DecisionRow, MessageRow, WaitingRow
from tests.e2e.world import World, open_world, wait_until

WAIT = 120
CHANNEL = "text message, 3 texts read together"


class Hands:
    """A clock that moves when told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 26, 18, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def on(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def world(tmp_path, hands: Hands) -> Iterator[World]:
    with open_world(tmp_path, hands, texts={"wait_seconds": WAIT}) as opened:
        yield opened


def text(world: World, words: str, sender: str = EX_PHONE) -> None:
    assert world.send(Sample("", "sms", words, sender=sender)) == "HTTP 200"


def waiting(world: World) -> list[str]:
    """The words of the texts that were looked at and wait."""
    with world.store.read() as session:
        ids = session.scalars(
            select(WaitingRow.message_id)
            .join(MessageRow, MessageRow.id == WaitingRow.message_id)
            .where(MessageRow.state == "stored")
            .order_by(WaitingRow.message_id)
        )
        return [str(i) for i in ids]


def looked_at(world: World, waits: int, done: int) -> None:
    """Wait until so many texts wait and so many are concluded."""

    def holds() -> bool:
        with world.store.read() as session:
            concluded = len(session.scalars(select(MessageRow.id).where(MessageRow.state == "done")).all())
        return (len(waiting(world)), concluded) == (waits, done)

    wait_until(holds, 20)


def decisions(world: World) -> list[DecisionRow]:
    with world.store.read() as session:
        found = list(session.scalars(select(DecisionRow).order_by(DecisionRow.message_id)))
        session.expunge_all()
        return found


def log(world: World, kind: str) -> list[dict]:
    return [dict(e.body) for e in world.log() if e.kind == kind]


def items(world: World) -> list[str]:
    return [item["text"] for card in world.cards() for item in card.content["items"]]


def three(world: World, hands: Hands) -> None:
    for words in ("pickup is at", "6", "on friday"):
        text(world, words)
        hands.on(30)
    looked_at(world, 3, 0)


def test_three_texts_make_one_card_and_stay_three_messages(world: World, hands: Hands) -> None:
    three(world, hands)
    assert (world.cards(), world.mailbox.received, world.carrier.sent) == ([], [], [])
    hands.on(31)
    world.settle()
    (card,) = world.cards()
    assert [(i["text"], i["when"]) for i in card.content["items"]] == [("pickup is at 6 on friday", "2026-11-27T18:00")]
    assert card.content["channel"] == CHANNEL
    assert len(world.mails()) == len([t for t in world.carrier.sent if t["To"] == PARENT_PHONE]) == 1
    made = decisions(world)
    assert [(d.message_id, d.new_text) for d in made] == [(1, "pickup is at"), (2, "6"), (3, "on friday")]
    groups = [{"messages": [1, 2, 3], "place": n, "lane": "facts"} for n in (1, 2, 3)]
    assert [d.detail["group"] for d in made] == groups
    assert [b["group"] for b in log(world, "decided")] == groups
    assert [b["card"] for b in log(world, "decided")] == [True, False, False]
    assert [(b["message"], b["group"]) for b in log(world, "text waits")] == [(1, 1), (2, 1), (3, 1)]
    assert {b["until"] for b in log(world, "text waits")} == {"2026-11-26T18:02:00.000000Z"}


def test_danger_goes_at_once_and_the_rest_follows(world: World, hands: Hands) -> None:
    text(world, "soccer is moved to")
    text(world, "I will kill you if you are late again")
    text(world, "4 on saturday")
    looked_at(world, 2, 1)
    wait_until(lambda: len(world.mails(SAFETY_EMAIL)) == 1, 20)
    assert [c.lane for c in world.cards()] == ["danger"]
    hands.on(WAIT)
    world.settle()
    assert [c.lane for c in world.cards()] == ["danger", "facts"]
    assert items(world) == ["soccer is moved to 4 on saturday"]
    assert decisions(world)[0].detail["group"]["messages"] == [1, 3]
    assert len(world.mails(SAFETY_EMAIL)) == 1


def test_a_threat_that_only_the_texts_together_make_goes_at_once(world: World, hands: Hands) -> None:
    text(world, "i swear i will")
    looked_at(world, 1, 0)
    text(world, "kill you")
    looked_at(world, 0, 2)
    world.settle()
    assert [c.lane for c in world.cards()] == ["danger"]
    assert len(log(world, "alarm")) == len(world.mails(SAFETY_EMAIL)) == 1
    assert [d.detail["group"]["messages"] for d in decisions(world)] == [[1, 2], [1, 2]]
    hands.on(WAIT)
    assert "kill" not in str([bytes(raw) for _, _, raw in world.mailbox.received])


def test_an_emergency_goes_at_once(world: World, hands: Hands) -> None:
    text(world, "call me")
    text(world, "Noah fell, we are in an ambulance to St Luke's hospital right now")
    looked_at(world, 1, 1)
    assert [c.lane for c in world.cards()] == ["emergency"]


def test_what_comes_later_than_two_minutes_is_another_group(world: World, hands: Hands) -> None:
    text(world, "Noah has soccer at 10 on Saturday")
    looked_at(world, 1, 0)
    hands.on(WAIT + 1)
    world.settle()
    text(world, "Emma needs her coat on Monday")
    hands.on(WAIT + 1)
    world.settle()
    assert [c.content["channel"] for c in world.cards()] == ["text message", "text message"]
    assert [d.detail.get("group") for d in decisions(world)] == [None, None]


def test_two_senders_do_not_mix(world: World, hands: Hands) -> None:
    text(world, "pickup is at")
    text(world, "6 on friday", sender="+15005550077")
    looked_at(world, 2, 0)
    hands.on(WAIT)
    world.settle()
    assert sorted(c.content["who"] for c in world.cards()) == ["Mark", "someone not on your list"]
    assert [d.detail.get("group") for d in decisions(world)] == [None, None]


def test_mail_does_not_wait_and_does_not_mix(world: World, hands: Hands) -> None:
    text(world, "pickup is at")
    world.send(Sample("", "email", "Noah has soccer at 10 on Saturday.\n", "Saturday", sender=EX_EMAIL))
    looked_at(world, 1, 1)
    assert [c.content["channel"] for c in world.cards()] == ["email"]


@pytest.mark.parametrize(
    ("words", "lane"),
    [("Liked “Thank you”", "withheld"), ("STOP", "withheld"), ("cancel", "unsorted"), ("Help", "unsorted")],
)
def test_what_is_no_piece_of_a_thought_does_not_wait(world: World, words: str, lane: str) -> None:
    text(world, words)
    looked_at(world, 0, 1)
    assert world.lanes() == [lane]


def test_a_reaction_is_kept_and_logged_and_not_forwarded(world: World, hands: Hands) -> None:
    text(world, "Loved “Thank you so much”")
    looked_at(world, 0, 1)
    assert (world.cards(), world.mailbox.received, world.carrier.sent) == ([], [], [])
    assert len(log(world, "received")) == len(log(world, "decided")) == 1
    assert decisions(world)[0].detail["kind"] == "reaction"


def test_a_text_to_a_group_is_shown_as_such(world: World) -> None:
    """Others read it too: nobody answers there, and a person looks."""
    from urllib.parse import urlencode

    from twilio.request_validator import RequestValidator

    from gateway.demo.run import TOKEN, text_form

    form = text_form(Sample("", "sms", "Noah has soccer at 10 on Saturday", sender=EX_PHONE), 99)
    form["OtherRecipients0"] = "+15005550088"
    url = f"{world.settings.server.public_url}/sms/incoming"
    signed = {"X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(url, form)}
    head = {"Content-Type": "application/x-www-form-urlencoded"} | signed
    assert httpx.post(url, content=urlencode(form), headers=head).status_code == 200
    looked_at(world, 0, 1)
    (card,) = world.cards()
    assert card.lane == "unsorted"
    assert "the text went to a group, and others read it too" in " ".join(card.content["notes"])
    world.settle()
    assert b"went to a group" in world.mailbox.received[0][2].replace(b"=\r\n", b"")


def test_the_page_of_the_card_opens_all_texts_of_the_group(world: World, hands: Hands) -> None:
    for words in ("can you take noah", "thursday", "you never do anything for them anyway"):
        text(world, words)
    looked_at(world, 3, 0)
    hands.on(WAIT)
    world.settle()
    (card,) = world.cards()
    page = f"{world.settings.server.public_url}/card/{card.token}"
    assert "never do anything" not in httpx.get(page).text
    opened = httpx.post(page + "/original").text
    assert "can you take noah\nthursday\nyou never do anything for them anyway" in opened
    assert log(world, "original opened") == [{"message": 1, "group": [1, 2, 3]}]


def test_a_group_explains_itself_again(world: World, hands: Hands, tmp_path, monkeypatch) -> None:
    from io import StringIO

    from rich.console import Console

    from gateway import replay

    three(world, hands)
    hands.on(WAIT)
    world.settle()
    monkeypatch.setattr(replay, "load", lambda _: world.settings)
    for number in (1, 2, 3):
        out = StringIO()
        assert replay.stored(Console(file=out, width=200), tmp_path, number), out.getvalue()
        assert f"Text {number} of 3 that were read together." in out.getvalue()


def test_a_stopped_gateway_takes_the_group_up_again(tmp_path, hands: Hands) -> None:
    with open_world(tmp_path, hands, texts={"wait_seconds": WAIT}) as world:
        text(world, "pickup is at")
        text(world, "6")
        looked_at(world, 2, 0)
    hands.on(40)
    with open_world(tmp_path, hands, texts={"wait_seconds": WAIT}) as world:
        world.number = 2
        text(world, "on friday")
        looked_at(world, 3, 0)
        hands.on(WAIT - 40)
        world.settle()
        assert items(world) == ["pickup is at 6 on friday"]
        assert len(world.mails()) == 1
    with open_world(tmp_path, hands, texts={"wait_seconds": WAIT}) as world:
        assert (len(world.cards()), world.mailbox.received) == (1, [])


def test_without_a_wait_each_text_is_read_by_itself(tmp_path, hands: Hands) -> None:
    with open_world(tmp_path, hands) as world:
        text(world, "Noah has soccer at 10 on Saturday")
        text(world, "Emma needs her coat on Monday")
        world.settle()
        assert len(world.cards()) == 2
        assert log(world, "text waits") == []


def test_a_group_that_cannot_be_read_is_read_text_by_text(world: World, hands: Hands, monkeypatch) -> None:
    import gateway.worker

    def broken(*_: object) -> None:
        raise RuntimeError("together")

    monkeypatch.setattr(gateway.worker, "conclusions", broken)
    three(world, hands)
    hands.on(WAIT)
    world.settle()
    assert items(world) == ["pickup is at", "6", "on friday"]
    assert {d.detail.get("group") is None for d in decisions(world)} == {True}
