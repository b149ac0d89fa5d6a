"""The addresses of the API: one door for each, the OpenAPI document, and nothing else under ``/api``."""

from __future__ import annotations

import json
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from gateway.api.call import Call
from gateway.api.door import POLICY, Desk, Door, nowhere
from gateway.api.openapi import document
from gateway.api.problems import NO_METHOD, Problem
from gateway.web import site

ROOT = "/api/v1"


class Api:
    """For the web application."""

    def __init__(self, desk: Desk, calls: Sequence[Call]) -> None:
        self.calls, self._desk = tuple(calls), desk
        names = [call.name for call in calls]
        if len(set(names)) < len(names):
            raise ValueError("two calls have one name")

    def routes(self) -> list[Route]:
        """One route for each address; it answers every method, so that each refusal is a problem and not a page."""
        paths = list(dict.fromkeys(call.path for call in self.calls))
        doors = {path: Door(self._desk, [call for call in self.calls if call.path == path]) for path in paths}
        return [
            Route(f"{ROOT}/openapi.json", Described(self.calls)),
            *(Route(ROOT + path, door) for path, door in sorted(doors.items(), key=lambda one: "{" in one[0])),
            *(Route(path, Elsewhere()) for path in ("/api", "/api/{rest:path}")),
        ]


class Described:
    """The OpenAPI document. It tells of no family, and is the same for everybody."""

    def __init__(self, calls: Sequence[Call]) -> None:
        self._body = json.dumps(document(calls), ensure_ascii=False, separators=(",", ":")).encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request (ASGI)."""
        good = Request(scope).method in ("GET", "HEAD")
        made = (
            Response(self._body, media_type="application/json")
            if good
            else Problem(NO_METHOD, headers={"Allow": "GET, HEAD"}).response()
        )
        made.headers["Content-Security-Policy"] = POLICY
        await site.guarded(made)(scope, receive, send)


class Elsewhere:
    """Every other address."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request (ASGI)."""
        await nowhere(scope, receive, send)
