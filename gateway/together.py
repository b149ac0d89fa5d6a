"""Reading several texts together, and giving each its own part of what was found. Pure.

The joined text says more than its pieces ("pickup at" / "6" / "on friday"), but it may also drown one: an insult after
"see you at 5" must not take the hour with it. So each text is read alone too. What alone would be shown, held or
alarmed, and is withheld in the joined text, is taken over from the reading alone; in everything else the joined text has
the word. Nothing that concerns the children is lost by reading together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gateway.parsing import Reading
from gateway.parsing.joined import Joined, Piece, join
from gateway.pipeline import Context, Forwarded, Judgement, is_forwarded, judge, read
from gateway.policy import Action, Choice, Lane, Ruleset
from gateway.policy.decide import lane_of, outcome_of
from gateway.tagging.spans import Tagger

ALARMS = (Lane.DANGER, Lane.EMERGENCY)


def read_together(
    readings: Sequence[Reading], context: Context, tagger: Tagger, rules: Ruleset
) -> tuple[Joined, Judgement, tuple[Judgement, ...]]:
    """The joined reading, the judgement of all of it, and for each text its part of that judgement.

    `context` is that of the first text. Raises what the tagger raises.
    """
    joined = join(readings)
    whole = judge(joined.reading.new_text, None, context, tagger, rules)
    for gap in (" ", ""):  # a threat may break off anywhere, in the middle of a word too
        if whole.decision.lane in ALARMS or (gap == " " and "\n" not in joined.reading.body):
            continue
        run_on = join(readings, run_on=True, gap=gap)
        line = judge(run_on.reading.new_text, None, context, tagger, rules)
        # Words that were glued together may look like anything to the tagger: there only phrases count.
        if line.decision.lane in ALARMS and (gap or _by_phrase(line)):
            joined, whole = run_on, line
    alone = [judge(reading.new_text, None, context, tagger, rules) for reading in readings]
    merged = merge(whole, alone, joined.pieces, context)
    return joined, merged, tuple(part(merged, piece) for piece in joined.pieces)


def _by_phrase(judged: Judgement) -> bool:
    return any(c.action is Action.ESCALATE and not c.rule.endswith(".model") for c in judged.decision.choices)


def merge(whole: Judgement, alone: Sequence[Judgement], pieces: Sequence[Piece], context: Context) -> Judgement:
    """The judgement of the joined text, with what only the reading alone would have shown."""
    told = [c for c in whole.decision.choices if _tells(c)]
    saved = [
        moved
        for judged, piece in zip(alone, pieces, strict=True)
        for choice in judged.decision.choices
        if _tells(choice) and not _touches(moved := _shifted(choice, piece.start), told)
    ]
    if not saved:
        return whole
    rest = [cut for choice in whole.decision.choices for cut in _without(choice, saved)]
    choices = tuple(sorted((*rest, *saved), key=lambda c: (c.span.start, c.span.end)))
    return _decided(whole, choices, whole.text, read(whole.text, choices, context))


def part(whole: Judgement, piece: Piece) -> Judgement:
    """What was decided about one of the texts, in offsets of its own."""
    text = whole.text[piece.start : piece.end]
    choices = tuple(
        replace(choice, span=replace(choice.span, start=start - piece.start, end=end - piece.start))
        for choice in whole.decision.choices
        if (cut := _cut(choice.span.start, choice.span.end, piece, whole.text))
        for start, end in (cut,)
    )
    facts = tuple(
        Forwarded(start - piece.start, end - piece.start, found.fact)
        for found in whole.forwarded
        if (cut := _cut(found.start, found.end, piece, whole.text))
        for start, end in (cut,)
    )
    return _decided(whole, choices, text, facts)


def _decided(whole: Judgement, choices: tuple[Choice, ...], text: str, facts: tuple[Forwarded, ...]) -> Judgement:
    decision = whole.decision
    # A lane that the message as a whole was given (court papers) stays; the others follow from the passages.
    lane = decision.lane if decision.lane is Lane.LEGAL else lane_of(choices, choices, bool(decision.holds))
    outcome = outcome_of(choices, choices, whole=decision.lane is Lane.LEGAL)
    return Judgement(text, None, replace(decision, lane=lane, outcome=outcome, choices=choices), facts)


def _tells(choice: Choice) -> bool:
    """Whether something of the passage comes before a person's eyes."""
    if choice.action is Action.ESCALATE:
        return True
    return choice.span.kind != "N" and (is_forwarded(choice) or choice.action is Action.HOLD)


def _shifted(choice: Choice, by: int) -> Choice:
    return replace(choice, span=replace(choice.span, start=choice.span.start + by, end=choice.span.end + by))


def _touches(choice: Choice, others: Sequence[Choice]) -> bool:
    return any(o.span.start < choice.span.end and choice.span.start < o.span.end for o in others)


def _without(choice: Choice, taken: Sequence[Choice]) -> list[Choice]:
    """The choice without the stretches that others took."""
    pieces = [(choice.span.start, choice.span.end)]
    for other in taken:
        start, end = other.span.start, other.span.end
        pieces = [
            (a, b) for low, high in pieces for a, b in ((low, min(high, start)), (max(low, end), high)) if a < b
        ] if any(low < end and start < high for low, high in pieces) else pieces  # fmt: skip
    return [replace(choice, span=replace(choice.span, start=a, end=b)) for a, b in pieces]


def _cut(start: int, end: int, piece: Piece, text: str) -> tuple[int, int] | None:
    low, high = max(start, piece.start), min(end, piece.end)
    return (low, high) if low < high and text[low:high].strip() else None
