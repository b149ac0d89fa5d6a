"""What other choices would have made of messages that were decided before. Pure.

The spans that the tagger saw were kept with each decision, so nothing is tagged again: the rules of the family as it is and as it
would be are both asked about the kept spans, and the two answers are compared. What was decided stays as it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gateway.policy.decide import Case, Choice, Decision, decide
from gateway.policy.lane import Lane
from gateway.policy.rule import Action, Words, compile_phrases
from gateway.policy.ruleset import Ruleset
from gateway.tagging.spans import Span, Tagging

PARENTS = ("co-parent", "parent")
ANNOUNCED = frozenset({"other", "child", "safety contact", "reviewer"})
"""Roles whose mail is announced without a word of theirs where the rules show none of it."""


class State(StrEnum):
    """What becomes of a passage."""

    FORWARDED = "forwarded"
    WITHHELD = "withheld"
    HELD = "held"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class Kept:
    """A message with the spans that were kept. `role`: of the sender, as it was decided; `channel` as it came."""

    text: str
    subject: str | None
    spans: tuple[Span, ...]
    title: tuple[Span, ...]
    role: str
    channel: str
    kind: str
    holds: tuple[str, ...]

    @classmethod
    def of(cls, text: str, channel: str, detail: Mapping[str, Any]) -> Kept | None:
        """Of a kept decision; None where nothing was sorted by tagger and rules."""
        if "choices" not in detail:
            return None
        return cls(
            text,
            detail.get("subject"),
            tuple(_span(c) for c in detail["choices"]),
            tuple(_span(c) for c in detail.get("subject_choices", ())),
            str(detail.get("role", "co-parent")),
            channel if channel in ("email", "voice") else "sms",
            str(detail.get("kind", "message")),
            tuple(detail.get("holds", ())),
        )


@dataclass(frozen=True, slots=True)
class Shift:
    """A passage of which something else would become."""

    words: str
    before: State
    after: State


@dataclass(frozen=True, slots=True)
class Scope:
    """Which messages a change can touch at all: their labels, or words in them. Everything else is not decided again."""

    labels: frozenset[str]
    phrases: Any

    @classmethod
    def of(cls, before: Mapping[str, Any], after: Mapping[str, Any]) -> Scope:
        """Of the change between two families as ``model_dump(mode="json")`` gives them."""
        was, now = before.get("topics", {}), after.get("topics", {})
        topics = {f"F:{t}" for t in {*was, *now} if was.get(t) != now.get(t)}
        shown = set(before.get("show_categories", ())) ^ set(after.get("show_categories", ()))
        words = [w for k in ("child_words", "withheld_words") for w in set(before.get(k, ())) ^ set(after.get(k, ()))]
        return cls(frozenset(topics | {f"X:{c}" for c in shown}), compile_phrases(sorted(words)))

    @property
    def empty(self) -> bool:
        """Whether no message can be touched."""
        return not self.labels and self.phrases is None

    def touches(self, kept: Kept) -> bool:
        """Whether the message may come out otherwise."""
        if any(span.label in self.labels for span in (*kept.spans, *kept.title)):
            return True
        words = (text for text in (kept.text, kept.subject) if text)
        return self.phrases is not None and any(self.phrases.search(Words.of(text).copy) for text in words)


def shifts(kept: Kept, before: Ruleset, after: Ruleset, roles: tuple[str, str]) -> tuple[Shift, ...]:
    """The passages that would come out otherwise. `roles`: the sender's, as things are and with the change."""
    was, now = (
        _states(kept, decide(_case(kept, role), rules), role)
        for role, rules in zip(roles, (before, after), strict=True)
    )
    found: list[Shift] = []
    for field, text in (("text", kept.text), ("title", kept.subject or "")):
        found += _compared(text, was[field], now[field])
    return tuple(found)


def _case(kept: Kept, role: str) -> Case:
    tagging = Tagging(kept.spans, kept.title, tagger="kept")
    return Case(kept.text, tagging, kept.subject, kept.channel, kept.kind, role, kept.holds)


def _states(kept: Kept, decision: Decision, role: str) -> dict[str, list[State | None]]:
    """For every character of text and subject what becomes of it; None where it is no passage or says nothing."""
    states = {}
    covered = role in ANNOUNCED and decision.lane not in (Lane.DANGER, Lane.EMERGENCY, Lane.FACTS)
    parts = (("text", kept.text, decision.choices), ("title", kept.subject or "", decision.subject_choices))
    for field, text, choices in parts:
        marks: list[State | None] = [None] * len(text)
        for choice in choices:
            state = State.FORWARDED if decision.lane is Lane.LEGAL else state_of(choice)
            state = State.HELD if covered and state is not State.ALARM else state
            if choice.span.kind == "N" and decision.lane is not Lane.LEGAL and not covered:
                continue
            marks[choice.span.start : choice.span.end] = [state] * (choice.span.end - choice.span.start)
        states[field] = marks
    return states


def state_of(choice: Choice) -> State:
    """What becomes of the words of a choice."""
    if choice.action is Action.ESCALATE:
        return State.FORWARDED if choice.span.label == "F:emergency" else State.ALARM
    return {Action.FORWARD: State.FORWARDED, Action.WITHHOLD: State.WITHHELD}.get(choice.action, State.HELD)


def _compared(text: str, was: Sequence[State | None], now: Sequence[State | None]) -> list[Shift]:
    found, start = [], 0
    while start < len(text):
        pair = (was[start], now[start])
        end = start
        while end < len(text) and (was[end], now[end]) == pair:
            end += 1
        words = text[start:end].strip()
        before, after = pair[0] or State.WITHHELD, pair[1] or State.WITHHELD
        if before is not after and any(c.isalnum() for c in words):
            found.append(Shift(words, before, after))
        start = end
    return found


def _span(choice: Mapping[str, Any]) -> Span:
    return Span(
        choice["start"], choice["end"], choice["label"], choice["score"],
        choice.get("fact", 0.0), choice.get("withhold", 0.0), choice.get("danger", 0.0),
    )  # fmt: skip
