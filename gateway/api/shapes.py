"""What goes in and out of the API, as pydantic models: they check the input, write the answers, and make the OpenAPI document. Pure.

Times are UTC (``2026-11-26T18:00:00Z``); what a card says of a day or an hour stays local, as on the card.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gateway.api.fields import (
    CURSOR,
    FIRST,
    LAST,
    MOST_DAYS,
    PAGE,
    Count,
    Day,
    Lines,
    Moment,
    Named,
    Number,
    Size,
    Words,
    Written,
)
from gateway.journal.notes import MOST_CHARACTERS
from gateway.reply.outgoing import MOST_WORDS


class Shape(BaseModel):
    """Of an answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Given(BaseModel):
    """Of a request: strict, and what is not known is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Query(BaseModel):
    """Of an address: everything is text there."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Pages(Query):
    """A page of a list. `after`: the `next` of the page before; the first page where it is missing."""

    after: Annotated[str, Field(pattern=CURSOR)] | None = None
    limit: Lines = PAGE


class Days(Pages):
    """A page of days. `first` and `last` are days of the family's own zone, both included; at most a year."""

    first: Day
    last: Day
    child: Annotated[str, Field(max_length=200)] | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Days:
        if not FIRST <= self.first <= self.last <= LAST or self.last - self.first > timedelta(MOST_DAYS):
            raise ValueError("`first` should come before `last`, and both within a year")
        return self


class Sums(Pages):
    """Which sums. `state`: only those that the parent has, or has not, marked as settled."""

    state: Literal["open", "settled"] | None = None


class Sizes(Query):
    """Of two checkpoints: numbers of entries."""

    old: Size
    new: Size


class Fact(Shape):
    """What came through, in the sender's exact words. `when` and `answer_by`: a local day or time as the card tells it."""

    words: str
    topic: str
    child: str | None
    when: str | None
    amount: str | None
    where: str | None
    asks: bool
    answer_by: str | None


class CardShape(Shape):
    """One card. `lane`: which way its message went; `notes`: sentences of this system, never of the sender; `more`: there is more to
    read, in the parent's pages alone.
    """

    number: Number
    made_at: Moment
    lane: Literal["facts", "emergency", "danger", "legal", "unsorted", "whole"]
    heading: str
    sender: str
    channel: str
    received: str
    facts: list[Fact]
    notes: list[str]
    files: list[str]
    more: bool


class QuestionShape(Shape):
    """A question of the other parent's. `named`: its own words say by when; `card`: where it stands, and what an answer names."""

    number: Number
    words: str
    answer_by: Moment
    named: bool
    child: str | None
    topic: str
    card: Number
    answered_at: Moment | None


class DateShape(Shape):
    """What has a date. `at`: None for a whole day; `answer`: it is the time by which an answer is wanted."""

    number: Number
    day: date
    at: Moment | None
    answer: bool
    card: Number
    fact: Fact


class SumShape(Shape):
    """A sum that somebody asks for, or tells of. `cents`: hundredths of `currency` (ISO 4217)."""

    number: Number
    made_at: Moment
    amount: str
    cents: int
    currency: str
    state: Literal["open", "answered", "settled"]
    settled_at: Moment | None
    card: Number
    fact: Fact


class EntryShape(Shape):
    """An entry of the log, without what it says: `hash` is over all of it, `prev` that of the entry before."""

    seq: Number
    at: str
    offset: str
    kind: str
    prev: str
    hash: str


class CheckpointShape(Shape):
    """A signed checkpoint, as it was made (C2SP tlog-checkpoint). `key`: with which it is checked."""

    number: Number
    size: Count
    made_at: Moment
    note: str
    key: str


class ProofShape(Shape):
    """A proof file of one entry; its time, kind and hash are open in it."""

    seq: Number
    file: str


class ConsistencyShape(Shape):
    """That the log of `old` entries is the beginning of the log of `new` (RFC 9162 section 2.1.4); hashes in base64."""

    old: Number
    new: Number
    hashes: list[str]


class RecordShape(Shape):
    """A finished record."""

    number: Number
    asked_at: Moment
    finished_at: Moment | None
    checked_at: Moment | None
    size: Count
    since: str
    until: str
    style: str


class NoteGiven(Given):
    """A note for the journal. `happened_at` lies in the past; `child`: one of the family's, or empty; `corrects`: an older note."""

    kind: Literal["exchange", "health", "call", "contact", "school", "other"]
    words: Annotated[Words, Field(max_length=MOST_CHARACTERS)]
    happened_at: Written
    child: Annotated[str, Field(max_length=200)] = ""
    corrects: Named | None = None


class NoteShape(Shape):
    """A note that was written. `sha256`: of its canonical JSON (RFC 8785), as the log's entry `entry` has it."""

    number: Number
    written_at: Moment
    happened_at: Moment
    sha256: str
    entry: Number


class DraftGiven(Given):
    """Words for the other parent, as an answer to a card. `route`: by which way, the usual one where it is missing."""

    card: Named
    words: Annotated[Words, Field(max_length=MOST_WORDS)]
    route: Literal["email", "sms"] | None = None


class ReplyGiven(DraftGiven):
    """The same, to be sent. `seen`: that of the look at these words; needed where the look had hints."""

    seen: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None


class Hint(Shape):
    """What may be worth another thought, and why."""

    says: str
    why: str


class LookShape(Shape):
    """What is to be said about words before they go. `held_until`: they would wait until then, in words for a person."""

    words: str
    hints: list[Hint]
    ready: list[str]
    routes: list[str]
    held_until: str | None
    seen: str


State = Literal[
    "taken",
    "on its way",
    "sent",
    "delivered",
    "failed",
    "uncertain",
    "held",
    "asked",
    "replaced",
    "dropped",
    "not sent",
]
"""Of words that were handed over: kept and not read yet; in the outbox; out; held overnight, or shown to the parent, who decides."""


class ReplyShape(Shape):
    """What became of words that were handed over."""

    number: Number
    state: State
    held_until: Moment | None


class Page(Shape):
    """A page of a list. `next`: give it as `after`. At the end of the list it is where the list will go on, `more` is false."""

    next: str | None
    more: bool


class CardPage(Page):
    """Cards, in the order in which they could first be read."""

    items: list[CardShape]


class QuestionPage(Page):
    """Open questions, by when an answer is wanted."""

    items: list[QuestionShape]


class DatePage(Page):
    """Dates, in order."""

    items: list[DateShape]


class SumPage(Page):
    """Sums, newest first."""

    items: list[SumShape]


class EntryPage(Page):
    """Entries, in order."""

    items: list[EntryShape]


class CheckpointPage(Page):
    """Checkpoints, in order."""

    items: list[CheckpointShape]


class RecordPage(Page):
    """Records, newest first."""

    items: list[RecordShape]
