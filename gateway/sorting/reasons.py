"""Why a passage waits, in a sentence for whoever sorts it. Pure."""

from __future__ import annotations

from typing import Final

from gateway.delivery.card import Card
from gateway.policy import Ruleset
from gateway.sorting.passages import SENDER, UNREAD

UNCLEAR: Final = "It could not be told whether this is about the children."
REASONS: Final = {
    UNREAD: "The program could not read this message. It was set aside, whole, for a person to look at.",
    "parser.hold": "It could not be told for sure which words of this message are new.",
    "title.doubt": "A subject line that may or may not tell something about the children.",
    "default.hold": UNCLEAR,
    "family.child_words": "It has one of your own words for the children.",
    "family.withheld_words": "It has one of the words that you do not want to read.",
}
TOPIC: Final = "You chose that this topic is looked at first."


def reason(rule: str, rules: Ruleset, card: Card) -> str:
    """Why. What is held for who wrote it is told in the words of its card."""
    if rule == SENDER:
        return card.notes[0] if card.notes else UNCLEAR
    if rule.startswith("family.topic."):
        return TOPIC
    if rule in REASONS:
        return REASONS[rule]
    known = rules.rule(rule)
    return f"{known.title}." if known is not None and "tagger" not in known.title.lower() else UNCLEAR
