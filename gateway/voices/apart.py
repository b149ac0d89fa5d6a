"""Which arrivals may be a child's, by a look at the bytes alone.

What a child wrote is handed over and then leaves nothing behind. So its bytes must not pass through the database, whose
journal keeps a copy until it is written over. Whether a message truly is a child's is decided later, with care; here a
mention of one of the children's addresses anywhere is enough, for a file too many costs only a wait for the disk. An
address can be written so that it stands nowhere as such (`mia(at home)@…`, an encoded word), so the sender of a mail is
read as the worker will read it; a mail that names none, or several, is taken for a child's too.
"""

from __future__ import annotations

from collections.abc import Callable

from gateway.family import Directory, Family
from gateway.intake.keep import Arrival
from gateway.parsing.addresses import read_addresses
from gateway.parsing.bounces import is_machine
from gateway.parsing.mail import read_head
from gateway.parsing.work import Work

REPORTS = (b"multipart/report", b"delivery-status")
"""A mail that came back may hold what a child wrote, without the child's address."""
DIGITS = 7
"""Last digits of a number: enough to know it again however its beginning is written."""


def may_be_a_childs(directory: Directory) -> Callable[[Arrival], bool]:
    """The look, for `Keeper`. It follows the directory where settings change."""

    def look(arrival: Arrival) -> bool:
        family = directory.family(arrival.family)
        if family is None or not (marks := marks_of(family)):
            return False
        sender = str(arrival.envelope.get("mail_from") or "")
        seen = arrival.raw.lower() + repr(arrival.envelope).lower().encode("utf8", "surrogateescape")
        seen += b" " + "".join(filter(str.isdigit, sender)).encode()
        if not sender or any(mark in seen for mark in (*marks, *REPORTS)):
            return True
        return arrival.channel == "email" and _is_doubtful(family, arrival.raw)

    return look


def _is_doubtful(family: Family, raw: bytes) -> bool:
    """Whether a mail has not exactly one sender, or a child as one, or was written by a mail system."""
    head = read_head(raw)
    senders = read_addresses(head.all("from"), Work())
    theirs = {email.address for child in family.children for email in child.emails}
    return len(senders) != 1 or not theirs.isdisjoint(senders) or is_machine(head, null_sender=False)


def marks_of(family: Family) -> tuple[bytes, ...]:
    """What a message of a child holds: the part of each mail address before its domain, the end of each number."""
    mails = [f"{email.address.rpartition('@')[0].lower()}@" for child in family.children for email in child.emails]
    phones = [phone.address[-DIGITS:] for child in family.children for phone in child.phones]
    return tuple(mark.encode("utf8") for mark in (*mails, *phones))
