"""Texts that the carrier lists and no webhook brought: found page by page, kept once, with the time they should have come."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select

from gateway.demo.carriers import Carrier, Mailbox
from gateway.demo.run import TOKEN
from gateway.demo.sample import EX_PHONE, RELAY_PHONE, Sample
from gateway.doctor import texts as doctor
from gateway.errors import CarrierError, SettingsError
from gateway.intake import reconcile
from gateway.intake.keep import Keeper
from gateway.intake.reconcile import Reconciler
from gateway.ledger import INSTALLATION, append
from gateway.provenance import RECOVERED
from gateway.settings import Twilio
from gateway.store import Blobs, Store
from gateway.store.tables import MediaRow, MessageRow, ReconciledRow
from tests.conftest import NOON
from tests.e2e.world import World, open_world, wait_until
from tests.harness import Loop
from tests.intake.test_grouping import Hands

ACCOUNT = "AC" + "0" * 32


def form(number: int, words: str = "Noah has soccer at 10 on Saturday", **changes: str) -> dict[str, str]:
    return {"MessageSid": f"SM{number:032x}", "From": EX_PHONE, "To": RELAY_PHONE, "Body": words} | changes


@pytest.fixture
def carrier() -> Iterator[Carrier]:
    loop, made = Loop(), Carrier()
    loop.do(made.open())
    yield made
    loop.do(made.close())
    loop.close()


@contextmanager
def job(store: Store, blobs: Blobs, directory, carrier: Carrier, hands: Hands, page: int = 100):
    """A reconciler whose gateway first ran two days ago."""
    with store.write() as session:
        append(session, INSTALLATION, "started", {}, now=NOON - timedelta(days=2))
    keeper = Keeper(store, blobs)
    twilio = Twilio(account_sid=ACCOUNT, auth_token=TOKEN, api_base=carrier.base)
    yield Reconciler(store, directory, twilio, hands, page=page), keeper
    keeper.close()


def messages(store: Store) -> list[MessageRow]:
    with store.read() as session:
        found = list(session.scalars(select(MessageRow).order_by(MessageRow.id)))
        session.expunge_all()
        return found


def entries_of(store: Store, kind: str) -> list[dict]:
    from gateway.ledger import entries

    with store.read() as session:
        return [dict(e.body) for e in entries(session, "rivera") if e.kind == kind]


def test_all_pages_are_read_and_what_is_missing_is_kept_oldest_first(store, blobs, directory, carrier) -> None:
    for number in range(25):
        carrier.take(form(number, f"words {number}"), NOON - timedelta(hours=1, minutes=number))
    with job(store, blobs, directory, carrier, Hands(), page=10) as (reconciler, keeper):
        assert reconciler.missing() == 25
        assert messages(store) == []
        carrier.asked = 0
        assert reconciler.run(keeper) == 25
        assert carrier.asked == 3
        assert reconciler.run(keeper) == reconciler.missing() == 0
    rows = messages(store)
    assert [row.provider_id for row in rows] == [form(n)["MessageSid"] for n in reversed(range(25))]
    first = rows[0]
    assert (first.channel, first.provenance, first.received_at) == ("sms", "received", NOON)
    assert first.written_at == NOON - timedelta(hours=1, minutes=24)
    assert first.envelope["mail_from"] == EX_PHONE
    assert "no webhook came" in first.envelope["rebuilt"]
    assert entries_of(store, "received") == []
    recovered = entries_of(store, RECOVERED)
    assert len(recovered) == 25
    assert recovered[0]["should_have_come"] == "2026-11-26T16:36:00.000000Z"
    assert [b["found"] for b in entries_of(store, "reconciled")] == [25]


def test_what_came_by_itself_is_left_alone(store, blobs, directory, carrier) -> None:
    carrier.take(form(1), NOON - timedelta(hours=1))
    with job(store, blobs, directory, carrier, Hands()) as (reconciler, keeper):
        from gateway.intake.keep import Arrival

        arrival = Arrival("rivera", "UTC", "sms", b"Body=x", {"mail_from": EX_PHONE}, NOON, form(1)["MessageSid"])
        keeper.submit(arrival).result(10)
        assert reconciler.run(keeper) == 0
    assert len(messages(store)) == 1
    assert entries_of(store, "reconciled") == []


def test_the_newest_minutes_and_what_was_before_the_gateway_are_left_out(store, blobs, directory, carrier) -> None:
    hands = Hands()
    carrier.take(form(1), NOON - timedelta(minutes=9))
    carrier.take(form(2), NOON - timedelta(days=2, minutes=1))
    carrier.take(form(3, To="+15005559999"), NOON - timedelta(hours=1))
    with job(store, blobs, directory, carrier, hands) as (reconciler, keeper):
        assert reconciler.run(keeper) == 0
        hands.on(120)
        assert reconciler.run(keeper) == 1
    assert [row.provider_id for row in messages(store)] == [form(1)["MessageSid"]]


def test_a_long_gap_is_read_from_the_last_comparison_on(store, blobs, directory, carrier) -> None:
    hands = Hands()
    with job(store, blobs, directory, carrier, hands) as (reconciler, keeper):
        reconciler.run(keeper)
        carrier.take(form(1), NOON + timedelta(days=1))
        hands.on(9 * 86400)
        assert reconciler.run(keeper) == 1
    with store.read() as session:
        row = session.scalars(select(ReconciledRow)).one()
        assert (row.relay, row.found, row.until) == (RELAY_PHONE, 1, hands() - reconcile.GRACE)


def test_our_own_texts_are_not_taken_in(store, blobs, directory, carrier) -> None:
    carrier.sent.append({"sid": "SMown", "at": "Thu, 26 Nov 2026 17:00:00 +0000", "To": RELAY_PHONE, "Body": "x"})
    with job(store, blobs, directory, carrier, Hands()) as (reconciler, keeper):
        assert reconciler.run(keeper) == 0


def test_files_are_fetched_as_from_a_webhook(store, blobs, directory, carrier) -> None:
    carrier.take(form(1), NOON - timedelta(hours=1), files=(("ME1", "image/jpeg"), ("ME2", "image/png")))
    with job(store, blobs, directory, carrier, Hands()) as (reconciler, keeper):
        assert reconciler.run(keeper) == 1
    with store.read() as session:
        found = [(m.url, m.content_type, m.state) for m in session.scalars(select(MediaRow).order_by(MediaRow.id))]
    where = f"{carrier.base}/2010-04-01/Accounts/{ACCOUNT}/Messages/{form(1)['MessageSid']}/Media"
    assert found == [(f"{where}/ME1", "image/jpeg", "waiting"), (f"{where}/ME2", "image/png", "waiting")]


@pytest.mark.parametrize("status", [401, 429, 500])
def test_a_carrier_that_does_not_answer_is_asked_again_from_the_same_place(
    store, blobs, directory, carrier, status: int
) -> None:
    carrier.take(form(1), NOON - timedelta(hours=1))
    with job(store, blobs, directory, carrier, Hands()) as (reconciler, keeper):
        carrier.fail[:] = [status]
        with pytest.raises(CarrierError, match="cannot be asked"):
            reconciler.run(keeper)
        assert reconciler.run(keeper) == 1


def test_a_carrier_that_breaks_off_between_pages_loses_nothing(store, blobs, directory, carrier, monkeypatch) -> None:
    for number in range(15):
        carrier.take(form(number), NOON - timedelta(hours=1, minutes=number))
    calls: list[str] = []
    with job(store, blobs, directory, carrier, Hands(), page=10) as (reconciler, keeper):
        request = reconcile.BasedHttpClient.request

        def second_fails(self, method, url, *arguments, **options):
            calls.append(url)
            if len(calls) == 2:
                raise ConnectionError("broken")
            return request(self, method, url, *arguments, **options)

        monkeypatch.setattr(reconcile.BasedHttpClient, "request", second_fails)
        with pytest.raises(CarrierError):
            reconciler.run(keeper)
        assert messages(store) == []
        assert reconciler.run(keeper) == 15


def open_gateway(tmp_path, hands: Hands, outside=None, minutes: int = 60):
    return open_world(tmp_path, hands, outside, texts={"wait_seconds": 120, "reconcile_minutes": minutes})


def recovered(world: World) -> list[dict]:
    return [dict(e.body) for e in world.log() if e.kind == RECOVERED]


def test_a_gateway_that_was_down_takes_in_at_its_start_what_it_missed(tmp_path) -> None:
    hands, outside = Hands(), (Mailbox(), Carrier())
    with open_gateway(tmp_path, hands, outside) as world:
        world.settle()
    sent = hands()
    for number, words in enumerate(("pickup is at", "6", "on friday")):
        outside[1].take(form(number, words), sent + timedelta(hours=1, seconds=20 * number))
    outside[1].take(form(7, "Emma needs her coat on Monday"), sent + timedelta(hours=3))
    hands.on(30 * 3600)
    with open_gateway(tmp_path, hands, outside) as world:
        wait_until(lambda: len(recovered(world)) == 4, 20)
        wait_until(lambda: len([e for e in world.log() if e.kind == "text waits"]) == 4, 20)
        hands.on(121)
        world.settle()
        together, single = world.cards()
        # "on friday" is read against the day on which it was written
        assert [(i["text"], i["when"]) for i in together.content["items"]] == [
            ("pickup is at 6 on friday", "2026-11-27T18:00")
        ]
        assert single.content["items"][0]["text"] == "Emma needs her coat on Monday"
        for card in (together, single):
            assert "reached the gateway late" in " ".join(card.content["notes"])


def test_it_is_asked_every_hour_by_the_clock(tmp_path) -> None:
    hands = Hands()
    with open_gateway(tmp_path, hands) as world:
        wait_until(lambda: world.carrier.asked == 1, 20)
        world.carrier.take(form(5), hands() + timedelta(minutes=5))
        hands.on(59 * 60)
        assert world.send(Sample("", "sms", "Liked “Ok then”", sender=EX_PHONE)) == "HTTP 200"
        wait_until(lambda: len(world.lanes()) == 1, 20)
        assert world.carrier.asked == 1
        hands.on(61)
        wait_until(lambda: len(recovered(world)) == 1, 20)
        assert world.carrier.asked == 2


def test_a_webhook_that_comes_after_all_is_the_same_text(tmp_path) -> None:
    hands, outside = Hands(), (Mailbox(), Carrier())
    with open_gateway(tmp_path, hands, outside) as world:
        wait_until(lambda: world.carrier.asked == 1, 20)
        sample = Sample("", "sms", "Emma needs her coat on Monday", sender=EX_PHONE)
        world.carrier.take(form(1, sample.text), hands())
        hands.on(3600)
        wait_until(lambda: len(recovered(world)) == 1, 20)
        assert world.send(sample) == "HTTP 200"  # number 1
        hands.on(121)
        world.settle()
        assert len(world.cards()) == 1


def test_doctor_compares_and_takes_in(tmp_path, monkeypatch) -> None:
    hands = Hands()
    monkeypatch.setattr(doctor, "utc_now", hands)
    with open_gateway(tmp_path, hands, minutes=0) as world:
        assert doctor.missed_texts(world.settings).good is True
        world.carrier.take(form(1), hands() + timedelta(minutes=1))
        hands.on(3600)
        finding = doctor.missed_texts(world.settings)
        assert (finding.good, "lists 1 that are not here" in finding.said) == (False, True)
        assert "1 taken in" in doctor.recover(world.settings).said
        assert doctor.missed_texts(world.settings).good is True
        world.carrier.fail[:] = [500]
        assert doctor.missed_texts(world.settings).good is None
        without = world.settings.model_copy(update={"twilio": None})
        assert doctor.missed_texts(without).good is None
        with pytest.raises(SettingsError, match="no \\[twilio\\]"):
            doctor.recover(without)
