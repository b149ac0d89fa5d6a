"""An answer written on the page of a card or a digest: ``POST /card/TOKEN/answer`` and ``POST /digest/TOKEN/answer``.

    look   ─► the same page with what is to be said about the words; nothing is kept
    pick   ─► the same page with a ready answer under the words
    send   ─► where something is to be said that was not shown yet, as look; else kept like a mail or a text, and read by the same
    now       desk (`now`: not held overnight); then the page anew, so that loading it again sends nothing
    draft  ─► a draft that waits goes, is changed in the box, or is dropped

It works without any script. The form is bound to the link (see `gateway.web.forms`), a form that is sent twice is kept once,
and words that could not be kept come back in the box.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.clock import Clock
from gateway.errors import StoreError
from gateway.family import Directory
from gateway.intake.keep import Arrival, Keeper
from gateway.reply import holding
from gateway.reply.desk import ReplyDesk
from gateway.reply.looked import Looked
from gateway.reply.outgoing import clean
from gateway.reply.posted import CHANNEL, MOST_BYTES, Posted, fields_of
from gateway.store import Store
from gateway.store.blobs import digest as sha256
from gateway.store.tables import DecisionRow, MessageRow
from gateway.web import forms
from gateway.web.pages.answerable import NONE, Page, chosen, find_card, find_digest, must_choose, waiting
from gateway.web.pages.answering import Box, Typed, box
from gateway.web.pages.door import HEADERS, gone, later, refused

NOT_SENT = "Nothing was sent"
FORGED = (
    "This page was not opened from your own link, so nothing was sent. Open the newest update from your own mailbox."
)
CLOSED = "Answers are not taken here any more. Answer a newer update, or write to the relay address."
TOO_LONG = "That is too much for one answer. Nothing was sent. Go back and shorten it."
OLD = "This page was opened a day ago or more. Nothing was sent. Look at your words once more and send them."
EMPTY = "There are no words yet. Nothing was sent."
CHOOSE = "Choose which of the messages this answers. Nothing was sent."
TWICE = "An answer was sent from this page before; it stands above. The words below were not sent."
BUSY = "It could not be kept just now, so nothing was sent. Try again in a minute."
LOOK = "Nothing was sent yet."
CONCLUDED_WITHIN = 5.0
PAUSE = 0.05
Render = Callable[[Page, Box | None], Response]
Find = Callable[[Session, Directory, str], Page | None]


@dataclass(frozen=True, slots=True)
class _Form:
    """A form that fits. `nonce`: its name."""

    nonce: str
    raw: bytes
    fields: dict[str, str]
    typed: Typed


class AnswerPages:
    """Takes answers from pages. `card`, `digest`: how a page is shown with a box."""

    def __init__(
        self,
        store: Store,
        directory: Directory,
        clock: Clock,
        keeper: Keeper,
        desk: ReplyDesk,
        *,
        card: Render,
        digest: Render,
    ) -> None:
        self._store, self._directory, self._clock = store, directory, clock
        self._keeper, self._desk = keeper, desk
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
            return refused(FORGED, 403, NOT_SENT)
        raw = await _body(request)
        if raw is None:
            return refused(TOO_LONG, 413, NOT_SENT)
        try:
            with self._store.read() as session:
                page = find(session, self._directory, request.path_params["token"])
            if page is None:
                return gone()
            return await self._with_form(page, raw)
        except forms.ForgedError:
            return refused(FORGED, 403, NOT_SENT)
        except StoreError:
            return later()

    async def _with_form(self, page: Page, raw: bytes) -> Response:
        fields, now = fields_of(raw), self._clock()
        typed = Typed(
            clean(fields.get("words", "")),
            fields.get("answers", ""),
            fields.get("route", ""),
            _number(fields.get("replaces")),
        )
        try:
            form = _Form(forms.nonce_of(fields.get("form", ""), page.token, now), raw, fields, typed)
        except forms.OldError:
            return self._show(page, typed, note=OLD) if page.is_open(now) else refused(CLOSED, 410, NOT_SENT)
        if not page.is_open(now):
            return refused(CLOSED, 410, NOT_SENT)
        act = fields.get("act", "pick" if "pick" in fields else "look")
        if act in ("go", "change", "drop"):
            return await self._draft(page, form, act)
        if act == "pick":
            words = "\n".join(part for part in (typed.words, clean(fields.get("pick", ""))) if part)
            return await self._look(page, replace(typed, words=words))
        return await (
            self._send(page, form, at_once=act == "now") if act in ("send", "now") else self._look(page, typed)
        )

    async def _look(self, page: Page, typed: Typed, note: str = "") -> Response:
        if not typed.words:
            return self._show(page, typed, note=EMPTY)
        looked, held = await asyncio.to_thread(self._looked, page, typed)
        return self._show(page, typed, looked=looked, held=held, note=note)

    async def _send(self, page: Page, form: _Form, *, at_once: bool) -> Response:
        typed = form.typed
        if not typed.words or must_choose(page, typed.answers):
            return self._show(page, typed, note=CHOOSE if typed.words else EMPTY)
        answers = chosen(page, typed.answers)
        if not forms.was_seen(form.fields.get("seen", ""), page.token, typed.words, answers):
            looked, held = await asyncio.to_thread(self._looked, page, typed)
            if looked.hints:
                return self._show(page, typed, looked=looked, held=held, note=LOOK)
        posted = Posted(answers, page.digest_id, typed.route, at_once, replaces=typed.replaces)
        return await self._keep(page, form, posted)

    async def _draft(self, page: Page, form: _Form, act: str) -> Response:
        number = _number(form.fields.get("draft"))
        with self._store.read() as session:
            row = waiting(session, page, number) if number is not None else None
        if row is None:  # it went, or was changed, meanwhile: the page says so
            return _anew(page)
        if act == "change":
            words = str(row.content["text"]).rstrip("\n")
            answers = str(row.answers_id) if row.answers_id is not None else NONE
            return self._show(page, Typed(words, answers, row.channel, row.id))
        return await self._keep(
            page, form, Posted(row.answers_id, drops=row.id) if act == "drop" else Posted(row.answers_id, draft=row.id)
        )

    async def _keep(self, page: Page, form: _Form, posted: Posted) -> Response:
        family = page.family
        arrival = Arrival(
            family.key,
            family.time_zone,
            CHANNEL,
            form.raw,
            posted.as_json(),
            self._clock(),
            provider_id=f"web:{form.nonce}",
        )
        try:
            receipt = await self._keeper.keep(arrival)
        except StoreError:
            return self._show(page, form.typed, note=BUSY, status=503)
        about_draft = posted.draft is not None or posted.drops is not None
        if receipt.repeated and not about_draft and self._other_words(receipt.message_id, form.typed, form.raw):
            return self._show(page, form.typed, note=TWICE)
        await self._concluded(receipt.message_id)
        return _anew(page)

    async def _concluded(self, message_id: int) -> None:
        """Wait a little until the worker has read it, so that the page can say what became of it."""
        for _ in range(int(CONCLUDED_WITHIN / PAUSE)):
            with self._store.read() as session:
                if session.scalar(select(MessageRow.state).where(MessageRow.id == message_id)) != "stored":
                    return
            await asyncio.sleep(PAUSE)

    def _other_words(self, message_id: int, typed: Typed, raw: bytes) -> bool:
        """Whether what was kept under that form says something else."""
        with self._store.read() as session:
            words = session.scalar(select(DecisionRow.new_text).where(DecisionRow.message_id == message_id))
            kept = session.scalar(select(MessageRow.sha256).where(MessageRow.id == message_id))
        return kept != sha256(raw) if words is None else clean(words) != typed.words

    def _looked(self, page: Page, typed: Typed) -> tuple[Looked, datetime | None]:
        with self._store.read() as session:
            answers = chosen(page, typed.answers)
            before = waiting(session, page, typed.replaces) if typed.replaces is not None else None
            looked = self._desk.look(session, page.family, typed.words, answers)
            held = holding.until(session, page.family, looked, answers, self._clock(), among=page.asking, before=before)
            return looked, held

    def _show(
        self,
        page: Page,
        typed: Typed,
        *,
        looked: Looked | None = None,
        held: datetime | None = None,
        note: str = "",
        status: int = 200,
    ) -> Response:
        with self._store.read() as session:
            made = box(session, page, self._clock(), typed, looked=looked, held=held, note=note)
        shown = self._render[page.kind](page, made)
        shown.status_code = status
        return shown


async def _body(request: Request) -> bytes | None:
    """The form's bytes; None for one that is too large."""
    raw = bytearray()
    async for part in request.stream():
        raw += part
        if len(raw) > MOST_BYTES:
            return None
    return bytes(raw)


def _anew(page: Page) -> Response:
    return RedirectResponse(f"/{page.kind}/{page.token}#answer", 303, HEADERS)


def _number(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 18 else None
