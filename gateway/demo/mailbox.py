"""The page of what the demo's family got: every mail and text, as it came."""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage

from gateway.delivery.compose import environment
from gateway.demo.carriers import Carrier, Mailbox
from gateway.demo.sample import PARENT_EMAIL, PARENT_PHONE

BASE = '<head>\n<base target="_blank">'
"""A page of ours may stand in no frame, so the links of a mail open beside it."""


@dataclass(frozen=True, slots=True)
class _Got:
    """A mail or a text. `html`: empty where it has words alone."""

    title: str
    text: str
    html: str = ""


@dataclass(frozen=True, slots=True)
class _Box:
    heading: str
    items: list[_Got]


def mailbox_page(mailbox: Mailbox, carrier: Carrier) -> str:
    """Mails and texts of the parent, then what others got."""
    mails = [(to, _mail(raw)) for _, to, raw in mailbox.received]
    boxes = (
        _Box("Mails", [mail for to, mail in mails if PARENT_EMAIL in to]),
        _Box("Texts", [_Got("", one["Body"]) for one in carrier.sent if one["To"] == PARENT_PHONE]),
        _Box("What Ruth, the safety contact, gets", [mail for to, mail in mails if PARENT_EMAIL not in to]),
    )
    return environment().get_template("demo/mailbox.html").render(boxes=boxes)


def _mail(raw: bytes) -> _Got:
    message = message_from_bytes(raw, policy=policy.default)
    return _Got(str(message["Subject"]), _words(message, "plain"), _words(message, "html").replace("<head>", BASE, 1))


def _words(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part is not None else ""
