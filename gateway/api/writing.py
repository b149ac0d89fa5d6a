"""The calls that write: a note for the journal, words for the other parent. Each happens once for each Idempotency-Key.

Words go the way of the page: the coach looks first, what it says must have been seen, heated words wait until the morning where the family
chose that, and the same outbox sends them. A program cannot let held words go earlier; the parent can, on the page.
"""

from __future__ import annotations

from datetime import UTC
from typing import Any, Final, get_args
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.api import news
from gateway.api.call import Answer, Asked
from gateway.api.problems import CLOSED, LATER, LOOK_FIRST, NOT_HERE, USED_KEY, Problem
from gateway.api.shapes import Hint, LookShape, NoteShape, ReplyShape, State
from gateway.delivery.outbox import REPLY
from gateway.errors import UserError
from gateway.journal.notes import Note, check, content_of, keep
from gateway.reply.outgoing import clean
from gateway.store import Store
from gateway.store.blobs import digest
from gateway.store.tables import CardRow, DeliveryRow, MessageRow, NoteRow, ReplyRow
from gateway.web.pages.answerable import Page, page_of_card
from gateway.web.pages.answering import Box
from gateway.web.pages.taking import BUSY, Again, Done, Filled, Taking

ON_ITS_WAY: Final = ("pending", "sending")


class Writing:
    """For the family of a token."""

    def __init__(self, store: Store, taking: Taking) -> None:
        self._store, self._taking = store, taking

    def note(self, asked: Asked) -> Answer:
        """Write a note. The same key and the same note give the same answer."""
        given, family, now = asked.body, asked.family, asked.now
        words = given.words.replace("\r\n", "\n").strip()
        note = Note(given.kind, given.child, words, given.happened_at.astimezone(UTC), given.corrects)
        with self._store.write() as session:
            known = session.scalar(select(NoteRow).where(NoteRow.family == family.key, NoteRow.nonce == asked.key))
            if known is None:
                check(note, family, now)
            row = known or keep(session, family, asked.tool.account, note, asked.key, now)
            if row.content != content_of(note, row.written_at):
                raise Problem(USED_KEY)
            shape = NoteShape(
                number=row.id,
                written_at=row.written_at,
                happened_at=row.happened_at,
                sha256=row.sha256,
                entry=row.entry,
            )
        return Answer(shape, of={"note": shape.number})

    def look(self, asked: Asked) -> Answer:
        """What is to be said about words. Nothing of them is kept."""
        page, words = self._page(asked), clean(asked.body.words)
        box = _box(self._taking.take(page, _filled(asked, "look")))
        if not box.looked:
            raise UserError(box.note)
        return Answer(look_shape(box, words), of={"card": asked.body.card})

    def reply(self, asked: Asked) -> Answer:
        """Send words. Where they came before under the same key: what became of them."""
        form = _filled(asked, "send")
        before = self._kept(asked, form)
        if before is None:
            page, words = self._page(asked), clean(asked.body.words)
            made = self._taking.take(page, form)
            if made is not Done.ANEW:
                box = _box(made)
                if box.note == BUSY:
                    raise Problem(LATER, headers={"Retry-After": "30"})
                if not box.looked:
                    raise UserError(box.note)
                raise Problem(LOOK_FIRST, look=look_shape(box, words).model_dump(mode="json"))
            before = self._kept(asked, form)
        if before is None:
            raise Problem(LATER, headers={"Retry-After": "30"})
        return Answer(self._became(before), of={"card": asked.body.card, "message": before})

    def sent(self, asked: Asked) -> Answer:
        """What became of words that a program of the family handed over."""
        number = asked.numbers["number"]
        with self._store.read() as session:
            row = session.get(MessageRow, number)
            if row is None or row.family != asked.family.key or not (row.provider_id or "").startswith("web:api-"):
                raise Problem(NOT_HERE)
        return Answer(self._became(number))

    def _page(self, asked: Asked) -> Page:
        number = asked.body.card
        news.keep_up(self._store, asked.family.key, asked.now)
        with self._store.read() as session:
            row = session.get(CardRow, number) if news.is_out(session, asked.family.key, number) else None
            if row is None:
                raise Problem(NOT_HERE)
            return page_of_card(session, asked.family, row)

    def _kept(self, asked: Asked, form: Filled) -> int | None:
        """The message that these words are; None where none came under the key. Raises Problem: it says something else."""
        with self._store.read() as session:
            row = session.scalar(select(MessageRow).where(MessageRow.provider_id == f"web:{form.nonce}"))
            if row is None:
                return None
            if row.family != asked.family.key or row.sha256 != digest(form.raw):
                raise Problem(USED_KEY)
            return row.id

    def _became(self, number: int) -> ReplyShape:
        with self._store.read() as session:
            message = session.get_one(MessageRow, number)
            row = session.scalar(select(ReplyRow).where(ReplyRow.message_id == number))
            if row is None:
                return ReplyShape(
                    number=number, state="taken" if message.state == "stored" else "not sent", held_until=None
                )
            return ReplyShape(number=number, state=_state(session, row), held_until=row.held_until)


def look_shape(box: Box, words: str) -> LookShape:
    """A look as the API tells it."""
    return LookShape(
        words=words,
        hints=[Hint(says=says, why=why) for says, why in box.hints],
        ready=list(box.ready),
        routes=[way.value for way in box.ways],
        held_until=box.held_until or None,
        seen=box.seen,
    )


def _filled(asked: Asked, act: str) -> Filled:
    """The request as the form of the page that it stands for: that is what is kept."""
    given: dict[str, Any] = {"words": asked.body.words, "answers": "", "act": act}
    if asked.body.route is not None:
        given["route"] = asked.body.route
    given["card"] = str(asked.body.card)
    if getattr(asked.body, "seen", None) is not None:
        given["seen"] = asked.body.seen
    return Filled(asked.key, urlencode(given).encode("ascii"), given)


def _box(made: Again | Done) -> Box:
    """The box of a page that takes answers. Raises Problem where it takes none."""
    if not isinstance(made, Again) or made.box is None:
        raise Problem(CLOSED)
    return made.box


def _state(session: Session, row: ReplyRow) -> State:
    if row.state != "sent":
        return next((state for state in get_args(State) if state == row.state), "not sent")
    query = select(DeliveryRow).where(DeliveryRow.kind == REPLY, DeliveryRow.message_id == row.message_id)
    delivery = session.scalar(query.order_by(DeliveryRow.id.desc()).limit(1))
    if delivery is None:
        return "taken"
    if delivery.state in ON_ITS_WAY:
        return "on its way"
    return next((state for state in get_args(State) if state == delivery.state), "not sent")
