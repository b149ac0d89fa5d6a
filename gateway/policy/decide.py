"""How a message is decided. Pure: the same case and ruleset give the same decision, today and in court.

1. *Message rules* are asked in order; each may set the lane (legal mail comes through whole, a reaction is only
   logged) or hold everything (the parser could not tell what is new).
2. *Passage rules* look for phrases, without the model. Where one hits, its clause becomes a span of its own with the
   rule's label, so that danger is found even when the tagger is missing or wrong.
3. *Span rules* are asked in order for every span (one that has phrases only where they stand in the span); the first
   that hits takes the action. The rules files end with rules
   that always hit, so every span has an action and a reason.

Rules that were asked and missed are kept beside those that hit.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace

from gateway.policy.lane import Lane
from gateway.policy.rule import Action, Rule, Words
from gateway.policy.ruleset import Ruleset
from gateway.tagging.clauses import clause_at
from gateway.tagging.spans import Span, Tagging

LAST = "default.hold"
CODED = {
    "parser.hold": "The reader could not tell for sure what is newly written",
    "title.short": "A subject line too short to tell a fact by itself",
    "title.doubt": "A subject line of which the tagger is not sure",
    "danger.condition": "The condition of a threat, which stands in the same sentence",
    "default.hold": "No rule was sure",
}
"""What is decided without a rule of the rules' files, and why."""
MACHINE_KINDS = frozenset({"auto_reply", "bounce", "receipt", "list"})
SHORT_TITLE, DOUBTFUL_TITLE = "title.short", "title.doubt"
JOINING = frozenset("\u200d\ufe0e\ufe0f\u20e3\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff")
CONDITION = "danger.condition"
CONDITIONS = ("if ", "unless ", "when ", "until ", "the day ", "next time ", "once ")
SURE = 0.8
TITLE_WORDS = 3
"""A subject line with at least so many words of fact is worth a card by itself."""


@dataclass(frozen=True, slots=True)
class Case:
    """What is to be decided: a message with what parser and tagger found in it."""

    text: str
    tagging: Tagging
    subject: str | None = None
    channel: str = "email"
    kind: str = "message"
    sender: str = "co-parent"
    holds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """What becomes of one span, and which rule said so."""

    span: Span
    action: Action
    rule: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision about one message.

    ``outcome``: forward, partial, withhold or escalate. ``hits`` and ``misses``: ids of rules, in the order asked.
    """

    lane: Lane
    outcome: str
    choices: tuple[Choice, ...]
    subject_choices: tuple[Choice, ...]
    hits: tuple[str, ...]
    misses: tuple[str, ...]
    holds: tuple[str, ...]
    ruleset: str
    tagger: str

    @property
    def holds_something(self) -> bool:
        """Whether a passage waits for a person's look."""
        return bool(self.holds) or any(c.action is Action.HOLD for c in self.choices)

    def dangers(self) -> tuple[str, ...]:
        """The kinds of danger found, for the alarm's own words."""
        every = (*self.choices, *self.subject_choices)
        return tuple(sorted({c.span.name for c in every if c.action is Action.ESCALATE and c.span.kind == "D"}))


def decide(case: Case, rules: Ruleset) -> Decision:
    """Apply the rules to one message."""
    asked = _Trace()
    lane, hold_all, whole = _message_rules(case, rules, asked)
    text = _apply(case, rules, case.text, case.tagging.text, asked, hold_all or bool(case.holds))
    title = _apply(case, rules, case.subject or "", case.tagging.subject, asked, hold_all or bool(case.holds))
    text = _without_conditions(text, case.text)
    tells = any(c.action is Action.FORWARD and c.span.kind == "F" for c in text)
    title = tuple(_as_title(choice, case.subject or "", tells) for choice in title)
    every = (*text, *title)
    found = lane_of(every, text, bool(case.holds) or _title_tells(case.subject or "", title))
    # A rule may take a message off the cards (a bounce, a reaction); danger in it still raises the alarm.
    if lane is None or (lane is Lane.WITHHELD and found in (Lane.DANGER, Lane.EMERGENCY)):
        lane = found
    elif lane is Lane.WITHHELD and found is not Lane.WITHHELD and case.kind in MACHINE_KINDS:
        lane = Lane.UNSORTED  # headers of a machine must not hide what a person wrote about a child
    return Decision(
        lane=lane,
        outcome=outcome_of(every, text, whole),
        choices=text,
        subject_choices=title,
        hits=asked.hits(),
        misses=asked.misses(),
        holds=case.holds,
        ruleset=rules.version,
        tagger=case.tagging.tagger,
    )


class _Trace:
    """Which rules were asked, and which of them hit."""

    def __init__(self) -> None:
        self._asked: dict[str, bool] = {}

    def note(self, rule: Rule, hit: bool) -> bool:
        self._asked[rule.id] = self._asked.get(rule.id, False) or hit
        return hit

    def hits(self) -> tuple[str, ...]:
        return tuple(r for r, hit in self._asked.items() if hit)

    def misses(self) -> tuple[str, ...]:
        return tuple(r for r, hit in self._asked.items() if not hit)


