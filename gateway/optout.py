"""Which numbers take no texts of which relay number, as the carrier sees it.

A lone STOP (see `parsing.keywords`) is kept and read like any text; besides, it makes the carrier refuse our texts to that
number until START comes from it. That is kept per relay number and number, so that nothing is sent in vain, the parent is
told, and `breakwater doctor` shows it. The carrier's own refusal (error 21610) is taken over in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from gateway.delivery import notices
from gateway.family import Family, Role, normal_phone
from gateway.language import said
from gateway.ledger import append
from gateway.parsing.keywords import Command
from gateway.store.tables import OptOutRow

REFUSED = "that number has opted out of texts of the relay number; they go again once START is sent from it"
HOW_TO_START = (
    "Your phone takes no texts from the relay number {relay} any more: the word STOP was sent from it. "
    "Updates come by email meanwhile. To get texts again, send the one word START from that phone to {relay}."
)
_STATE = select(OptOutRow.state).where(OptOutRow.relay == bindparam("relay"), OptOutRow.number == bindparam("number"))
"""Asked for every text, so it is made once."""
EVENTS = {Command.OUT: "opted out", Command.IN: "opted in", Command.HELP: "help asked"}


@dataclass(frozen=True, slots=True)
class OptOut:
    """A number that takes no texts. `who`: its owner's name, or ``an unknown number``; `own`: the parent's own phone."""

    family: str
    who: str
    own: bool
    since: datetime
    via: str


def is_out(unit: Session | Connection, relay: str, number: str) -> bool:
    """Whether the carrier will refuse texts from `relay` to `number` (both E.164)."""
    return bool(unit.scalar(_STATE, {"relay": relay, "number": number}) == Command.OUT)


def note_command(
    session: Session, message_id: int, sender: str, detail: Mapping[str, Any], family: Family, now: datetime
) -> None:
    """Keep in the caller's unit of work the command that a conclusion's `detail` names, with a log entry."""
    said, number = detail.get("opt_out"), number_of(sender)
    if said is None or number is None or family.relay_phone is None:
        return
    meaning = Command(said["means"])
    if meaning is not Command.HELP:
        _set(session, family, number, meaning, now, via="text", message_id=message_id)
    body = {"message": message_id, "word": said["word"]}
    append(session, family.key, EVENTS[meaning], body, now=now, zone=family.time_zone)


def note_refusal(session: Session, family: Family, number: str, delivery: str, now: datetime) -> bool:
    """The carrier refused a text because the number had opted out: keep that, in the caller's unit of work. Whether it is new.

    The parent, whose own phone it is, is told by email how to get texts again: a STOP that never came here is no news to
    them otherwise.
    """
    if family.relay_phone is None or is_out(session, family.relay_phone, number):
        return False
    _set(session, family, number, Command.OUT, now, via="carrier", message_id=None)
    append(session, family.key, EVENTS[Command.OUT], {"delivery": delivery}, now=now, zone=family.time_zone)
    email = family.parent.email_on(now.date())
    if email is not None and family.parent.has(number, now.date()):
        words = said(HOW_TO_START, relay=family.relay_phone)
        notices.say(session, family, [("email", email)], words, due=now)
    return True


def opted_out(session: Session, family: Family) -> list[OptOut]:
    """All numbers of the family's relay number that are out, oldest first."""
    query = (
        select(OptOutRow)
        .where(OptOutRow.family == family.key, OptOutRow.relay == family.relay_phone, OptOutRow.state == Command.OUT)
        .order_by(OptOutRow.since)
    )
    found = []
    for row in session.scalars(query):
        known = family.who(row.number, row.since.date())
        who = known[1] if known else "an unknown number"
        found.append(OptOut(family.key, who, bool(known and known[0] is Role.PARENT), row.since, row.via))
    return found


def _set(
    session: Session, family: Family, number: str, meaning: Command, now: datetime, *, via: str, message_id: int | None
) -> None:
    row = session.scalar(
        select(OptOutRow).where(OptOutRow.relay == family.relay_phone, OptOutRow.number == number).with_for_update()
    )
    if row is None:
        row = OptOutRow(family=family.key, relay=family.relay_phone, number=number, state="", since=now, via=via)
        session.add(row)
    if row.state != meaning:
        row.state, row.since, row.via, row.message_id = meaning.value, now, via, message_id


def number_of(address: str) -> str | None:
    """The address as an E.164 number; None where it is none (a withheld caller, a short code)."""
    try:
        return normal_phone(address)
    except ValueError:
        return None
