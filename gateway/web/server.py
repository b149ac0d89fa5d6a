"""Uvicorn as a part of the gateway, which sees to signals, to ports that are taken, and to clients that take their time, by itself.

A client that drips (slow loris) is hung up on: a request's head has `HEAD_SECONDS`, its body `BODY_SECONDS`, the answer `ANSWER_SECONDS` to be
fetched. The connections of one address have an end (`intake.callers`), those of the web server before us do not.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from gateway.intake.callers import Callers

HEAD_SECONDS: Final = 20.0
BODY_SECONDS: Final = 300.0
ANSWER_SECONDS: Final = 3600.0
BUSY: Final = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 30\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


def patient(callers: Callers) -> type[asyncio.Protocol]:
    """The protocol of a connection, for `uvicorn.Config(http=...)`."""

    class Patient(H11Protocol):
        """A connection that ends when its client has had its time."""

        _until: asyncio.TimerHandle | None = None
        _phase: tuple[str, int] = ("", 0)
        _address = ""
        _refused = False

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            peer = transport.get_extra_info("peername")
            address = str(peer[0]) if peer else ""
            if not callers.admit(address, self.loop.time()):
                self._refused = True
                transport.write(BUSY)
                transport.close()
                return
            self._address = address
            super().connection_made(transport)
            self._look()

        def connection_lost(self, exc: Exception | None) -> None:
            if self._refused:
                return
            if self._until is not None:
                self._until.cancel()
            callers.leave(self._address)
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            if not self._refused:
                super().data_received(data)
                self._look()

        def on_response_complete(self) -> None:
            super().on_response_complete()
            self._look()

        def _look(self) -> None:
            """Begin a new time where the connection has come to another part of a request."""
            cycle = self.cycle
            if cycle is None or cycle.response_complete:
                phase, seconds = ("head", id(cycle)), HEAD_SECONDS
            elif cycle.more_body:
                phase, seconds = ("body", id(cycle)), BODY_SECONDS
            else:
                phase, seconds = ("answer", id(cycle)), ANSWER_SECONDS
            if phase == self._phase:
                return
            self._phase = phase
            if self._until is not None:
                self._until.cancel()
            self._until = self.loop.call_later(seconds, self._end)

        def _end(self) -> None:
            if self.cycle is not None:
                self.cycle.disconnected = True
                self.cycle.message_event.set()
            self.transport.abort()  # closing would wait for what the client does not take

    return Patient


class Web(uvicorn.Server):
    """Uvicorn without its own signal handlers: signals are ours."""

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]
        """Leave the signals alone."""
        yield

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        """A taken port ends the task instead of the process."""
        try:
            await super().startup(sockets=sockets)  # type: ignore[arg-type]
        except SystemExit:
            self.should_exit = True
            raise OSError("the web port cannot be opened") from None
