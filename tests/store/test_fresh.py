"""Small messages: in the database first, then a file each; at no moment neither."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import func, select

from gateway.errors import StoreError
from gateway.family import Directory, Family
from gateway.intake import keep
from gateway.intake.keep import Arrival, Keeper
from gateway.store import Blobs, Store, fresh
from gateway.store.blobs import digest
from gateway.store.folder import Folder
from gateway.store.tables import FreshRow, MessageRow
from gateway.voices.apart import may_be_a_childs
from tests.e2e.world import wait_until

SMALL = b"From: mark@example.net\r\nSubject: pickup\r\n\r\nat 6 on Friday"
LARGE = b"y" * (fresh.SMALL + 1)


def arrival(raw: bytes, now: datetime, *, family: str = "rivera", sender: str = "mark@example.net") -> Arrival:
    channel = "sms" if sender.startswith("+") else "email"
    return Arrival(family, "America/New_York", channel, raw, {"mail_from": sender}, now)


def waiting(store: Store) -> int:
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(FreshRow)) or 0


def files(blobs: Blobs) -> set[str]:
    return {path.name for path in blobs.folder.root.glob("??/*")}


@pytest.fixture
def keeper(store: Store, blobs: Blobs, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(keep, "QUIET", 3600.0)  # nothing is settled unless a test does it
    monkeypatch.setattr(keep, "LAST", 0.0)
    made = Keeper(store, blobs)
    yield made
    made.close()


def test_a_small_message_waits_in_the_database_and_a_large_one_has_its_file(keeper, store, blobs, clock) -> None:
    for raw in (SMALL, LARGE):
        keeper.submit(arrival(raw, clock())).result()
    assert waiting(store) == 1
    assert files(blobs) == {digest(LARGE)}
    assert blobs.get("rivera", digest(SMALL)) == SMALL
    assert blobs.get("rivera", digest(LARGE)) == LARGE


def test_settled_bytes_lie_in_the_folder_and_nowhere_else(keeper, store, blobs, clock) -> None:
    contents = [b"%d" % number for number in range(70)]
    for each in [keeper.submit(arrival(raw, clock())) for raw in contents]:
        each.result()
    moved = [fresh.settle(store, blobs) for _ in range(4)]
    assert moved == [32, 32, 6, 0]
    assert waiting(store) == 0
    assert files(blobs) == {digest(raw) for raw in contents}
    assert [blobs.get("rivera", digest(raw)) for raw in contents] == contents


def test_a_keeper_that_ends_settles_what_it_kept(store, blobs, clock) -> None:
    keeper = Keeper(store, blobs)
    for each in [keeper.submit(arrival(b"%d" % number, clock())) for number in range(70)]:
        each.result()
    keeper.close()
    assert (waiting(store), len(files(blobs))) == (0, 70)


def test_a_quiet_moment_settles_by_itself(store, blobs, clock) -> None:
    keeper = Keeper(store, blobs)
    keeper.submit(arrival(SMALL, clock())).result()
    wait_until(lambda: not waiting(store), 10)
    assert files(blobs) == {digest(SMALL)}
    keeper.close()


def test_what_an_earlier_run_left_is_settled(keeper, store, blobs, clock, monkeypatch) -> None:
    keeper.submit(arrival(SMALL, clock())).result()
    keeper.close()
    assert waiting(store) == 1
    monkeypatch.undo()
    later = Keeper(store, blobs)
    wait_until(lambda: not waiting(store), 10)
    later.close()


def test_a_disk_that_refuses_leaves_the_bytes_where_they_are(keeper, store, blobs, clock, monkeypatch) -> None:
    keeper.submit(arrival(SMALL, clock())).result()

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Folder, "_place", full)
        with pytest.raises(StoreError):
            fresh.settle(store, blobs)
    assert blobs.get("rivera", digest(SMALL)) == SMALL
    assert fresh.settle(store, blobs) == 1
    assert blobs.get("rivera", digest(SMALL)) == SMALL


def test_no_fault_in_settling_ends_the_keeping(store, blobs, clock, monkeypatch) -> None:
    def odd(*_: object) -> int:
        raise RuntimeError("odd")

    monkeypatch.setattr(keep, "QUIET", 0.01)
    monkeypatch.setattr(fresh, "settle", odd)
    keeper = Keeper(store, blobs)
    keeper.submit(arrival(SMALL, clock())).result(10)
    time.sleep(0.2)
    keeper.submit(arrival(b"another", clock())).result(10)
    monkeypatch.undo()
    keeper.close()
    assert {blobs.get("rivera", digest(raw)) for raw in (SMALL, b"another")} == {SMALL, b"another"}


def test_bytes_altered_in_the_database_are_found(keeper, store, blobs, clock) -> None:
    keeper.submit(arrival(SMALL, clock())).result()
    with store.write() as session:
        session.get_one(FreshRow, digest(SMALL)).content = SMALL + b"!"
    for settled in (False, True):
        if settled:
            assert fresh.settle(store, blobs) == 0
        with pytest.raises(StoreError, match="not what it was"):
            blobs.get("rivera", digest(SMALL))


def test_the_same_bytes_twice_are_kept_once(keeper, store, blobs, clock) -> None:
    """The one before was settled already; the other is in the same round."""
    for _ in range(2):
        for each in [keeper.submit(arrival(SMALL, clock())) for _ in range(5)]:
            each.result()
        assert waiting(store) == 1
        assert fresh.settle(store, blobs) == 1
    assert files(blobs) == {digest(SMALL)}


def test_a_reader_finds_them_at_every_moment_of_the_move(store, blobs, clock) -> None:
    contents = [b"message %d" % number for number in range(300)]
    stop, faults = threading.Event(), []

    def read() -> None:
        while not stop.is_set():
            for raw in contents:
                try:
                    assert blobs.get("rivera", digest(raw)) == raw
                except StoreError as error:
                    faults.append(error)

    keeper = Keeper(store, blobs)
    for each in [keeper.submit(arrival(raw, clock())) for raw in contents]:
        each.result()
    reader = threading.Thread(target=read)
    reader.start()
    wait_until(lambda: not waiting(store), 30)
    stop.set()
    reader.join()
    keeper.close()
    assert faults == []


KILLED = """
import os, signal, sys
from pathlib import Path
from gateway.store import Blobs, Store, fresh
from gateway.store.folder import Folder
store = Store(sys.argv[1])
blobs = Blobs(Path(sys.argv[2]), store)
whole = Folder.put_all
def dying(self, named):
    if sys.argv[3] == "after":
        whole(self, named)
    os.kill(os.getpid(), signal.SIGKILL)
