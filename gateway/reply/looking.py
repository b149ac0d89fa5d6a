"""The coach at the desk: a draft of a family, its hints as sentences that quote the words they speak of."""

from __future__ import annotations

import logging
from zoneinfo import ZoneInfo

from gateway.clock import Clock
from gateway.family import Family
from gateway.reply.coach import CoachRules, Draft, Hint, Private, advise
from gateway.reply.looked import Look, Looked
from gateway.tagging.spans import Tagger

log = logging.getLogger(__name__)
QUOTED = 60
FAILED = "the coach could not read this draft; read it once more yourself"


def coach_look(rules: CoachRules, tagger: Tagger, clock: Clock) -> Look:
    """The coach as `ReplyDesk` asks it. Notes (a hint that changes nothing) are left out: they would hold an answer up."""

    def look(words: str, family: Family, context: tuple[str, ...]) -> Looked:
        draft = Draft(
            words,
            context=context,
            private=Private(**family.coach.private.model_dump()),
            children=family.readable_children(),
            tone=family.coach.tone,
            sent=clock().astimezone(ZoneInfo(family.time_zone)),
        )
        try:
            advice = advise(draft, rules, tagger)
        except Exception as error:  # noqa: BLE001 (a coach that fails must not keep an answer from its way)
            log.error("fault in the coach: %s", type(error).__name__)
            return Looked((FAILED,))
        hints = {_sentence(words, hint): hint.reason for hint in advice.hints if not hint.note}
        ready = tuple(one.text for one in advice.templates)
        return Looked(tuple(hints), ready, tuple(hints.values()), advice.heated, advice.urgent)

    return look


def _sentence(words: str, hint: Hint) -> str:
    quoted = " ".join(words[hint.start : hint.end].split())
    if not quoted:
        return hint.words
    return f"\u201c{quoted if len(quoted) <= QUOTED else quoted[: QUOTED - 1] + '…'}\u201d: {hint.words}"
