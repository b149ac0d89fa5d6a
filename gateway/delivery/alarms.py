"""Alarms: neutral words, no quote, no name of what was said. To the parent and to the safety contacts, at once. Pure.

The words assume that someone else may look at the screen: nothing in them says violence, ex, or Breakwater. The safety contact
is told the parent's first name, or they would not know whom to look after.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from gateway.delivery.compose import NOT_A_SERVICE, PARENT_LINE, Ask, asking
from gateway.delivery.escalation import Reach
from gateway.delivery.gsm import plain
from gateway.family import Family, Person, Role
from gateway.language import Part, joined, said, speech, texting
from gateway.policy import Lane

CONTACT_LINE = "Please check on {name} soon. Something came that may need you. You agreed to get this note."
NOBODY_YET = "Nobody has said yet that they have read it."
ROUND_PARENT = "{name} could not be reached the usual way."
ROUND_OTHERS = "Your contact could not be reached the usual way."
ROUND_ANOTHER = "Somebody else who should know could not be reached the usual way."
TEST_SUBJECT = "Test, please answer"
TEST_LINE = "This is only a test. Nothing has happened."
TEST_ANSWER = "Please answer OK, or tap: {link}"
PARENT, CONTACT, FURTHER = "parent", "safety contact", "named by the family"


@dataclass(frozen=True, slots=True)
class Call:
    """One way to one person. `who`: what they are to the alarm."""

    who: str
    name: str
    channel: str
    address: str


@dataclass(frozen=True, slots=True)
class Words:
    """What an alarm says over one way."""

    subject: str
    text: str


def people(family: Family, lane: Lane, reach: Reach, day: date) -> tuple[Call, ...]:
    """Whom an alarm goes to on `day`, each way once. At first the safety contacts are told of danger only."""
    far = reach is Reach.FURTHER
    out = list(_ways(family, PARENT, family.parent, day, every=far))
    if reach > Reach.FIRST or lane is Lane.DANGER:
        for person in family.safety_contacts():
            out += _ways(family, CONTACT, person, day, every=far)
    if far:
        for person in family.people:
            if person.name in family.alarms.also and person.role is not Role.SAFETY_CONTACT:
                out += _ways(family, FURTHER, person, day, every=True)
    return tuple({(call.channel, call.address): call for call in reversed(out)}.values())[::-1]


def words(call: Call, family: Family, ask: Ask, *, again: bool = False, unreached: str = "") -> Words:
    """What is said to one of them. `again`: it was said before; `unreached`: who could not be reached (PARENT or another)."""
    before: Part = ""
    if unreached == PARENT:
        before = said(ROUND_PARENT, name=family.parent.name)
    elif unreached:
        before = said(ROUND_OTHERS if call.who == PARENT else ROUND_ANOTHER)
    if call.who == PARENT:
        line = joined(before, joined(said(PARENT_LINE), ask.link, by=": "))
        text = joined(line, asking(ask, linked=True), by="\n")
    else:
        yet: Part = said(NOBODY_YET) if again else ""
        text = joined(joined(before, said(CONTACT_LINE, name=family.parent.name), yet), asking(ask), by="\n")
    return _words(call, PARENT_LINE, text, family.language)


def test_words(call: Call, ask: Ask, language: str) -> Words:
    """A test alarm: plainly marked in the first word of the subject and of the text."""
    line = joined(said(TEST_LINE), said(TEST_ANSWER, link=ask.link))
    return _words(call, TEST_SUBJECT, joined(line, said(NOT_A_SERVICE), by="\n"), language)


def _words(call: Call, subject: str, text: Part, language: str) -> Words:
    if call.channel == "sms":
        return Words(subject, plain(texting(language).say(text)))
    return Words(speech(language).text(subject), speech(language).say(text) + "\n")


def _ways(family: Family, who: str, person: Person, day: date, *, every: bool) -> Iterable[Call]:
    emails, phones = [person.email_on(day)], [person.phone_on(day)]
    if every:
        emails += [a.address for a in reversed(person.emails) if a.holds_on(day)]
        phones += [a.address for a in reversed(person.phones) if a.holds_on(day)]
    for address in emails:
        if address:
            yield Call(who, person.name, "email", address)
    for address in phones if family.relay_phone else ():
        if address:
            yield Call(who, person.name, "sms", address)
