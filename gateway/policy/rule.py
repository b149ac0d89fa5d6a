"""One rule: a named, documented condition with an action. Pure; asked once a span or once a message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import re2

from gateway.tagging.normalise import normalise
from gateway.tagging.spans import Span

MAX_GAP_WORDS = 3
TRAITS = (
    "document", "picture", "ornament", "recording", "program", "archive", "page", "signature", "unknown", "macros",
    "active", "encrypted", "bomb", "damaged", "mismatch", "infected", "unscanned", "missing", "unproved",
    "imported",
)  # fmt: skip
"""What can be said of a file (gateway/attachments/look.py); rules of scope ``file`` name them."""


class Action(StrEnum):
    """What a rule does with the words it speaks of."""

    FORWARD = "forward"
    WITHHOLD = "withhold"
    HOLD = "hold"
    ESCALATE = "escalate"


@dataclass(frozen=True, slots=True)
class Condition:
    """When a rule hits. Every part that is given must hold; a part that is empty is not asked.

    Attributes:
        labels: span labels, ``X:*`` for a whole kind. Of a passage rule: what the tagger may see in that place.
        score: least probability of the span's label.
        fact, withhold, danger: ``(least, below)`` bounds on the probability mass of that kind, 0 to 1.
        phrases: words in a row, matched on the normalised copy at word boundaries; ``*`` stands for up to three words.
        patterns: RE2 regular expressions (linear time), matched on the normalised copy in lower case.
        unless: phrases that, standing in the same passage, make the rule miss.
        senders: roles of the sender; channels: ``email``, ``sms``; kinds: what the parser says the message is.
        files: traits of a file (gateway/attachments/look.py), any of them; topics: topics of the facts that came
            through with it, any of them; lanes: the lane that its message took.
        alone: whether the message must have no words before or after the phrase (a lone STOP).
        exact: whether the rule takes the matched words alone instead of the clause around them.
    """

    labels: tuple[str, ...] = ()
    score: float = 0.0
    fact: tuple[float, float] = (0.0, 1.01)
    withhold: tuple[float, float] = (0.0, 1.01)
    danger: tuple[float, float] = (0.0, 1.01)
    phrases: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    senders: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    lanes: tuple[str, ...] = ()
    alone: bool = False
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as it stands in a file of `rules/`.

    `scope`: ``span``, ``passage`` (phrases), ``message`` or ``file``. `words`: what a card says of it.
    """

    id: str
    title: str
    action: Action
    scope: str
    reason: str
    source: str
    when: Condition
    order: int = 500
    lane: str | None = None
    label: str | None = None
    words: str = ""
    file: str = ""
    matcher: Any = field(default=None, compare=False, repr=False)
    stopper: Any = field(default=None, compare=False, repr=False)

    def fits_message(self, *, sender: str, channel: str, kind: str) -> bool:
        """The parts of the condition that speak of the whole message."""
        when = self.when
        return (
            (not when.senders or sender in when.senders)
            and (not when.channels or channel in when.channels)
            and (not when.kinds or kind in when.kinds)
        )

    def fits_label(self, label: str) -> bool:
        """Whether the condition speaks of spans with that label."""
        return not self.when.labels or any(_label_fits(label, wanted) for wanted in self.when.labels)

    def fits_span(self, span: Span) -> bool:
        """The parts of the condition that speak of label and probabilities."""
        when = self.when
        if not self.fits_label(span.label):
            return False
        bounds = ((span.fact, when.fact), (span.withhold, when.withhold), (span.danger, when.danger))
        return span.score >= when.score and all(least <= mass < below for mass, (least, below) in bounds)

    def passages(self, words: Words) -> tuple[tuple[int, int], ...]:
        """Where the phrases stand, as offsets of the original text; () when the rule has none or misses."""
        if self.matcher is None:
            return ()
        found = [words.original(*m.span()) for m in self.matcher.finditer(words.copy)]
        if self.when.alone and found:
            rest = (
                words.copy[: self.matcher.search(words.copy).start()]
                + words.copy[self.matcher.search(words.copy).end() :]
            )
            if any(c.isalnum() for c in rest):
                return ()
        if found and self.stopper is not None and self.stopper.search(words.copy):
            return tuple(p for p in found if not self._stopped(words, p))
        return tuple(found)

    def _stopped(self, words: Words, passage: tuple[int, int]) -> bool:
        """Whether a stopping phrase overlaps the passage or stands within the same line as it."""
        line_start = words.text.rfind("\n", 0, passage[0]) + 1
        line_end = words.text.find("\n", passage[1])
        line_end = len(words.text) if line_end < 0 else line_end
        return any(line_start <= words.original(*m.span())[0] < line_end for m in self.stopper.finditer(words.copy))


@dataclass(frozen=True, slots=True)
class Words:
    """A text with its normalised lower-case copy; `origin[i]` is the original offset of the copy's i-th character."""

    text: str
    copy: str
    origin: Sequence[int]

    @classmethod
    def of(cls, text: str) -> Words:
        """The copy that all matching runs on."""
        normal = normalise(text)
        # Lower case may be longer than the original letter (İ), and blanks in a row count as one.
        pairs = [
            (low, origin)
            for i, (char, origin) in enumerate(zip(normal.text, normal.origin, strict=True))
            if not (char == " " and i and normal.text[i - 1] == " ")
            for low in char.lower()
        ]
        return cls(text, "".join(low for low, _ in pairs), [origin for _, origin in pairs])

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Offsets of the copy -> offsets of the original."""
        return self.origin[start], self.origin[end - 1] + 1 if end > start else self.origin[start]


def compile_phrases(phrases: Sequence[str], patterns: Sequence[str] = ()) -> Any:
    """One linear-time matcher for many phrases and patterns; None for none. Raises re2.error on a bad pattern."""
    parts = [_phrase_pattern(p) for p in phrases] + [f"(?:{p})" for p in patterns]
    if not parts:
        return None
    options = re2.Options()
    options.max_mem = 64 << 20
    options.log_errors = False
    return re2.compile("|".join(parts), options)


def _phrase_pattern(phrase: str) -> str:
    words = phrase.lower().split()
    out = ""
    for i, word in enumerate(words):
        if word == "*":
            continue
        if i:
            gap = "".join(
                [r"[^\pL\pN\n]+", rf"(?:[\pL\pN']+[^\pL\pN\n]+){{0,{MAX_GAP_WORDS}}}" if words[i - 1] == "*" else ""]
            )
            out += gap
        out += re2.escape(word).replace("'", "['’]?")
    return rf"(?:\b{out}\b)"


def _label_fits(label: str, wanted: str) -> bool:
    return label == wanted or (wanted.endswith("*") and label.startswith(wanted[:-1]))
