"""The private calendar: ``GET /dates/SECRET.ics`` (RFC 5545, ``text/calendar``). Nothing in the address names anybody."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway import feeds
from gateway.clock import Clock
from gateway.delivery.calendar import FILE_NAME, TYPE
from gateway.errors import StoreError
from gateway.family import Directory
from gateway.store import Store
from gateway.web.pages.door import HEADERS, later

GONE = "This address leads nowhere."
FEED_HEADERS = {
    **HEADERS,
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Content-Disposition": f'attachment; filename="{FILE_NAME}"',
}


class FeedPages:
    """Hands out a family's calendar. A calendar program asks every hour or so, so that is no entry in the log."""

    def __init__(self, store: Store, directory: Directory, clock: Clock, public_url: str) -> None:
        self._store, self._directory, self._clock, self._public_url = store, directory, clock, public_url

    def routes(self) -> list[Route]:
        """For the web application."""
        return [Route("/dates/{token}.ics", self.show, methods=["GET"])]

    async def show(self, request: Request) -> Response:
        """The calendar; a wrong address and a revoked one look the same."""
        try:
            with self._store.read() as session:
                key = feeds.family_of(session, request.path_params["token"])
                family = self._directory.family(key) if key is not None else None
                if family is None or family.calendar == "off":
                    return PlainTextResponse(GONE, 404, HEADERS)
                made = feeds.calendar(session, family, self._public_url, self._clock())
        except StoreError:
            return later(request)
        return Response(made, media_type=f"{TYPE}; charset=utf-8", headers=FEED_HEADERS)
