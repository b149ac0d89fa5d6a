"""The Starlette application."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway.intake.sms import Webhooks
from gateway.intake.voice import VoiceHooks
from gateway.web.pages.card import CardPages
from gateway.web.pages.digest import DigestPages
from gateway.web.pages.files import FilePages


async def health(_request: Request) -> Response:
    """Alive. Says nothing else: no version, no name."""
    return PlainTextResponse("ok")


async def fault(_request: Request, _error: Exception) -> Response:
    """The outside never sees what went wrong."""
    return PlainTextResponse("Not now; try again later.", 500)


def make_app(
    webhooks: Webhooks, calls: VoiceHooks, cards: CardPages, files: FilePages, digests: DigestPages
) -> Starlette:
    """All routes of the gateway."""
    pages = [*cards.routes(), *files.routes(), *digests.routes()]
    routes = [Route("/health", health), *webhooks.routes(), *calls.routes(), *pages]
    return Starlette(routes=routes, exception_handlers={500: fault, Exception: fault})
