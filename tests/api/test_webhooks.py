"""An address is told that there is news, and nothing else: signed, in order, again after failures and restarts, only on the public internet."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import socket
import ssl
import struct
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from sqlalchemy import select, update

from gateway.accounts.key import account_key
from gateway.api import webhooks
from gateway.api.courier import WHYS, Courier
from gateway.api.reach import may_reach, target_of
from gateway.api.webhooks import LEASE, PATIENCE, Herald
from gateway.clock import utc_now
from gateway.demo.sample import SAMPLES
from gateway.errors import UserError
from gateway.parsing.authentication import NoAnswer
from gateway.store import Store
from gateway.store.tables import DeliveryRow, NewsRow, WebhookRow
from tests.api.asking import parent_of, program
from tests.api.receiver import Receiver
from tests.e2e.world import World, open_world, wait_until


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as made:
        yield made


def hooked(world: World, url: str, family: int = 0) -> tuple[int, str]:
    """Number and secret of a webhook to that address."""
    home = world.settings.families[family]
    account, key = parent_of(world.store, home), account_key(world.settings.data)
    with world.store.write() as session:
        nonce = hashlib.sha256(f"{url}{time.monotonic_ns()}".encode()).hexdigest()[:40]
        row, secret = webhooks.make(session, key, home, account, "a program", url, nonce, utc_now(), loopback=True)
        return row.id, secret


def row_of(store: Store, number: int) -> WebhookRow:
    with store.read() as session:
        row = session.get_one(WebhookRow, number)
        session.expunge(row)
        return row


def signed(secret: str, headers: dict[str, str], body: bytes) -> str:
    """The signature by OpenSSL, as the scheme says it: nothing of ours."""
    key = base64.b64decode(secret.removeprefix("whsec_")).hex()
    words = headers["webhook-id"].encode() + b"." + headers["webhook-timestamp"].encode() + b"." + body
    command = ["openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{key}", "-binary"]
    made = subprocess.run(command, input=words, capture_output=True, check=True).stdout
    return "v1," + base64.b64encode(made).decode()


def test_a_receiver_is_told_that_there_is_news_and_learns_nothing_else(fresh: World, receiver: Receiver) -> None:
    for sample in SAMPLES[:2]:
        fresh.send(sample)
    fresh.settle()
    number, secret = hooked(fresh, receiver.url + "/news?for=me")
    for sample in (SAMPLES[2], SAMPLES[3], SAMPLES[5]):  # facts in a hook, only a hook, danger
        fresh.send(sample)
    fresh.settle()
    fresh.gateway._wake_edge()  # type: ignore[union-attr]
    wait_until(lambda: len(receiver.got) >= 2, 60)
    time.sleep(1)
    assert len(receiver.got) == 2, "what was there before is no news, and what was kept back is none"
    for headers, body in receiver.got:
        said = json.loads(body)
        assert said == {"type": "card.new", "timestamp": said["timestamp"], "data": {}}
        assert headers["webhook-signature"] == signed(secret, headers, body)
        assert abs(int(headers["webhook-timestamp"]) - time.time()) < 90
        assert headers["path"] == "/news?for=me"
        sent = {name: value for name, value in headers.items() if not name.startswith("webhook-")}
        assert set(sent) <= {
            "host",
            "accept",
            "accept-encoding",
            "connection",
            "content-type",
            "content-length",
            "user-agent",
            "path",
        }
        assert headers["user-agent"] == "planner"
        assert headers["host"] == f"127.0.0.1:{receiver.port}"
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 2
    kinds = [e.kind for e in fresh.log() if e.kind.startswith("webhook")]
    assert kinds == ["webhook made", "webhook told", "webhook told"]
    assert receiver.url not in json.dumps([dict(e.body) for e in fresh.log()]), "no address stands in the log"
    assert row_of(fresh.store, number).told_at is not None


def test_the_secret_is_sealed_in_the_table(fresh: World, receiver: Receiver) -> None:
    number, secret = hooked(fresh, receiver.url)
    row = row_of(fresh.store, number)
    assert secret not in row.secret
    assert base64.b64decode(secret.removeprefix("whsec_")) not in base64.b64decode(row.secret)
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32


class Quiet:
    """A gateway whose own thread does not tell; the test's herald does, by its own clock."""

    def __init__(self, world: World, receiver: Receiver) -> None:
        self.world, self.receiver, self.now = world, receiver, utc_now()
        self.herald = self.another()

    def another(self) -> Herald:
        key = account_key(self.world.settings.data)
        courier = Courier(lambda _n, _k: [], loopback=True, seconds=8.0)
        url = self.world.settings.server.public_url
        directory = self.world.settings.families_by_address()
        return Herald(self.world.store, directory, lambda: self.now, key, courier, url)

    def after(self, **time: float) -> bool:
        self.now += timedelta(**time)
        return self.herald.step()


