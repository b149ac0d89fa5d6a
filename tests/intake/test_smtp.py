"""Intake by email over real sockets: what each conversation is answered, and what is kept for it."""

import asyncio
import contextlib
import errno
import smtplib
import socket
import sqlite3
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import Connection, event, select

from gateway.demo.sample import EX_EMAIL, RELAY_EMAIL
from gateway.family import Directory, Family
from gateway.intake.keep import Keeper
from gateway.intake.refusals import Refusals
from gateway.intake.smtp import Conversation, Handler
from gateway.ledger import INSTALLATION, entries, verify
from gateway.store import Blobs, Store
from gateway.store.tables import MessageRow
from tests.harness import Loop

LIMIT = 200_000


@dataclass
class Post:
    """A running intake."""

    port: int
    store: Store
    blobs: Blobs

    def connect(self) -> smtplib.SMTP:
        return smtplib.SMTP("127.0.0.1", self.port, timeout=20)

    def kept(self) -> list[MessageRow]:
        with self.store.read() as session:
            rows = list(session.scalars(select(MessageRow).order_by(MessageRow.id)))
            session.expunge_all()
            return rows

    def bytes_kept(self) -> list[bytes]:
        return [self.blobs.get(row.family, row.sha256) for row in self.kept()]

    def refusals(self) -> list[str]:
        with self.store.read() as session:
            return [e.body["why"] for e in entries(session, INSTALLATION) if e.kind == "refused"]


