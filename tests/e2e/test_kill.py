"""kill -9 at every moment that matters, one after the other: nothing accepted is lost, nothing reaches the parent twice.

The sender behaves as real ones do: what got no receipt is sent again. A mail whose sending was cut between the last byte
and the note of it may arrive as a second copy under the same Message-ID, which is one message to a mail host.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import smtplib
import time
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from gateway.demo.carriers import Carrier, Mailbox
from gateway.demo.run import bring, mail_of, settings_in
from gateway.demo.sample import PARENT_EMAIL, PARENT_PHONE, RELAY_EMAIL, SAMPLES
from gateway.errors import StoreError
from gateway.ledger import entries, verify
from gateway.settings import Settings
from gateway.store import Store
from gateway.store.tables import CardRow, DeliveryRow, MessageRow
from tests.e2e import crashing
from tests.harness import Loop
from tests.lives import spawn

MAIL = mail_of(SAMPLES[0]).as_bytes()  # a mail system repeats the very same bytes
MOST = 160
SHARES = 4
"""The moments are walked in so many tests, so that they run beside each other."""
KINDS = {f"{when} {what}" for when in ("before", "after") for what in ("do_commit", "put_all", "data", "request")}


@pytest.fixture(scope="module")
def outside() -> Iterator[tuple[Mailbox, Carrier]]:
    loop, mailbox, carrier = Loop(), Mailbox(), Carrier()
    loop.do(mailbox.open())
    loop.do(carrier.open())
    yield mailbox, carrier
    loop.do(carrier.close())
    loop.do(mailbox.close())
    loop.close()


@contextlib.contextmanager
def served(settings: Settings, chosen: int, note: Path, only: str = "") -> Iterator[multiprocessing.Process]:
    process = spawn.Process(target=crashing.run, args=(settings, chosen, note, only))
    process.start()
    try:
        yield process
    finally:
        if process.is_alive():
            os.kill(process.pid, signal.SIGTERM)
        process.join(30)
        assert not process.is_alive()


def send_mail(settings: Settings) -> str:
    host, _, port = settings.server.smtp_listen.rpartition(":")
    with smtplib.SMTP(host, int(port), timeout=30) as client:
        client.ehlo("mail.example.net")
        client.mail(SAMPLES[0].sender)
        client.rcpt(RELAY_EMAIL)
        return client.data(MAIL)[1].decode()


def try_to_bring(settings: Settings, open_: dict[str, bool], process: multiprocessing.Process) -> None:
    """Send what has no receipt yet, until it has one or the process is gone."""
    end = time.monotonic() + 60
    while any(open_.values()) and process.is_alive() and time.monotonic() < end:
        for channel, waiting in open_.items():
            if not waiting:
                continue
            with contextlib.suppress(OSError, smtplib.SMTPException, httpx.HTTPError):
                receipt = send_mail(settings) if channel == "email" else bring(SAMPLES[1], 7, settings)
                open_[channel] = not receipt.startswith(("2.0.0 Kept", "HTTP 200"))
        time.sleep(0.05)


def settled(settings: Settings) -> bool:
    store = Store(settings.database_url)
    try:
        with store.read() as session:
            work = session.scalars(select(MessageRow.id).where(MessageRow.state == "stored")).first()
            states = set(session.scalars(select(DeliveryRow.state)))
            cards = session.scalars(select(CardRow.id)).all()
            return work is None and len(cards) == 2 and not states & {"pending", "sending", "uncertain"}
    except StoreError:
        return False
    finally:
        store.close()


def wait(settings: Settings, process: multiprocessing.Process, seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while process.is_alive() and not settled(settings) and time.monotonic() < end:
        time.sleep(0.05)


def one_life(folder: Path, outside: tuple[Mailbox, Carrier], moment: int, only: str = "") -> str | None:
    """Kill at `moment`, start again, look at everything. The moment's name; None when there are no more moments."""
    mailbox, carrier = outside
    mailbox.received.clear()
    carrier.sent.clear()
    settings = settings_in(folder, mailbox, carrier)
    note, open_ = folder / "moment", {"email": True, "sms": True}
    with served(settings, moment, note, only) as process:
        try_to_bring(settings, open_, process)
        wait(settings, process)
        survived = process.is_alive()
    with served(settings, 0, note) as process:
        try_to_bring(settings, open_, process)
        wait(settings, process)
        assert process.is_alive()
    assert not any(open_.values())
    look(settings, mailbox, carrier)
    return None if survived and not note.exists() else note.read_text()


def look(settings: Settings, mailbox: Mailbox, carrier: Carrier) -> None:
    store = Store(settings.database_url)
    with store.read() as session:
        assert verify(entries(session))["rivera"] > 0
        assert settled(settings)
        assert {row.state for row in session.scalars(select(MessageRow))} == {"done"}
        cards = session.scalars(select(CardRow)).all()
        assert Counter(card.content["channel"] for card in cards) == {"email": 1, "text message": 1}
        told = [e.kind for e in entries(session, "rivera")]
        assert told.count("card sent") == 4
        copies = [e for e in entries(session, "rivera") if "second copy" in str(e.body.get("note"))]
    store.close()
    names = Counter(str(message_from_bytes(raw)["Message-ID"]) for _, to, raw in mailbox.received if PARENT_EMAIL in to)
    assert len(names) == 2
    assert sum(names.values()) - 2 <= len(copies)
    texts = Counter(t["Body"] for t in carrier.sent if t["To"] == PARENT_PHONE)
    assert sorted(texts.values()) == [1, 1], texts


@pytest.mark.timeout(900)
@pytest.mark.parametrize("share", range(SHARES))
def test_kill_at_every_moment(tmp_path: Path, outside: tuple[Mailbox, Carrier], share: int) -> None:
    passed: list[str] = []
    for moment in range(1 + share, MOST, SHARES):
        folder = tmp_path / str(moment)
        folder.mkdir()
        name = one_life(folder, outside, moment)
        if name is None:
            break
        passed.append(name)
    assert len(passed) >= 30 // SHARES, passed
    assert len(passed) < (MOST - 1) // SHARES, "the walk never ended"
    assert set(passed) <= KINDS


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_kill_at_every_kind_of_moment(tmp_path: Path, outside: tuple[Mailbox, Carrier], kind: str) -> None:
    """The threads of one life interleave otherwise than those of the next, so that counting alone may step over a kind."""
    assert one_life(tmp_path, outside, 1, kind) == kind
