"""Intake by email: an SMTP conversation that ends with a receipt.

RFC 5321 with STARTTLS (3207), SIZE (1870), 8BITMIME (6152) and SMTPUTF8 (6531) through aiosmtpd. What is ours:

* Recipients that are no relay address of ours are refused at RCPT: nobody can use the gateway as a relay. The return path
  of a mail of ours (see `delivery.return_path`) is one only with its secret; a forged one is refused and logged.
* The answer to DATA comes after bytes, envelope and log entry are on the disk, and names the entry.
* A message is read by our own loop (`Conversation.smtp_DATA`): every byte as it came, lines of any length, and never more of it in memory than
  a message may have. What is larger is read to its end without being held, and refused with a log entry.
* No client holds much: commands are short, an address has a number of connections (`callers`), a conversation a number of errors and of
  commands that do nothing. All of these are answered 421: a true sender comes again.
* A fault never becomes a permanent refusal and never shows its text: 451, and the sender's system tries again.
"""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
from collections.abc import Callable, Sequence
from typing import Any, cast

from aiosmtpd.smtp import SMTP, Envelope, Session, TLSSetupException

from gateway.clock import Clock, stamp
from gateway.delivery.return_path import untagged
from gateway.errors import StoreError
from gateway.family import Directory, Family
from gateway.intake.callers import Callers
from gateway.intake.keep import Arrival, Keeper
from gateway.intake.refusals import Refusals

log = logging.getLogger(__name__)
# aiosmtpd logs commands with their addresses; nothing of that may reach a log file.
logging.getLogger("mail.log").setLevel(logging.CRITICAL + 1)

TRY_AGAIN = "451 4.3.0 Not kept; please try again later"
TOO_LARGE = "552 5.3.4 Message too large; the limit is {limit} bytes"
MAX_RECIPIENTS = 50
TOO_MANY_CALLS = b"421 4.7.0 Too many connections; please try again later"
TOO_MANY_ERRORS = b"421 4.7.0 Too many errors; please try again later"
TOO_FAST = "451 4.7.1 Too many messages at once; please try again later"
MOST_ERRORS = 100
MOST_CALLS = {"*": 5000, "NOOP": 100, "HELP": 20, "VRFY": 20, "EXPN": 20, "EHLO": 20, "HELO": 20, "STARTTLS": 3}
"""How often a command may come in one conversation."""
LONGEST_ANSWER = 510
PROGRESS = 256 * 1024
"""Bytes of a message after which its sender has the whole time again: less than a kilobyte a second for five minutes is idle."""
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
_ATOM, _LABEL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+", "[A-Za-z0-9-]+"
_PLAIN_ADDRESS = re.compile(rf"<({_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*)>(?: *([A-Za-z][!-~ ]*))?")
"""An address as nearly all of them are written, with what may stand behind it: no quotes, comments, routes, octets above 127."""


