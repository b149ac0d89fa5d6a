"""A decided text cut into the pieces that a person is shown: what becomes of each, and which rule said so. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.policy.again import State, state_of
from gateway.policy.decide import CODED, Choice
from gateway.policy.ruleset import Ruleset


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the text. `state`: None for words between passages, and for filler that says nothing."""

    words: str
    state: State | None = None
    title: str = ""
    reason: str = ""
    label: str = ""


def pieces(text: str, choices: Sequence[Choice], rules: Ruleset, *, whole: bool = False) -> Iterator[Piece]:
    """All of the text, in order. `whole`: the message comes through whole."""
    at = 0
    for choice in choices:
        start, end = choice.span.start, choice.span.end
        if at < start:
            yield Piece(text[at:start])
        at = max(at, end)
        rule = rules.rule(choice.rule)
        title = rule.title if rule else CODED.get(choice.rule, choice.rule)
        filler = choice.span.kind == "N" and not whole
        state = State.FORWARDED if whole else None if filler else state_of(choice)
        yield Piece(text[start:end], state, title, rule.reason if rule else "", choice.span.label)
    if at < len(text):
        yield Piece(text[at:])