@pytest.fixture
def quiet(tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Iterator[Quiet]:
    monkeypatch.setattr("gateway.serve.Gateway._run_webhooks", lambda self: self._stopping.wait())
    with open_world(tmp_path, tools={"loopback_webhooks": True}) as world:
        yield Quiet(world, receiver)


def test_it_is_told_again_under_the_same_name_until_it_is_taken_also_after_a_restart(quiet: Quiet) -> None:
    world, receiver = quiet.world, quiet.receiver
    number, secret = hooked(world, receiver.url)
    receiver.answers = [500, 302, 404, 204]
    world.send(SAMPLES[0])
    world.send(SAMPLES[1])
    world.settle()
    quiet.now = utc_now()
    assert quiet.herald.step()
    assert not quiet.after(seconds=10), "not before its time"
    assert quiet.after(seconds=20)
    quiet.herald = quiet.another()  # what a restart leaves is the table
    assert quiet.after(seconds=60)
    row = row_of(world.store, number)
    assert (row.failures, row.why, row.told_at) == (3, "it answers 404", None)
    assert quiet.after(seconds=120)
    assert quiet.after(seconds=1)
    assert not quiet.after(seconds=1)
    names = [headers["webhook-id"] for headers, _ in receiver.got]
    assert names[:4] == [names[0]] * 4
    assert names[4] != names[0]
    assert not [headers for headers, _ in receiver.got if headers["path"] == "/elsewhere"], "no redirect is followed"
    assert [h["webhook-signature"] for h, _ in receiver.got] == [signed(secret, h, b) for h, b in receiver.got]
    times = [int(h["webhook-timestamp"]) for h, _ in receiver.got]
    assert times == sorted(times)
    assert len(set(times[:4])) == 4
    kinds = [e.kind for e in world.log() if e.kind.startswith("webhook")]
    assert kinds == ["webhook made", "webhook delayed", "webhook told", "webhook told"]
    assert row_of(world.store, number).failing_since is None


def test_a_crash_between_sending_and_noting_repeats_and_loses_nothing(
    quiet: Quiet, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, _ = hooked(quiet.world, quiet.receiver.url)
    quiet.world.send(SAMPLES[0])
    quiet.world.settle()
    quiet.now = utc_now()

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Herald, "_settle", killed)
        quiet.herald.step()
    quiet.herald = quiet.another()
    assert not quiet.after(seconds=1), "it is claimed for a minute"
    assert quiet.after(seconds=LEASE.total_seconds())
    first, second = (headers["webhook-id"] for headers, _ in quiet.receiver.got)
    assert first == second
    assert row_of(quiet.world.store, number).told_at is not None


def test_after_three_days_it_is_paused_and_the_parent_is_told_and_can_let_it_go_on(quiet: Quiet) -> None:
    world, receiver = quiet.world, quiet.receiver
    number, _ = hooked(world, receiver.url)
    receiver.answers = [503]
    world.send(SAMPLES[0])
    world.settle()
    quiet.now = utc_now()
    start, tries = quiet.now, 0
    while quiet.now - start < PATIENCE + timedelta(hours=2):
        tries += quiet.after(minutes=20)
    assert 60 < tries < 100
    assert row_of(world.store, number).paused_at is not None
    kinds = [e.kind for e in world.log() if e.kind.startswith("webhook")]
    assert kinds == ["webhook made", "webhook delayed", "webhook paused"]
    with world.store.read() as session:
        notices = session.scalars(
            select(DeliveryRow).where(DeliveryRow.kind == "notice", DeliveryRow.channel == "email")
        ).all()
    (told,) = [row.content["text"] for row in notices if "not told of news any more" in row.content["text"]]
    assert receiver.url not in told
    with world.store.write() as session:  # it is due three days from now
        session.execute(update(DeliveryRow).where(DeliveryRow.next_at > utc_now()).values(state="withdrawn"))
    before = len(receiver.got)
    assert not quiet.after(days=1)
    receiver.answers = [204]
    with world.store.write() as session:
        row = session.get_one(WebhookRow, number)
        webhooks.change(session, row, world.settings.families[0], 1, "resume", quiet.now)
    assert not quiet.after(seconds=1), "it goes on with what comes from now on"
    world.send(SAMPLES[1])
    world.settle()
    assert quiet.after(seconds=20)
    assert len(receiver.got) == before + 1


def test_one_that_wants_no_more_is_paused_at_once(quiet: Quiet) -> None:
    number, _ = hooked(quiet.world, quiet.receiver.url)
    quiet.receiver.answers = [410]
    quiet.world.send(SAMPLES[0])
    quiet.world.settle()
    quiet.now = utc_now()
    assert quiet.herald.step()
    assert row_of(quiet.world.store, number).paused_at is not None


def test_a_trial_goes_to_its_own_address_and_keeps_nothing_waiting(quiet: Quiet) -> None:
    number, _ = hooked(quiet.world, quiet.receiver.url)
    hooked(quiet.world, quiet.receiver.url + "/other")
    quiet.receiver.answers = [500, 204]
    with quiet.world.store.write() as session:
        webhooks.change(
            session, session.get_one(WebhookRow, number), quiet.world.settings.families[0], 1, "test", quiet.now
        )
    assert quiet.after(seconds=1)
    assert row_of(quiet.world.store, number).why == "it answers 500"
    assert not quiet.after(seconds=1)
    ((headers, body),) = quiet.receiver.got
    assert (headers["path"], json.loads(body)["type"]) == ("/", "test")


def test_one_bad_address_does_not_keep_others_waiting(quiet: Quiet) -> None:
    with Receiver() as good:
        hooked(quiet.world, quiet.receiver.url)
        hooked(quiet.world, good.url)
        quiet.receiver.answers = [_very_slow]
        quiet.world.send(SAMPLES[0])
        quiet.world.settle()
        quiet.now, began = utc_now(), time.monotonic()
        quiet.herald.step()
        quiet.herald.step()
        assert len(good.got) == 1
        assert time.monotonic() - began < 40


def test_the_account_that_ended_has_no_webhook_any_more(quiet: Quiet) -> None:
    from gateway.store.tables import AccountRow

    hooked(quiet.world, quiet.receiver.url)
    quiet.world.send(SAMPLES[0])
    quiet.world.settle()
    with quiet.world.store.write() as session:
        session.scalars(select(AccountRow)).one().ends_at = utc_now() - timedelta(seconds=1)
    quiet.now = utc_now()
    assert not quiet.herald.step()


def test_a_finished_record_is_news(quiet: Quiet) -> None:
    from gateway.record import shelf
    from gateway.record.make import Order
    from gateway.store.tables import ExportRow

    hooked(quiet.world, quiet.receiver.url)
    home = quiet.world.settings.families[0]
    with quiet.world.store.write() as session:
        number = shelf.ask(session, home, 1, Order(), "nonce", utc_now()).id
        session.flush()
        session.get_one(ExportRow, number).state = shelf.READY
    assert quiet.after(seconds=20)
    assert json.loads(quiet.receiver.got[0][1])["type"] == "record.ready"
    assert program(quiet.world).get("/records")["items"][0]["number"] == number
    with quiet.world.store.read() as session:
        assert session.scalars(select(NewsRow.kind)).all() == ["record.ready"]


@pytest.mark.parametrize("address", [
    "127.0.0.1", "10.0.0.1", "172.16.9.9", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255",
    "192.0.2.1", "198.18.0.1", "240.0.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "ff02::1", "::ffff:127.0.0.1",
    "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2001:0:4136:e378:8000:63bf:80ff:fffe", "2001:db8::1",
])  # fmt: skip
def test_addresses_that_are_not_public_are_not_reached(address: str) -> None:
    assert not may_reach(ip_address(address))
    literal = f"[{address}]" if ":" in address else address
    with pytest.raises(UserError):
        target_of(f"https://{literal}/")
    courier = Courier(lambda _name, kind: [address] if (kind == "AAAA") == (":" in address) else [])
    assert courier.bring("https://tools.example.org/", {}, b"{}").why == WHYS["address"]


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:4700:4700::1111", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]
)
def test_public_addresses_may_be_reached(address: str) -> None:
    assert may_reach(ip_address(address))


