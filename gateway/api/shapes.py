"""What goes in and out of the API, as pydantic models: they check the input, write the answers, and make the OpenAPI document. Pure.

Times are UTC (``2026-11-26T18:00:00Z``); what a card says of a day or an hour stays local, as on the card.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    model_validator,
)
from pydantic_core import PydanticCustomError

from gateway.journal.notes import MOST_CHARACTERS
from gateway.reply.outgoing import MOST_WORDS

PAGE, MOST_PAGE = 50, 200
MOST_NUMBER: Final = 2**53 - 1
"""The greatest whole number that every JSON reader keeps exactly (RFC 8259 section 6)."""
MOST_DAYS: Final = 366
PLAIN: Final = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
"""Words without control characters but tabs and line ends."""
KEY: Final = r"^[A-Za-z0-9._:-]{8,100}$"
CURSOR: Final = r"^[A-Za-z0-9_-]{1,200}$"
FIRST, LAST = date(1990, 1, 1), date(2200, 1, 1)
_DIGITS, _DAY = re.compile(r"[0-9]{1,16}"), re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def _whole(value: Any) -> Any:
    """In an address a number is digits and nothing else."""
    if isinstance(value, str) and not _DIGITS.fullmatch(value):
        raise PydanticCustomError("written", "should be a whole number")
    return value


def _integral(value: Any) -> Any:
    """``12.0`` is a whole number in JSON Schema, and some programs write every number so."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) <= MOST_NUMBER else value


def _day(value: Any) -> Any:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise PydanticCustomError("written", "should be a day such as 2026-11-26")
    return value


def _moment(value: Any) -> Any:
    """RFC 3339, section 5.6; no count of seconds."""
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise PydanticCustomError("written", "should be a time with its offset, such as 2026-11-26T18:00:00Z")
    return value


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _year(moment: datetime) -> datetime:
    """Far years have no UTC, or one that is no date."""
    if not FIRST.year <= moment.year <= LAST.year:
        raise ValueError(f"should lie between {FIRST.year} and {LAST.year}")
    return moment


Moment = Annotated[
    datetime, PlainSerializer(_utc, return_type=str, when_used="json"), Field(json_schema_extra={"format": "date-time"})
]
Number = Annotated[int, Field(ge=1, le=MOST_NUMBER)]
Count = Annotated[int, Field(ge=0)]
Named = Annotated[Number, BeforeValidator(_integral, json_schema_input_type=Number)]
_Line = Annotated[int, Field(ge=1, le=MOST_PAGE)]
Day = Annotated[date, BeforeValidator(_day, json_schema_input_type=date)]
Words = Annotated[str, Field(min_length=1, pattern=PLAIN)]


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
    limit: Annotated[_Line, BeforeValidator(_whole, json_schema_input_type=_Line)] = PAGE


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

    old: Annotated[Number, BeforeValidator(_whole, json_schema_input_type=Number)]
    new: Annotated[Number, BeforeValidator(_whole, json_schema_input_type=Number)]


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
    happened_at: Annotated[
        AwareDatetime,
        BeforeValidator(_moment, json_schema_input_type=AwareDatetime),
        AfterValidator(_year),
        Field(strict=False),
    ]
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
