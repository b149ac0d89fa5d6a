"""Which arrivals may be a child's, by a look at the bytes alone.

What a child wrote is handed over and then leaves nothing behind. So its bytes must not pass through the database, whose
journal keeps a copy until it is written over. Whether a message truly is a child's is decided later, with care; here a
mention of one of the children's addresses anywhere is enough, for a file too many costs only a wait for the disk.
"""

from __future__ import annotations

from collections.abc import Callable

from gateway.family import Directory, Family
from gateway.intake.keep import Arrival

REPORT = b"multipart/report"
"""A mail that came back may hold what a child wrote, without the child's address."""
DIGITS = 7
"""Last digits of a number: enough to know it again however its beginning is written."""


def may_be_a_childs(directory: Directory) -> Callable[[Arrival], bool]:
    """The look, for `Keeper`. It follows the directory where settings change."""

    def look(arrival: Arrival) -> bool:
        family = directory.family(arrival.family)
        marks = () if family is None else marks_of(family)
        if not marks:
            return False
        if not arrival.envelope.get("mail_from") or REPORT in arrival.raw:
            return True
        seen = arrival.raw.lower() + repr(arrival.envelope).lower().encode("utf8", "surrogateescape")
        return any(mark in seen for mark in marks)

    return look


def marks_of(family: Family) -> tuple[bytes, ...]:
    """What a message of a child holds: the part of each mail address before its domain, the end of each number."""
    mails = [f"{email.address.rpartition('@')[0].lower()}@" for child in family.children for email in child.emails]
    phones = [phone.address[-DIGITS:] for child in family.children for phone in child.phones]
    return tuple(mark.encode("utf8") for mark in (*mails, *phones))
