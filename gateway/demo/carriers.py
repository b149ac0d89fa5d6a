"""The world outside, on loopback: a mail host that takes the cards, and a text carrier that takes the texts.

Both speak the real protocols (SMTP by aiosmtpd, the carrier's HTTP API by Starlette and Uvicorn), so that the gateway
runs in the demo and in the tests as it runs in the world.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qs, urlencode
from weakref import WeakSet

import uvicorn
from aiosmtpd.smtp import SMTP, Envelope, Session
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.clock import utc_now


def free_port() -> int:
    """A port of loopback that nobody uses now.

    Below those that the system gives to connections as they are made (from 32768 on Linux): one of these could be taken in the
    moment before somebody listens.
    """
    while True:
        port = 10_000 + secrets.randbelow(22_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@dataclass
class Mailbox:
    """A mail host. `answers`: what it says to the next messages' DATA, for tests of refusals; then 250."""

    port: int = field(default_factory=free_port)
    received: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    _server: asyncio.Server | None = None
    _open: WeakSet[SMTP] = field(default_factory=WeakSet)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a message."""
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            self.received.append((envelope.mail_from or "", list(envelope.rcpt_tos), envelope.original_content or b""))
        return answer

    async def open(self) -> None:
        """Listen."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._conversation, "127.0.0.1", self.port)

    def _conversation(self) -> SMTP:
        made = SMTP(self, hostname="mail.example.org")
        self._open.add(made)
        return made

    async def close(self) -> None:
        """Stop listening, and hang up on whoever is still there."""
        if self._server is not None:
            self._server.close()
        for one in list(self._open):
            if one.transport is not None:
                one.transport.close()
        await asyncio.sleep(0)


@dataclass
class Carrier:
    """A text carrier with the part of Twilio's API that the gateway uses.

    `fail` answers the next requests so. `came`: texts that came to a relay number, as `take` noted them. `refused`: numbers
    that have opted out. `recordings` by their sid; `logins`: with which credentials they were asked for. `asked`: how often
    the list was read, page by page. `media`: files that it hands over under ``/media/NAME``.
    """

    port: int = field(default_factory=free_port)
    sent: list[dict[str, str]] = field(default_factory=list)
    fail: list[int] = field(default_factory=list)
    came: list[dict[str, Any]] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    recordings: dict[str, bytes] = field(default_factory=dict)
    media: dict[str, bytes] = field(default_factory=dict)
    logins: list[str | None] = field(default_factory=list)
    asked: int = 0
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
        if form.get("To") in self.refused:
            answer = {"code": 21610, "message": "Attempt to send to unsubscribed recipient", "status": 400}
            return JSONResponse(answer, 400)
        text = {"sid": f"SM{len(self.sent):032x}", "at": format_datetime(utc_now()), **form}
        self.sent.append(text)
        return JSONResponse(self._shown(text), 201)

    def take(self, form: dict[str, str], sent: datetime, files: tuple[tuple[str, str], ...] = ()) -> None:
        """Note a text that came from outside, by the fields of its webhook; `files`: sid and type of each file."""
        self.came.append({"form": form, "sent": sent, "files": files})

    async def list(self, request: Request) -> JSONResponse:
        """All texts, newest first, page by page; by receiver and by the day from which on they were sent."""
        self.asked += 1
        if self.fail:
            status = self.fail.pop(0)
            return JSONResponse({"code": 20429, "message": "no", "status": status}, status)
        to, since = request.query_params.get("To"), request.query_params.get("DateSent>")
        page, size = (
            int(request.query_params.get(name, default)) for name, default in (("Page", "0"), ("PageSize", "50"))
        )
        texts = [self._shown(t) for t in self.sent] + [self._inbound(c) for c in self.came]
        texts = [t for t in texts if to in (None, t["to"])]
        if since:
            texts = [t for t in texts if parsedate_to_datetime(t["date_sent"]) >= datetime.fromisoformat(since)]
        texts.sort(key=lambda t: parsedate_to_datetime(t["date_sent"]), reverse=True)
        following = None
        if len(texts) > (page + 1) * size:
            query = {k: v for k, v in request.query_params.items() if k not in ("Page", "PageToken")}
            following = (
                f"{request.url.path}?{urlencode(query | {'Page': str(page + 1), 'PageToken': 'PA' + str(page)})}"
            )
        shown = texts[page * size : (page + 1) * size]
        return JSONResponse({"messages": shown, "page": page, "page_size": size, "next_page_uri": following})

    async def files(self, request: Request) -> JSONResponse:
        """The files of one text."""
        sid, account = request.path_params["sid"], request.path_params["account"]
        found = [
            {
                "sid": file,
                "account_sid": account,
                "parent_sid": sid,
                "content_type": kind,
                "date_created": format_datetime(utc_now()),
                "date_updated": format_datetime(utc_now()),
                "uri": f"/2010-04-01/Accounts/{account}/Messages/{sid}/Media/{file}.json",
            }
            for one in self.came
            if one["form"]["MessageSid"] == sid
            for file, kind in one["files"]
        ]
        return JSONResponse({"media_list": found, "page": 0, "page_size": 50, "next_page_uri": None})

    async def recording(self, request: Request) -> Response:
        """A recording; it may not be there yet."""
        self.logins.append(request.headers.get("authorization"))
        found = self.recordings.get(request.path_params["sid"])
        return Response("not found", 404) if found is None else Response(found, media_type="audio/x-wav")

    async def file(self, request: Request) -> Response:
        """A picture or file of an MMS."""
        found = self.media.get(request.path_params["name"])
        return Response(b"", 404) if found is None else Response(found)

    async def open(self) -> None:
        """Listen."""
        account = "/2010-04-01/Accounts/{account}"
        routes = [
            Route(f"{account}/Messages.json", self.create, methods=["POST"]),
            Route(f"{account}/Messages.json", self.list, methods=["GET"]),
            Route(f"{account}/Messages/{{sid}}/Media.json", self.files, methods=["GET"]),
            Route(f"{account}/Recordings/{{sid}}", self.recording, methods=["GET"]),
            Route("/media/{name}", self.file),
        ]
        app = Starlette(routes=routes)
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

    def _inbound(self, one: dict[str, Any]) -> dict[str, Any]:
        form = one["form"]
        at = format_datetime(one["sent"])
        text = {"sid": form["MessageSid"], "at": at, "Body": form["Body"], "From": form["From"], "To": form["To"]}
        more = {"direction": "inbound", "status": "received", "num_media": str(len(one["files"]))}
        return self._shown(text) | more

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
