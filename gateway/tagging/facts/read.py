"""Reading facts: the one walk over the spans of a message that puts child, day, sum, place and question together.

What one fact says helps to read the next: the day and the child that it named are handed on (see `when`, `child`).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from gateway.tagging.facts.child import Child, Roster, roster_of
from gateway.tagging.facts.fact import Fact
from gateway.tagging.facts.mentions import Mentions, mentions_of
from gateway.tagging.facts.money import read_money
from gateway.tagging.facts.place import read_place
from gateway.tagging.facts.question import answer_by, asks
from gateway.tagging.facts.stretch import Stretch
from gateway.tagging.facts.thread import child_spoken_of, lead_of
from gateway.tagging.facts.when import When, read_when
from gateway.tagging.facts.whose import THREAD, Carry, read_child
from gateway.tagging.facts.zones import at_home


@dataclass(frozen=True, slots=True)
class _Message:
    """A message with everything that was found in it."""

    text: str
    starts: tuple[int, ...]
    mentions: Mentions
    roster: Roster
    taken: frozenset[int]
    currency: str
    lead: int
    """How many words stand before the message itself: the subject and the messages before."""

    def words_in(self, start: int, end: int) -> tuple[int, int]:
        """The words that begin in ``text[start:end]``: the first and the one after the last."""
        return bisect_left(self.starts, start), bisect_left(self.starts, end)


def read_facts(
    text: str,
    spans: Sequence[tuple[int, int, str]],
    sent_at: datetime,
    children: Sequence[Child],
    *,
    day_first: bool,
    currency: str,
    subject: str | None = None,
    previous: Sequence[str] = (),
) -> list[Fact]:
    """What each span of a message says, one `Fact` a span, in order.

    `spans` are (start, end, topic) in code points of `text`. `sent_at` is aware and its own offset is the local zone:
    "Friday" is read against it. `day_first` makes 3/4 the third of April. `currency` (ISO 4217) is what a sum without
    a sign is in. `subject` and `previous` (the messages before, oldest first) are what was spoken of already: they lend
    a day to an hour and a child to a passage that name none. Never raises on any text or span.
    """
    lead = lead_of(subject, previous)
    text = lead + text
    spans = [(max(start, 0) + len(lead), max(end, 0) + len(lead), topic) for start, end, topic in spans]
    mentions = mentions_of(text, spans, sent_at, day_first=day_first, canada=currency == "CAD")
    taken = {k for d in mentions.days for k in range(d.day.first, d.day.last)}
    taken |= {k for c in mentions.clocks for k in range(c.first, c.last)}
    words = mentions.words
    message = _Message(
        text,
        tuple(w.start for w in words),
        mentions,
        roster_of(words, children),
        frozenset(taken),
        currency,
        bisect_left([w.start for w in words], len(lead)),
    )
    facts: list[Fact] = []
    day: _Spoken | None = None
    carry = None if not message.lead else Carry(child_spoken_of(message.roster, message.lead), THREAD, message.lead)
    for start, end, topic in spans:
        first, last = message.words_in(start, end)
        fact, when, carry = _read(message, first, last, topic, day, carry)
        fact = replace(fact, when=at_home(text, start, end, fact.when, sent_at))
        if when is not None and not when.back:
            day = _Spoken(when.date, last, topic)
        facts.append(fact)
    return facts


def _read(
    message: _Message, first: int, last: int, topic: str, day: _Spoken | None, carry: Carry | None
) -> tuple[Fact, When | None, Carry]:
    words = message.mentions.words
    when = read_when(message.mentions, Stretch(first, last, topic), _earlier(message, first, topic, day, carry))
    child = read_child(words, first, last, message.roster, topic, carry)
    money = read_money(words, first, last, topic, message.taken.__contains__)
    by = answer_by(message.mentions, first, last, when)
    fact = Fact(
        topic=topic,
        child=None if child is None else message.roster.children[child].name,
        when=when.iso() if when else None,
        amount=money.amount if money else None,
        currency=(money.currency or message.currency) if money else None,
        where=read_place(message.text, words, first, last, message.taken.__contains__, _is_name(message.roster)),
        asks=asks(words, first, last),
        answer_by=by.iso() if by else None,
    )
    return fact, when, Carry(child, topic, last)


OF_THE_MOMENT = frozenset({"contact"})
"""Topics that on a line of their own are about today (``she wants to call you at 5``)."""


def _earlier(message: _Message, first: int, topic: str, day: _Spoken | None, carry: Carry | None) -> date | None:
    """The day spoken of before word `first`: by a fact, else on the same line, else before the message."""
    words = message.mentions.words
    if day is not None:
        same = carry is not None and carry.last == day.last and topic == day.topic
        anew = topic in OF_THE_MOMENT and any(w.text == "\n" for w in words[day.last : first])
        return day.date if same or not anew else None
    days = message.mentions.days
    low = bisect_left(days, first, key=lambda d: d.day.first)
    for found in reversed(days[max(0, low - 4) : low]):
        if not found.back and not any(w.text == "\n" for w in words[found.day.last : first]):
            return found.date
    return _from_the_thread(message)


def _from_the_thread(message: _Message) -> date | None:
    """The first day of the last line before the message that names one, unless it lies behind."""
    words, days = message.mentions.words, [d for d in message.mentions.days[:40] if d.day.first < message.lead]
    chosen: date | None = None
    after = message.lead
    for found in reversed(days):
        if chosen is not None and any(w.text == "\n" for w in words[found.day.last : after]):
            break
        if not found.back:
            chosen, after = found.date, found.day.first
    return chosen


@dataclass(frozen=True, slots=True)
class _Spoken:
    """The day that a fact named, the word after that fact, and its topic."""

    date: date
    last: int
    topic: str


def _is_name(roster: Roster) -> Callable[[int], bool]:
    return frozenset(n.index for n in roster.named).__contains__
