"""From a sorted passage to its card: the exact words, what is read from them, and the usual way out.

`step` is called now and then. A passage whose time to be taken back has passed gets its card in one transaction, once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.clock import Clock, for_people
from gateway.concluded import is_the_other_parents, matter_of, put_card
from gateway.conclusion import HEADINGS, Story, item_of
from gateway.delivery.card import Card
from gateway.family import Directory, Family
from gateway.intake.archives.kept import whole
from gateway.ledger import append
from gateway.policy import Lane
from gateway.questions import note_questions
from gateway.store import Blobs, Store
from gateway.store.tables import CardRow, DecisionRow, MessageRow, PassageRow
from gateway.tagging.facts import Fact, read_facts

FORWARDED: Final = "sorted passage on a card"
"""Kind of the entry."""
NOTE: Final = "This passage was sorted by hand on {when}."
PLACES: Final = 1000
"""Questions of a sorted passage are numbered from here on, apart from those that its message's first card asks."""
MOST_AT_ONCE: Final = 50


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a passage: `text[start:end]`, with what was decided of that text."""

    text: str
    start: int
    end: int
    detail: dict[str, Any]

    @property
    def exact(self) -> str:
        """The sender's exact words, without the blanks around them."""
        return self.text[self.start : self.end].strip()


def words_of(session: Session, blobs: Blobs, row: PassageRow) -> Words:
    """What a passage says. Raises StoreError where the bytes of a whole message cannot be read."""
    made = session.scalars(
        select(DecisionRow).where(DecisionRow.message_id == row.message_id).order_by(DecisionRow.id.desc()).limit(1)
    ).one()
    if row.field == "subject":
        return Words(str(made.detail.get("subject") or ""), row.start, row.end, made.detail)
    if row.field == "text":
        return Words(made.new_text, row.start, row.end, made.detail)
    text = made.new_text
    if not text.strip() or made.detail.get("beside"):
        message = session.get_one(MessageRow, row.message_id)
        text = whole(blobs.get(message.family, message.sha256), message.channel)
    return Words(text, 0, len(text), made.detail)


class Forwarder:
    """Makes the cards of passages that are about the children; one for an installation."""

    def __init__(self, store: Store, blobs: Blobs, directory: Directory, clock: Clock, public_url: str) -> None:
        self._store, self._blobs, self._directory, self._clock = store, blobs, directory, clock
        self._public_url = public_url.rstrip("/")

    def step(self) -> int:
        """Make what is due; how many. Raises StoreError."""
        now = self._clock()
        with self._store.write() as session:
            rows = session.scalars(
                select(PassageRow)
                .where(PassageRow.due_at <= now)
                .order_by(PassageRow.id)
                .limit(MOST_AT_ONCE)
                .with_for_update(skip_locked=True)
            ).all()
            for row in rows:
                row.due_at = None
                family = self._directory.family(row.family)
                if family is not None and row.made_card_id is None:
                    self._make(session, row, family, now)
            return len(rows)

    def _make(self, session: Session, row: PassageRow, family: Family, now: datetime) -> None:
        told = Card.from_json(session.get_one(CardRow, row.card_id).content)
        message, words = session.get_one(MessageRow, row.message_id), words_of(session, self._blobs, row)
        sorted_at = for_people(row.sorted_at or now, family.time_zone)
        card = _card(told, message, words, row, family, NOTE.format(when=sorted_at))
        whens = tuple(when for item in card.items for when in (item.when, item.answer_by))
        theirs, matter = is_the_other_parents(words.detail), matter_of(card, whens, family)
        made, shown = put_card(session, message.id, card, matter, family, self._public_url, now, theirs=theirs)
        row.made_card_id = made.id
        if theirs:
            note_questions(session, message.id, card.items, family, now, shown, first=PLACES + row.id)
        body = {"passage": row.id, "message": message.id, "card": made.id}
        append(session, family.key, FORWARDED, body, now=now, zone=family.time_zone)


def _card(told: Card, message: MessageRow, words: Words, row: PassageRow, family: Family, note: str) -> Card:
    """One passage, one item. The first card's words about who wrote it and when stand on this one too."""
    story = Story(family, "", told.who, message.channel, message.received_at)
    item = item_of(story, words.exact, _fact(message, words, row, family))
    heading = HEADINGS[Lane.FACTS].format(who=told.who)
    return replace(
        told, lane=Lane.FACTS, heading=heading, items=(item,) if item.text else (), whole=None, notes=(note,), files=()
    )


def _fact(message: MessageRow, words: Words, row: PassageRow, family: Family) -> Fact:
    """What the words say, read as the worker reads a forwarded passage."""
    topic = row.label.partition(":")[2] if row.label.startswith("F:") else "third_party"
    sent = (message.written_at or message.received_at).astimezone(ZoneInfo(family.time_zone))
    (fact,) = read_facts(
        words.text,
        [(words.start, words.end, topic)],
        sent,
        family.readable_children(),
        day_first=family.day_first,
        currency=family.currency,
        subject=words.detail.get("subject") if row.field == "text" else None,
        previous=tuple(words.detail.get("previous", ())),
    )
    return fact
