"""How the coach looks: for words, for the tagger's marks, for private words, and what has to be counted. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from gateway.reply.coach.draft import Draft
from gateway.reply.coach.open_questions import asks_when, questions_of, still_open
from gateway.reply.coach.private import private_places
from gateway.reply.coach.reading import Reading, Sentence
from gateway.reply.coach.rules import DraftRule, matcher
from gateway.reply.coach.sentences import counted
from gateway.tagging.normalise import normalise
from gateway.tagging.spans import Span

Place = tuple[int, int]
ALL_BUT_CERTAIN = 0.85
"""Mass from which the tagger is believed even where a sentence speaks of school, doctor or the like."""
SURE_OF_DANGER = 0.9
"""Score from which a mark of danger counts: the tagger learnt danger from the other side's words."""
GROUPS = {
    "medical": "health", "wellbeing": "health", "emergency": "health", "school": "school", "expense": "money",
}  # fmt: skip
"""Which topics make one matter. Days, papers and belongings go with any: a trip is a day, a form and a coat."""


def found(rule: DraftRule, reading: Reading) -> list[Place]:
    """Where the rule hits, in order, at most one place for a sentence."""
    if _any(rule.anywhere, reading, reading.words.copy):
        return []
    places = sorted({p for p in CHECKS[rule.check](rule, reading) if p[0] < p[1]})
    out: list[Place] = []
    for start, end in places:
        if out and start < _sentence_end(reading, out[-1][0]):
            continue
        out.append((start, end))
    return out


def by_words(rule: DraftRule, reading: Reading) -> Iterator[Place]:
    """Patterns, the draft as written, private words, and the tagger's marks."""
    yield from by_patterns(rule, reading)
    if (exact := _compiled(rule.exact, ())) is not None:
        yield from (m.span() for m in exact.finditer(reading.draft.text))
    yield from (reading.words.original(*place) for place in private_places(rule, reading.draft, reading.words.copy))
    yield from by_witness(rule, reading)


def by_witness(rule: DraftRule, reading: Reading) -> Iterator[Place]:
    """Sentences that the second witness calls a fault, of this kind more than of others; where it is silent or does not know the
    kind, stretches that the tagger marks.
    """
    if not any(sentence.heard.knows(rule.kind) for sentence in reading.sentences):
        yield from by_tagger(rule, reading)
        return
    for sentence in reading.sentences:
        if sentence.heard.names(rule.kind) and not _excused(rule, reading, sentence):
            yield sentence.start, sentence.end


def by_patterns(rule: DraftRule, reading: Reading) -> Iterator[Place]:
    """Where a pattern hits in a sentence that nothing in it excuses."""
    find = _compiled(rule.patterns, _names(reading.draft))
    if find is None:
        return
    for sentence in reading.sentences:
        if rule.check in ("words", "hook") and sentence.heard.overrules(rule.kind):
            continue
        if (hit := find.search(sentence.words)) and hit.end() > hit.start() and not _excused(rule, reading, sentence):
            yield reading.words.original(sentence.first + hit.start(), sentence.first + hit.end())


def by_tagger(rule: DraftRule, reading: Reading) -> Iterator[Place]:
    """Stretches that the tagger marks as the rule's labels, surely enough."""
    if not rule.labels or not reading.certain:
        return
    for span in reading.tagging.text:
        inside = [s for s in reading.sentences if s.start < span.end and s.end > span.start]
        if _fits(span, rule) and not (inside and all(_businesslike(rule, reading, s, span) for s in inside)):
            yield span.start, span.end


def _businesslike(rule: DraftRule, reading: Reading, sentence: Sentence, span: Span) -> bool:
    return (
        _excused(rule, reading, sentence)
        or _any(reading.plain.patterns, reading, sentence.words)
        or (span.withhold + span.danger < ALL_BUT_CERTAIN and _any(reading.plain.matters, reading, sentence.words))
    )


def unneeded(rule: DraftRule, reading: Reading) -> Iterator[Place]:
    """The whole draft, when nothing of the last message nor of the draft is about the children; or when theirs wants no
    answer and the draft only echoes it.
    """
    last = reading.last
    if last is None or not reading.certain:
        return
    if not (last.matters() or reading.facts() or _says_something(rule, reading)):
        if not any(_excused(rule, reading, sentence) for sentence in reading.sentences):
            yield _whole(reading)
        return
    if not rule.asks or len(reading.sentences) > rule.most or not reading.sentences:
        return
    theirs = normalise(last.text).text.lower()
    echo = _any(rule.echoes, reading, reading.sentences[0].words) and not _any(rule.brings, reading, reading.words.copy)
    if echo and not _any(rule.asks, reading, theirs):
        yield _whole(reading)


def _says_something(rule: DraftRule, reading: Reading) -> bool:
    """Whether the second witness calls every sentence fine and there are more words than an echo has."""
    calm = all(s.heard.fine(rule.calm) for s in reading.sentences)
    return calm and len(reading.words.copy.split()) >= rule.least


def left_open(rule: DraftRule, reading: Reading) -> Iterator[Place]:
    """The whole draft, when their last message asks several things about the children and one of them got no answer."""
    last = reading.last
    if last is None or not reading.certain or any(_excused(rule, reading, s) for s in reading.sentences):
        return
    asked = questions_of(last)
    names = frozenset(name.lower() for name in _names(reading.draft))
    if len(asked) > 1 and len(still_open(asked, reading.words.copy, names)) > 0:
        yield _whole(reading)


