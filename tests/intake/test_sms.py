"""Intake by text: only what the carrier signed comes in, once, and is safe before it is acknowledged."""

import sqlite3
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.testclient import TestClient
from twilio.request_validator import RequestValidator

from gateway.demo.sample import EX_PHONE, RELAY_PHONE
from gateway.family import Directory
from gateway.intake.keep import UNASSIGNED, Keeper
from gateway.intake.refusals import Refusals
from gateway.intake.sms import Webhooks
from gateway.ledger import INSTALLATION, entries
from gateway.settings import Twilio
from gateway.store import Blobs, Store
from gateway.store.tables import DeliveryRow, MediaRow, MessageRow, StatusRow

URL = "https://relay.example.org"
TOKEN = "test-token"


class Phone:
    """A client that signs as the carrier does."""

    def __init__(self, client: TestClient, store: Store, blobs: Blobs) -> None:
        self.client, self.store, self.blobs = client, store, blobs

    def post(self, form: dict[str, str], path: str = "/sms/incoming", **changes: str):
        signed = changes.get("signed_url", URL + path)
        signature = changes.get(
            "signature", RequestValidator(changes.get("token", TOKEN)).compute_signature(signed, form)
        )
        headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
        return self.client.post(path, content=changes.get("body", urlencode(form)), headers=headers)

    def rows(self, table: type) -> list:
        with self.store.read() as session:
            found = list(session.scalars(select(table).order_by(table.id)))
            session.expunge_all()
            return found


def web(store: Store, blobs: Blobs, directory: Directory, clock: Callable, twilio: Twilio | None) -> Iterator[Phone]:
    keeper = Keeper(store, blobs)
    hooks = Webhooks(directory, keeper, store, Refusals(store, clock), clock, twilio=twilio, public_url=URL)
    with TestClient(Starlette(routes=hooks.routes())) as client:
        yield Phone(client, store, blobs)
    keeper.close()


@pytest.fixture
def phone(store: Store, blobs: Blobs, directory: Directory, clock: Callable) -> Iterator[Phone]:
    yield from web(store, blobs, directory, clock, Twilio(account_sid="AC1", auth_token=TOKEN))


def form(**changes: str) -> dict[str, str]:
    return {
        "MessageSid": "SM1",
        "From": EX_PHONE,
        "To": RELAY_PHONE,
        "Body": "pickup at 6 & don’t be late +1",
        "NumMedia": "0",
    } | changes


def test_a_signed_text_is_kept_whole_and_answered_with_empty_twiml(phone: Phone) -> None:
    answer = phone.post(form())
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/xml; charset=utf-8")
    assert answer.text == '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
    (row,) = phone.rows(MessageRow)
    assert phone.blobs.get(row.family, row.sha256) == urlencode(form()).encode()
    assert (row.family, row.provider_id, row.envelope["mail_from"]) == ("rivera", "SM1", EX_PHONE)


def test_a_repeat_is_answered_and_kept_once(phone: Phone) -> None:
    assert [phone.post(form()).status_code for _ in range(3)] == [200, 200, 200]
    assert len(phone.rows(MessageRow)) == 1
    with phone.store.read() as session:
        assert [e.kind for e in entries(session, "rivera")] == ["received"]


@pytest.mark.parametrize(
    "changes",
    [
        {"signature": "AAAA"},
        {"signature": ""},
        {"token": "another"},
        {"signed_url": "https://evil.example.com/sms/incoming"},
        {"signed_url": "http://relay.example.org/sms/incoming"},
        {"body": urlencode(form(Body="altered"))},
        {"body": urlencode(form()) + "&Extra=1"},
        {"body": urlencode(form()) + "&Body=second"},
        {"body": "%ff%fe"},
    ],
)
def test_what_the_carrier_did_not_sign_is_refused_and_logged(phone: Phone, changes: dict[str, str]) -> None:
    answer = phone.post(form(), **changes)
    assert (answer.status_code, answer.text) == (403, "the signature does not fit")
    assert phone.rows(MessageRow) == []
    with phone.store.read() as session:
        assert [e.body for e in entries(session, INSTALLATION)] == [{"why": "wrong signature", "channel": "sms"}]


