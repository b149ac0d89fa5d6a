"""What reads a message when the model is missing or broken: it knows nothing, so a person must look.

Every sentence is given as a fact in doubt (half the probability on fact, half on withhold), which the rule for doubt
holds on an unsorted card. Nothing is forwarded and nothing is swallowed; the rules for danger still run beside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gateway.tagging.clauses import clauses
from gateway.tagging.spans import Span, Tagging, Unread

_GREETING = re.compile(
    r"(?i)(?:hi|hey|hello|dear|thanks|thank you|thx|ta|cheers|regards|best|ok|okay|k)\b[\w' ]{0,20}\W*"
)


@dataclass(frozen=True, slots=True)
class Fallback:
    """A tagger without a model."""

    version: str = "fallback-1"

    def tag(self, message: Unread) -> Tagging:
        """Every clause in doubt; bare greetings neutral."""
        return Tagging(text=_spans(message.text), subject=_spans(message.subject or ""), tagger=self.version)


def _spans(text: str) -> tuple[Span, ...]:
    out: list[Span] = []
    for start, end in clauses(text):
        if _GREETING.fullmatch(text, start, end):
            out.append(Span(start, end, "N", 0.9, fact=0.05, withhold=0.05))
        elif out and out[-1].label != "N":
            out[-1] = _doubt(out[-1].start, end)
        else:
            out.append(_doubt(start, end))
    return tuple(out)


def _doubt(start: int, end: int) -> Span:
    return Span(start, end, "F:schedule", 0.5, fact=0.5, withhold=0.5)
