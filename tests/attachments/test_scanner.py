"""The scanner's protocol against a real clamd, and what counts as "could not be scanned"."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.attachments.scanner import Clamd, Scan, ScanState, read
from gateway.demo.carriers import free_port
from tests.attachments.clamav import NAME, running
from tests.attachments.samples import EICAR, packed, pdf, photo

AWAY = Scan(ScanState.AWAY)


@pytest.fixture(scope="module")
def clamd() -> Iterator[Clamd]:
    with running() as address:
        yield Clamd(address)


def test_it_finds_what_it_knows(clamd: Clamd) -> None:
    assert clamd.scan(EICAR) == Scan(ScanState.FOUND, f"{NAME}.UNOFFICIAL")
    assert clamd.scan(b"x" * 200_000 + EICAR).state is ScanState.FOUND


def test_it_looks_into_packed_folders(clamd: Clamd) -> None:
    assert clamd.scan(packed({"letter.txt": b"hello", "a/b.com": EICAR})).state is ScanState.FOUND


@pytest.mark.parametrize("data", [b"", b"x", pdf(), photo(), b"\0" * 1_000_000])
def test_what_is_clean_is_clean(clamd: Clamd, data: bytes) -> None:
    assert clamd.scan(data) == Scan(ScanState.CLEAN)


def test_what_is_too_large_for_it_could_not_be_scanned(clamd: Clamd) -> None:
    assert clamd.scan(b"\0" * 25_000_000) == AWAY


def test_many_at_once(clamd: Clamd) -> None:
    found: list[ScanState] = []
    threads = [threading.Thread(target=lambda: found.append(clamd.scan(EICAR).state)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [ScanState.FOUND] * 8


def test_it_can_be_reached_by_host_and_port() -> None:
    with running(port=free_port()) as address:
        assert Clamd(address).ping()
        assert Clamd(address).scan(EICAR).state is ScanState.FOUND


def test_a_scanner_that_is_away_is_no_error(tmp_path: Path) -> None:
    for address in (f"{tmp_path}/none", f"127.0.0.1:{free_port()}", "nonsense"):
        assert Clamd(address, seconds=1).scan(EICAR) == AWAY
        assert not Clamd(address, seconds=1).ping()


@pytest.mark.parametrize("answer", [b"", b"stream: ", b"stream: O", b"hello\0", b"stream: OK\nstream: x FOUND\0", None])
def test_a_scanner_that_talks_nonsense_or_says_nothing_has_found_nothing_clean(tmp_path: Path, answer) -> None:
    place = f"{tmp_path}/s"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(place)
        server.listen()

        def serve() -> None:
            line, _ = server.accept()
            with line:
                line.recv(100_000)
                if answer is None:
                    threading.Event().wait(2)
                else:
                    line.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        assert Clamd(place, seconds=1).scan(b"x") == AWAY
        thread.join()


def test_answers_are_read_strictly() -> None:
    assert read(b"stream: OK") == Scan(ScanState.CLEAN)
    assert read(b"stream: Win.Test <b>\xff FOUND").signature == "Win.Test__b__"
    for odd in (b"OK", b"stream: FOUND", b"INSTREAM size limit exceeded. ERROR", b"stream: a ERROR", b"stream: OK x"):
        assert read(odd) == AWAY
