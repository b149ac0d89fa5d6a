"""What is read of a draft and of the messages that it answers, once, for all checks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from gateway.policy.rule import Words
from gateway.reply.coach.draft import Draft
from gateway.reply.coach.rules import CoachRules, Plain
from gateway.reply.coach.sentences import sentences
from gateway.reply.coach.witness import Heard
from gateway.tagging.inner import Inner, Inward
from gateway.tagging.spans import Span, Tagger, Tagging, Unread

SURE = 0.6
"""Probability mass on facts from which words of the draft count as about the children."""
MAYBE = 0.25
"""The same for the co-parent's question: doubt means that an answer is due (requirement 1)."""
HINTED, OWED = 0.2, 0.1
"""The same for whether their message may need an answer at all: for any words, and for words about money."""
EMERGENCY = 0.5
"""The tagger's score from which words tell an emergency."""
ASKING = re.compile(
    r"(?i)\?|\b(?:please|can|could|will|would|do|did|does|is|are|when|where|what|which|who|why|how|need|want|tell me|"
    r"send|sign|confirm|answer|let me know|bring|call)\b"
)
ASKED = re.compile(
    r"(?i)\?|(?:^|[.!\n,] *)(?:so |and |but |ok )*(?:who|what|when|where|which|how|why|can|could|are|is|do|did)\b"
)
MATTER = re.compile(
    r"(?i)\b(?:he|she|him|his|her|pay(?:ing)?|bill|cost|kids?|children|school|doctor|dentist|pick(?:ing)?.?up|drop.?off|handover|handoff|weekends?|holidays?|"
    r"court|order|form|passport|medicine|meds|clothes|shoes|fees?|invoice|receipt|practice|game|party|homework)\b"
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the draft: its place, its place in the normalised copy, the copy's words, and the second witness's shares."""

    start: int
    end: int
    first: int
    words: str
    heard: Heard


@dataclass(frozen=True, slots=True)
class Theirs:
    """One message of the co-parent: its text and what the tagger says of it."""

    text: str
    tagging: Tagging

    def facts(self, least: float = MAYBE) -> tuple[Span, ...]:
        """Passages that may be about the children."""
        return tuple(s for s in self.tagging.text if s.kind == "F" and s.fact >= least)

    def matters(self) -> bool:
        """Whether anything in it may be about the children, or about what they cost. Doubt says yes."""
        return self.asks_about_children() or any(
            s.kind != "N" and s.fact >= (OWED if s.label == "X:money" else HINTED) for s in self.tagging.text
        )

    def asks_about_children(self) -> bool:
        """Whether it asks something that may be about the children."""
        for start, end in sentences(self.text):
            if not ASKING.search(self.text, start, end):
                continue
            inside = [s for s in self.tagging.text if s.start < end and s.end > start]
            if any(s.kind == "F" and s.fact >= MAYBE for s in inside) or (
                ASKED.search(self.text, start, end)
                and (MATTER.search(self.text, start, end) or any(s.fact >= MAYBE and s.kind != "N" for s in inside))
            ):
                return True
        return False

    def barbed(self) -> bool:
        """Whether something in it is not about the children and meant to sting."""
        return any(s.kind in "XD" and s.withhold + s.danger >= SURE for s in self.tagging.text)


@dataclass(frozen=True, slots=True)
class Reading:
    """A draft with its copy, sentences and tagging, and the messages that it answers.

    `certain`: whether a trained tagger read it; where its model is missing nothing is concluded from its silence.
    `plain`: what makes a sentence businesslike.
    """

    draft: Draft
    words: Words
    places: tuple[tuple[int, int], ...]
    sentences: tuple[Sentence, ...]
    tagging: Tagging
    theirs: tuple[Theirs, ...]
    certain: bool
    plain: Plain

    @property
    def last(self) -> Theirs | None:
        """The message that the draft answers."""
        return self.theirs[-1] if self.theirs else None

    @property
    def urgent(self) -> bool:
        """Whether the draft, or the message that it answers, tells an emergency."""
        return max([self.tagging.emergency, *(t.tagging.emergency for t in self.theirs[-1:])]) >= EMERGENCY

    def facts(self) -> tuple[Span, ...]:
        """Passages of the draft that are about the children."""
        return tuple(s for s in self.tagging.text if s.kind == "F" and s.fact >= SURE)

    def sentence_at(self, place: int) -> Sentence | None:
        """The sentence that holds that offset of the draft."""
        return next((s for s in self.sentences if s.start <= place < s.end), None)


def read(draft: Draft, tagger: Tagger, rules: CoachRules) -> Reading:
    """Read a draft and the messages before it."""
    words = Words.of(draft.text)
    places = sentences(draft.text)
    context = tuple(text for text in draft.context if text.strip())
    unread = Unread(draft.text, children=draft.children, previous=tuple(f"<{text}" for text in context[-2:]))
    heard = rules.witness is not None and rules.witness.tagger == tagger.version and isinstance(tagger, Inward)
    tagging, inner = tagger.look(unread) if heard and isinstance(tagger, Inward) else (tagger.tag(unread), Inner())
    theirs = tuple(Theirs(text, tagger.tag(Unread(text, children=draft.children))) for text in context[-5:])
    certain = not tagger.version.startswith("fallback")
    said = _sentences(words, places, inner, rules)
    return Reading(draft, words, places, said, tagging, theirs, certain, rules.plain)


def _sentences(
    words: Words, places: tuple[tuple[int, int], ...], inner: Inner, rules: CoachRules
) -> tuple[Sentence, ...]:
    """The sentences with their words in the copy. One walk: origins never decrease."""
    out, at, count = [], 0, len(words.origin)
    for start, end in places:
        while at < count and words.origin[at] < start:
            at += 1
        first = at
        while at < count and words.origin[at] < end:
            at += 1
        row = inner.of(start, end) if rules.witness is not None else None
        shares = rules.witness.shares(row) if rules.witness is not None and row is not None else {}
        out.append(Sentence(start, end, first, words.copy[first:at], Heard(shares, rules.hearing)))
    return tuple(out)


def repeated(reading: Reading) -> bool:
    """Whether the last message asks again what an earlier one asked: most of its longer words stood there."""
    bags = [frozenset(re.findall(r"[^\W_]{4,}", theirs.text.lower())) for theirs in reading.theirs]
    if len(bags) < 2 or not bags[-1]:
        return False
    return any(len(bags[-1] & earlier) >= max(2, 0.6 * len(bags[-1])) for earlier, _ in pairwise(bags))
