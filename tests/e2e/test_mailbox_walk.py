"""The whole gateway with a mailbox in place of a mail server: mail in by IMAP, card out through the same account."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from gateway.demo.carriers import free_port
from gateway.demo.run import mail_of
from gateway.demo.sample import PARENT_EMAIL, RELAY_EMAIL, SAMPLES, family
from gateway.ledger import INSTALLATION, entries, verify
from gateway.serve import Gateway
from gateway.settings import Settings
from gateway.store import Store
from tests.delivery.submission_server import SubmissionServer
from tests.e2e.world import wait_until
from tests.harness import Loop
from tests.intake.dovecot import PASSWORD, Dovecot, dovecot


@dataclass
class Post:
    """A family's provider and the running gateway."""

    inbox: Dovecot
    out: SubmissionServer
    settings: Settings

    def log(self, name: str) -> list[str]:
        with contextlib.closing(Store(self.settings.database_url)) as store, store.read() as session:
            verify(entries(session))
            return [e.kind for e in entries(session, name)]


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    with dovecot() as inbox, SubmissionServer(inbox.certificate, RELAY_EMAIL, PASSWORD) as out:
        (tmp_path / "secret").write_text(PASSWORD, encoding="utf8")
        box = {
            "host": "localhost",
            "port": inbox.port,
            "username": RELAY_EMAIL,
            "secret_file": "secret",
            "ca_file": str(inbox.certificate),
            "submission": {"host": "localhost", "port": out.port},
        }
        web = f"127.0.0.1:{free_port()}"
        server = {"smtp_listen": f"127.0.0.1:{free_port()}", "web_listen": web, "public_url": f"http://{web}"}
        one = family() | {"mailbox": box, "cards_by": ["email"]}
        senders = {"check": False}  # nobody here has a domain
        known = {"verify": False}
        made = Settings(
            directory=tmp_path, server=server, mail_out={"port": 1}, senders=senders, destinations=known, family=[one]
        )
        yield Post(inbox, out, made)


@contextlib.contextmanager
def running(settings: Settings) -> Iterator[None]:
    loop = Loop()
    gateway = Gateway(settings)
    loop.do(gateway.start())
    try:
        yield
    finally:
        loop.do(gateway.stop())
        loop.close()


def test_in_by_imap_and_out_by_the_same_account(post: Post) -> None:
    post.inbox.deliver(mail_of(SAMPLES[0]).as_bytes())
    with running(post.settings):
        wait_until(lambda: len(post.out.received) == 1, 30)
        post.inbox.deliver(mail_of(SAMPLES[2]).as_bytes())
        wait_until(lambda: len(post.out.received) == 2, 30)
    assert post.log(INSTALLATION)[-1] == "stopped"
    with running(post.settings):  # a restart brings nothing again
        wait_until(lambda: post.log("rivera").count("card sent") == 2, 10)
    assert len(post.out.received) == 2
    cards = []
    for bounces, to, raw in post.out.received:
        assert (bounces, to) == (RELAY_EMAIL, [PARENT_EMAIL])
        cards.append(message_from_bytes(raw, policy=policy.default).get_body(("plain",)).get_content())
    assert '"Pickup is at 6 pm on Friday at the library."' in cards[0]
    assert "dentist appointment is Tuesday at 3:30" in cards[1]
    assert "so hard" not in cards[1]
    assert post.inbox.flags() == [{r"\Seen"}] * 2
    assert post.log("rivera").count("received") == 2


def test_a_message_too_large_is_told_to_the_parent(post: Post) -> None:
    settings = post.settings.model_copy(
        update={"server": post.settings.server.model_copy(update={"max_message_megabytes": 1})}
    )
    post.inbox.deliver(b"From: mark@example.net\r\n\r\n" + b"x" * 2_000_000)
    with running(settings):
        wait_until(lambda: len(post.out.received) == 1, 30)
    message = message_from_bytes(post.out.received[0][2], policy=policy.default)
    assert message["Subject"] == "Update, 1 item"
    assert "A message of 2 MB came to the relay mailbox. It is too large" in message.get_content()
    assert post.inbox.flags() == [{r"\Flagged"}]
