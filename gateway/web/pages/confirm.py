"""The page that confirms an address or number: ``/confirm/TOKEN``. Looking changes nothing; the button does."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.delivery.destinations import VERIFIED, Destinations
from gateway.errors import StoreError
from gateway.web.pages.door import TOKEN, gone, language_of, later, page


class ConfirmPages:
    """Shows the button, and takes it."""

    def __init__(self, destinations: Destinations) -> None:
        self._destinations = destinations

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
            if TOKEN.fullmatch(token):
                self._destinations.confirm_page(token)
        except StoreError:
            return later(request)
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