Folder.put_all = dying
fresh.settle(store, blobs)
"""


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_while_settling(keeper, store, blobs, clock, when: str) -> None:
    keeper.submit(arrival(SMALL, clock())).result()
    command = [sys.executable, "-c", KILLED, store.url, str(blobs.folder.root), when]
    done = subprocess.run(command, timeout=60, env=dict(os.environ), check=False)
    assert done.returncode == -signal.SIGKILL
    assert waiting(store) == 1
    assert blobs.get("rivera", digest(SMALL)) == SMALL
    wait_until(lambda: fresh.settle(store, blobs) == 1, 10)
    assert blobs.get("rivera", digest(SMALL)) == SMALL


def test_what_is_removed_is_removed_from_both(keeper, store, blobs, clock) -> None:
    keeper.submit(arrival(SMALL, clock())).result()
    with store.write() as session:
        blobs.remove(session, "rivera", digest(SMALL))
    assert fresh.settle(store, blobs) == 0
    with pytest.raises(StoreError):
        blobs.get("rivera", digest(SMALL))


@pytest.mark.parametrize(
    ("raw", "sender"),
    [
        (b"From: Mia <MIA@Kids.example>\r\n\r\nhi", "bounce@host.example"),
        (b"From: x\r\n\r\nhi", "mia@kids.example"),
        (b"Body=hi&From=%2B15555550177", "+15555550177"),
        (b"From: mia(at home)@kids.example\r\n\r\nhi", "bounce@host.example"),
        (b"From: =?utf-8?q?mia=40kids.example?=\r\n\r\nhi", "bounce@host.example"),
        (b"From: =?utf-8?b?PG1pYUBraWRzLmV4YW1wbGU+?=\r\n\r\nhi", "bounce@host.example"),
        (b"From: m\x00ia@kids.example\r\n\r\nhi", "bounce@host.example"),
        (
            b"\r\nFrom: Ann <ann@host.example> (m\\ia@kids.example) <mi(x)a@kids.example>\r\n\r\nhi",
            "bounce@host.example",
        ),
        (b"Subject: nobody\r\n\r\nhi", "bounce@host.example"),
        (b"Body=hi&From=%2B1%20555-555%200177", "+1 555-555 0177"),
        (b"From: x@host.example\r\nContent-Type: Multipart/Report; boundary=a\r\n\r\nhi", "x@host.example"),
        (b"From: postmaster@host.example\r\nSubject: Undeliverable\r\n\r\nhi", "x@host.example"),
        (b"From: x@host.example\r\nX-Failed-Recipients: d@e.example\r\n\r\nhi", "x@host.example"),
    ],
)
def test_what_may_be_a_childs_never_touches_the_database(
    store: Store, blobs: Blobs, make_family: Callable[..., Family], clock, raw: bytes, sender: str, monkeypatch
) -> None:
    child = {"name": "Mia", "emails": ["mia@kids.example"], "phones": ["+15555550177"]}
    directory = Directory([make_family(child=[child])])
    put_there: list[str] = []
    put = fresh.put
    monkeypatch.setattr(
        fresh, "put", lambda connection, contents: (put_there.extend(contents), put(connection, contents))
    )
    keeper = Keeper(store, blobs, apart=may_be_a_childs(directory))
    keeper.submit(arrival(raw, clock(), sender=sender)).result()
    keeper.submit(arrival(SMALL, clock())).result()
    keeper.close()
    assert digest(raw) in files(blobs)
    assert put_there == [digest(SMALL)]
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(MessageRow)) == 2
