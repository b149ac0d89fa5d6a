"""The page of a digest: ``/digest/TOKEN``, with every card of it, however many there are, and the box for an answer. Looking
changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.clock import Clock, for_people
from gateway.delivery.digest import HEADING, QUIET, digest
from gateway.delivery.gather import pieces_of
from gateway.errors import StoreError
from gateway.family import Directory, Family
from gateway.store import Store
from gateway.store.tables import DigestRow
from gateway.web import forms
from gateway.web.pages.answerable import Page, page_of_digest
from gateway.web.pages.answering import Box, Said, box, said
from gateway.web.pages.door import TOKEN, gone, language_of, later
from gateway.web.pages.door import page as drawn


class DigestPages:
    """Shows all cards of a digest, each with the link to its own page."""

    def __init__(self, store: Store, directory: Directory, clock: Clock) -> None:
        self._store, self._directory, self._clock = store, directory, clock

    def routes(self) -> list[Route]:
        """For the web application."""
        return [Route("/digest/{token}", self.show, methods=["GET"])]

    async def show(self, request: Request) -> Response:
        """The digest."""
        token = request.path_params["token"]
        try:
            with self._store.read() as session:
                row = _find(session, token)
                if row is None:
                    return gone(request)
                family = self._directory.family(row.family)
                if family is None:
                    return self._shown(session, row, None, (), None)
                page = page_of_digest(session, family, row)
                made = box(session, page, self._clock())
                return self._shown(session, row, family, said(session, page), made)
        except StoreError:
            return later(request)

    def answered(self, page: Page, made: Box | None) -> Response:
        """The digest with a box that has words in it. Raises StoreError."""
        with self._store.read() as session:
            row = _find(session, page.token)
            if row is None:
                return gone(page.family)
            return self._shown(session, row, page.family, said(session, page), made)

    def _shown(
        self, session: Session, row: DigestRow, family: Family | None, answers: Sequence[Said], made: Box | None
    ) -> Response:
        zone = family.time_zone if family is not None else "UTC"
        values = {
            "digest": digest(pieces_of(session, row.cards), for_people(row.hour, zone), None, most=None),
            "heading": HEADING,
            "quiet": QUIET,
            "links": (),
            "number": "",
            "said": answers,
            "box": made,
            "forms": lambda _box: forms.make(row.token, self._clock()),
        }
        return drawn("digest.html", language_of(family), values)


def _find(session: Session, token: str) -> DigestRow | None:
    if not TOKEN.fullmatch(token):
        return None
    return session.scalars(select(DigestRow).where(DigestRow.token == token)).first()
