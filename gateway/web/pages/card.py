"""The page of one card: ``/card/TOKEN``.

The token in the link is the key (256 bits from the system's generator); it comes only in the parent's own cards. Looking
changes nothing, so that a mail host's link checker cannot open an original. The original is one deliberate step away: a
button, a page that says what it is, and an entry in the log that it was opened. Below the card stands the box for an answer.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.alarms import acknowledge
from gateway.clock import Clock
from gateway.delivery.card import Card
from gateway.delivery.compose import NOT_A_SERVICE
from gateway.errors import StoreError
from gateway.family import Directory
from gateway.grouping import read_with
from gateway.intake.archives.kept import whole
from gateway.ledger import append
from gateway.policy import Lane
from gateway.store import Blobs, Store
from gateway.store.tables import CardRow, MessageRow
from gateway.web import forms
from gateway.web.pages.answerable import Page, page_of_card
from gateway.web.pages.answering import Box, Said, box, said
from gateway.web.pages.door import Found, find, gone, language_of, later, views
from gateway.web.pages.door import page as drawn


class CardPages:
    """Shows a card, and on a deliberate step the original words."""

    def __init__(self, store: Store, blobs: Blobs, directory: Directory, clock: Clock) -> None:
        self._store, self._blobs, self._directory, self._clock = store, blobs, directory, clock

    def routes(self) -> list[Route]:
        """For the web application."""
        return [
            Route("/card/{token}", self.show, methods=["GET"]),
            Route("/card/{token}/original", self.original, methods=["POST"]),
            Route("/card/{token}/read", self.read, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The card."""
        try:
            found = find(self._store, request.path_params["token"])
            if found is None:
                return gone(request)
            family = self._directory.family(found.card.family)
            if family is None:
                return self._shown(found, (), None)
            with self._store.read() as session:
                page = page_of_card(session, family, found.card)
                return self._shown(found, said(session, page), box(session, page, self._clock()))
        except StoreError:
            return later(request)

    def answered(self, page: Page, made: Box | None) -> Response:
        """The card with a box that has words in it. Raises StoreError."""
        found = find(self._store, page.token)
        if found is None:
            return gone(page.family)
        with self._store.read() as session:
            return self._shown(found, said(session, page), made)

    def _shown(self, found: Found, answers: Sequence[Said], made: Box | None) -> Response:
        card = Card.from_json(found.card.content)
        values = {
            "said": answers,
            "box": made,
            "forms": lambda _box: forms.make(found.card.token, self._clock()),
            "card": card,
            "token": found.card.token,
            "is_open": self._is_open(found.card),
            "is_alarm": card.lane in (Lane.DANGER, Lane.EMERGENCY),
            "not_a_service": NOT_A_SERVICE,
            "files": views(found.files),
            "has_original": (not card.whole and (card.lane in (Lane.DANGER, Lane.UNSORTED) or card.notes))
            or any(f.after_original for f in found.files),
        }
        language = language_of(self._directory.family(found.card.family))
        return drawn("card.html", language, values)

    async def original(self, request: Request) -> Response:
        """The whole message in the sender's words, as text; the log notes that it was opened."""
        try:
            found = find(self._store, request.path_params["token"])
            if found is None:
                return gone(request)
            words = self._open(found.card)
        except StoreError:
            return later(request)
        card = Card.from_json(found.card.content)
        files = views(found.files, after_original=True)
        values = {"card": card, "token": found.card.token, "words": words, "files": files}
        language = language_of(self._directory.family(found.card.family))
        return drawn("original.html", language, values)

    async def read(self, request: Request) -> Response:
        """The parent says that they have read an alarm's card; the card again."""
        try:
            found = find(self._store, request.path_params["token"])
            family = self._directory.family(found.card.family) if found else None
            if found is not None and family is not None:
                with self._store.write() as session:
                    acknowledge.by_card(session, found.card, family, self._clock())
        except StoreError:
            return later(request)
        return await self.show(request)

    def _is_open(self, card: CardRow) -> bool:
        with self._store.read() as session:
            return acknowledge.open_alarm(session, card.id) is not None

    def _open(self, card: CardRow) -> str:
        family = self._directory.family(card.family)
        with self._store.write() as session:
            messages = [session.get_one(MessageRow, number) for number in read_with(session, card.message_id)]
            words = "\n".join(
                whole(self._blobs.get(message.family, message.sha256), message.channel) for message in messages
            )
            body: dict[str, object] = {"message": card.message_id}
            if len(messages) > 1:
                body["group"] = [message.id for message in messages]
            append(
                session,
                card.family,
                "original opened",
                body,
                now=self._clock(),
                zone=family.time_zone if family else "UTC",
            )
        return words
