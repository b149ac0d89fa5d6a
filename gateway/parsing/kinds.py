"""What sort of message it is: written by a person, or an auto-reply, bounce, receipt, reaction, invitation, list mail.

Everything but `message` stays off the cards. So each kind needs marks that the standards define and that no program
sets on a person's mail; a header such as `Precedence: bulk` or `X-Auto-Response-Suppress` alone says nothing, and
mail that is only generated (a school's notice, a court's portal) is read like any other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.parsing import phrases
from gateway.parsing.addresses import read_addresses
from gateway.parsing.headers import Headers
from gateway.parsing.reading import Kind
from gateway.parsing.segments import Thread
from gateway.parsing.tree import Part
from gateway.parsing.words import decode_words
from gateway.parsing.work import Work

if TYPE_CHECKING:
    from gateway.parsing.body import Body

MACHINES: Final = (
    "mailer-daemon",
    "postmaster",
    "mail-daemon",
    "maildelivery",
    "mail delivery sub",
    "microsoftexchange",
)


def thread_of(headers: Headers) -> Thread:
    """Whether the headers call this an answer, a forward, or mail of a list."""
    subject = decode_words(headers.first("subject"), Work()).lower().replace("：", ":").strip()
    for _ in range(3):  # tags of lists and mail systems stand before the prefix: `[EXTERNAL] [parents] Re: …`
        if subject.startswith("["):
            subject = subject.partition("]")[2].strip()
    prefix = subject.partition(":")[0].split("[")[0].split("(")[0].rstrip("0123456789^ ").strip()
    return Thread(
        is_reply=bool(headers.first("in-reply-to") or headers.first("references") or prefix in phrases.REPLY_PREFIXES),
        is_forward=prefix in phrases.FORWARD_PREFIXES,
        is_list=_is_list(headers),
        people=frozenset(_people(headers)),
    )


def _people(headers: Headers) -> tuple[str, ...]:
    values = tuple(v for name in ("from", "to", "cc", "reply-to", "sender") for v in headers.all(name)[:5])
    return read_addresses(tuple(value[:20_000] for value in values), Work())


def kind_of(root: Part, body: Body, work: Work) -> Kind:
    """The kind of the message; `message` unless the marks of another are certain."""
    report = _report_kind(root)
    if report is not None:
        return report
    if body.has_reaction:
        return Kind.REACTION
    headers = root.headers
    subject = decode_words(headers.first("subject"), Work()).lower()
    if _is_auto_reply(headers, subject):
        return Kind.AUTO_REPLY
    if _is_old_bounce(headers, subject):
        return Kind.BOUNCE
    if _is_generated(headers):
        work.odd("the message says that a program wrote it")
    if body.has_invitation:
        return Kind.CALENDAR
    return Kind.LIST if _is_list(headers) else Kind.MESSAGE


def _report_kind(root: Part) -> Kind | None:
    """RFC 3464 and RFC 8098: a multipart/report, with the machine's part of its type in it or nothing against it."""
    if root.type != "multipart/report":
        return None
    said = root.parameters.get("report-type", "").lower()
    inner = {child.type for child in root.children}
    if "message/disposition-notification" in inner or (said == "disposition-notification" and len(root.children) < 2):
        return Kind.RECEIPT
    if "message/delivery-status" in inner or (said == "delivery-status" and len(root.children) < 2):
        return Kind.BOUNCE
    return None


def _is_auto_reply(headers: Headers, subject: str) -> bool:
    """RFC 3834 §5: `auto-replied`. Without it, a header that only responders set, or two weak marks that agree."""
    submitted = headers.first("auto-submitted").lower().split(";")[0].split("(")[0].strip()
    if submitted.startswith(("auto-replied", "auto-notified")):
        return True
    if headers.first("x-autoreply").lower() in ("yes", "true", "1") or headers.first("x-autorespond"):
        return True
    if headers.first("precedence").lower().strip() == "auto_reply":
        return True
    weak = (
        submitted.startswith("auto-generated"),
        bool(headers.first("x-auto-response-suppress")),
        headers.first("precedence").lower().strip() in ("bulk", "junk"),
        headers.first("return-path").strip() == "<>",
        headers.first("x-auto-reply-from") != "" or headers.first("x-mail-autoreply") != "",
    )
    return any(weak) and subject.partition(":")[0].strip() in phrases.AUTO_SUBJECTS


def _is_old_bounce(headers: Headers, subject: str) -> bool:
    """A bounce that is no report: no sender to answer, a machine's address, and a subject that says so."""
    sender = headers.first("from").lower()
    return (
        headers.first("return-path").strip() in ("<>", "")
        and any(name in sender for name in MACHINES)
        and any(phrase in subject for phrase in phrases.BOUNCE_SUBJECTS)
    )


def _is_generated(headers: Headers) -> bool:
    return headers.first("auto-submitted").lower().startswith("auto-generated")


def _is_list(headers: Headers) -> bool:
    """RFC 2919: an identifier of the list, and a second mark that list software sets."""
    second = headers.first("list-post") or headers.first("list-unsubscribe")
    return bool(headers.first("list-id")) and bool(second or headers.first("precedence").lower() in ("list", "bulk"))
