"""A mailbox read by IMAP, at a real Dovecot: what comes in, once each, whatever happens on the way."""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from gateway.family import Family
from gateway.intake.imap import Account
from gateway.intake.keep import Keeper
from gateway.intake.mailbox import MailboxReader
from gateway.intake.polling import Rhythm
from gateway.ledger import Entry, entries, verify
from gateway.settings import Settings
from gateway.store import Blobs, Store
from gateway.store.tables import DeliveryRow, MailboxRow, MessageRow
from tests.conftest import NOON
from tests.intake.dovecot import NAME, PASSWORD, WITHOUT_IDLE, Dovecot, dovecot
from tests.intake.proxy import Proxy
from tests.intake.tokens import TokenServer

QUICK = Rhythm(poll=300, soon=0.2, first=0.05, longest=0.3, refused=0.1, steady=60, retry=0)
POLLING = Rhythm(poll=0.2, soon=0.1, first=0.05, longest=0.3, refused=0.1, steady=60, retry=0)
LIMIT = 200_000


def mail(number: int, words: str = "Pickup is at 6.") -> bytes:
    head = f"Received: by mx.example.org; {number}\r\nMessage-ID: <{number}@example.net>\r\nFrom: mark@example.net\r\n"
    return f"{head}Subject: Friday\r\n\r\n{words}\r\n".encode()


@dataclass
class Desk:
    """A reader at work, and what it has done."""

    store: Store
    blobs: Blobs
    family: Family
    settings: Settings
    hours: float = 0.0
    readers: list[MailboxReader] = field(default_factory=list)

    def clock(self):
        return NOON + timedelta(hours=self.hours)

    @contextlib.contextmanager
    def reading(self, rhythm: Rhythm = QUICK, limit: int = LIMIT) -> Iterator[MailboxReader]:
        keeper = Keeper(self.store, self.blobs)
        account = Account.of(self.family, self.family.mailbox, self.settings)
        reader = MailboxReader(self.family, account, keeper, self.store, self.clock, limit=limit, rhythm=rhythm)
        thread = threading.Thread(target=reader.run)
        thread.start()
        try:
            yield reader
        finally:
            reader.stop(thread)
            thread.join(20)
            keeper.close()
            assert not thread.is_alive()

    def raws(self) -> list[bytes]:
        with self.store.read() as session:
            hashes = list(session.scalars(select(MessageRow.sha256).order_by(MessageRow.id)))
        return [self.blobs.get("rivera", sha256) for sha256 in hashes]

    def states(self) -> list[tuple[str, bool]]:
        with self.store.read() as session:
            return [(r.state, r.marked) for r in session.scalars(select(MailboxRow).order_by(MailboxRow.id))]

    def log(self, *kinds: str) -> list[Entry]:
        with self.store.read() as session:
            verify(entries(session))
            return [e for e in entries(session, self.family.key) if not kinds or e.kind in kinds]

    def notices(self) -> list[str]:
        with self.store.read() as session:
            return [row.content["text"] for row in session.scalars(select(DeliveryRow))]