def test_without_an_account_everything_is_refused(store, blobs, directory, clock) -> None:
    for phone in web(store, blobs, directory, clock, None):
        assert phone.post(form(), token="").status_code == 403
        assert phone.rows(MessageRow) == []


def test_a_text_to_a_number_of_no_family_is_kept_all_the_same(phone: Phone) -> None:
    assert phone.post(form(To="+15005559999")).status_code == 200
    assert phone.rows(MessageRow)[0].family == UNASSIGNED


def test_media_are_noted_to_be_fetched_later(phone: Phone) -> None:
    media = {
        "NumMedia": "2",
        "MediaUrl0": "https://api.twilio.com/a",
        "MediaContentType0": "image/jpeg",
        "MediaUrl1": "https://api.twilio.com/b",
    }
    phone.post(form(**media))
    assert [(m.url, m.content_type, m.state) for m in phone.rows(MediaRow)] == [
        ("https://api.twilio.com/a", "image/jpeg", "waiting"),
        ("https://api.twilio.com/b", "application/octet-stream", "waiting"),
    ]


@pytest.mark.parametrize("count", ["", "x", "-1", "99999999999999999999", "²", "1.5"])
def test_a_senseless_media_count_loses_nothing(phone: Phone, count: str) -> None:
    assert phone.post(form(NumMedia=count)).status_code == 200
    assert len(phone.rows(MessageRow)) == 1


@pytest.mark.parametrize(
    "body", ["\0 NUL", "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"), "x" * 20_000, ""]
)
def test_odd_words_are_kept(phone: Phone, body: str) -> None:
    assert phone.post(form(Body=body)).status_code == 200
    assert len(phone.rows(MessageRow)) == 1


def test_an_oversize_form_is_refused(phone: Phone) -> None:
    assert phone.post(form(Body="x" * 300_000)).status_code == 413


def test_a_locked_database_is_try_again(tmp_path, blobs, directory, clock) -> None:
    store = Store(f"sqlite:///{tmp_path / 'locked.db'}", busy_seconds=0.1)
    store.migrate()
    other = sqlite3.connect(tmp_path / "locked.db", isolation_level=None)
    for phone in web(store, blobs, directory, clock, Twilio(account_sid="AC1", auth_token=TOKEN)):
        other.execute("BEGIN IMMEDIATE")
        answer = phone.post(form())
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
        other.execute("ROLLBACK")
        assert phone.post(form()).status_code == 200
        assert len(phone.rows(MessageRow)) == 1
    other.close()
    store.close()


def delivery(phone: Phone, clock: Callable) -> None:
    with phone.store.write() as session:
        session.add(
            DeliveryRow(
                family="rivera", kind="card", channel="sms", address="+15005550002", content={"text": "x"}, out_id="o1",
                state="sent", next_at=clock(), provider_id="SMout",
            )
        )  # fmt: skip


def status(phone: Phone, word: str, **more: str) -> int:
    return phone.post({"MessageSid": "SMout", "MessageStatus": word} | more, "/sms/status").status_code


def test_status_counts_once_and_a_late_one_never_undoes_the_end(phone: Phone, clock: Callable) -> None:
    delivery(phone, clock)
    assert [status(phone, w) for w in ("sent", "delivered", "delivered", "sent", "failed")] == [204] * 5
    assert phone.rows(DeliveryRow)[0].state == "delivered"
    assert [s.status for s in phone.rows(StatusRow)] == ["sent", "delivered", "failed"]


def test_a_failure_is_noted_with_its_code(phone: Phone, clock: Callable) -> None:
    delivery(phone, clock)
    status(phone, "undelivered", ErrorCode="30006")
    row = phone.rows(DeliveryRow)[0]
    assert (row.state, row.last_error) == ("failed", "the number is a landline, or its phone company cannot be reached")


def test_a_forged_status_is_refused(phone: Phone, clock: Callable) -> None:
    delivery(phone, clock)
    answer = phone.post({"MessageSid": "SMout", "MessageStatus": "failed"}, "/sms/status", signature="x")
    assert answer.status_code == 403
    assert phone.rows(DeliveryRow)[0].state == "sent"
