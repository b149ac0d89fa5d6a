"""The log: what is appended is chained, what is changed is found, and many writers make one chain."""

import dataclasses
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from gateway.errors import LogError
from gateway.ledger import GENESIS, Entry, append, entries, head, verify
from gateway.ledger.leaf import canonical
from gateway.store import Store

NOW = datetime(2026, 3, 8, 7, 30, tzinfo=UTC)


def write(store: Store, count: int, log: str = "rivera") -> None:
    for number in range(count):
        with store.write() as session:
            append(session, log, "received", {"n": number, "é": [1, None, True]}, now=NOW, zone="America/Chicago")


def read(store: Store) -> list[Entry]:
    with store.read() as session:
        return list(entries(session))


def test_entries_are_chained_and_dated_with_the_familys_offset(store: Store) -> None:
    write(store, 3)
    first, second, _ = read(store)
    assert (first.seq, first.prev, first.at, first.offset) == (1, GENESIS, "2026-03-08T07:30:00.000000Z", "-06:00")
    assert second.prev == first.hash
    assert dict(first.body) == {"n": 0, "é": [1, None, True]}
    with store.read() as session:
        assert head(session, "rivera") == (3, read(store)[-1].hash)
        assert head(session, "nobody") == (0, GENESIS)


def test_each_family_has_a_log_of_its_own(store: Store) -> None:
    write(store, 2)
    write(store, 3, "osei")
    assert verify(iter(read(store))) == {"osei": 3, "rivera": 2}


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda e: [dataclasses.replace(e[0], kind="sent"), *e[1:]], "rivera/1: its content was changed"),
        (lambda e: [e[0], dataclasses.replace(e[1], body={"n": 9}), e[2]], "rivera/2: its content was changed"),
        (lambda e: [e[0], dataclasses.replace(e[1], at="2026-03-08T07:30:00.000001Z"), e[2]], "rivera/2: its content"),
        (lambda e: [e[0], dataclasses.replace(e[1], offset="-05:00"), e[2]], "rivera/2: its content was changed"),
        (lambda e: [e[0], e[2]], "rivera/3: entry rivera/2 is missing"),
        (lambda e: [e[1], e[2]], "rivera/2: entry rivera/1 is missing"),
        (lambda e: [e[0], dataclasses.replace(e[2], seq=2)], "rivera/2: does not follow"),
        (lambda e: [e[0], e[0], e[1]], "rivera/1: entry rivera/2 is missing"),
    ],
)
def test_damage_is_named(store: Store, damage: Callable, said: str) -> None:
    write(store, 3)
    with pytest.raises(LogError, match=said):
        verify(iter(damage(read(store))))


def test_threads_make_one_chain(store: Store) -> None:
    threads = [threading.Thread(target=write, args=(store, 15)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verify(iter(read(store))) == {"rivera": 120}


def test_processes_make_one_chain(store: Store) -> None:
    code = (
        "import sys; from datetime import UTC, datetime; from gateway.store import Store; from gateway.ledger import append\n"
        "store = Store(sys.argv[1], busy_seconds=60)\n"
        "for n in range(20):\n"
        "    with store.write() as session: append(session, 'rivera', 'received', {'n': n}, now=datetime.now(UTC))\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, store.url]) for _ in range(4)]
    assert [process.wait(90) for process in running] == [0, 0, 0, 0]
    assert verify(iter(read(store))) == {"rivera": 80}


def test_canonical_form_is_one_for_one_value() -> None:
    assert canonical({"b": 1, "a": "ü\u2028"}) == '{"a":"ü\u2028","b":1}'
    with pytest.raises(ValueError, match="JSON"):
        canonical({"a": float("nan")})
    assert json.loads(canonical({"x": "\x00"})) == {"x": "\x00"}
