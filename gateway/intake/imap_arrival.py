"""A message of a mailbox as an arrival, with what is known in place of an SMTP envelope."""

from __future__ import annotations

from datetime import datetime

from gateway.clock import stamp
from gateway.family import Family
from gateway.family.mailbox import Mailbox
from gateway.intake.imap import Facts
from gateway.intake.keep import Arrival
from gateway.intake.polling import identity
from gateway.intake.remembered import Place


def arrival_of(
    family: Family, mailbox: Mailbox, place: Place, uid: int, facts: Facts | None, raw: bytes, *, now: datetime
) -> Arrival:
    """The arrival to keep. Peer, HELO and MAIL FROM are empty: the provider had them and does not pass them on."""
    arrived = facts.arrived if facts else None
    envelope = {
        "by": "imap",
        "peer": "",
        "helo": "",
        "tls": True,
        "mail_from": "",
        "rcpt_to": [family.relay_email],
        "smtp_utf8": False,
        "received": stamp(now),
        "mailbox": {
            "host": mailbox.host,
            "user": mailbox.username,
            "folder": place.folder,
            "uidvalidity": place.validity,
            "uid": uid,
            "size": facts.size if facts else None,
            "arrived": stamp(arrived) if arrived else None,
        },
    }
    return Arrival(
        family=family.key,
        zone=family.time_zone,
        channel="email",
        raw=raw,
        envelope=envelope,
        received_at=now,
        provider_id=identity(family.key, raw, arrived),
    )
