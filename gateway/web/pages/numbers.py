"""Numbers for help: ``/numbers/TOKEN``, the family's country first.

The address holds the secret of an alarm or a card, so that nobody who merely tries addresses learns what this service is for. The
title is neutral, nothing on the page is loaded from elsewhere, and one link leads away quickly.
"""

from __future__ import annotations

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.delivery.compose import NOT_A_SERVICE
from gateway.errors import StoreError
from gateway.family import Directory
from gateway.family.country import names
from gateway.helplines import countries, ordered
from gateway.store import Store
from gateway.store.tables import AlarmCallRow, CardRow
from gateway.web.pages.door import TOKEN, gone, language_of, later, page

AWAY = "https://www.wikipedia.org/"


class NumbersPages:
    """Shows the helplines. ``?country=IE`` puts another country first; a country that is not listed gets the general page."""

    def __init__(self, store: Store, directory: Directory) -> None:
        self._store, self._directory = store, directory

    def routes(self) -> list[Route]:
        """For the web application."""
        return [Route("/numbers/{token}", self.show, methods=["GET"])]

    async def show(self, request: Request) -> Response:
        """The page."""
        token = request.path_params["token"]
        try:
            key = self._family(token)
        except StoreError:
            return later(request)
        if key is None:
            return gone(request)
        family = self._directory.family(key)
        code = request.query_params.get("country", "").upper() or (family.lives_in if family else None)
        own, others = ordered(code)
        values = {
            "own": own,
            "code": code or "",
            "named": names().get(code or "", ""),
            "others": others,
            "all": countries(),
            "token": token,
            "away": AWAY,
            "limits": NOT_A_SERVICE,
        }
        return page("numbers.html", language_of(family), values)

    def _family(self, token: str) -> str | None:
        if not TOKEN.fullmatch(token):
            return None
        with self._store.read() as session:
            found = session.scalar(select(AlarmCallRow.family).where(AlarmCallRow.token == token))
            return found or session.scalar(select(CardRow.family).where(CardRow.token == token))
