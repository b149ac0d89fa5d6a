"""The words of receipts and of the disclosure. Pure.

Every sentence is true in the mode for which it is made, and says nothing of what was read, sorted or decided about the message.
Nothing of the parent is in it: no name, address, zone or habit. A time is a day in UTC, since a local one would say where
somebody lives.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from gateway.family.contact import Archive, Contact

SUBJECT: Final = "Auto: Received"
FROM_NAME: Final = "Automatic receipt"
RECEIVED: Final = "Received and stored. This is an automatic message."
PROMISE: Final = "Matters about the children will be answered by the end of {day} (UTC)."
KEPT: Final = "What you write to this {place} is kept whole and may be shown to a court."
SORTED: Final = (
    "A program sorts it: what concerns the children is passed on in your own words, most of the rest is not."
)
ARCHIVED: Final = {
    "whole": "It is passed on whole.",
    "keep": "It is not passed on, but for emergencies, signs of danger and legal mail.",
}
DISCLOSURE_SUBJECT: Final = "About messages to this address"
PLEASE: Final = "Please write here about the children. In an emergency also call the emergency number."


def receipt(kind: str, channel: str, contact: Contact, archive: Archive, answered_by: datetime | None) -> str:
    """The text of a receipt. `answered_by`: the parent's promise (aware), where it is true to repeat it."""
    parts = [RECEIVED]
    if answered_by is not None:
        parts.append(PROMISE.format(day=_day(answered_by)))
    if kind == "full":
        parts.append(about(channel, contact, archive))
    return " ".join(parts)


def about(channel: str, contact: Contact, archive: Archive) -> str:
    """What happens to messages. In no-contact nothing is sent that could say so."""
    said = ARCHIVED[archive] if contact is Contact.ARCHIVE else SORTED
    return f"{KEPT.format(place='number' if channel == 'sms' else 'address')} {said}"


def disclosure(channel: str, contact: Contact, archive: Archive) -> str:
    """What the parent may send once at the start."""
    return f"{about(channel, contact, archive)} {PLEASE}"


def _day(moment: datetime) -> str:
    there = moment.astimezone(UTC)
    return f"{there:%a} {there.day} {there:%b %Y}"
