"""Whether a machine may answer a mail. Pure.

RFC 3834 section 2: no answer to what a machine sent (Auto-Submitted other than ``no``), to the null sender, to lists and bulk
mail, to addresses of machines, and to mail that does not name the address that would answer. Reports (RFC 3464, RFC 8098) and
what carries our own mark of a loop are machine's mail too. In doubt there is no answer.
"""

from __future__ import annotations

from typing import Final

from gateway.parsing.addresses import read_addresses
from gateway.parsing.headers import Headers, read_headers
from gateway.parsing.work import Work

MACHINES: Final = frozenset(
    "mailer-daemon mail-daemon postmaster daemon root nobody noreply no-reply donotreply do-not-reply bounce bounces "
    "listserv majordomo autoreply auto-reply autoresponder maildelivery".split()
)
AFTER: Final = ("-request", "-owner", "-bounces", "-errors", "-relay")
LIST_MARKS: Final = (
    "list-id",
    "list-help",
    "list-post",
    "list-subscribe",
    "list-unsubscribe",
    "list-owner",
    "list-archive",
)


def answerable(raw: bytes, mail_from: str, relay: str, *, polled: bool) -> bool:
    """Whether a mail to `relay` may be answered. `polled`: it was read from a mailbox, whose server kept MAIL FROM in the
    Return-Path header.
    """
    headers, _ = read_headers(raw, 0, len(raw), Work())
    sender = _return_path(headers) if polled else mail_from.strip().strip("<>")
    written = read_addresses(headers.all("from"), Work())
    if len(written) != 1 or not sender or "@" not in sender:
        return False
    named = read_addresses((*headers.all("to"), *headers.all("cc")), Work())
    return (
        relay.lower() in named
        and not _by_machine(sender)
        and not _by_machine(written[0])
        and _auto_submitted(headers) in ("", "no")
        and headers.first("precedence").strip().lower() not in ("bulk", "junk", "list", "auto_reply")
        and not any(headers.first(name) for name in LIST_MARKS)
        and not any(
            headers.first(name) for name in ("x-autoreply", "x-autorespond", "x-auto-reply-from", "x-mail-autoreply")
        )
        and not headers.first("x-auto-response-suppress")
        and not headers.first("x-loop")
        and not headers.first("content-type").strip().lower().startswith("multipart/report")
    )


def _return_path(headers: Headers) -> str:
    return headers.first("return-path").strip().strip("<>").strip()


def _auto_submitted(headers: Headers) -> str:
    return headers.first("auto-submitted").lower().split(";")[0].split("(")[0].strip()


def _by_machine(address: str) -> bool:
    name = address.rpartition("@")[0].lower().partition("+")[0].strip('"')
    return name in MACHINES or name.startswith("owner-") or name.endswith(AFTER)
