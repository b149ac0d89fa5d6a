"""The walk of a message through the pure rooms, in one place.

    bytes ─ parse ─► Reading ─ tag ─► Tagging ─ decide ─► Decision ─ facts, card ─► Conclusion

Nothing here knows a network, a clock or a database; the worker passes everything in. The same functions serve
`breakwater filter`, `parse`, `explain` and the running gateway, so that what is shown is what is done.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from gateway.family import Family
from gateway.parsing import Reading, unread
from gateway.policy import Action, Case, Choice, Decision, Ruleset, decide
from gateway.tagging.facts import Fact, read_facts
from gateway.tagging.facts.child import Child
from gateway.tagging.fallback import Fallback
from gateway.tagging.spans import Tagger, Unread

log = logging.getLogger(__name__)
LONGEST = 20_000
"""Code points that the tagger reads; a longer text waits for a person, with the phrase rules run over all of it."""


@dataclass(frozen=True, slots=True)
class Context:
    """What is known around the words: the people, the place in time, the thread.

    `sent_at` is aware, in the sender's or the family's zone: dates such as "Friday" are read against it.
    """

    children: tuple[Child, ...]
    sent_at: datetime
    sender_name: str = ""
    recipient_name: str = ""
    sender_role: str = "co-parent"
    channel: str = "email"
    kind: str = "message"
    day_first: bool = False
    currency: str = "USD"
    previous: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Forwarded:
    """A run of the sender's words that goes through, with what was read from it."""

    start: int
    end: int
    fact: Fact


@dataclass(frozen=True, slots=True)
class Judgement:
    """A decided text: the decision and the facts of what is forwarded."""

    text: str
    subject: str | None
    decision: Decision
    forwarded: tuple[Forwarded, ...]


def judge(text: str, subject: str | None, context: Context, tagger: Tagger, rules: Ruleset) -> Judgement:
    """Tag and decide one text. Never raises on any text; a failing tagger is the caller's to catch."""
    if len(text) > LONGEST:
        tagger, context = Fallback(), without_tagger(context, unread.TOO_LONG_TO_TAG)
    tagging = tagger.tag(
        Unread(
            text=text,
            subject=subject,
            channel="email" if context.channel == "email" else "sms",
            children=context.children,
            sender=context.sender_name,
            recipient=context.recipient_name,
            previous=context.previous,
        )
    )
    case = Case(
        text=text,
        tagging=tagging,
        subject=subject,
        channel=context.channel,
        kind=context.kind,
        sender=context.sender_role,
        holds=context.holds,
    )
    decision = decide(case, rules)
    return Judgement(text, subject, decision, read(text, decision.choices, context, subject))


def read(text: str, choices: Sequence[Choice], context: Context, subject: str | None = None) -> tuple[Forwarded, ...]:
    """The forwarded facts, in order, with what their words say."""
    shown = [c for c in choices if is_forwarded(c) and c.span.kind == "F"]
    try:
        facts = read_facts(
            text,
            [(c.span.start, c.span.end, c.span.name) for c in shown],
            context.sent_at,
            context.children,
            day_first=context.day_first,
            currency=context.currency,
            subject=subject,
            previous=context.previous,
        )
    except Exception as error:  # noqa: BLE001 (the words themselves go through, with no date or sum read from them)
        log.error("the facts of a message could not be read (%s)", type(error).__name__)
        facts = [Fact(c.span.name, None, None, None, None, None, False, None) for c in shown]
    return tuple(Forwarded(c.span.start, c.span.end, f) for c, f in zip(shown, facts, strict=True))


def is_forwarded(choice: Choice) -> bool:
    """Whether the words of this choice reach the parent: forwarded, or an emergency about a child."""
    return choice.action is Action.FORWARD or (choice.action is Action.ESCALATE and choice.span.label == "F:emergency")


def context_of(
    reading: Reading,
    family: Family,
    *,
    sender_role: str,
    channel: str,
    received_at: datetime,
    previous: tuple[str, ...],
) -> Context:
    """The context of a parsed message. The sender's own date counts when it is near the time of receipt."""
    sent = reading.date
    if sent is None or abs((received_at - sent).total_seconds()) > 2 * 86400:
        sent = received_at
    return Context(
        children=family.readable_children(),
        sent_at=sent.astimezone(ZoneInfo(family.time_zone)),
        sender_name=family.coparent.name,
        recipient_name=family.parent.name,
        sender_role=sender_role,
        channel=channel if channel in ("email", "voice") else "sms",  # a chat reads like a text
        kind=str(reading.kind),
        day_first=family.day_first,
        currency=family.currency,
        previous=previous,
        holds=tuple(reading.hold),
    )


def without_tagger(context: Context, reason: str) -> Context:
    """The same context for a second look after a failure: everything waits for a person."""
    return replace(context, holds=(*context.holds, reason))
