"""Mail whose sender is checked, against a real DNS server on loopback."""

import contextlib
import smtplib
import socket
import threading
from collections.abc import Iterator

import dns.flags
import dns.message
import dns.rrset
import pytest

from gateway.demo.sample import EX_EMAIL, PARENT_EMAIL, RELAY_EMAIL
from gateway.parsing.authentication import KeptRecords, Verdict, authenticate
from gateway.settings import Senders
from gateway.store import Blobs
from gateway.store.tables import DecisionRow, MessageRow
from tests.e2e.world import World, open_world
from tests.parsing.test_authentication import NOBODY, key, signed

DOMAIN = EX_EMAIL.partition("@")[2]
FACT = "Emma's dentist appointment is Tuesday at 3:30."


class Names:
    """A DNS server that knows a few TXT records; `silent` makes it answer nothing."""

    def __init__(self) -> None:
        self.records: dict[str, str] = {f"s1._domainkey.{DOMAIN}.": key()[1]}
        self.silent = False
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                wire, peer = self._socket.recvfrom(4096)
                if self.silent:
                    continue
                question = dns.message.from_wire(wire)
                answer = dns.message.make_response(question)
                asked = question.question[0]
                text = self.records.get(asked.name.to_text().lower())
                if text is None:
                    answer.set_rcode(3)
                else:
                    parts = " ".join(f'"{text[i : i + 200]}"' for i in range(0, len(text), 200))
                    answer.answer.append(dns.rrset.from_text(asked.name, 60, "IN", "TXT", parts))
                self._socket.sendto(answer.to_wire(), peer)

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(scope="module")
def names() -> Iterator[Names]:
    server = Names()
    yield server
    server.close()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, names: Names) -> Iterator[World]:
    with open_world(tmp_path_factory.mktemp("senders"), senders=Senders(nameservers=(names.address,))) as opened:
        yield opened


def mail(text: str, sender: str = EX_EMAIL, subject: str = "Friday") -> bytes:
    return (
        f"From: Somebody <{sender}>\r\nTo: {RELAY_EMAIL}\r\nSubject: {subject}\r\n"
        f"Date: Tue, 24 Nov 2026 19:40:00 -0600\r\n\r\n{text}\r\n"
    ).encode()


def bring(world: World, raw: bytes) -> str:
    host, _, port = world.settings.server.smtp_listen.rpartition(":")
    with smtplib.SMTP(host, int(port)) as client:
        client.sendmail("someone@elsewhere.example", [RELAY_EMAIL], raw)
    world.settle()
    return world.lanes()[-1]


def test_a_signed_mail_is_theirs_and_its_key_is_kept(world: World) -> None:
    raw = signed(mail(FACT), DOMAIN.encode())
    assert bring(world, raw) == "facts"
    with world.store.read() as session:
        made = session.query(DecisionRow).order_by(DecisionRow.id.desc()).first()
        assert made is not None
        kept = made.detail["authentication"]
        row = session.get(MessageRow, made.message_id)
        assert row is not None
        stored = Blobs(world.settings.data / "blobs", world.store).get(row.family, row.sha256)
    assert kept["verdict"] == "verified"
    again = authenticate(stored, (EX_EMAIL,), NOBODY, KeptRecords(kept["records"]))
    assert again.verdict is Verdict.VERIFIED


def test_a_forged_mail_is_held_and_shown_as_nobodys(world: World) -> None:
    assert bring(world, mail("Emma's dentist appointment moved to Thursday.")) == "unsorted"
    card = str(world.cards()[-1].content)
    assert "dentist" not in card
    assert "not proved" in card


def test_a_changed_mail_is_held(world: World) -> None:
    raw = signed(mail("Pickup is at 6 on Friday at the library."), DOMAIN.encode())
    assert bring(world, raw.replace(b"at 6", b"at 8")) == "unsorted"


def test_a_forged_threat_still_raises_the_alarm(world: World) -> None:
    assert bring(world, mail("I will kill you tonight.")) == "danger"


def test_a_forged_parent_is_nobody(world: World) -> None:
    assert bring(world, mail("I give up custody.", PARENT_EMAIL)) == "unsorted"


def test_a_silent_dns_holds_and_loses_nothing(world: World, names: Names) -> None:
    names.silent = True
    try:
        assert bring(world, signed(mail("Swimming is at 5 on Monday."), DOMAIN.encode())) == "unsorted"
    finally:
        names.silent = False
    assert "no answer" in str(world.cards()[-1].content)
