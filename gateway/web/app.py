"""The Starlette application."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway.intake.sms import Webhooks
from gateway.intake.voice import VoiceHooks


async def health(_request: Request) -> Response:
    """Alive. Says nothing else: no version, no name."""
    return PlainTextResponse("ok")


async def fault(_request: Request, _error: Exception) -> Response:
    """The outside never sees what went wrong."""
    return PlainTextResponse("Not now; try again later.", 500)


class Pages(Protocol):
    """Some pages that belong together."""

    def routes(self) -> list[Route]:
        """For the web application."""
        ...


def make_app(webhooks: Webhooks, calls: VoiceHooks, pages: Sequence[Pages]) -> Starlette:
    """All routes of the gateway."""
    shown = [route for one in pages for route in one.routes()]
    routes = [Route("/health", health), *webhooks.routes(), *calls.routes(), *shown]
    return Starlette(routes=routes, exception_handlers={500: fault, Exception: fault})
