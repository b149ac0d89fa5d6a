"""Over which ways an answer can reach the other parent, and what it is there: a text, or a mail in its thread."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.family import Family, Role
from gateway.optout import is_out
from gateway.reply.outgoing import Outgoing, bare_subject, own_subject, subject_of
from gateway.store.tables import DecisionRow, MessageRow

LONGEST_TEXT = 1_600
"""Signs of one text; the carrier refuses a longer one for good (Twilio's error 21617)."""
LATELY = 500
"""Decisions in which a subject of theirs is looked up."""
NAMES = {"email": "email", "sms": "text message"}


def ways(session: Session, family: Family, day: date) -> dict[str, str]:
    """Channel and address of each way to the other parent, email first. A number that has sent STOP is one only where there
    is no other.
    """
    email, phone = family.coparent.email_on(day), family.coparent.phone_on(day) if family.relay_phone else None
    found = {"email": email} if email else {}
    if phone and family.relay_phone and not (found and is_out(session, family.relay_phone, phone)):
        found["sms"] = phone
    return found


def usual(session: Session, found: dict[str, str], answers_id: int | None) -> str | None:
    """The way that the other parent used, or else the first that there is; None where there is none."""
    theirs = session.get(MessageRow, answers_id) if answers_id is not None else None
    wanted = "sms" if theirs is not None and theirs.channel in ("sms", "voice") else "email"
    return wanted if wanted in found else next(iter(found), None)


def outgoing(
    session: Session,
    family: Family,
    words: str,
    answers_id: int | None,
    *,
    day: date,
    subject: str | None = None,
    route: str = "",
) -> Outgoing | None:
    """What leaves; None where there is no way. `route`: the way that the parent chose; `subject`: of the parent's own mail. What is
    too long for a text goes by mail where it can.
    """
    found = ways(session, family, day)
    channel = route if route in found else usual(session, found, answers_id)
    if channel is None:
        return None
    if channel == "sms" and len(words) > LONGEST_TEXT and "email" in found:
        channel = "email"
    what = Outgoing(channel, found[channel], words)
    if channel == "sms":
        return what
    theirs = session.get(MessageRow, answers_id) if answers_id is not None else None
    if theirs is None:
        return replace(what, subject=own_subject(subject, _theirs(session, family)) or subject_of(None))
    if theirs.channel != "email":
        return replace(what, subject=subject_of(None))
    detail = session.scalar(select(DecisionRow.detail).where(DecisionRow.message_id == theirs.id)) or {}
    return replace(what, subject=subject_of(detail.get("subject")), answers=detail.get("message_id"))


def _theirs(session: Session, family: Family) -> set[str]:
    """The subjects that the other parent has written lately, without what programs put before them."""
    query = (
        select(DecisionRow.detail["subject"].as_string())
        .where(DecisionRow.family == family.key, DecisionRow.detail["role"].as_string() == Role.COPARENT)
        .order_by(DecisionRow.id.desc())
        .limit(LATELY)
    )
    return {bare_subject(subject) for subject in session.scalars(query) if subject}
