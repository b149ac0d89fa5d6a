"""The page that confirms an address or number: ``/confirm/TOKEN``. Looking changes nothing; the button does."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from gateway.delivery.compose import environment
from gateway.delivery.destinations import VERIFIED, Destinations
from gateway.errors import StoreError
from gateway.web.pages.door import HEADERS, TOKEN, gone, later


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
        return self._page(request.path_params["token"])

    async def confirm(self, request: Request) -> Response:
        """The button was pressed."""
        token = request.path_params["token"]
        try:
            if TOKEN.fullmatch(token):
                self._destinations.confirm_page(token)
        except StoreError:
            return later()
        return self._page(token)

    def _page(self, token: str) -> Response:
        try:
            row = self._destinations.by_token(token) if TOKEN.fullmatch(token) else None
        except StoreError:
            return later()
        if row is None:
            return gone()
        values = {"done": row.state == VERIFIED, "token": token, "phone": row.channel == "sms"}
        return HTMLResponse(environment().get_template("web/confirm.html").render(values), headers=HEADERS)
