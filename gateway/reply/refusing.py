"""What is not taken as the parent's: how it is told, and when texts are not taken at all. Reads the store, writes nothing.

Whoever can write in the parent's name could have the parent told again and again, so each reason is told once in a day. Only
texts without a fitting code count as guesses: neither mail, nor what a machine of the parent's answers, nor what came while texts
were locked already, or else one text a day would lock them for ever.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.clock import stamp
from gateway.concluded import Stored
from gateway.family import Family
from gateway.language import said
from gateway.reply import letters
from gateway.reply.rows import REFUSED, Replied, tell
from gateway.store.tables import EntryRow, MessageRow

MOST_WRONG = 5
DAY = timedelta(days=1)
NO_PROOF = "nothing proves that the parent wrote it"
CAME_BEFORE = "the same mail came before"
TOO_MANY = "too many wrong codes in a day"


def locked(session: Session, family: Family, now: datetime) -> bool:
    """Whether so many texts bore a wrong code, or none, that none is taken for the rest of the day."""
    return _refused(session, family, now, NO_PROOF).count("sms") >= MOST_WRONG


def refuse(session: Session, family: Family, stored: Stored, why: str, words: str, now: datetime) -> Replied:
    """Told over every way of the parent's but never to where the message came from, if there is another; once in a day."""
    if stored.channel in _refused(session, family, now, why):
        return Replied(refused=why)
    day = now.date()
    ways = [
        ("email", family.parent.email_on(day)),
        ("sms", family.parent.phone_on(day) if family.relay_phone else None),
    ]
    there = [(channel, address) for channel, address in ways if address]
    others = [way for way in there if way[0] != stored.channel] or there
    made = tuple(tell(family, channel, address, letters.SUBJECT_REFUSED, said(words)) for channel, address in others)
    return Replied(refused=why, told=made)


def _refused(session: Session, family: Family, now: datetime, why: str) -> list[str]:
    """The channels of what was refused for that reason within a day."""
    query = select(EntryRow.body).where(
        EntryRow.log == family.key, EntryRow.kind == REFUSED, EntryRow.at >= stamp(now - DAY)
    )
    numbers = [body["message"] for body in map(json.loads, session.scalars(query)) if body.get("why") == why]
    return list(session.scalars(select(MessageRow.channel).where(MessageRow.id.in_(numbers))))
