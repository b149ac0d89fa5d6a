"""A digest: the cards that are due at one hour, made into one message. Pure.

Nothing is said anew: each fact stands in the sender's exact words with the lines that its card has, and with the link of
its card. Questions come first, by when an answer is wanted; then what was told, by child and topic; then what waits for
a look. Of a flood only the first `MOST` things are spelled out (questions, then what has a date, then what waits for a
look, then the rest); of the others the number is said, with the link of each card and one link to a page with all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from gateway.delivery.card import Card, Item
from gateway.delivery.compose import ANSWER_BY, Letter, Text, counted, fitted, rendered, sms_line, worded
from gateway.delivery.gsm import plain
from gateway.language import SOURCE, Part, Speech, said, speech, texting
from gateway.policy.lane import Lane

MOST: Final = 40
MOST_LINKS: Final = 300
"""Links of cards under a flood; mail programs cut long mails off. The page has all."""
NO_CHILD: Final = "No child named"
HEADING: Final = "Updates"
QUIET: Final = "Nothing new."
NUMBER: Final = "Several of these ask. Begin an answer with the number of the one that it answers, as 2: yes."
NUMBER_AND_WORDS: Final = "{code} NUMBER: words"
MAY_SHARE: Final = frozenset({Lane.FACTS, Lane.UNSORTED})
"""Lanes whose cards may go out together; no other waits."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A delivery of a card that is due. `row` and `card`: their numbers."""

    row: int
    card: int
    family: str
    channel: str
    address: str


@dataclass(frozen=True, slots=True)
class Piece:
    """One card with its link. `answerable`: an answer can go back through the relay."""

    card: Card
    link: str
    answerable: bool = True

    @property
    def is_look(self) -> bool:
        """Whether it has more than facts: a note, a file, or words that wait for a deliberate step."""
        card = self.card
        return card.lane is Lane.UNSORTED or bool(card.notes or card.files) or not card.items