def many_topics(rule: DraftRule, reading: Reading) -> Iterator[Place]:
    """Where a second matter is opened: by its opening words, or the first passage of a matter beyond the most."""
    find = _compiled(rule.patterns, _names(reading.draft))
    for number, sentence in enumerate(reading.sentences):
        if number and ((find is not None and find.search(sentence.words)) or sentence.heard.names(rule.kind)):
            yield sentence.start, sentence.end
    seen: list[str] = []
    for span in reading.facts():
        group = GROUPS.get(span.name)
        if group is None or group in seen or span.score < 0.5:
            continue
        seen.append(group)
        if len(seen) > rule.most:
            yield span.start, span.end


def too_long(rule: DraftRule, reading: Reading) -> Iterator[Place]:
    """From the first sentence too many to the end."""
    said = counted(reading.draft.text, reading.places)
    if len(said) > rule.most:
        yield said[rule.most][0], said[-1][1]


def half_a_time(rule: DraftRule, reading: Reading) -> Iterator[Place]:
    """A handover whose day or hour neither the draft nor the message that it answers gives; and a vague answer to a question
    that asks when.
    """
    own, known = reading.words.copy, reading.words.copy
    if reading.last is not None:
        known += "\n" + normalise(reading.last.text).text.lower()
        if asks_when(reading.last.text) and not (_any(rule.day, reading, own) and _any(rule.hour, reading, own)):
            yield from _vague(rule, reading)
    if _any(rule.day, reading, known) and _any(rule.hour, reading, known):
        return
    yield from by_patterns(rule, reading)


def _vague(rule: DraftRule, reading: Reading) -> Iterator[Place]:
    """Vague words in a sentence without a date or an hour of its own."""
    find = _compiled(rule.vague, _names(reading.draft))
    for sentence in reading.sentences if find is not None else ():
        hit = find.search(sentence.words)
        exact = re.search(r"\d", sentence.words)
        if hit and not exact:
            yield reading.words.original(sentence.first + hit.start(), sentence.first + hit.end())
        elif not exact and sentence.heard.names(rule.kind):
            yield sentence.start, sentence.end


def hooked(rule: DraftRule, reading: Reading) -> Iterator[Place]:
    """Words of defence; or the whole draft, when a question about the children stood beside a barb and got no answer."""
    yield from by_patterns(rule, reading)
    yield from by_witness(rule, reading)
    last = reading.last
    if last is None or not reading.certain:
        return
    if last.barbed():
        yield from ((s.start, s.end) for s in reading.sentences if s.heard.answers_barb(rule.kind))
    if reading.facts():
        return
    answered = all(s.kind == "N" or s.withhold < 0.85 for s in reading.tagging.text)
    if last.asks_about_children() and last.barbed() and not answered:
        yield _whole(reading)


def aside(rule: DraftRule, reading: Reading) -> Iterator[Place]:
    """What the tagger marks as not about the children, where no second witness can say what it is."""
    if all(sentence.heard.silent for sentence in reading.sentences):
        yield from by_tagger(rule, reading)


def at_night(rule: DraftRule, reading: Reading) -> Iterator[Place]:
    """The whole draft, when it was written in the hours of the night and tells no emergency."""
    sent = reading.draft.sent
    if sent is None or not (sent.time() >= rule.since or sent.time() < rule.until):
        return
    if not reading.urgent:
        yield _whole(reading)


def out_of_tone(rule: DraftRule, reading: Reading) -> Iterator[Place]:
    """Grey: warm words. Yellow: a draft of some length without a please or a thank you."""
    if reading.draft.tone == "grey":
        yield from by_patterns(rule, reading)
    elif len(reading.words.copy.split()) > 3 and not _any(rule.courtesies, reading, reading.words.copy):
        yield _whole(reading)


CHECKS: dict[str, Callable[[DraftRule, Reading], Iterator[Place]]] = {
    "words": by_words,
    "reply": unneeded,
    "unanswered": left_open,
    "topics": many_topics,
    "sentences": too_long,
    "when": half_a_time,
    "hook": hooked,
    "aside": aside,
    "night": at_night,
    "courtesy": out_of_tone,
}


def _fits(span: Span, rule: DraftRule) -> bool:
    mass = {"F": span.fact, "X": span.withhold, "D": span.danger}.get(span.kind, 0.0)
    named = any(span.label == want or (want.endswith("*") and span.label.startswith(want[:-1])) for want in rule.labels)
    least = max(rule.score, SURE_OF_DANGER) if span.kind == "D" else rule.score
    return named and span.score >= least and mass >= rule.mass


def _excused(rule: DraftRule, reading: Reading, sentence: Sentence) -> bool:
    return _any(rule.unless, reading, sentence.words)


def _any(patterns: Sequence[str], reading: Reading, words: str) -> bool:
    find = _compiled(tuple(patterns), _names(reading.draft))
    return find is not None and find.search(words) is not None


def _names(draft: Draft) -> tuple[str, ...]:
    return tuple(name for child in draft.children for name in (child.name, *child.nicknames))


@lru_cache(maxsize=512)
def _compiled(patterns: tuple[str, ...], names: tuple[str, ...]) -> Any:
    return matcher(patterns, names)


def _sentence_end(reading: Reading, place: int) -> int:
    sentence = reading.sentence_at(place)
    return place + 1 if sentence is None else sentence.end


def _whole(reading: Reading) -> Place:
    return (reading.places[0][0], reading.places[-1][1]) if reading.places else (0, len(reading.draft.text))
