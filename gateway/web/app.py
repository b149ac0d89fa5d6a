"""The Starlette application."""

from __future__ import annotations

from typing import Protocol

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route


async def health(_request: Request) -> Response:
    """Alive. Says nothing else: no version, no name."""
    return PlainTextResponse("ok")


async def fault(_request: Request, _error: Exception) -> Response:
    """The outside never sees what went wrong."""
    return PlainTextResponse("Not now; try again later.", 500)


class HasRoutes(Protocol):
    """A part of the application."""

    def routes(self) -> list[Route]:
        """Its addresses."""
        ...


def make_app(*parts: HasRoutes) -> Starlette:
    """All routes of the gateway."""
    routes = [Route("/health", health), *(route for part in parts for route in part.routes())]
    return Starlette(routes=routes, exception_handlers={500: fault, Exception: fault})
