"""Passages that wait for a person, ``/unsorted``: are they about the children or not? One tap each, and it can be taken back.

The parent sees all of them, each folded, since one may hurt; a reviewer only while the parent has opened the page to them. Danger,
emergencies and legal mail have their cards and alarms whatever is chosen here. A word for the family's own rules is proposed, and
added only where the parent says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import tomlkit
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from tomlkit.items import Table

from gateway.accounts import Role
from gateway.accounts.opened import What
from gateway.changes import Changes
from gateway.clock import Clock
from gateway.delivery.card import Card
from gateway.errors import StoreError, UserError
from gateway.family import Family
from gateway.policy import Ruleset
from gateway.sorting import rows as sorting
from gateway.sorting.forward import Words, words_of
from gateway.sorting.passages import FIELDS, Passage, Piece, around
from gateway.sorting.reasons import reason
from gateway.sorting.suggest import chosen_word, suggested
from gateway.store import Blobs, Store
from gateway.store.tables import AccountRow, CardRow, PassageRow
from gateway.web.guard import NOT_HERE
from gateway.web.room import PARENT, SORTERS, Room, Visitor

MOST, MOST_SORTED = 20, 20
MOST_SHOWN: Final = 1500
"""Code points of a passage that are shown; all of it goes on the card."""
SORTED_FOR: Final = timedelta(days=7)
LISTS: Final = {"child_words": "children", "withheld_words": "other"}
NO_WORD: Final = "Please choose a word, or write one of at least three letters."


@dataclass(frozen=True, slots=True)
class Waiting:
    """A passage that waits. `card`: the one that told so; `link`: its page, for the parent alone."""

    number: int
    card: Card
    link: str
    pieces: tuple[Piece, ...]
    why: str
    cut: bool
    unread: bool


@dataclass(frozen=True, slots=True)
class Sorted:
    """A passage that was sorted. `by`: the account's name; `back`: it can be taken back."""

    number: int
    card: Card
    state: str
    at: datetime
    by: str
    back: bool
    made: bool


