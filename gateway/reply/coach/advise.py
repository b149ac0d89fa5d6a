"""The coach's one walk over a draft. It suggests; the parent always sends (requirement 25)."""

from __future__ import annotations

from gateway.reply.coach.checks import Place, found
from gateway.reply.coach.draft import Advice, Draft, Hint
from gateway.reply.coach.reading import read
from gateway.reply.coach.ready import templates
from gateway.reply.coach.rules import CoachRules, DraftRule
from gateway.tagging.spans import Tagger

HOT = 2
"""The heat of all hints together from which a draft should wait overnight."""


def advise(draft: Draft, rules: CoachRules, tagger: Tagger) -> Advice:
    """What is worth a look in `draft`, and ready answers that fit. Equal drafts give equal advice; never raises."""
    reading = read(draft, tagger, rules)
    hits = [(rule, place) for rule in rules.rules for place in found(rule, reading)]
    hits = [(rule, place) for rule, place in hits if not _said_already(rule, place, hits)]
    hints = tuple(_hint(rule, place) for rule, place in hits)
    heat = sum(rule.heat for rule, _ in hits)
    return Advice(
        hints=hints,
        verdict="look" if any(not h.note for h in hints) else "fine",
        heated=heat >= HOT,
        templates=templates(rules, reading),
        versions=(rules.version, tagger.version),
        urgent=reading.urgent,
    )


def _said_already(rule: DraftRule, place: Place, hits: list[tuple[DraftRule, Place]]) -> bool:
    """The general word about an aside is left out where a more telling hint speaks of the same words."""
    if rule.check != "aside":
        return False
    return any(
        not other.note and other.check not in ("aside", "sentences") and start < place[1] and end > place[0]
        for other, (start, end) in hits
    )


def _hint(rule: DraftRule, place: Place) -> Hint:
    return Hint(rule.id, rule.title, rule.reason, rule.source, *place, rule.words, rule.note)
