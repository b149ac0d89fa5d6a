"""The page of a digest: ``/digest/TOKEN``, with every card of it, however many there are. Looking changes nothing."""

from __future__ import annotations

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from gateway.clock import for_people
from gateway.delivery.compose import environment
from gateway.delivery.digest import HEADING, QUIET, Digest, digest
from gateway.delivery.gather import pieces_of
from gateway.errors import StoreError
from gateway.family import Directory
from gateway.store import Store
from gateway.store.tables import DigestRow
from gateway.web.pages.door import GONE, HEADERS, TOKEN, later


class DigestPages:
    """Shows all cards of a digest, each with the link to its own page."""

    def __init__(self, store: Store, directory: Directory) -> None:
        self._store, self._directory = store, directory

    def routes(self) -> list[Route]:
        """For the web application."""
        return [Route("/digest/{token}", self.show, methods=["GET"])]

    async def show(self, request: Request) -> Response:
        """The digest."""
        try:
            made = self._find(request.path_params["token"])
        except StoreError:
            return later()
        if made is None:
            return PlainTextResponse(GONE, 404, HEADERS)
        values = {"digest": made, "heading": HEADING, "quiet": QUIET, "links": (), "number": ""}
        return HTMLResponse(environment().get_template("web/digest.html").render(values), headers=HEADERS)

    def _find(self, token: str) -> Digest | None:
        if not TOKEN.fullmatch(token):
            return None
        with self._store.read() as session:
            row = session.scalars(select(DigestRow).where(DigestRow.token == token)).first()
            if row is None:
                return None
            family = self._directory.family(row.family)
            zone = family.time_zone if family else "UTC"
            return digest(pieces_of(session, row.cards), for_people(row.hour, zone), None, most=None)