def until(holds: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def server() -> Iterator[Dovecot]:
    with dovecot() as running:
        yield running


@pytest.fixture
def make_desk(store: Store, blobs: Blobs, make_family: Callable[..., Family], tmp_path: Path) -> Callable[..., Desk]:
    def make(server: Dovecot, **changes: object) -> Desk:
        (tmp_path / "secret").write_text(PASSWORD + "\n", encoding="utf8")
        account = {
            "host": "localhost",
            "port": server.port,
            "username": NAME,
            "secret_file": "secret",
            "ca_file": str(server.certificate),
        } | changes
        family = make_family(mailbox=account, cards_by=["email"])
        return Desk(store, blobs, family, Settings(directory=tmp_path))

    return make


def test_what_lies_there_comes_in_whole_and_is_marked_then(server: Dovecot, make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(server)
    odd = (
        b"From: mark@example.net\r\nSubject: =?x?\r\n\r\n\xff\xfe (not) \x1b closed ( {12}\r\n.\r\n"
        + b"x" * 3000
        + b"\r\n"
    )
    sent = [mail(1), odd, mail(2)]
    for raw in sent:
        server.deliver(raw)
    with server.look() as client:  # somebody reads one on the web: it is fetched all the same
        client.store("1", "+FLAGS", r"\Seen")
    with desk.reading():
        until(lambda: desk.states() == [("kept", True)] * 3)
    assert desk.raws() == sent
    assert server.flags() == [{r"\Seen"}] * 3
    received = desk.log("received")
    assert [e.body["channel"] for e in received] == ["email"] * 3
    with desk.store.read() as session:
        envelope = session.scalars(select(MessageRow)).first().envelope
    assert envelope["rcpt_to"] == [desk.family.relay_email]
    assert (envelope["mailbox"]["folder"], envelope["mailbox"]["uid"], envelope["by"]) == ("INBOX", 1, "imap")
    assert envelope["mailbox"]["arrived"].endswith("Z")


def test_news_comes_at_once_where_the_server_tells(server: Dovecot, make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(server)
    with desk.reading():
        for number in range(1, 6):
            time.sleep(0.3)
            began = time.monotonic()
            server.deliver(mail(number))
            until(lambda wanted=number: len(desk.raws()) == wanted)
            assert time.monotonic() - began < 10, "far below the poll of 300 s"
    assert len(desk.raws()) == 5


def test_many_at_once_while_working(server: Dovecot, make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(server)
    with desk.reading():
        for number in range(130):
            server.deliver(mail(number))
        until(lambda: desk.states().count(("kept", True)) == 130, 60)
    assert sorted(desk.raws()) == sorted(mail(n) for n in range(130))


def test_a_server_that_tells_nothing_is_asked(make_desk: Callable[..., Desk]) -> None:
    with dovecot(capability=WITHOUT_IDLE) as server:
        desk = make_desk(server)
        with desk.reading(POLLING):
            server.deliver(mail(1))
            until(lambda: len(desk.raws()) == 1)
            time.sleep(0.5)
            server.deliver(mail(2))
            until(lambda: desk.states() == [("kept", True)] * 2)


def test_idle_that_the_server_refuses_is_given_up(server: Dovecot, make_desk: Callable[..., Desk]) -> None:
    with Proxy(server, refuse=b"IDLE") as proxy:
        desk = make_desk(server, port=proxy.port)
        with desk.reading(POLLING):
            until(lambda: proxy.refused >= 3)
            server.deliver(mail(1))
            until(lambda: desk.states() == [("kept", True)])
            connections = proxy.connections
            server.deliver(mail(2))
            until(lambda: desk.states() == [("kept", True)] * 2)
            assert (proxy.refused, proxy.connections) == (3, connections)


def test_a_new_numbering_makes_nothing_twice_and_loses_nothing(server: Dovecot, make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(server)
    server.deliver(mail(1))
    server.deliver(mail(2))
    with desk.reading():
        until(lambda: desk.states() == [("kept", True)] * 2)
        server.stop()
        server.renumber()
        server.deliver(mail(3))
        server.start()
        until(lambda: sorted(desk.states()[2:]) == [("kept", True), ("known", True), ("known", True)])
    assert desk.raws() == [mail(1), mail(2), mail(3)]
    assert len(desk.log("mailbox renumbered")) == 1
    assert len(desk.log("mailbox copy")) == 2


def test_numbers_that_go_back_are_not_believed(server: Dovecot, make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(server)
    for number in range(3):
        server.deliver(mail(number))
    with desk.reading():
        until(lambda: desk.states() == [("kept", True)] * 3)
    server.stop()
    with desk.store.read() as session:
        validity = session.scalars(select(MailboxRow.validity)).first()
    for file in [*server.maildir.glob("dovecot*"), *server.maildir.glob("cur/*")]:
        file.unlink()
    (server.maildir / "dovecot-uidlist").write_text(f"3 V{validity} N1 G0123456789abcdef0123456789abcdef\n")
    os.chown(server.maildir / "dovecot-uidlist", server.maildir.stat().st_uid, server.maildir.stat().st_gid)
    server.deliver(mail(7))
    server.deliver(mail(1))
    server.start()
    with desk.reading():
        until(lambda: len(desk.raws()) == 4)
        until(lambda: sorted(desk.states()) == [("kept", True), ("known", True)])
    assert desk.raws()[-1] == mail(7)
    assert [e.body["why"] for e in desk.log("mailbox renumbered")] == ["its numbers went back"]


def test_moved_away_and_moved_back_by_a_person(server: Dovecot, make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(server, move_to="Abgelegt für später")
    server.deliver(mail(1))
    with desk.reading():
        until(lambda: desk.states() == [("kept", True)])
        with server.look() as client:
            assert client.search(None, "ALL")[1] == [b""]
            client.select('"Abgelegt f&APw-r sp&AOQ-ter"')
            assert client.copy("1", "INBOX")[0] == "OK"
        until(lambda: desk.states() == [("kept", True), ("known", True)])
    assert desk.raws() == [mail(1)]


def test_spam_folders_are_read_too(server: Dovecot, make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(server, folders=["INBOX", "Junk"])
    server.deliver(mail(1), "Junk")
    server.deliver(mail(2))
    with desk.reading(POLLING):
        until(lambda: desk.states() == [("kept", True)] * 2)
        server.deliver(mail(3), "Junk")
        until(lambda: desk.states() == [("kept", True)] * 3)
    assert desk.raws() == [mail(1), mail(2), mail(3)]


def test_the_same_line_written_twice_comes_twice(server: Dovecot, make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(server)
    bare = b"From: mark@example.net\r\n\r\nOk.\r\n"
    with desk.reading():
        server.deliver(bare)
        until(lambda: len(desk.raws()) == 1)
        time.sleep(1.1)  # the server's dates have whole seconds
        server.deliver(bare)
        server.deliver(mail(1))
        server.deliver(mail(1))
        until(lambda: len(desk.states()) == 4)
    assert desk.raws() == [bare, bare, mail(1)]


def test_too_large_is_never_silence(server: Dovecot, make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(server)
    large = mail(1, "x" * 300_000)
    server.deliver(large)
    server.deliver(mail(2))
    with desk.reading():
        until(lambda: desk.states() == [("refused", True), ("kept", True)])
        server.stop()
        server.renumber()
        server.start()
        until(lambda: len(desk.states()) == 4)
    assert desk.raws() == [mail(2)]
    assert server.flags() == [{r"\Flagged"}, {r"\Seen"}]
    (entry,) = desk.log("refused")
    assert (entry.body["why"], entry.body["size"], entry.body["limit"]) == ("too large", len(large), LIMIT)
    (notice,) = desk.notices()
    assert "too large to be sorted" in notice
    assert "folder INBOX" in notice
    with desk.reading(limit=400_000):
        until(lambda: len(desk.raws()) == 2)
    assert desk.raws()[1] == large


def test_a_message_that_the_server_does_not_give_out(server: Dovecot, make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(server)
    server.deliver(mail(1))
    server.deliver(mail(2))
    broken = next(f for f in (server.maildir / "new").iterdir() if f.read_bytes() == mail(1))
    broken.chmod(0)
    with desk.reading(POLLING):
        until(lambda: desk.notices())
        assert desk.raws() == [mail(2)], "it holds up nothing behind it"
        (entry,) = desk.log("mailbox message stuck")
        assert entry.body["attempts"] == 5
        for place in ("new", "cur"):
            for file in (server.maildir / place).iterdir():
                file.chmod(0o600)
        until(lambda: len(desk.raws()) == 2)
        until(lambda: sorted(desk.states()) == [("kept", True)] * 2)
    assert len(desk.notices()) == 1


def test_gone_before_it_could_be_fetched(server: Dovecot, make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(server)
    server.deliver(mail(1))

    def expunge() -> None:
        with server.look() as client:
            client.store("1", "+FLAGS", r"\Deleted")
            client.expunge()

    with Proxy(server, before=(b"BODY.PEEK[]", expunge)) as proxy:
        desk.family = make_desk(server, port=proxy.port).family
        with desk.reading():
            until(lambda: [s for s, _ in desk.states()] == ["gone"])
    assert desk.raws() == []
    assert len(desk.log("mailbox message gone")) == 1


def test_a_connection_that_breaks_in_the_middle_of_a_message(server: Dovecot, make_desk: Callable[..., Desk]) -> None:
    whole = mail(1, "x" * 100_000)
    server.deliver(whole)
    with Proxy(server, cut_after=30_000, cuts=3) as proxy:
        desk = make_desk(server, port=proxy.port)
        with desk.reading():
            until(lambda: desk.states() == [("kept", True)])
            assert proxy.connections >= 4
    assert desk.raws() == [whole]


def test_a_server_that_goes_away_and_comes_back(server: Dovecot, make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(server)
    with desk.reading():
        server.deliver(mail(1))
        until(lambda: len(desk.raws()) == 1)
        server.stop()
        time.sleep(0.5)
        server.deliver(mail(2))
        server.start()
        until(lambda: len(desk.raws()) == 2)


def test_a_database_that_refuses(server: Dovecot, make_desk: Callable[..., Desk], tmp_path: Path) -> None:
    desk = make_desk(server)
    if not desk.store.url.startswith("sqlite"):
        desk.store = Store(f"sqlite:///{tmp_path / 'other.db'}", busy_seconds=0.2)
    else:
        desk.store = Store(desk.store.url, busy_seconds=0.2)
    desk.store.migrate()
    desk.blobs = Blobs(desk.blobs.folder.root, desk.store)
    with contextlib.closing(desk.store), desk.reading():
        with contextlib.closing(Store(desk.store.url)) as other, other.write() as session:
            session.execute(select(1))  # takes the only write lock
            server.deliver(mail(1))
            time.sleep(1.5)
            assert server.flags() == [set()], "what is not kept is not marked"
        until(lambda: desk.states() == [("kept", True)])
        assert desk.raws() == [mail(1)]


def test_a_refused_login_is_logged_told_and_mended_without_a_restart(
    server: Dovecot, make_desk: Callable[..., Desk], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    desk = make_desk(server)
    (tmp_path / "secret").write_text("guess-me-not")
    server.deliver(mail(1))
    with desk.reading():
        until(lambda: desk.log("mailbox down"))
        assert desk.notices() == []
        desk.hours = 1.1
        until(lambda: desk.notices())
    with desk.reading():  # a restart in between tells nothing twice
        time.sleep(0.5)
        desk.hours = 30
        time.sleep(0.5)
        (tmp_path / "secret").write_text(PASSWORD, encoding="utf8")
        until(lambda: desk.log("mailbox up"))
        until(lambda: len(desk.raws()) == 1)
    assert [e.body["told"] for e in desk.log("mailbox down")] == [False, True]
    assert "the mail server refuses the login" in desk.notices()[0]
    said = caplog.text + "".join(str(e.body) for e in desk.log()) + "".join(desk.notices())
    assert "guess-me-not" not in said
    assert PASSWORD not in said
    assert NAME not in said


def test_a_token_that_another_program_renews(make_desk: Callable[..., Desk], tmp_path: Path) -> None:
    with TokenServer() as tokens, dovecot(oauth_url=tokens.url) as server:
        desk = make_desk(server, login="xoauth2")
        (tmp_path / "secret").write_text("token-of-yesterday")
        server.deliver(mail(1))
        with desk.reading():
            until(lambda: desk.log("mailbox down"))
            assert desk.log("mailbox down")[0].body["why"] == "the mail server refuses the login"
            (tmp_path / "secret").write_text(tokens.good + "\n")
            until(lambda: desk.states() == [("kept", True)], 40)
    assert desk.raws() == [mail(1)]


def test_starttls(server: Dovecot, make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(server, port=server.plain_port, security="starttls")
    server.deliver(mail(1))
    with desk.reading():
        until(lambda: desk.states() == [("kept", True)])


def test_a_server_with_login_only(server: Dovecot, make_desk: Callable[..., Desk], tmp_path: Path) -> None:
    server.password('app "x" \\ 1')
    with Proxy(server, replace=(b"AUTH=PLAIN", b"AUTH=OTHER")) as proxy:
        desk = make_desk(server, port=proxy.port)
        (tmp_path / "secret").write_text('app "x" \\ 1')
        server.deliver(mail(1))
        with desk.reading():
            until(lambda: desk.states() == [("kept", True)])
        (tmp_path / "secret").write_text("wörd")
        with desk.reading():
            until(lambda: desk.log("mailbox down"))
    assert "no letters beyond ASCII" in desk.log("mailbox down")[0].body["why"]


def test_an_untrusted_certificate_gets_no_password(server: Dovecot, make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(server, ca_file=None)
    with desk.reading():
        desk.hours = 1
        time.sleep(1)
        desk.hours = 2
        until(lambda: desk.log("mailbox down"))
    assert "its certificate is not trusted" in desk.log("mailbox down")[0].body["why"]
    assert "method=PLAIN" not in (server.folder / "run" / "log").read_text()


def test_stopping_does_not_wait_for_a_server_that_hangs(server: Dovecot, make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(server)
    server.deliver(mail(1))
    with desk.reading():
        until(lambda: desk.states() == [("kept", True)])
        stopped = server.children()
        for process in stopped:
            os.kill(process, signal.SIGSTOP)
        began = time.monotonic()
    for process in stopped:
        os.kill(process, signal.SIGCONT)
    assert time.monotonic() - began < 10
