"""What becomes of a form with an answer, on whichever page it was written: behind a card's link or in the pages of an account.

    look   ─► the same page with what is to be said about the words; nothing is kept
    pick   ─► the same page with a ready answer under the words
    send   ─► where something is to be said that was not shown yet, as look; else kept like a mail or a text, and read by the same
    now       desk (`now`: not held overnight); then the page anew, so that loading it again sends nothing
    draft  ─► a draft that waits goes, is changed in the box, or is dropped

A form that is sent twice is kept once, and words that could not be kept come back in the box. Whether the form fits the page and
who sent it is known before (see `answer` and `questions`). It runs in a thread.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from sqlalchemy import select

from gateway.clock import Clock
from gateway.errors import StoreError
from gateway.intake.keep import Arrival, Keeper
from gateway.reply import holding
from gateway.reply.desk import ReplyDesk
from gateway.reply.looked import Looked
from gateway.reply.outgoing import clean
from gateway.reply.posted import CHANNEL, Posted
from gateway.store import Store
from gateway.store.blobs import digest as sha256
from gateway.store.tables import DecisionRow, MessageRow
from gateway.web import forms
from gateway.web.pages.answerable import NONE, Page, chosen, must_choose, waiting
from gateway.web.pages.answering import Box, Typed, box

CLOSED = "Answers are not taken here any more. Answer a newer update, or write to the relay address."
EMPTY = "There are no words yet. Nothing was sent."
CHOOSE = "Choose which of the messages this answers. Nothing was sent."
TWICE = "An answer was sent from this page before; it stands above. The words below were not sent."
BUSY = "It could not be kept just now, so nothing was sent. Try again in a minute."
LOOK = "Nothing was sent yet."
CONCLUDED_WITHIN = 5.0
PAUSE = 0.05


@dataclass(frozen=True, slots=True)
class Filled:
    """A form that fits. `nonce`: its name; `raw`: as the browser sent it, which is what is kept."""

    nonce: str
    raw: bytes
    fields: Mapping[str, str]

    @property
    def typed(self) -> Typed:
        """What stood in the box."""
        fields = self.fields
        return Typed(
            clean(fields.get("words", "")),
            fields.get("answers", ""),
            fields.get("route", ""),
            _number(fields.get("replaces")),
        )


class Done(Enum):
    """What is not a page with a box: everything is done, or answers are not taken any more."""

    ANEW = "anew"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Again:
    """The same page with this box."""

    box: Box | None
    status: int = 200


class Taking:
    """Takes answers from pages; one for an installation."""

    def __init__(self, store: Store, clock: Clock, keeper: Keeper, desk: ReplyDesk) -> None:
        self._store, self._clock, self._keeper, self._desk = store, clock, keeper, desk

    def take(self, page: Page, form: Filled) -> Again | Done:
        """What becomes of it. Raises StoreError."""
        if not page.is_open(self._clock()):
            return Done.CLOSED
        fields, typed = form.fields, form.typed
        act = fields.get("act", "pick" if "pick" in fields else "look")
        if act in ("go", "change", "drop"):
            return self._draft(page, form, act)
        if act == "pick":
            words = "\n".join(part for part in (typed.words, clean(fields.get("pick", ""))) if part)
            return self._look(page, replace(typed, words=words))
        return self._send(page, form, at_once=act == "now") if act in ("send", "now") else self._look(page, typed)

    def again(
        self,
        page: Page,
        typed: Typed,
        *,
        looked: Looked | None = None,
        held: datetime | None = None,
        note: str = "",
        status: int = 200,
    ) -> Again:
        """The page with these words in its box."""
        with self._store.read() as session:
            return Again(box(session, page, self._clock(), typed, looked=looked, held=held, note=note), status)

    def _look(self, page: Page, typed: Typed, note: str = "") -> Again:
        if not typed.words:
            return self.again(page, typed, note=EMPTY)
        looked, held = self._looked(page, typed)
        return self.again(page, typed, looked=looked, held=held, note=note)

    def _send(self, page: Page, form: Filled, *, at_once: bool) -> Again | Done:
        typed = form.typed
        if not typed.words or must_choose(page, typed.answers):
            return self.again(page, typed, note=CHOOSE if typed.words else EMPTY)
        answers = chosen(page, typed.answers)
        if not forms.was_seen(form.fields.get("seen", ""), page.token, typed.words, answers):
            looked, held = self._looked(page, typed)
            if looked.hints:
                return self.again(page, typed, looked=looked, held=held, note=LOOK)
        posted = Posted(answers, page.digest_id, typed.route, at_once, replaces=typed.replaces)
        return self._keep(page, form, posted)

    def _draft(self, page: Page, form: Filled, act: str) -> Again | Done:
        number = _number(form.fields.get("draft"))
        with self._store.read() as session:
            row = waiting(session, page, number) if number is not None else None
        if row is None:  # it went, or was changed, meanwhile: the page says so
            return Done.ANEW
        if act == "change":
            words = str(row.content["text"]).rstrip("\n")
            answers = str(row.answers_id) if row.answers_id is not None else NONE
            return self.again(page, Typed(words, answers, row.channel, row.id))
        drops = Posted(row.answers_id, drops=row.id) if act == "drop" else Posted(row.answers_id, draft=row.id)
        return self._keep(page, form, drops)

    def _keep(self, page: Page, form: Filled, posted: Posted) -> Again | Done:
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
            receipt = self._keeper.submit(arrival).result()
        except StoreError:
            return self.again(page, form.typed, note=BUSY, status=503)
        about_draft = posted.draft is not None or posted.drops is not None
        if receipt.repeated and not about_draft and self._other_words(receipt.message_id, form):
            return self.again(page, form.typed, note=TWICE)
        self._concluded(receipt.message_id)
        return Done.ANEW

    def _concluded(self, message_id: int) -> None:
        """Wait a little until the worker has read it, so that the page can say what became of it."""
        for _ in range(int(CONCLUDED_WITHIN / PAUSE)):
            with self._store.read() as session:
                if session.scalar(select(MessageRow.state).where(MessageRow.id == message_id)) != "stored":
                    return
            time.sleep(PAUSE)

    def _other_words(self, message_id: int, form: Filled) -> bool:
        """Whether what was kept under that form says something else."""
        with self._store.read() as session:
            words = session.scalar(select(DecisionRow.new_text).where(DecisionRow.message_id == message_id))
            kept = session.scalar(select(MessageRow.sha256).where(MessageRow.id == message_id))
        return kept != sha256(form.raw) if words is None else clean(words) != form.typed.words

    def _looked(self, page: Page, typed: Typed) -> tuple[Looked, datetime | None]:
        with self._store.read() as session:
            answers = chosen(page, typed.answers)
            before = waiting(session, page, typed.replaces) if typed.replaces is not None else None
            looked = self._desk.look(session, page.family, typed.words, answers)
            held = holding.until(session, page.family, looked, answers, self._clock(), among=page.asking, before=before)
            return looked, held


def _number(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 18 else None
