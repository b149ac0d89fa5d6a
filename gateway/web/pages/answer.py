"""An answer written on the page of a card or a digest: ``POST /card/TOKEN/answer`` and ``POST /digest/TOKEN/answer``.

The form is bound to the link (see `gateway.web.forms`); what becomes of it is in `taking`. It works without any script.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.clock import Clock
from gateway.errors import StoreError
from gateway.family import Directory
from gateway.reply.posted import MOST_BYTES, fields_of
from gateway.store import Store
from gateway.web import forms
from gateway.web.pages.answerable import Page, find_card, find_digest
from gateway.web.pages.answering import Box
from gateway.web.pages.door import HEADERS, gone, later, refused
from gateway.web.pages.taking import CLOSED, Again, Done, Filled, Taking

NOT_SENT = "Nothing was sent"
FORGED = (
    "This page was not opened from your own link, so nothing was sent. Open the newest update from your own mailbox."
)
TOO_LONG = "That is too much for one answer. Nothing was sent. Go back and shorten it."
OLD = "This page was opened a day ago or more. Nothing was sent. Look at your words once more and send them."
Render = Callable[[Page, Box | None], Response]
Find = Callable[[Session, Directory, str], Page | None]


class AnswerPages:
    """Takes answers from pages behind a link. `card`, `digest`: how a page is shown with a box."""

    def __init__(
        self, store: Store, directory: Directory, clock: Clock, taking: Taking, *, card: Render, digest: Render
    ) -> None:
        self._store, self._directory, self._clock, self._taking = store, directory, clock, taking
        self._render = {"card": card, "digest": digest}

    def routes(self) -> list[Route]:
        """For the web application."""
        return [
            Route("/card/{token}/answer", self.card, methods=["POST"]),
            Route("/digest/{token}/answer", self.digest, methods=["POST"]),
        ]

    async def card(self, request: Request) -> Response:
        """From a card's page."""
        return await self._take(request, find_card)

    async def digest(self, request: Request) -> Response:
        """From a digest's page."""
        return await self._take(request, find_digest)

    async def _take(self, request: Request, find: Find) -> Response:
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return refused(request, FORGED, 403, NOT_SENT)
        raw = await _body(request)
        if raw is None:
            return refused(request, TOO_LONG, 413, NOT_SENT)
        try:
            taken = await run_in_threadpool(self._taken, request.path_params["token"], find, raw)
            return taken if taken is not None else gone(request)
        except forms.ForgedError:
            return refused(request, FORGED, 403, NOT_SENT)
        except StoreError:
            return later(request)

    def _taken(self, token: str, find: Find, raw: bytes) -> Response | None:
        with self._store.read() as session:
            page = find(session, self._directory, token)
        if page is None:
            return None
        fields, now = fields_of(raw), self._clock()
        filled = Filled("", raw, fields)
        try:
            filled = Filled(forms.nonce_of(fields.get("form", ""), page.token, now), raw, fields)
            made = self._taking.take(page, filled)
        except forms.OldError:
            made = self._taking.again(page, filled.typed, note=OLD) if page.is_open(now) else Done.CLOSED
        return self._shown(page, made)

    def _shown(self, page: Page, made: Again | Done) -> Response:
        if made is Done.CLOSED:
            return refused(page.family, CLOSED, 410, NOT_SENT)
        if isinstance(made, Done):
            return RedirectResponse(f"{page.path}#answer", 303, HEADERS)
        shown = self._render[page.kind](page, made.box)
        shown.status_code = made.status
        return shown


async def _body(request: Request) -> bytes | None:
    """The form's bytes; None for one that is too large."""
    raw = bytearray()
    async for part in request.stream():
        raw += part
        if len(raw) > MOST_BYTES:
            return None
    return bytes(raw)