def certificate(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "relay.example.org")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "cert.pem").write_bytes(made.public_bytes(pem) + secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem")
    return context


@contextlib.contextmanager
def open_post(
    store: Store, blobs: Blobs, directory: Directory, clock: Callable, tls=None, limit=LIMIT
) -> Iterator[Post]:
    loop, keeper = Loop(), Keeper(store, blobs)
    handler = Handler(directory, keeper, Refusals(store, clock), clock, limit=limit)

    async def start() -> asyncio.Server:
        def conversation() -> Conversation:
            return Conversation(handler, host_name="relay.example.org", tls=tls, idle_seconds=20)

        return await asyncio.get_running_loop().create_server(conversation, "127.0.0.1", 0)

    server = loop.do(start())
    try:
        yield Post(server.sockets[0].getsockname()[1], store, blobs)
    finally:
        loop.loop.call_soon_threadsafe(server.close)
        keeper.close()
        loop.close()


@pytest.fixture
def post(store: Store, blobs: Blobs, directory: Directory, clock: Callable, tmp_path: Path) -> Iterator[Post]:
    with open_post(store, blobs, directory, clock, certificate(tmp_path)) as opened:
        yield opened


def send(post: Post, raw: bytes, to: list[str] | None = None, sender: str = EX_EMAIL) -> tuple[int, bytes]:
    with post.connect() as client:
        client.ehlo("mail.example.net")
        client.mail(sender)
        for address in to or [RELAY_EMAIL]:
            client.rcpt(address)
        return client.data(raw)


MAIL = b"From: Mark <mark@example.net>\r\nSubject: Friday\r\n\r\nPickup is at 6.\r\n"


def test_the_answer_is_a_receipt_that_names_the_entry(post: Post) -> None:
    code, text = send(post, MAIL)
    with post.store.read() as session:
        entry = next(entries(session, "rivera"))
        assert verify(entries(session)) == {"rivera": 1}
    # Never the number: the sender could count by it what became of earlier messages.
    assert (code, text.decode()) == (250, f"2.0.0 Kept as {entry.hash[:20]}")
    row = post.kept()[0]
    assert (entry.kind, entry.body["sha256"], entry.body["size"]) == ("received", row.sha256, len(MAIL))
    assert post.bytes_kept() == [MAIL]


def test_the_envelope_is_kept(post: Post) -> None:
    send(post, MAIL)
    envelope = post.kept()[0].envelope
    assert envelope["mail_from"] == EX_EMAIL
    assert envelope["rcpt_to"] == [RELAY_EMAIL]
    assert envelope["helo"] == "mail.example.net"
    assert envelope["peer"] == "127.0.0.1"
    assert envelope["received"] == "2026-11-26T18:00:00.000000Z"
    assert envelope["tls"] is False


def test_an_unknown_recipient_is_refused_at_rcpt_and_logged(post: Post) -> None:
    with post.connect() as client:
        client.ehlo()
        client.mail(EX_EMAIL)
        assert client.rcpt("dana@example.org") == (550, b"5.1.1 No such recipient here")
        assert client.data is not None
        assert client.rcpt(RELAY_EMAIL.upper())[0] == 250
        assert client.data(MAIL)[0] == 250
    assert post.kept()[0].envelope["rcpt_to"] == [RELAY_EMAIL.upper()]
    assert post.refusals() == ["unknown recipient"]


def test_the_null_sender_of_a_bounce_is_kept(post: Post) -> None:
    assert send(post, MAIL, sender="")[0] == 250
    assert post.kept()[0].envelope["mail_from"] == ""


def test_what_the_server_offers(post: Post) -> None:
    with post.connect() as client:
        client.ehlo()
        assert client.esmtp_features["size"] == str(LIMIT)
        assert {"starttls", "8bitmime", "smtputf8"} <= set(client.esmtp_features)


def test_starttls(post: Post) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with post.connect() as client:
        client.starttls(context=context)
        client.sendmail(EX_EMAIL, [RELAY_EMAIL], MAIL)
    assert post.kept()[0].envelope["tls"] is True


def test_a_declared_size_over_the_limit_is_ours_to_refuse(post: Post) -> None:
    with post.connect() as client:
        client.ehlo()
        code, text = client.mail(EX_EMAIL, [f"SIZE={LIMIT + 1}"])
    assert (code, text) == (552, b"5.3.4 Message too large; the limit is 200000 bytes")
    assert post.refusals() == ["declared too large"]


def test_an_undeclared_size_over_the_limit_is_ours_to_refuse(post: Post) -> None:
    code, text = send(post, MAIL + b"x" * 70 + (b"\r\n" + b"x" * 70) * (LIMIT // 72))
    assert (code, text) == (552, b"5.3.4 Message too large; the limit is 200000 bytes")
    assert post.refusals() == ["too large"]
    assert post.kept() == []


@pytest.mark.parametrize(
    "raw",
    [
        b"no headers at all\r\n",
        b"\r\n",
        MAIL + b"x" * 998 + b"\r\n" + b"y" * 50_000 + b"\r\n",
        MAIL + b"NUL \0 byte and \xff\xfe 8-bit\r\n",
        b"From: \xe9\xe8 <mark@example.net>\r\nContent-Type: text/plain; charset=no-such\r\n\r\n\x80\x81\r\n",
        MAIL + b"..\r\n.\x00.\r\n...three\r\n",
    ],
    ids=["no headers", "empty", "long lines", "NUL", "wrong charset", "dots"],
)
def test_odd_bytes_are_kept_exactly(post: Post, raw: bytes) -> None:
    with post.connect() as client:
        client.ehlo()
        client.mail(EX_EMAIL)
        client.rcpt(RELAY_EMAIL)
        client.putcmd("data")
        client.getreply()
        stuffed = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in raw.split(b"\r\n"))
        client.send(stuffed + b".\r\n")
        assert client.getreply()[0] == 250
    assert post.bytes_kept() == [raw]


def test_smtputf8_addresses_are_kept(post: Post) -> None:
    with post.connect() as client:
        client.ehlo()
        client.mail("márk@exämple.net", ["SMTPUTF8", "BODY=8BITMIME"])
        client.rcpt(RELAY_EMAIL)
        client.data("Subject: Grüße\r\n\r\nñ\r\n".encode())
    row = post.kept()[0]
    assert (row.envelope["mail_from"], row.envelope["smtp_utf8"]) == ("márk@exämple.net", True)


def test_one_message_to_two_families_is_kept_once_for_each(
    store, blobs, make_family: Callable[..., Family], clock
) -> None:
    other = make_family(key="osei", relay_email="osei@relay.example.org", relay_phone=None, cards_by=["email"])
    with open_post(store, blobs, Directory([make_family(), other]), clock) as post:
        code, text = send(post, MAIL, [RELAY_EMAIL, "osei@relay.example.org"])
        assert (code, text.count(b", ")) == (250, 1)
        assert [(r.family, r.envelope["rcpt_to"]) for r in post.kept()] == [
            ("rivera", [RELAY_EMAIL]),
            ("osei", ["osei@relay.example.org"]),
        ]


LARGE = MAIL + b"x" * 70 + b"\r\n" + (b"y" * 70 + b"\r\n") * 1000


def test_a_full_disk_is_try_again_and_the_next_try_succeeds(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is too large for the database goes into a file of its own, and that is refused."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("gateway.store.folder.Folder._place", full)
    assert send(post, LARGE) == (451, b"4.3.0 Not kept; please try again later")
    assert post.kept() == []
    monkeypatch.undo()
    assert send(post, LARGE)[0] == 250
    assert post.bytes_kept() == [LARGE]


def test_a_database_that_cannot_grow_is_try_again_and_the_next_try_succeeds(tmp_path, blobs, directory, clock) -> None:
    """A limit on its pages refuses the message, as a full disk does."""
    store = Store(f"sqlite:///{tmp_path / 'small.db'}")
    store.migrate()
    most: list[int] = [0]

    @event.listens_for(store.engine, "begin")
    def narrow(connection: Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count={most[0] or 4_000_000}")

    with store.write_rows() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    body = MAIL + (b"z" * 70 + b"\r\n") * 600
    with open_post(store, blobs, directory, clock) as post:
        most[0] = pages + 2
        assert send(post, body) == (451, b"4.3.0 Not kept; please try again later")
        assert post.kept() == []
        most[0] = 0
        assert send(post, body)[0] == 250
        assert len(post.kept()) == 1
    store.close()


def test_a_locked_database_is_try_again(tmp_path, blobs, directory, clock) -> None:
    store = Store(f"sqlite:///{tmp_path / 'locked.db'}", busy_seconds=0.1)
    store.migrate()
    other = sqlite3.connect(tmp_path / "locked.db", isolation_level=None)
    with open_post(store, blobs, directory, clock) as post:
        other.execute("BEGIN IMMEDIATE")
        assert send(post, MAIL) == (451, b"4.3.0 Not kept; please try again later")
        other.execute("ROLLBACK")
        assert send(post, MAIL)[0] == 250
        assert len(post.kept()) == 1
    other.close()
    store.close()


def test_a_fault_of_ours_is_temporary_and_nameless(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: object, arrival: object) -> None:
        raise RuntimeError("secret path /var/x and mark@example.net")

    monkeypatch.setattr(Keeper, "submit", broken)
    assert send(post, MAIL) == (451, b"4.3.0 Not kept; please try again later")


@pytest.mark.parametrize(
    "junk",
    [
        b"\0\0\0\0\r\n",
        b"HELO\r\nMAIL\r\nRCPT\r\nDATA\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"MAIL FROM:<" + b"a" * 5000 + b">\r\n",
        b"\xff\xfe\xfd\r\nEHLO x\r\n",
        b"EHLO x\r\nMAIL FROM:<a@b> SIZE=999999999999999999999999\r\n",
        b"EHLO x\r\nMAIL FROM:<a@b> SIZE=\xc2\xb2\r\n",
        b"EHLO x\r\nRCPT TO:<<<>>>\r\n",
        b"EHLO x\r\nVRFY rivera\r\nEXPN rivera\r\n",
    ],
)
def test_a_broken_dialogue_breaks_nothing(post: Post, junk: bytes) -> None:
    with socket.create_connection(("127.0.0.1", post.port), timeout=10) as raw:
        raw.recv(500)
        raw.sendall(junk)
        answer = raw.recv(5000)
    assert not answer.startswith((b"5.0", b"Traceback"))
    assert b"Error" not in answer.replace(b"Error: ", b"")
    assert send(post, MAIL)[0] == 250
    assert len(post.kept()) == 1


def test_a_connection_lost_in_the_middle_keeps_nothing(post: Post) -> None:
    with socket.create_connection(("127.0.0.1", post.port), timeout=10) as raw:
        raw.recv(500)
        raw.sendall(b"EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<" + RELAY_EMAIL.encode() + b">\r\nDATA\r\n" + MAIL)
        raw.recv(500)
    assert send(post, MAIL)[0] == 250
    assert len(post.kept()) == 1


def test_twenty_connections_at_once_are_all_kept(post: Post) -> None:
    failures: list[BaseException] = []

    def many(number: int) -> None:
        try:
            with post.connect() as client:
                for n in range(5):
                    client.sendmail(EX_EMAIL, [RELAY_EMAIL], MAIL + f"{number}/{n}\r\n".encode())
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=many, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(set(post.bytes_kept())) == 100
    with post.store.read() as session:
        assert verify(entries(session)) == {"rivera": 100}
