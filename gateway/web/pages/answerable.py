"""What can be answered on the page of a card or a digest, and how it is found by its link, or by the number of a question in the
pages of an account. Reads the store.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.delivery.card import Card
from gateway.delivery.digest import Piece, digest
from gateway.family import Directory, Family
from gateway.language import speech
from gateway.policy import Lane
from gateway.reply.places import WAITING, answerable
from gateway.store.tables import CardRow, DigestRow, QuestionRow, ReplyRow
from gateway.web.pages.door import TOKEN

OPEN_FOR = timedelta(days=31)
"""How long a page takes answers: as long as the code of a card."""
NONE = "none"
"""Chosen where the words answer none of the messages of a digest."""
MOST_LABEL = 70


@dataclass(frozen=True, slots=True)
class Page:
    """What can be answered there. `labels`: the messages of the other parent with the words by which a person knows them.

    `number`: of the question, where its page is one of an account's.
    """

    kind: Literal["card", "digest", "question"]
    token: str
    family: Family
    made_at: datetime
    labels: tuple[tuple[int, str], ...]
    asking: tuple[int, ...] = ()
    digest_id: int | None = None
    number: int | None = None

    @property
    def path(self) -> str:
        """Its address."""
        return f"/questions/{self.number}" if self.kind == "question" else f"/{self.kind}/{self.token}"

    @property
    def messages(self) -> tuple[int, ...]:
        """Their numbers."""
        return tuple(number for number, _ in self.labels)

    def is_open(self, now: datetime) -> bool:
        """Whether answers are taken there."""
        return bool(self.labels) and self.family.replies != "off" and now - self.made_at <= OPEN_FOR


def page_of_card(session: Session, family: Family, row: CardRow) -> Page:
    """A card's page. A card of danger is not answered there, nor is what nobody of the other side wrote."""
    card = Card.from_json(row.content)
    theirs = answerable(session, [row.message_id]) if card.lane is not Lane.DANGER and row.message_id else []
    return Page(
        "card", row.token, family, row.made_at, tuple((number, _label(card, family.language)) for number in theirs)
    )


def page_of_digest(session: Session, family: Family, row: DigestRow) -> Page:
    """A digest's page. Its questions have the numbers that the digest shows."""
    cards = {c.id: c for c in session.scalars(select(CardRow).where(CardRow.id.in_(row.cards)))}
    rows = [cards[number] for number in row.cards]
    theirs = set(answerable(session, [c.message_id for c in rows]))
    pieces = [Piece(Card.from_json(c.content), "", c.message_id in theirs) for c in rows]
    number_of = {id(p): c.message_id for p, c in zip(pieces, rows, strict=True)}
    made = digest(pieces, "", None, most=None)
    asking = made.asking or tuple({id(x.piece): x.piece for x in made.questions if x.piece.answerable}.values())
    rest = [p for p in pieces if p.answerable and p not in asking]
    several = len(asking) > 1
    labels = [
        (number_of[id(p)], f"{n}: {label}" if several and n <= len(asking) else label)
        for n, p in enumerate([*asking, *rest], 1)
        for label in [_label(p.card, family.language)]
    ]
    numbers = tuple(number_of[id(p)] for p in asking)
    return Page("digest", row.token, family, row.made_at, tuple(labels), numbers, row.id)


def page_of_question(session: Session, family: Family, question: QuestionRow) -> tuple[Page, CardRow] | None:
    """A question's page in the pages of an account, and the card that asks it; None where no card of that message shows it."""
    row = asking_card(session, question)
    if row is None:
        return None
    return replace(page_of_card(session, family, row), kind="question", number=question.id), row


def asking_card(session: Session, question: QuestionRow) -> CardRow | None:
    """The card that asks a question: the last of its message, since a sorted passage has a card of its own."""
    query = select(CardRow).where(CardRow.message_id == question.message_id, CardRow.family == question.family)
    asking = [row for row in session.scalars(query.order_by(CardRow.id)) if _asks(row, question.words)]
    return asking[-1] if asking else None


def find_card(session: Session, directory: Directory, token: str) -> Page | None:
    """The card's page behind a token."""
    if not TOKEN.fullmatch(token):
        return None
    row = session.scalars(select(CardRow).where(CardRow.token == token)).first()
    family = directory.family(row.family) if row is not None else None
    return page_of_card(session, family, row) if row is not None and family is not None else None


def find_digest(session: Session, directory: Directory, token: str) -> Page | None:
    """The digest's page behind a token."""
    if not TOKEN.fullmatch(token):
        return None
    row = session.scalars(select(DigestRow).where(DigestRow.token == token)).first()
    family = directory.family(row.family) if row is not None else None
    return page_of_digest(session, family, row) if row is not None and family is not None else None


def chosen(page: Page, answers: str) -> int | None:
    """The message that is answered: the chosen one; unchosen, the only one there is, or the only one that asks."""
    if answers in map(str, page.messages):
        return int(answers)
    if answers == NONE:
        return None
    if len(page.messages) == 1:
        return page.messages[0]
    return page.asking[0] if len(page.asking) == 1 else None


def must_choose(page: Page, answers: str) -> bool:
    """Whether it is open which message is answered."""
    return chosen(page, answers) is None and answers != NONE


def waiting(session: Session, page: Page, number: int) -> ReplyRow | None:
    """A draft that waits and belongs to this page."""
    row = session.get(ReplyRow, number)
    if row is None or row.family != page.family.key or row.state not in WAITING:
        return None
    mine = row.answers_id in page.messages or (page.digest_id is not None and row.digest_id == page.digest_id)
    return row if mine else None


def _asks(row: CardRow, words: str) -> bool:
    return any(item.asks and item.text == words for item in Card.from_json(row.content).items)


def _label(card: Card, language: str) -> str:
    """By which words a person knows a card: the first question, the first fact, or its heading."""
    words: Sequence[str] = [item.text for item in (*card.questions, *card.statements)] or [
        speech(language).text(card.heading)
    ]
    line = " ".join(words[0].split())
    return line if len(line) <= MOST_LABEL else line[: MOST_LABEL - 1].rstrip() + "…"
