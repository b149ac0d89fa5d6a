"""The Starlette application, and what holds for every address of it."""

from __future__ import annotations

from typing import Final, Protocol

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.web import site, source
from gateway.web.guard import NOT_HERE

LONGEST_PART: Final = 200
"""Signs of one part of a path: the longest of ours is a token of 43. Python reads no number of more than 4300 digits."""


async def health(_request: Request) -> Response:
    """Alive. Says nothing else: no version, no name."""
    return PlainTextResponse("ok")


async def fault(_request: Request, _error: Exception) -> Response:
    """The outside never sees what went wrong."""
    return PlainTextResponse("Not now; try again later.", 500)


async def nowhere(request: Request, error: Exception) -> Response:
    """No such address, or not with this method: in the same words as everywhere, and kept in no cache."""
    status = error.status_code if isinstance(error, HTTPException) else 404
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    return site.guarded(PlainTextResponse(source.said(request, NOT_HERE), status, headers))


class Plain:
    """Makes every request one that a page knows: HEAD is GET (the server leaves the body out, RFC 9110 section 9.3.2), so that looking
    never does what a form does; and no part of a path is longer than `LONGEST_PART`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "http" and any(len(part) > LONGEST_PART for part in scope["path"].split("/")):
            await (await nowhere(Request(scope), HTTPException(404)))(scope, receive, send)
            return
        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}
        await self._app(scope, receive, send)


class HasRoutes(Protocol):
    """A part of the application."""

    def routes(self) -> list[Route]:
        """Its addresses."""
        ...


def make_app(*parts: HasRoutes) -> Starlette:
    """All routes of the gateway."""
    routes = [Route("/health", health), *(route for part in parts for route in part.routes())]
    handlers = {404: nowhere, 405: nowhere, 500: fault, Exception: fault}
    made = Starlette(routes=routes, middleware=[Middleware(Plain)], exception_handlers=handlers)
    made.router.redirect_slashes = False  # the address it made would be of the scheme and host that the request names
    return made