def _message_rules(case: Case, rules: Ruleset, asked: _Trace) -> tuple[Lane | None, bool, bool]:
    """Lane set by a message rule, whether everything is held, whether the message comes through whole."""
    lane: Lane | None = None
    hold_all = whole = False
    words = Words.of(f"{case.subject or ''}\n{case.text}")
    for rule in rules.scope("message"):
        fits = rule.fits_message(sender=case.sender, channel=case.channel, kind=case.kind)
        hit = fits and (rule.matcher is None or bool(rule.passages(words)))
        if asked.note(rule, hit) and lane is None:
            lane = Lane(rule.lane) if rule.lane else None
            hold_all = hold_all or rule.action is Action.HOLD
            whole = whole or (rule.action is Action.FORWARD and lane is Lane.LEGAL)
    return lane, hold_all, whole


def _apply(
    case: Case, rules: Ruleset, text: str, spans: tuple[Span, ...], asked: _Trace, hold_all: bool
) -> tuple[Choice, ...]:
    """Passage rules, then span rules, on one field."""
    if not text:
        return ()
    words = Words.of(text)
    taken: list[Choice] = []
    for rule in rules.scope("passage"):
        fits = rule.fits_message(sender=case.sender, channel=case.channel, kind=case.kind)
        found = [place for place in rule.passages(words) if _labels_fit(rule, *place, spans)] if fits else ()
        asked.note(rule, bool(found))
        for start, end in found:
            where = (start, end) if rule.when.exact else _passage(text, start, end, spans)
            span = Span(*where, rule.label or "N", 1.0, fact=0.5, withhold=0.5)
            span = replace(span, danger=1.0, fact=0.0, withhold=0.0) if span.kind == "D" else span
            named = _named(span, spans, rule)
            taken.append(Choice(named if rule.when.exact else _widened(named, spans), rule.action, rule.id))
    taken = _first_wins(taken)
    rest = [piece for span in spans for piece in _without(span, taken, text)]
    for span in rest:
        taken.append(_span_rules(case, rules, span, words, asked, hold_all))
    return _whole_signs(tuple(sorted(taken, key=lambda c: (c.span.start, c.span.end))), text)


def _whole_signs(choices: tuple[Choice, ...], text: str) -> tuple[Choice, ...]:
    """A passage ends behind the marks that belong to its last sign: a joined emoji is not cut in two."""
    out = []
    for i, choice in enumerate(choices):
        end, stop = choice.span.end, choices[i + 1].span.start if i + 1 < len(choices) else len(text)
        while end < stop and (text[end] in JOINING or unicodedata.category(text[end]) in ("Mn", "Me", "Mc")):
            end += 1 + (text[end] == "\u200d" and end + 1 < stop)
        out.append(choice if end == choice.span.end else replace(choice, span=replace(choice.span, end=end)))
    return tuple(out)


def _span_rules(case: Case, rules: Ruleset, span: Span, words: Words, asked: _Trace, hold_all: bool) -> Choice:
    for rule in rules.scope("span"):
        fits = rule.fits_message(sender=case.sender, channel=case.channel, kind=case.kind) and rule.fits_span(span)
        if fits and rule.matcher is not None:
            fits = any(start < span.end and span.start < end for start, end in rule.passages(words))
        if asked.note(rule, fits):
            if hold_all and rule.action in (Action.FORWARD, Action.WITHHOLD) and span.kind != "N":
                return Choice(span, Action.HOLD, "parser.hold")
            return Choice(span, rule.action, rule.id)
    return Choice(span, Action.HOLD, LAST)


def _passage(text: str, start: int, end: int, tagged: Iterable[Span]) -> tuple[int, int]:
    """The clause around the phrase, within what the tagger sees as one passage: a text without any punctuation is one
    clause from end to end, and a fact beside the phrase must not go with it."""
    first, last = clause_at(text, start, end)
    over = [t for t in tagged if t.start < end and start < t.end]
    if not over:
        return first, last
    return min(start, max(first, over[0].start)), max(end, min(last, over[-1].end))


def _labels_fit(rule: Rule, start: int, end: int, tagged: Iterable[Span]) -> bool:
    """Whether a rule that names labels may speak of that place: nothing that the tagger sees there is anything else."""
    return all(rule.fits_label(t.label) for t in tagged if t.start < end and start < t.end)


def _named(span: Span, tagged: Iterable[Span], rule: Rule) -> Span:
    """A passage rule without a label of its own keeps what the tagger says of the place."""
    if rule.label is not None:
        return span
    over = [t for t in tagged if t.start < span.end and span.start < t.end]
    if not over:
        return span
    best = max(over, key=lambda t: min(t.end, span.end) - max(t.start, span.start))
    return replace(best, start=span.start, end=span.end)


