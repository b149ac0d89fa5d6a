"""Clients of the pages that take their time or their fill: hung up on, or told to come again; the others are answered meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway.intake.callers import AT_ONCE, Callers
from gateway.web import server as rooms
from gateway.web.server import Web, patient
from tests.harness import Loop


async def echo(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def large(_request: Request) -> Response:
    return PlainTextResponse("x" * 50_000_000)


def opened(callers: Callers) -> Iterator[int]:
    app = Starlette(routes=[Route("/echo", echo, methods=["GET", "POST"]), Route("/large", large)])
    loop = Loop()
    made = Web(
        uvicorn.Config(
            app, host="127.0.0.1", port=0, access_log=False, log_config=None, lifespan="off", http=patient(callers)
        )
    )

    async def start() -> int:
        task = asyncio.get_running_loop().create_task(made.serve())
        while not made.started:
            assert not task.done()
            await asyncio.sleep(0.01)
        return int(made.servers[0].sockets[0].getsockname()[1])

    yield loop.do(start())
    made.should_exit = made.force_exit = True
    time.sleep(0.3)
    loop.close()


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    for name in ("HEAD_SECONDS", "BODY_SECONDS", "ANSWER_SECONDS"):
        monkeypatch.setattr(rooms, name, 0.6)
    yield from opened(Callers())


def ask(port: int, sent: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
        raw.sendall(sent)
        answer = b""
        with contextlib.suppress(ConnectionError):
            while more := raw.recv(65536):
                answer += more
        return answer


@pytest.mark.parametrize(
    "begun",
    [b"", b"GET /echo HTTP/1.1\r\nHost: x\r\n", b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\nx"],
)
def test_who_drips_is_hung_up_on_and_nobody_waits_for_it(port: int, begun: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
        raw.sendall(begun)
        end, others = time.monotonic() + 8, 0
        with contextlib.suppress(OSError):
            while time.monotonic() < end:
                raw.sendall(b"X" if b"POST" in begun else b"X: y\r\n" if begun else b"G")
                raw.settimeout(0.1)
                with contextlib.suppress(TimeoutError):
                    if raw.recv(500) == b"":
                        break
                others += b"200 OK" in ask(port, b"GET /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert time.monotonic() < end
        assert others > 0


def test_who_does_not_fetch_an_answer_is_hung_up_on(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
        raw.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(1.5)
        taken = 0
        with contextlib.suppress(OSError):
            while more := raw.recv(1_000_000):
                taken += len(more)
        assert taken < 50_000_000


def test_a_client_that_goes_on_is_served_on_one_connection(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
        for _ in range(4):
            raw.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")
            answer = b""
            while not answer.endswith(b"\r\n\r\n3"):
                answer += raw.recv(2000)
            assert b"200 OK" in answer
            time.sleep(0.35)


def test_one_address_has_its_share_of_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Callers, "_is_trusted", lambda *_: False)
    for port in opened(Callers()):
        with contextlib.ExitStack() as stack:
            for _ in range(AT_ONCE):
                stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            time.sleep(0.2)
            assert ask(port, b"").startswith(b"HTTP/1.1 503")
        time.sleep(0.3)
        assert b"200 OK" in ask(port, b"GET /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")


@pytest.mark.parametrize(
    "junk",
    [
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 20_000,
        b"X" * 200_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
    ],
)
def test_a_head_without_end_is_refused(port: int, junk: bytes) -> None:
    with contextlib.suppress(ConnectionError):
        assert b"200 OK" not in ask(port, junk)
    assert b"200 OK" in ask(port, b"GET /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