@dataclass(frozen=True, slots=True)
class Line:
    """One fact, and the card that it stands on. `number`: with which an answer to it begins."""

    item: Item
    piece: Piece
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Topic:
    """What was told of one topic."""

    name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """What was told of one child."""

    child: str
    topics: tuple[Topic, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """All of one hour. `hour`: as a person reads it; `link`: the page with everything; `count`: facts and looks.

    `left_out`: how many of them are not spelled out; `rest`: the cards that these stand on. `asking`: the cards that ask, by
    their numbers, where there are several.
    """

    hour: str
    link: str | None
    count: int
    cards: int
    topic_names: tuple[str, ...] = ()
    questions: tuple[Line, ...] = ()
    sections: tuple[Section, ...] = ()
    looks: tuple[Piece, ...] = ()
    left_out: int = 0
    rest: tuple[Piece, ...] = ()
    asking: tuple[Piece, ...] = ()

    @property
    def lines(self) -> tuple[Line, ...]:
        """All facts that are spelled out, questions first."""
        return (*self.questions, *(x for s in self.sections for t in s.topics for x in t.lines))


def bundles(waiting: Iterable[Waiting]) -> tuple[tuple[Waiting, ...], ...]:
    """Deliveries that go out as one: of one family, by one channel, to one address. One by itself stays a card."""
    found: defaultdict[tuple[str, str, str], list[Waiting]] = defaultdict(list)
    for one in waiting:
        found[one.family, one.channel, one.address].append(one)
    return tuple(tuple(group) for group in found.values() if len(group) > 1)


def digest(pieces: Sequence[Piece], hour: str, link: str | None, *, most: int | None = MOST) -> Digest:
    """The digest of cards in order of arrival. `most`: how many things are spelled out; None: all."""
    lines = [Line(item, piece) for piece in pieces for item in piece.card.items]
    questions, asking = _numbered(sorted((x for x in lines if x.item.asks), key=_by_answer))
    told = [x for x in lines if not x.item.asks]
    dated = sorted((x for x in told if x.item.when), key=lambda x: x.item.when or "")
    looks = sorted((p for p in pieces if p.is_look), key=lambda p: p.card.lane is not Lane.UNSORTED)
    order: list[Line | Piece] = [*questions, *dated, *looks, *(x for x in told if not x.item.when)]
    shown, left = order[:most], order[most:] if most is not None else []
    behind = {id(x.piece if isinstance(x, Line) else x) for x in left}
    facts = [x for x in shown if isinstance(x, Line)]
    return Digest(
        hour=hour,
        link=link,
        count=sum(max(1, len(piece.card.items)) for piece in pieces),
        cards=len(pieces),
        topic_names=tuple(sorted({x.item.topic for x in lines})),
        questions=tuple(x for x in facts if x.item.asks),
        sections=_sections([x for x in facts if not x.item.asks]),
        looks=tuple(x for x in shown if isinstance(x, Piece)),
        left_out=len(left),
        rest=tuple(piece for piece in pieces if id(piece) in behind),
        asking=asking,
    )


def letter(made: Digest, *, topics: bool = False, answer: Part = "", language: str = SOURCE) -> Letter:
    """The digest as an email. `topics`: the family wants them in the subject; `answer`: how it is answered, where it can be;
    `language`: the reader's.
    """
    values: dict[str, object] = {
        "digest": made,
        "heading": HEADING,
        "quiet": QUIET,
        "links": made.rest[:MOST_LINKS],
        "number": NUMBER if answer and made.asking else "",
        "answer": speech(language).say(answer),
    }
    return rendered("digest", counted(made.count, made.topic_names if topics else ()), values, language)


def text_message(made: Digest, link: str, code: str = "", language: str = SOURCE) -> str:
    """The digest as a text of at most two segments; what does not fit waits behind `link`, and the text says so.

    `code`: with which an answer by text begins.
    """
    if not made.count:
        spoken = texting(language)
        return plain(f"{spoken.text(HEADING)}, {spoken.times(made.hour)}: {spoken.text(QUIET).lower()}")
    besides = len(made.looks) + made.left_out

    def text(spoken: Speech, most_lines: int | None) -> Text:
        sign = spoken.say(said(NUMBER_AND_WORDS, code=code)) if code and made.asking else code
        lines = [_sms(x, spoken) for x in made.lines]
        heading, complete = spoken.text(HEADING), not besides
        return fitted(
            heading, lines, link, spoken, complete=complete, besides=besides, code=sign, most_lines=most_lines
        )

    return worded(text, language)


def _numbered(questions: Sequence[Line]) -> tuple[list[Line], tuple[Piece, ...]]:
    """The questions with the numbers of their cards, where several cards ask; and these cards in that order."""
    asking = tuple({id(x.piece): x.piece for x in questions if x.piece.answerable}.values())
    if len(asking) < 2:
        return list(questions), ()
    numbers = {id(piece): number for number, piece in enumerate(asking, 1)}
    return [replace(x, number=numbers.get(id(x.piece))) for x in questions], asking


def _sms(line: Line, spoken: Speech) -> str:
    fact = sms_line(line.item, spoken)
    words = fact if line.number is None else f"{line.number}: {fact}"
    by = spoken.say(said(ANSWER_BY, when=spoken.times(line.item.answer_line))) if line.item.answer_line else ""
    return f"{words} [{plain(by)}]" if by else words


def _by_answer(line: Line) -> tuple[str, str]:
    last = "9999"
    return line.item.answer_by or line.item.when or last, line.item.when or last


def _sections(lines: Sequence[Line]) -> tuple[Section, ...]:
    """By child, then by topic; what is due first stands first, and what names no child last."""
    found: defaultdict[str, defaultdict[str, list[Line]]] = defaultdict(lambda: defaultdict(list))
    for line in lines:
        found[line.item.child or ""][line.item.topic].append(line)
    return tuple(
        Section(child or NO_CHILD, tuple(Topic(name, tuple(x)) for name, x in found[child].items()))
        for child in sorted(found, key=lambda name: (not name, name))
    )
