"""The world outside, on loopback: a mail host that takes the cards, and a text carrier that takes the texts.

Both speak the real protocols (SMTP by aiosmtpd, the carrier's HTTP API by Starlette and Uvicorn), so that the gateway
runs in the demo and in the tests as it runs in the world.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs

import uvicorn
from aiosmtpd.smtp import SMTP, Envelope, Session
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.clock import utc_now


def free_port() -> int:
    """A port of loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Mailbox:
    """A mail host. `answers`: what it says to the next messages' DATA, for tests of refusals; then 250."""

    port: int = field(default_factory=free_port)
    received: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    _server: asyncio.Server | None = None

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a message."""
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            self.received.append((envelope.mail_from or "", list(envelope.rcpt_tos), envelope.original_content or b""))
        return answer

    async def open(self) -> None:
        """Listen."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: SMTP(self, hostname="mail.example.org"), "127.0.0.1", self.port)

    async def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()


@dataclass
class Carrier:
    """A text carrier with the part of Twilio's API that the gateway uses. `fail` answers the next requests so.

    `media`: files that it hands over under ``/media/NAME``.
    """

    port: int = field(default_factory=free_port)
    sent: list[dict[str, str]] = field(default_factory=list)
    fail: list[int] = field(default_factory=list)
    media: dict[str, bytes] = field(default_factory=dict)
    _server: uvicorn.Server | None = None
    _task: asyncio.Task[None] | None = None

    @property
    def base(self) -> str:
        """The address of its API."""
        return f"http://127.0.0.1:{self.port}"

    async def create(self, request: Request) -> JSONResponse:
        """Take a text."""
        form = {k: v[0] for k, v in parse_qs((await request.body()).decode(), keep_blank_values=True).items()}
        if self.fail:
            status = self.fail.pop(0)
            return JSONResponse({"code": 20429, "message": "no", "status": status}, status)
        text = {"sid": f"SM{len(self.sent):032x}", "at": format_datetime(utc_now()), **form}
        self.sent.append(text)
        return JSONResponse(self._shown(text), 201)

    async def list(self, request: Request) -> JSONResponse:
        """The texts sent so far, to one number."""
        to = request.query_params.get("To")
        found = [self._shown(t) for t in self.sent if to in (None, t["To"])]
        return JSONResponse({"messages": found, "page": 0, "page_size": 200, "next_page_uri": None})

    async def file(self, request: Request) -> Response:
        """A picture or file of an MMS."""
        found = self.media.get(request.path_params["name"])
        return Response(b"", 404) if found is None else Response(found)

    async def open(self) -> None:
        """Listen."""
        path = "/2010-04-01/Accounts/{account}/Messages.json"
        routes = [Route(path, self.create, methods=["POST"]), Route(path, self.list, methods=["GET"])]
        app = Starlette(routes=[*routes, Route("/media/{name}", self.file)])
        config = uvicorn.Config(
            app, host="127.0.0.1", port=self.port, log_config=None, access_log=False, lifespan="off"
        )
        self._server = Quiet(config)
        self._task = asyncio.get_running_loop().create_task(self._server.serve())
        while not self._server.started:  # noqa: ASYNC110 (Uvicorn has no event for it)
            await asyncio.sleep(0.01)

    async def close(self) -> None:
        """Stop listening."""
        if self._server is not None and self._task is not None:
            self._server.should_exit = True
            await self._task

    def _shown(self, text: dict[str, str]) -> dict[str, Any]:
        return {
            "sid": text["sid"],
            "account_sid": "AC",
            "api_version": "2010-04-01",
            "body": text["Body"],
            "from": text.get("From"),
            "to": text["To"],
            "status": "queued",
            "direction": "outbound-api",
            "date_created": text["at"],
            "date_sent": text["at"],
            "date_updated": text["at"],
            "num_media": "0",
            "num_segments": "1",
            "price": None,
            "price_unit": "USD",
            "uri": "",
            "subresource_uris": {},
            "error_code": None,
            "error_message": None,
            "messaging_service_sid": None,
        }


class Quiet(uvicorn.Server):
    """Uvicorn that leaves the process's signals alone."""

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]
        """Do nothing."""
        yield
