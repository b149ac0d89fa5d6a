"""Danger and emergencies in words of which no card shows any: of a message that could not be read, of a file, of a file's name.

The rules that need no model are asked (scope ``passage``, those that escalate). Where one hits, the message raises its alarm. The
alarm and the card say nothing of the words; the log says which rule hit, and where. What was held stays held.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from gateway.attachments.inside import words_of_files, words_of_names
from gateway.attachments.settle import WORDS_LANE
from gateway.concluded import Conclusion
from gateway.conclusion import HEADINGS, NOTE_URGENT, Story, danger_note, urgent_card, with_notes
from gateway.delivery.card import Card
from gateway.intake.archives.kept import words_in
from gateway.parsing import Attachment
from gateway.policy import Action, Lane, Ruleset
from gateway.policy.rule import Words

UNREAD: Final = "in a message that could not be read"
NAME: Final = "in the name of a file"
FILE: Final = "in a file"
HEARD: Final = "heard"
"""In a decision's detail: lane, rule and place."""
_STAYS: Final = (Lane.DANGER, Lane.LEGAL, Lane.CHILD)
"""Lanes that an alarm does not change: a lawyer's papers quote threats, and come whole and at once."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What the rules say of words: DANGER or EMERGENCY, the rule's id, and where the words stood."""

    lane: Lane
    rule: str
    where: str

    def as_json(self) -> dict[str, str]:
        """Plain values for the decision and the log; none of the sender's words."""
        return {"lane": self.lane.value, "rule": self.rule, "where": self.where}

    @classmethod
    def of(cls, values: dict[str, Any]) -> Heard:
        """From plain values."""
        return cls(Lane(values["lane"]), str(values["rule"]), str(values["where"]))


def hear(words: str, rules: Ruleset, where: str = "") -> Heard | None:
    """What the rules make of words without the tagger; danger before an emergency, None for neither."""
    copy = Words.of(words)
    found: Heard | None = None
    for rule in rules.scope("passage"):
        fits = rule.action is Action.ESCALATE and rule.fits_label("N")
        if not fits or not rule.fits_message(sender="co-parent", channel="email", kind="message"):
            continue
        lane = Lane.EMERGENCY if rule.label == "F:emergency" else Lane.DANGER
        if (found is None or lane is Lane.DANGER) and rule.passages(copy):
            found = Heard(lane, rule.id, where)
            if lane is Lane.DANGER:
                return found
    return found


def loudest(found: Iterable[Heard | None]) -> Heard | None:
    """The first danger, else the first emergency; nothing more is looked at behind a danger."""
    best: Heard | None = None
    for one in found:
        if one is not None and one.lane is Lane.DANGER:
            return one
        best = best or one
    return best


def in_files(files: Sequence[Attachment], rules: Ruleset) -> Heard | None:
    """What the rules make of the names of files and of the words in them."""
    if not files:
        return None
    placed = itertools.chain([(NAME, words_of_names(files))], ((FILE, words) for words in words_of_files(files)))
    return loudest(hear(words, rules, where) for where, words in placed)


def in_bytes(channel: str, raw: bytes, rules: Ruleset) -> Heard | None:
    """What the rules make of a message that could not be read, or not to its end."""
    return loudest(hear(words, rules, UNREAD) for words in words_in(channel, raw))


def alarmed(made: Conclusion, story: Story) -> Conclusion:
    """The conclusion with the alarm for what was heard (`HEARD` in its detail). Nothing more of the message is shown than before."""
    if HEARD not in made.detail:
        return made
    heard = Heard.of(made.detail[HEARD])
    if made.lane in _STAYS or (made.lane is Lane.EMERGENCY and heard.lane is Lane.EMERGENCY):
        return made
    detail = made.detail if WORDS_LANE in made.detail else {**made.detail, WORDS_LANE: made.lane.value}
    outcome = made.outcome if made.lane is Lane.WHOLE else "escalate"
    return replace(
        made, lane=heard.lane, outcome=outcome, detail=detail, card=_card(made, story, heard), card_kind="card"
    )


def _card(made: Conclusion, story: Story, heard: Heard) -> Card:
    if made.card is None:
        return urgent_card(story, heard.lane)
    note = danger_note(story) if heard.lane is Lane.DANGER else NOTE_URGENT
    card = replace(made.card, lane=heard.lane, heading=HEADINGS[heard.lane].format(who=made.card.who))
    return with_notes(replace(card, notes=(note, *card.notes)))
