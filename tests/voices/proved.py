"""A world in which senders are checked against a DNS server on loopback, and mail that is signed or not."""

from __future__ import annotations

import contextlib
import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from gateway.clock import Clock, utc_now
from gateway.demo.carriers import Carrier, Mailbox
from gateway.demo.sample import EX_EMAIL, LAWYER_EMAIL, RELAY_EMAIL, family
from gateway.family import Family
from gateway.settings import Senders
from tests.e2e.test_senders import Names
from tests.e2e.world import World, open_world
from tests.parsing.test_authentication import key, signed

CHILD_EMAIL, CHILD_PHONE = "emma.r@example.com", "+15005550021"
SCHOOL = "oakschool.example.edu"
AUNT_EMAIL, PARTNER_EMAIL = "june@aunt.example.org", "kim@kim.example.org"
DOMAINS = (
    "example.net",
    "example.com",
    "example.org",
    "aunt.example.org",
    "kim.example.org",
    SCHOOL,
    "okafor-law.example.com",
    "new.example.net",
)
PEOPLE = [
    {"name": "Ms Okafor", "role": "lawyer", "emails": [LAWYER_EMAIL]},
    {"name": "Oak School", "role": "professional", "domains": [SCHOOL]},
    {"name": "June", "role": "relative", "emails": [AUNT_EMAIL]},
    {"name": "Kim", "role": "partner", "emails": [PARTNER_EMAIL]},
    {"name": "Ruth", "role": "safety contact", "emails": ["ruth@example.org"]},
]  # fmt: skip
CHILDREN = [
    {"name": "Emma", "nicknames": ["Em"], "emails": [CHILD_EMAIL], "phones": [CHILD_PHONE]},
    {"name": "Noah", "pronouns": "he"},
]


def household(**changes: Any) -> Family:
    """The sample family with voices of every kind; what a child wrote goes as soon as it was taken."""
    return Family.model_validate(family() | {"person": PEOPLE, "child": CHILDREN, "child_kept_days": 0} | changes)


@contextlib.contextmanager
def open_proved(
    folder: Path, clock: Clock = utc_now, outside: tuple[Mailbox, Carrier] | None = None, **changes: Any
) -> Iterator[World]:
    """`changes`: of the family."""
    names = Names()
    names.records |= {f"s1._domainkey.{domain}.": key()[1] for domain in DOMAINS}
    try:
        with open_world(
            folder, clock, outside, senders=Senders(nameservers=(names.address,)), families=(household(**changes),)
        ) as opened:
            yield opened
    finally:
        names.close()


def mail(
    words: str, sender: str = EX_EMAIL, subject: str = "Friday", *, html: str = "", **headers: str
) -> EmailMessage:
    """As a person's mail program writes it."""
    message = EmailMessage()
    message["From"] = f"Somebody <{sender}>"
    message["To"] = RELAY_EMAIL
    message["Subject"] = subject
    message["Date"] = "Thu, 26 Nov 2026 12:00:00 -0600"
    message["Message-ID"] = f"<{abs(hash((words, sender, subject)))}@mail.example>"
    for name, value in headers.items():
        del message[name.replace("_", "-")]
        message[name.replace("_", "-")] = value
    message.set_content(words + "\n")
    if html:
        message.add_alternative(html, subtype="html")
    return message


def bring(
    world: World, message: EmailMessage, *, mail_from: str | None = None, by: str | None = None, settle: bool = True
) -> str:
    """Send it over SMTP, signed by the domain of its sender, or by `by` (empty: not signed); the lane that it took."""
    sender = message["From"].addresses[0].addr_spec
    domain = sender.partition("@")[2] if by is None else by
    raw = message.as_bytes(policy=message.policy.clone(linesep="\r\n"))
    raw = signed(raw, domain.encode()) if domain else raw
    hand_in(world, raw, sender if mail_from is None else mail_from)
    if settle:
        world.settle()
    return world.lanes()[-1] if settle else ""


def hand_in(world: World, raw: bytes, mail_from: str) -> None:
    """Bytes over SMTP as they are."""
    host, _, port = world.settings.server.smtp_listen.rpartition(":")
    with smtplib.SMTP(host, int(port), timeout=30) as client:
        client.ehlo("mail.example.net")
        client.mail(mail_from)
        client.rcpt(RELAY_EMAIL)
        assert client.data(raw)[0] == 250


def kinds(world: World) -> list[str]:
    """Kinds of the family's entries, in order."""
    return [entry.kind for entry in world.log()]


def to(world: World, address: str) -> list[tuple[str, bytes]]:
    """MAIL FROM and bytes of every mail to an address."""
    return [(sender, raw) for sender, tos, raw in world.mailbox.received if address in tos]