def test_one_private_address_among_several_is_enough_to_refuse() -> None:
    courier = Courier(lambda _name, kind: ["93.184.216.34", "10.0.0.1"] if kind == "A" else [])
    assert courier.bring("https://tools.example.org/", {}, b"{}").why == WHYS["address"]


@pytest.mark.parametrize("url", [
    "http://tools.example.org/", "ftp://tools.example.org/", "https://", "https:///x", "https://user:pw@tools.example.org/",
    "https://user@tools.example.org/", "https://localhost/", "https://db/", "https://2130706433/", "https://0x7f.1/", "https://127.1/",
    "https://tools.example.org:0/", "https://tools.example.org:99999/", "https://tools.example.org/#x", "https://tools.example.org/ x",
    "https://tools.example.org\\@127.0.0.1/", "https://tools.example.org/\r\nX: y", "https://exämple.org/", "https://[::1/", "javascript:alert(1)",
    "https://tools.example.org/" + "x" * 600, "//tools.example.org/", "", "https://0177.0.0.1/", "https://[::ffff:127.0.0.1]/",
])  # fmt: skip
def test_what_is_no_address_for_a_webhook(url: str) -> None:
    with pytest.raises(UserError):
        target_of(url)


def test_this_machine_counts_only_where_that_is_set() -> None:
    assert target_of("http://127.0.0.1:8080/x", loopback=True).port == 8080
    for url in ("http://127.0.0.1/", "https://127.0.0.1/"):
        with pytest.raises(UserError):
            target_of(url)
    for url in ("http://10.0.0.1/", "http://tools.example.org/", "https://169.254.169.254/"):
        with pytest.raises(UserError):
            target_of(url, loopback=True)


