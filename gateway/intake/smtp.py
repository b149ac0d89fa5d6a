"""Intake by email: an SMTP conversation that ends with a receipt.

RFC 5321 with STARTTLS (3207), SIZE (1870), 8BITMIME (6152) and SMTPUTF8 (6531) through aiosmtpd. What is ours:

* Recipients that are no relay address of ours are refused at RCPT: nobody can use the gateway as a relay. The return path
  of a mail of ours (see `delivery.return_path`) is one only with its secret; a forged one is refused and logged.
* The answer to DATA comes after bytes, envelope and log entry are on the disk, and names the entry.
* The library's own limits on size and line length stand above ours, so that a refusal is ours, with a log entry,
  and not the library's, without one.
* A fault never becomes a permanent refusal and never shows its text: 451, and the sender's system tries again.
"""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
from collections.abc import Callable, Sequence
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from gateway.clock import Clock, stamp
from gateway.delivery.return_path import untagged
from gateway.errors import StoreError
from gateway.family import Directory, Family
from gateway.intake.keep import Arrival, Keeper
from gateway.intake.refusals import Refusals

log = logging.getLogger(__name__)
# aiosmtpd logs commands with their addresses; nothing of that may reach a log file.
logging.getLogger("mail.log").setLevel(logging.CRITICAL + 1)

TRY_AGAIN = "451 4.3.0 Not kept; please try again later"
TOO_LARGE = "552 5.3.4 Message too large; the limit is {limit} bytes"
MAX_RECIPIENTS = 50
_ATOM, _LABEL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+", "[A-Za-z0-9-]+"
_PLAIN_ADDRESS = re.compile(rf"<({_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*)>(?: *([A-Za-z][!-~ ]*))?")
"""An address as nearly all of them are written, with what may stand behind it: no quotes, comments, routes, octets above 127."""


class Conversation(SMTP):
    """aiosmtpd's dialogue with room for long lines: evidence is kept as it comes (RFC 5321 allows 998 characters)."""

    line_length_limit = 512 * 1024 * 1024  # above every limit of ours
    command_size_limit = 2048

    def __init__(self, handler: Handler, *, host_name: str, tls: ssl.SSLContext | None, idle_seconds: float) -> None:
        super().__init__(
            handler,
            data_size_limit=handler.limit * 2 + 1024 * 1024,
            enable_SMTPUTF8=True,
            decode_data=False,
            hostname=host_name,
            ident="ESMTP",
            tls_context=tls,
            timeout=idle_seconds,
        )

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """The address of a MAIL or RCPT and what stands behind it; a plain one without the library's parser of headers.

        That parser takes most of the time of a conversation. What is not plain is still its own to read.
        """
        plain = _PLAIN_ADDRESS.fullmatch(arg) if arg and not self.local_part_limit else None
        if plain is not None:
            return plain[1], plain[2] or ""
        found: tuple[str | None, str | None] = super()._getaddr(arg)
        return found

    def eof_received(self) -> bool:
        """Whoever hangs up without QUIT: the dialogue ends, and the socket with it instead of whenever memory is looked through."""
        super().eof_received()
        return False


class Handler:
    """Decides what the dialogue answers. One handler serves all connections."""

    def __init__(
        self,
        directory: Directory,
        keeper: Keeper,
        refusals: Refusals,
        clock: Clock,
        *,
        limit: int,
        returns: Callable[[str], str | None] = lambda _tag: None,
    ) -> None:
        """`returns`: the key of the family whose mail had that secret in its return path. Raises StoreError."""
        self._directory, self._keeper, self._refusals, self._clock = directory, keeper, refusals, clock
        self.limit, self._returns = limit, returns

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Advertise our size limit instead of the library's."""
        session.host_name = hostname
        return [f"250-SIZE {self.limit}" if line.startswith("250-SIZE") else line for line in responses]

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept any sender, the null sender of bounces too; refuse a declared size over the limit."""
        for option in options:
            name, _, value = option.partition("=")
            if name.upper() == "SIZE" and value.isdigit() and int(value) > self.limit:
                self._refusals.record("declared too large", "email", size=int(value))
                return TOO_LARGE.format(limit=self.limit)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept only relay addresses of families here, and return paths of their mail."""
        family = self._directory.by_email(address)
        if family is None and (found := untagged(address)) is not None:
            try:
                key = await asyncio.to_thread(self._returns, found[1])
            except StoreError:
                return TRY_AGAIN
            family = self._directory.family(key) if key is not None else None
        if family is None:
            self._refusals.record("unknown recipient", "email")
            return "550 5.1.1 No such recipient here"
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        envelope.rcpt_tos.append(address)
        _families(envelope)[address] = family
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the message for each family that it is addressed to, then give the receipt."""
        raw = envelope.original_content or b""
        if len(raw) > self.limit:
            self._refusals.record("too large", "email", size=len(raw))
            return TOO_LARGE.format(limit=self.limit)
        try:
            receipts = [await self._keeper.keep(a) for a in self._arrivals(session, envelope, raw)]
        except StoreError:
            return TRY_AGAIN
        return f"250 2.0.0 Kept as {', '.join(receipt.entry for receipt in receipts)}"

    async def handle_exception(self, error: Exception) -> str:
        """Whatever goes wrong is temporary to the outside and nameless; the kind of it goes to the log file."""
        log.error("fault in the SMTP dialogue: %s", type(error).__name__)
        return TRY_AGAIN

    def _arrivals(self, session: Session, envelope: Envelope, raw: bytes) -> Sequence[Arrival]:
        families: dict[str, Family] = {}
        recipients: dict[str, list[str]] = {}
        for address in envelope.rcpt_tos:
            family = _families(envelope)[address]
            families[family.key] = family
            recipients.setdefault(family.key, []).append(address)
        now = self._clock()
        return [
            Arrival(
                family=key,
                zone=family.time_zone,
                channel="email",
                raw=raw,
                envelope=_envelope(session, envelope, recipients[key], stamp(now)),
                received_at=now,
            )
            for key, family in families.items()
        ]


def _families(envelope: Envelope) -> dict[str, Family]:
    """To whom each recipient belongs, as it was found at RCPT."""
    found: dict[str, Family] = vars(envelope).setdefault("families", {})
    return found


def _envelope(session: Session, envelope: Envelope, recipients: list[str], received: str) -> dict[str, Any]:
    """What the transport said, as plain JSON values. Odd bytes in addresses are kept as escapes."""
    peer = session.peer
    return {
        "peer": str(peer[0]) if peer else "",
        "helo": _plain(session.host_name or ""),
        "tls": session.ssl is not None,
        # The library keeps the brackets of the null sender, since an empty one means "none yet" to it.
        "mail_from": "" if envelope.mail_from == "<>" else _plain(envelope.mail_from or ""),
        "rcpt_to": [_plain(r) for r in recipients],
        "smtp_utf8": bool(getattr(envelope, "smtp_utf8", False)),
        "received": received,
    }


def _plain(value: str) -> str:
    return value.encode("utf8", "surrogateescape").decode("utf8", "backslashreplace")
