"""From settled files to the card of their message. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from gateway.attachments.kinds import claim_of_type
from gateway.attachments.settle import WORDS_LANE, Settled, lines
from gateway.concluded import Conclusion
from gateway.conclusion import Story, files_card
from gateway.pipeline import Judgement
from gateway.policy import Action, Lane

WRITTEN_BY_PEOPLE: Final = ("message", "calendar")
LEAST_FACT: Final = 0.9
MOST_DOUBT: Final = 0.06


def with_files(
    made: Conclusion, story: Story, files: tuple[Settled, ...], media: Sequence[tuple[str, str]]
) -> Conclusion:
    """The conclusion with its files on the card.

    Where nothing of the words is for the parent, a document that may concern the children makes an unsorted card. Media are
    still to be fetched; one that calls itself a picture or a recording goes the way of its words.
    """
    card, lane = made.card, made.lane
    if card is None and lane is Lane.WITHHELD and made.detail.get("kind") in WRITTEN_BY_PEOPLE and not made.shunted:
        may_be_papers = any(claim_of_type(claimed) not in ("picture", "recording") for _, claimed in media)
        if may_be_papers or any(f.on_card for f in files):
            card, lane = files_card(story), Lane.UNSORTED
            made = replace(made, detail={**made.detail, WORDS_LANE: Lane.WITHHELD.value})
    if card is not None and made.card_kind == "card":
        card = replace(card, files=lines(files, media))
    return replace(made, card=card, lane=lane, files=files)


def nothing_but_facts(judged: Judgement) -> bool:
    """Whether words are plainly facts about the children, with room for neither doubt nor a jibe."""
    choices = judged.decision.choices
    facts = [c for c in choices if c.span.kind == "F" and c.action is Action.FORWARD]
    return (
        bool(facts)
        and judged.decision.lane is Lane.FACTS
        and all(c in facts or c.span.kind == "N" for c in choices)
        and all(c.span.fact >= LEAST_FACT for c in facts)
        and all(c.span.withhold + c.span.danger <= MOST_DOUBT for c in choices)
    )