class Unsorted:
    """Of the family of the visitor. `changes`: how settings are changed."""

    def __init__(
        self,
        store: Store,
        blobs: Blobs,
        clock: Clock,
        rules: Ruleset,
        changes: Changes,
    ) -> None:
        self._store, self._blobs, self._clock = store, blobs, clock
        self._rules, self._changes = rules, changes

    def rooms(self) -> list[Room]:
        """For the guard."""
        path = "/unsorted/{number:int}"
        return [
            Room("unsorted", "/unsorted", self.show, SORTERS, menu="Unsorted", place=20, needs=What.UNSORTED),
            Room("sort", path, self.sort, SORTERS, methods=("POST",), needs=What.UNSORTED),
            Room("sorting words", f"{path}/words", self.words, PARENT, methods=("GET",)),
            Room(
                "sorting word added", f"{path}/words/add", self.add, PARENT, methods=("POST",), stands=f"{path}/words"
            ),
        ]

    def show(self, request: Request, visitor: Visitor) -> Response:
        """The page."""
        family, now = visitor.home, self._clock()
        with self._store.read() as session:
            query = select(PassageRow).where(PassageRow.family == family.key)
            rows = session.scalars(
                query.where(PassageRow.state == sorting.OPEN).order_by(PassageRow.id).limit(MOST)
            ).all()
            cards = _cards(session, rows)
            values: dict[str, Any] = {
                "waiting": [self._waiting(session, row, cards[row.card_id]) for row in rows],
                "count": sorting.waiting(session, family.key),
                "sorted": self._sorted(session, visitor, now),
                "unfolded": visitor.visit.role is Role.REVIEWER or request.query_params.get("all") == "1",
                "is_parent": visitor.visit.role is Role.PARENT,
                "undo_minutes": int(sorting.UNDO.total_seconds() // 60),
            }
        return visitor.show("unsorted.html", **values)

    def sort(self, request: Request, visitor: Visitor) -> Response:
        """One tap: about the children, not about them, or taken back."""
        act, now, family = visitor.field("act"), self._clock(), visitor.home
        with self._store.write() as session:
            row = sorting.find(session, family.key, request.path_params["number"])
            if row is None:
                return PlainTextResponse(NOT_HERE, 404)
            account = visitor.visit.account
            if act == "back" and (visitor.visit.role is Role.PARENT or row.sorted_by == account):
                sorting.take_back(session, family, row, account, now)
            elif (choice := next((c for c in sorting.CHOICES if c == act), None)) is not None:
                sorting.sort(session, family, row, choice, account, now)
        unfolded = "?all=1" if visitor.field("all") else ""
        return RedirectResponse(f"/unsorted{unfolded}", 303)

    def words(self, request: Request, visitor: Visitor) -> Response:
        """Words of a sorted passage that may go among the family's own."""
        found = self._to_learn(request, visitor.home)
        if found is None:
            return PlainTextResponse(NOT_HERE, 404)
        return self._proposed(visitor, *found)

    def add(self, request: Request, visitor: Visitor) -> Response:
        """Put a word among the family's own rules; the change is dated, logged and never retroactive."""
        found, name = self._to_learn(request, visitor.home), visitor.field("list")
        if found is None or name not in LISTS:
            return PlainTextResponse(NOT_HERE, 404)
        word = chosen_word(visitor.field("own", 200)) or chosen_word(visitor.field("word", 200))
        if not word:
            return self._proposed(visitor, *found, said=NO_WORD)
        try:
            self._changes.make(visitor.home.key, _adds(name, word), f"{visitor.visit.role} {visitor.visit.account}")
        except UserError as error:
            return self._proposed(visitor, *found, said=str(error))
        return RedirectResponse("/unsorted", 303)

    def _to_learn(self, request: Request, family: Family) -> tuple[PassageRow, Words] | None:
        with self._store.read() as session:
            row = sorting.find(session, family.key, request.path_params["number"])
            if row is None or row.state == sorting.OPEN:
                return None
            return row, words_of(session, self._blobs, row)

    def _proposed(self, visitor: Visitor, row: PassageRow, words: Words, said: str = "") -> Response:
        family = visitor.home
        people = (family.parent, family.coparent, *family.people)
        names = [p.name for p in people] + [n for c in family.children for n in (c.name, *c.nicknames)]
        own = {"child_words": family.child_words, "withheld_words": family.withheld_words}
        chosen = next(name for name, state in LISTS.items() if state == row.state)
        values = {
            "number": row.id,
            "proposed": suggested(words.exact, names),
            "own": own,
            "chosen": chosen,
            "said": said,
        }
        return visitor.show("unsorted-words.html", 422 if said else 200, **values)

    def _waiting(self, session: Session, row: PassageRow, card: CardRow) -> Waiting:
        unread = False
        try:
            words = words_of(session, self._blobs, row)
        except StoreError:  # the bytes of one message are away: the others are shown all the same
            words, unread = Words("", 0, 0, {}), True
        passage = Passage(row.field, words.start, words.end, row.label, row.rule)  # type: ignore[arg-type]
        choices = words.detail.get(FIELDS[passage.field], ()) if passage.field != "whole" else ()
        cut = words.end - words.start > MOST_SHOWN
        pieces = (
            (Piece("this", words.exact[:MOST_SHOWN]),) if cut or not choices else around(passage, words.text, choices)
        )
        told = Card.from_json(card.content)
        return Waiting(row.id, told, f"/card/{card.token}", pieces, reason(row.rule, self._rules, told), cut, unread)

    def _sorted(self, session: Session, visitor: Visitor, now: datetime) -> list[Sorted]:
        """What was sorted lately; a reviewer sees what they sorted themselves."""
        query = (
            select(PassageRow)
            .where(
                PassageRow.family == visitor.home.key,
                PassageRow.state.in_(sorting.CHOICES),
                PassageRow.sorted_at >= now - SORTED_FOR,
            )
            .order_by(PassageRow.sorted_at.desc())
            .limit(MOST_SORTED)
        )
        if visitor.visit.role is not Role.PARENT:
            query = query.where(PassageRow.sorted_by == visitor.visit.account)
        rows = session.scalars(query).all()
        cards = _cards(session, rows)
        names = dict(
            session.execute(
                select(AccountRow.id, AccountRow.name).where(AccountRow.id.in_({r.sorted_by for r in rows}))
            ).all()
        )
        return [
            Sorted(
                row.id,
                Card.from_json(cards[row.card_id].content),
                row.state,
                row.sorted_at or now,
                names.get(row.sorted_by or 0, ""),
                sorting.can_take_back(row, now),
                row.made_card_id is not None,
            )
            for row in rows
        ]


def _cards(session: Session, rows: Sequence[PassageRow]) -> dict[int, CardRow]:
    query = select(CardRow).where(CardRow.id.in_({row.card_id for row in rows}))
    return {card.id: card for card in session.scalars(query)}


def _adds(name: str, word: str) -> Any:
    """An edit of `breakwater.toml` that adds a word to a list of the family's, once."""

    def edit(table: Table) -> None:
        words = table.get(name)
        if words is None:
            words = table[name] = tomlkit.array()
        if word not in words:
            words.append(word)

    return edit
