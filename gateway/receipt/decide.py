"""Whether a message of the other parent's is answered by a receipt, and where it goes. Pure."""

from __future__ import annotations

from datetime import date

from gateway.concluded import Conclusion, Stored
from gateway.family import Contact, Family, Role, normal_email, normal_phone
from gateway.parsing import Kind, Reading
from gateway.parsing.authentication import Verdict
from gateway.parsing.keywords import command
from gateway.policy import Lane
from gateway.receipt.answerable import answerable
from gateway.receipt.rows import Due

NEVER = (Lane.DANGER, Lane.EMERGENCY)
"""Never answered by a machine (domain.md, requirement 4)."""
WRITTEN = (Kind.MESSAGE, Kind.CALENDAR)


def receipt_for(stored: Stored, family: Family, reading: Reading, raw: bytes, made: Conclusion) -> Due | None:
    """The receipt that is due; None where there must be none.

    It goes to the address of the other parent in the settings, and only to one that is proved (mail) or that the carrier gave
    (texts). RFC 3834 section 4 would have it go to the Return-Path, which anybody can choose.
    """
    if family.receipt.kind == "silent" or family.contact is Contact.NONE or made.lane in NEVER or made.is_copy:
        return None
    if made.shunted or stored.imported or stored.written_at is not None or reading.kind not in WRITTEN:
        return None
    if made.detail.get("role") != Role.COPARENT:
        return None
    if made.card is not None and made.card.lane in NEVER:
        return None
    day = stored.received_at.date()
    if stored.channel == "email":
        return _by_mail(stored, family, reading, raw, made, day)
    return _by_text(stored, family, reading, day) if stored.channel == "sms" else None


def _by_mail(stored: Stored, family: Family, reading: Reading, raw: bytes, made: Conclusion, day: date) -> Due | None:
    proof = made.detail.get("authentication") or {}
    if proof.get("verdict") != Verdict.VERIFIED or len(reading.from_) != 1:
        return None
    try:
        address = normal_email(reading.from_[0])
    except ValueError:
        return None
    polled = not (stored.peer or stored.helo)
    if not family.coparent.has(address, day) or not answerable(
        raw, stored.mail_from, family.relay_email, polled=polled
    ):
        return None
    return Due("email", address, stored.received_at, reading.message_id)


def _by_text(stored: Stored, family: Family, reading: Reading, day: date) -> Due | None:
    if command(reading.new_text, reading.opt_out) is not None or family.relay_phone is None:
        return None
    try:
        number = normal_phone(stored.mail_from)
    except ValueError:  # a short code, a withheld number
        return None
    if not family.coparent.has(number, day):
        return None
    return Due("sms", number, stored.received_at)
