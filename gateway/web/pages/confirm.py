"""The page that confirms an address or number: ``/confirm/TOKEN``. Looking changes nothing; the button does."""

from __future__ import annotations

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.delivery.destinations import VERIFIED, Destinations
from gateway.errors import StoreError, UserError
from gateway.web.pages.door import TOKEN, gone, language_of, later, page


class ConfirmPages:
    """Shows the button, and takes it."""

    def __init__(self, destinations: Destinations, after: Callable[[str], None]) -> None:
        """`after`: what follows for the family with that key, once an address of it is confirmed."""
        self._destinations, self._after = destinations, after

    def routes(self) -> list[Route]:
        """For the web application."""
        return [
            Route("/confirm/{token}", self.show, methods=["GET"]),
            Route("/confirm/{token}", self.confirm, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The page."""
        return self._page(request)

    async def confirm(self, request: Request) -> Response:
        """The button was pressed."""
        token = request.path_params["token"]
        try:
            row = self._destinations.by_token(token) if TOKEN.fullmatch(token) else None
            if row is not None and self._destinations.confirm_page(token):
                await run_in_threadpool(self._after, row.family)
        except StoreError:
            return later(request)
        except UserError:
            pass  # the settings say why it is not in force; whoever has the mail alone learns nothing
        return self._page(request)

    def _page(self, request: Request) -> Response:
        token = request.path_params["token"]
        try:
            row = self._destinations.by_token(token) if TOKEN.fullmatch(token) else None
        except StoreError:
            return later(request)
        if row is None:
            return gone(request)
        values = {"done": row.state == VERIFIED, "token": token, "phone": row.channel == "sms"}
        return page("confirm.html", language_of(self._destinations.family(row)), values)