def _widened(span: Span, tagged: Iterable[Span]) -> Span:
    """Where the tagger says the same of a wider passage, that passage is taken whole instead of cut in two."""
    same = [t for t in tagged if t.label == span.label and t.start < span.end and span.start < t.end]
    if not same:
        return span
    return replace(span, start=min(span.start, same[0].start), end=max(span.end, same[-1].end))


def _first_wins(choices: list[Choice]) -> list[Choice]:
    """Passages that overlap: danger first, then the rule asked first."""
    kept: list[Choice] = []
    for choice in sorted(choices, key=lambda c: c.action is not Action.ESCALATE):
        if not any(k.span.start < choice.span.end and choice.span.start < k.span.end for k in kept):
            kept.append(choice)
    return kept


def _without(span: Span, taken: Iterable[Choice], text: str) -> list[Span]:
    """The pieces of a span that no passage rule took; blank pieces fall away."""
    pieces = [(span.start, span.end)]
    for choice in taken:
        start, end = choice.span.start, choice.span.end
        pieces = [
            piece
            for a, b in pieces
            for piece in (((a, min(b, start)), (max(a, end), b)) if start < b and a < end else ((a, b),))
            if piece[0] < piece[1]
        ]
    return [
        replace(span, start=a, end=b)
        for a, b in pieces
        if any(c.isalnum() for c in text[a:b]) or (a, b) == (span.start, span.end)
    ]


def lane_of(every: tuple[Choice, ...], text: tuple[Choice, ...], held: bool) -> Lane:
    """The lane that follows from the passages: `every` of text and subject, `text` without the subject."""
    if any(c.action is Action.ESCALATE and c.span.label != "F:emergency" for c in every):
        return Lane.DANGER
    if any(c.action is Action.ESCALATE for c in every):
        return Lane.EMERGENCY
    if any(c.action is Action.FORWARD and c.span.kind != "N" for c in text):
        return Lane.FACTS  # facts, and what the family chose to see besides
    if held or any(c.action is Action.HOLD for c in every):
        return Lane.UNSORTED
    return Lane.WITHHELD


def _without_conditions(choices: tuple[Choice, ...], text: str) -> tuple[Choice, ...]:
    """ "If you take the kids on Friday" is the threat's own half when the other half is a danger: not shown as a fact."""
    out = list(choices)
    for i, choice in enumerate(choices):
        danger = choice.action is Action.ESCALATE and choice.span.kind == "D"
        for j in (i - 1, i + 1) if danger else ():
            if not 0 <= j < len(out) or out[j].action is not Action.FORWARD:
                continue
            span = out[j].span
            first, last = sorted((choices[i].span, span), key=lambda s: s.start)
            joined = not any(
                c in ".!?\n" for c in text[first.start : last.end].rstrip(".!?\n")[: last.start - first.start]
            )
            before = text[choices[i].span.start : choices[i].span.end].lower().rstrip(" ,") + " "
            opens = text[span.start : span.end].lstrip(" ,").lower().startswith(CONDITIONS)
            if joined and (opens or (j > i and before.endswith(tuple(f" {word}" for word in CONDITIONS)))):
                out[j] = replace(out[j], action=Action.HOLD, rule=CONDITION)
    return tuple(out)


def _as_title(choice: Choice, subject: str, tells: bool) -> Choice:
    """A subject line is a few words without their sentence: "Bad mother" and "our love" look like facts to the tagger.

    So a passage of it comes through only with as many words as a fact needs, or a figure, and when the tagger is sure.
    Else it is a mere heading where the text below tells a fact, and waits for a look where it does not.
    """
    span = choice.span
    if choice.action is not Action.FORWARD or span.kind != "F":
        return choice
    words = subject[span.start : span.end]
    if len(words.split()) < TITLE_WORDS and not any(c.isdigit() for c in words):
        return Choice(replace(span, label="N"), Action.WITHHOLD, SHORT_TITLE)
    if span.fact >= SURE:
        return choice
    if tells:
        return Choice(replace(span, label="N"), Action.WITHHOLD, DOUBTFUL_TITLE)
    return replace(choice, action=Action.HOLD, rule=DOUBTFUL_TITLE)


def _title_tells(subject: str, title: tuple[Choice, ...]) -> bool:
    """Whether the subject line alone tells a fact, so that a message is not silent because its text holds none."""
    facts = [subject[c.span.start : c.span.end] for c in title if c.action is Action.FORWARD and c.span.kind == "F"]
    return any(len(words.split()) >= TITLE_WORDS for words in facts)


def outcome_of(every: tuple[Choice, ...], text: tuple[Choice, ...], whole: bool) -> str:
    """``forward``, ``partial``, ``withhold`` or ``escalate``; `whole`: the message comes through whole."""
    if any(c.action is Action.ESCALATE for c in every) and not whole:
        return "escalate"
    shown = whole or any(c.action is Action.FORWARD and c.span.kind != "N" for c in text)
    kept_back = any(c.action in (Action.WITHHOLD, Action.HOLD) and c.span.kind != "N" for c in every)
    if shown:
        return "partial" if kept_back and not whole else "forward"
    return "withhold"
