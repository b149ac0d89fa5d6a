"""How much of what comes in reaches the parent: the contact mode of a family. Pure.

Not to be confused with `modes` (vacation, court day, hard day), which only move the hour at which something goes out.

    modified-contact   facts about the children on cards; the rest is kept                  (the default)
    no-contact         danger, emergencies and legal mail alone; the rest is kept
    archive-only       nothing is sorted: each message goes on whole, or is only kept
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Literal

from gateway.language import Said, joined, said

Archive = Literal["whole", "keep"]
"""In archive-only: each message goes on whole, or is only kept."""


class Contact(StrEnum):
    """The contact mode."""

    MODIFIED = "modified-contact"
    NONE = "no-contact"
    ARCHIVE = "archive-only"


TOLD: Final = {
    Contact.MODIFIED: "From now on you get cards with what concerns the children (modified-contact).",
    Contact.NONE: "From now on only signs of danger, emergencies and legal mail reach you (no-contact). All else is kept.",
    Contact.ARCHIVE: "From now on nothing is sorted (archive-only).",
}
ARCHIVED: Final = {
    "whole": "Each message is kept and goes on to you whole.",
    "keep": "Messages are only kept; signs of danger, emergencies and legal mail still reach you.",
}


def told(contact: Contact, archive: Archive) -> Said:
    """What the parent reads when the mode has changed."""
    mode = said(TOLD[contact])
    return joined(mode, said(ARCHIVED[archive])) if contact is Contact.ARCHIVE else mode