class Conversation(SMTP):
    """aiosmtpd's dialogue with room for long lines: evidence is kept as it comes (RFC 5321 allows 998 characters)."""

    line_length_limit = 64 * 1024  # bytes that the reader holds at once; a longer line comes in pieces
    command_size_limit = 2048

    def __init__(
        self,
        handler: Handler,
        *,
        host_name: str,
        tls: ssl.SSLContext | None,
        idle_seconds: float,
        callers: Callers | None = None,
    ) -> None:
        super().__init__(
            handler,
            data_size_limit=2 * handler.limit,  # the library's own refusal of a declared size comes after ours
            enable_SMTPUTF8=True,
            decode_data=False,
            hostname=host_name,
            ident="ESMTP",
            tls_context=tls,
            timeout=idle_seconds,
            command_call_limit=MOST_CALLS,
        )
        self._smtp_methods.pop("AUTH", None)  # nobody signs in here
        self._callers, self._caller, self._errors = callers, "", 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A new connection, or the same one under TLS. One too many of an address is told to come again, and closed."""
        fresh = self.transport is None
        peer = transport.get_extra_info("peername")
        address = str(peer[0]) if peer else ""
        if fresh and self._callers is not None:
            if not self._callers.admit(address, self.loop.time()):
                cast(Handler, self.event_handler).busy()
                cast(asyncio.Transport, transport).write(TOO_MANY_CALLS + b"\r\n")
                transport.close()
                self._refused = True
                return
            self._caller = address
        super().connection_made(transport)

    _refused = False

    def connection_lost(self, error: Exception | None) -> None:
        """The end of a connection."""
        if self._refused:
            return
        if self._callers is not None and self._caller:
            self._callers.leave(self._caller)
            self._caller = ""
        super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        """What the client says; nothing of it is looked at where the client was told to come again."""
        if not self._refused:
            super().data_received(data)

    async def push(self, status: str | bytes) -> None:
        """Answer. What the library repeats of a client's words cannot begin another line; after many errors the conversation ends."""
        said = status.encode("utf8", "backslashreplace") if isinstance(status, str) else status
        said = _CONTROL.sub(b"?", said)[:LONGEST_ANSWER]
        self._errors += said.startswith(b"5")
        if self._errors > MOST_ERRORS and self.transport is not None:
            self._writer.write(TOO_MANY_ERRORS + b"\r\n")
            self.transport.close()
            raise ConnectionResetError("too many errors")
        await super().push(said)

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802
        """Take a message (RFC 5321 sections 4.1.1.4 and 4.5.2): only CR LF . CR LF ends it, and each line loses one dot at its beginning."""
        if await self.check_helo_needed():
            return
        envelope = cast(Envelope, self.envelope)
        if not envelope.rcpt_tos:
            await self.push("503 5.5.1 Error: need RCPT command")
            return
        if arg:
            await self.push("501 5.5.4 Syntax: DATA")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        content, size = await self._letter()
        envelope.content = envelope.original_content = content
        vars(envelope)["size"] = size
        status = await self._call_handler_hook("DATA")
        self.envelope = self._create_envelope()
        await self.push(status)

    async def _letter(self) -> tuple[bytes, int]:
        """The bytes up to the end of the message, and how many they are; none of them where they are more than are taken."""
        parts: list[bytes] = []
        size, told, at_start = 0, 0, True
        while True:
            try:
                piece, whole = await self._reader.readuntil(b"\r\n"), True
            except asyncio.LimitOverrunError as error:
                piece, whole = await self._reader.read(error.consumed), False
            if at_start and piece == b".\r\n":
                return b"".join(parts), size
            if at_start and piece[:1] == b".":
                piece = piece[1:]
            at_start, size = whole, size + len(piece)
            if size <= cast(Handler, self.event_handler).limit:
                parts.append(piece)
            else:
                parts.clear()
            if size - told >= PROGRESS:  # who goes on sending is not idle
                told = size
                self._reset_timeout()

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """The address of a MAIL or RCPT and what stands behind it; a plain one without the library's parser of headers.

        That parser takes most of the time of a conversation. What is not plain is still its own to read. No address: None.
        """
        plain = _PLAIN_ADDRESS.fullmatch(arg) if arg and not self.local_part_limit else None
        if plain is not None:
            return plain[1], plain[2] or ""
        try:
            found: tuple[str | None, str | None] = super()._getaddr(arg)
        except Exception:  # noqa: BLE001 (that parser has faults; what breaks it is no address, and will be none at the next try)
            return None, None
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
        callers: Callers | None = None,
    ) -> None:
        """`returns`: the key of the family whose mail had that secret in its return path. Raises StoreError."""
        self._directory, self._keeper, self._refusals, self._clock = directory, keeper, refusals, clock
        self.limit, self._returns, self._callers = limit, returns, callers

    def busy(self) -> None:
        """An address has too many connections."""
        self._refusals.record("too many connections", "email")

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """What we offer: our own limit of size, and nobody signs in here."""
        session.host_name = hostname
        said = (f"250-SIZE {self.limit}" if line.startswith("250-SIZE") else line for line in responses)
        return [line for line in said if not line.startswith("250-AUTH")]

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
        if self._callers is not None and not self._callers.may_send(family.key, _address(session), server.loop.time()):
            self._refusals.record("too many messages", "email")
            return TOO_FAST
        envelope.rcpt_tos.append(address)
        _families(envelope)[address] = family
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the message for each family that it is addressed to, then give the receipt."""
        raw, size = envelope.original_content or b"", int(vars(envelope)["size"])
        if size > self.limit:
            self._refusals.record("too large", "email", size=size)
            return TOO_LARGE.format(limit=self.limit)
        try:
            receipts = [await self._keeper.keep(a) for a in self._arrivals(session, envelope, raw)]
        except StoreError:
            return TRY_AGAIN
        return f"250 2.0.0 Kept as {', '.join(receipt.entry for receipt in receipts)}"

    async def handle_exception(self, error: Exception) -> str:
        """Whatever goes wrong is temporary to the outside and nameless; the kind of it goes to the log file."""
        if not isinstance(error, TLSSetupException):  # a client that speaks no TLS is no fault of ours
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


def _address(session: Session) -> str:
    return str(session.peer[0]) if session.peer else ""


def _families(envelope: Envelope) -> dict[str, Family]:
    """To whom each recipient belongs, as it was found at RCPT."""
    found: dict[str, Family] = vars(envelope).setdefault("families", {})
    return found


def _envelope(session: Session, envelope: Envelope, recipients: list[str], received: str) -> dict[str, Any]:
    """What the transport said, as plain JSON values. Odd bytes in addresses are kept as escapes."""
    return {
        "peer": _address(session),
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
