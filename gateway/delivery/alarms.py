"""Alarms: neutral words, no quote, no name of what was said. To the parent and to the safety contacts, at once.

The words assume that someone else may look at the screen: nothing in them says violence, ex, or Breakwater.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from gateway.family import Family, Person
from gateway.policy import Lane

PARENT_LINE = "Please read now"
CONTACT_LINE = "Please check on {name} soon. Something came that may need you. You agreed to get this note."


@dataclass(frozen=True, slots=True)
class Call:
    """One alarm to one address."""

    channel: str
    address: str
    subject: str
    text: str
    link: str | None


def calls(family: Family, lane: Lane, link: str, day: date) -> tuple[Call, ...]:
    """Who is told, and how. Emergencies: the parent by every channel. Danger: safety contacts besides."""
    out = [
        Call(channel, address, PARENT_LINE, f"{PARENT_LINE}: {link}", link)
        for channel, address in _ways(family, family.parent, day)
        if channel not in family.cards_by  # there the card itself says it
    ]
    if lane is Lane.DANGER:
        words = CONTACT_LINE.format(name=family.parent.name)
        out += [
            Call(channel, address, "Please read now", words, None)
            for person in family.safety_contacts()
            for channel, address in _ways(family, person, day)
        ]
    return tuple(out)


def _ways(family: Family, person: Person, day: date) -> list[tuple[str, str]]:
    ways = [("email", person.email_on(day)), ("sms", person.phone_on(day) if family.relay_phone else None)]
    return [(channel, address) for channel, address in ways if address]
