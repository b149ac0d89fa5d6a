"""What a family's contact mode makes of a conclusion. Pure.

Whatever the mode, these reach the parent: danger, emergencies, legal mail and mail of professionals, what the program could not
read, what may be danger in words outside the new ones, and what concerns the parent's own messages. What only may be legal (words
about a court, mail in a professional's name that nothing proves) is announced, and none of its words shown: papers are served by
people who are on no list. So is a message of which words could not be read (encrypted, longer than what is read): danger may be
in them.

    modified-contact   as concluded
    no-contact         nothing else
    archive-only       `whole`: each message as it is, unsorted; `keep`: nothing else
"""

from __future__ import annotations

from dataclasses import replace

from gateway.concluded import Conclusion
from gateway.conclusion import HEADINGS, Story, flags, whole_card, with_notes
from gateway.doubts import DANGERS
from gateway.family import Contact
from gateway.family.people import PROFESSIONALS
from gateway.parsing import Reading
from gateway.parsing.unread import UNREAD
from gateway.policy import Action, Lane
from gateway.provenance import FROM_THE_PARENT

ALWAYS = frozenset({Lane.DANGER, Lane.EMERGENCY, Lane.LEGAL, Lane.CHILD})
SORTED = ("choices", "subject_choices", "facts", "hits", "misses", "quoted", "beside", "previous")
"""What a decision says of sorting; where nothing is sorted, none of it is kept."""
NOTES = {
    Contact.NONE: "You are in no-contact: only signs of danger, emergencies and legal mail come.",
    Contact.ARCHIVE: "You are in archive-only: nothing is sorted.",
}
IN_A_PROFESSIONALS_NAME = "in a professional's name"
"""In a decision's detail: it was not read as the professional's, since that could not be proved, or a machine of theirs wrote it."""
NOTE_MAY_BE_LEGAL = "It may be legal mail. Nothing of it is shown here. It is kept whole. One step shows it."
NOTE_MAY_BE_DANGER = "It may hold a sign of danger. Nothing of it is shown here. It is kept whole. One step shows it."
NOTE_UNREAD = (
    "Words of it could not be read by the program, so nobody can say that no sign of danger is in them. Nothing of it is shown here. "
    "It is kept whole. One step shows it."
)
NOTE_WHOLE_DANGER = (
    "Part of this message may be a sign of danger. It is shown all the same, since nothing is sorted. "
    "If you are in danger now, call the emergency number."
)


def whole(made: Conclusion, story: Story, reading: Reading, *notes: str) -> Conclusion:
    """The message as it is, in archive-only with `archive = "whole"`; any other conclusion comes back as it was.

    `notes`: what the card must say of the sender. Call it before files are settled, so that none is kept back.
    """
    family = story.family
    if family.contact is not Contact.ARCHIVE or family.archive != "whole" or _own(made) or story.role in PROFESSIONALS:
        return made
    if made.is_copy or made.shunted or made.lane is Lane.CHILD:
        return made
    lane = made.lane if made.lane in ALWAYS else Lane.WHOLE
    danger = (NOTE_WHOLE_DANGER,) if lane is Lane.DANGER else ()
    card = whole_card(story, lane, reading, *danger, *flags(story), *notes)
    return replace(made, lane=lane, outcome="forward", card=card, detail=_unsorted(made), whens=())


def in_mode(made: Conclusion, contact: Contact) -> Conclusion:
    """The conclusion as the mode lets it pass; its detail names the mode."""
    made, why = replace(made, detail={**made.detail, "mode": str(contact)}), _why_announced(made)
    if contact is Contact.MODIFIED or _own(made):
        return made
    if contact is Contact.ARCHIVE and made.lane not in ALWAYS and not made.shunted and not made.is_copy:
        lane = Lane.WHOLE if made.lane is Lane.WHOLE else Lane.ARCHIVED
        made = replace(made, lane=lane, outcome="forward" if lane is Lane.WHOLE else "withhold", detail=_unsorted(made))
    card = made.card
    if card is None:
        return made
    if not _passes(made):
        if why is None:
            return replace(made, card=None, whens=())
        heading = HEADINGS[Lane.UNSORTED].format(who=card.who)
        bare = replace(card, lane=Lane.UNSORTED, heading=heading, items=(), whole=None, files=())
        card, made = with_notes(bare, why), replace(made, whens=())
    return replace(made, card=with_notes(card, NOTES[contact]))


def _passes(made: Conclusion) -> bool:
    lane = made.card.lane if made.card is not None else made.lane
    perhaps = not DANGERS.isdisjoint(made.detail.get("holds", ()))
    return lane in ALWAYS or made.lane is Lane.WHOLE or made.shunted or perhaps


def _why_announced(made: Conclusion) -> str | None:
    """Why a message that the mode keeps back is announced all the same; None where it is not."""
    if made.detail.get("beside") in DANGERS:
        return NOTE_MAY_BE_DANGER
    if not UNREAD.isdisjoint(made.detail.get("holds", ())):
        return NOTE_UNREAD
    return NOTE_MAY_BE_LEGAL if _may_be_legal(made) else None


def _may_be_legal(made: Conclusion) -> bool:
    said = (*made.detail.get("choices", ()), *made.detail.get("subject_choices", ()))
    found = any(one["label"] == "F:legal" and one["action"] != Action.WITHHOLD for one in said)
    return found or bool(made.detail.get(IN_A_PROFESSIONALS_NAME))


def _own(made: Conclusion) -> bool:
    return made.detail.get("kind") == FROM_THE_PARENT


def _unsorted(made: Conclusion) -> dict[str, object]:
    return {name: value for name, value in made.detail.items() if name not in SORTED}