def _slow(handler: object) -> None:
    time.sleep(4)


def _drop_by_drop(handler: object) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")  # type: ignore[attr-defined]
    for number in range(100):
        try:
            handler.wfile.write(f"X-{number}: y\r\n".encode())  # type: ignore[attr-defined]
            handler.wfile.flush()  # type: ignore[attr-defined]
        except OSError:
            return
        time.sleep(0.1)


def _garbage(handler: object) -> None:
    handler.wfile.write(b"\x00\x01\x02 hello\r\n\r\n")  # type: ignore[attr-defined]


def _reset(handler: object) -> None:
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # type: ignore[attr-defined]
    handler.connection.close()  # type: ignore[attr-defined]


def _very_slow(handler: object) -> None:
    time.sleep(12)


def _endless(handler: object) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")  # type: ignore[attr-defined]
    try:
        for _ in range(50):
            handler.wfile.write(b"x" * 100_000)  # type: ignore[attr-defined]
    except OSError:
        return


@pytest.mark.parametrize(
    ("answer", "why"),
    [(_slow, "time"), (_drop_by_drop, "time"), (_garbage, "reach"), (_reset, "reach"), (_endless, "")],
)
def test_an_odd_receiver_costs_a_bounded_time(receiver: Receiver, answer: Callable[[object], None], why: str) -> None:
    receiver.answers = [answer]
    courier, began = Courier(lambda _n, _k: [], loopback=True, seconds=1.0), time.monotonic()
    made = courier.bring(receiver.url, {}, b"{}")
    assert made.why == (WHYS[why] if why else "")
    assert time.monotonic() - began < 5


def test_a_name_that_cannot_be_looked_up_is_tried_again_later() -> None:
    def away(_name: str, _kind: str) -> list[str]:
        raise NoAnswer("away")

    assert Courier(away).bring("https://tools.example.org/", {}, b"").why == WHYS["lookup"]
    assert Courier(lambda _n, _k: []).bring("https://tools.example.org/", {}, b"").why == WHYS["nowhere"]


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """TLS of a server that is called so, and of whoever trusts it."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(dt.UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    file = folder / f"{name}.pem"
    file.write_bytes(
        made.public_bytes(Encoding.PEM) + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cafile=str(file))


def test_the_connection_goes_to_the_address_that_was_checked_and_the_certificate_is_the_name_s(tmp_path: Path) -> None:
    server, trusting = certificate(tmp_path, "tools.example.org")
    asked: list[str] = []

    def lookup(name: str, kind: str) -> list[str]:
        asked.append(f"{name} {kind}")
        return ["127.0.0.1"] if kind == "A" else []

    with Receiver(tls=server) as receiver:
        courier = Courier(lookup, loopback=True, tls=trusting)
        assert courier.bring(f"https://tools.example.org:{receiver.port}/news", {"webhook-id": "x"}, b"{}").why == ""
        assert asked == ["tools.example.org A", "tools.example.org AAAA"], (
            "looked up once, so that no second answer counts"
        )
        ((headers, body),) = receiver.got
        assert (headers["host"], headers["path"], body) == (f"tools.example.org:{receiver.port}", "/news", b"{}")
        wrong = courier.bring(f"https://other.example.org:{receiver.port}/news", {}, b"{}")
        assert wrong.why == WHYS["certificate"]
        untrusting = Courier(lookup, loopback=True)
        assert untrusting.bring(f"https://tools.example.org:{receiver.port}/news", {}, b"{}").why == WHYS["certificate"]
        assert len(receiver.got) == 1


def test_two_families_hear_of_their_own_alone(filled: World, receiver: Receiver) -> None:
    hooked(filled, receiver.url + "/one", 0)
    hooked(filled, receiver.url + "/two", 1)
    filled.send(SAMPLES[0])
    filled.settle()
    wait_until(lambda: len(receiver.got) >= 1, 60)
    time.sleep(1)
    assert [headers["path"] for headers, _ in receiver.got] == ["/one"]
