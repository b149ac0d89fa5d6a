"""kill -9 between acceptance and hand-over of a child's mail, at every moment: it arrives, and then it is gone."""

from __future__ import annotations

import contextlib
import smtplib
import time
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import select

from gateway.demo.carriers import Carrier, Mailbox
from gateway.demo.run import settings_in
from gateway.demo.sample import PARENT_EMAIL, RELAY_EMAIL
from gateway.errors import StoreError
from gateway.ledger import entries, verify
from gateway.provenance import FROM_A_CHILD, HANDED_OVER
from gateway.settings import Senders, Settings
from gateway.store import Store
from gateway.store.tables import HandoverRow, MessageRow
from tests.e2e.test_kill import served
from tests.e2e.test_senders import Names
from tests.e2e.world import changed
from tests.harness import Loop
from tests.parsing.test_authentication import key, signed
from tests.voices.proved import CHILD_EMAIL, household, mail

SECRET = b"quagga zeppelin"
CAME = mail(f"Please get me early, {SECRET.decode()}.", CHILD_EMAIL, "mum")
RAW = signed(CAME.as_bytes(policy=policy.SMTP), b"example.com")
COMMITS = 16
MOMENTS = [
    *(("before do_commit", n) for n in range(3, COMMITS, 3)),
    *(("after do_commit", n) for n in range(2, COMMITS, 3)),
    *((f"{when} {what}", 1) for when in ("before", "after") for what in ("put_all", "data", "remove")),
]


@pytest.fixture(scope="module")
def outside() -> Iterator[tuple[Mailbox, Carrier, Names]]:
    loop, mailbox, carrier, names = Loop(), Mailbox(), Carrier(), Names()
    names.records["s1._domainkey.example.com."] = key()[1]
    loop.do(mailbox.open())
    loop.do(carrier.open())
    yield mailbox, carrier, names
    names.close()
    loop.do(carrier.close())
    loop.do(mailbox.close())
    loop.close()


def send(settings: Settings) -> bool:
    host, _, port = settings.server.smtp_listen.rpartition(":")
    with contextlib.suppress(OSError, smtplib.SMTPException), smtplib.SMTP(host, int(port), timeout=30) as client:
        client.ehlo("mail.example.net")
        client.mail(CHILD_EMAIL)
        client.rcpt(RELAY_EMAIL)
        return client.data(RAW)[0] == 250
    return False


def over(settings: Settings) -> bool:
    store = Store(settings.database_url)
    try:
        with store.read() as session:
            states = session.scalars(select(HandoverRow.state)).all()
            open_ = session.scalars(select(MessageRow.id).where(MessageRow.state == "stored")).first()
            return bool(states) and set(states) <= {"removed", "shared"} and open_ is None
    except StoreError:
        return False
    finally:
        store.close()


@pytest.mark.timeout(900)
def test_a_childs_mail_is_never_lost_and_never_stays(tmp_path: Path, outside: tuple[Mailbox, Carrier, Names]) -> None:
    mailbox, carrier, names = outside
    killed = []
    for number, (name, chosen) in enumerate(MOMENTS):
        folder = tmp_path / str(number)
        folder.mkdir()
        mailbox.received.clear()
        settings = changed(
            settings_in(folder, mailbox, carrier),
            {"senders": Senders(nameservers=(names.address,)), "families": (household(),)},
        )
        note, accepted = folder / "moment", False
        for life in (chosen, 0):
            with served(settings, life, note, name) as process:
                end = time.monotonic() + 40
                while process.is_alive() and time.monotonic() < end and not (accepted and over(settings)):
                    accepted = accepted or send(settings)
                    time.sleep(0.05)
        killed += [note.read_text()] if note.exists() else []
        assert accepted, name
        assert over(settings), name
        look(settings, mailbox, name)
    assert {name for name, _ in MOMENTS} <= set(killed), killed


def look(settings: Settings, mailbox: Mailbox, name: str) -> None:
    letters = [
        message_from_bytes(raw, policy=policy.default) for _, tos, raw in mailbox.received if PARENT_EMAIL in tos
    ]
    assert letters, name
    assert all(SECRET.decode() in letter.get_body(("plain",)).get_content() for letter in letters)
    store = Store(settings.database_url)
    with store.read() as session:
        assert verify(entries(session))["rivera"] > 0
        kinds = [e.kind for e in entries(session, "rivera")]
        assert kinds.count(FROM_A_CHILD) == kinds.count(HANDED_OVER) >= 1
        copies = [e for e in entries(session, "rivera") if "second copy" in str(e.body.get("note"))]
        assert len({str(letter["Message-ID"]) for letter in letters}) == 1
        assert len(letters) - 1 <= len(copies)
    store.close()
    left = [file for file in settings.data.rglob("*") if file.is_file() and SECRET in file.read_bytes()]
    assert left == [], name
