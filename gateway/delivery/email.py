"""Deliveries by email: a fresh message of ours, DKIM-signed, handed to the smart host.

Headers are all our own: From is the relay address, the envelope sender is our own address for bounces, with a secret of
that one mail (see `return_path`), Auto-Submitted says that a machine wrote it (RFC 3834 section 5), and no header of the other side is copied
but the subject and the Message-ID that an answer answers. The library would decode encoded words (RFC 2047) in these once more, and what
they hide, a line end above all, would become headers and words of ours under our signature; so they are taken apart before (`_line`,
`_PLAIN_ID`), and what was made is looked at before it leaves (`written`). Message-ID stays the same over all attempts. Answers of the smart host: 4xx temporary, 5xx permanent (RFC 5321 section 4.2.1), but for a 5xx before the recipient was
named: that says nothing of this mail, and a host that has too many visitors greets with one (554). A connection that breaks
between the final dot and the answer is uncertain, at any other moment temporary. A host that looks through a mail may take minutes for that
answer (section 4.5.3.2.6), and whoever hangs up before makes a copy each time; so it is waited for much longer once a first wait was in vain.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import aiosmtplib

from gateway.delivery.calendar import FILE_NAME, TYPE
from gateway.delivery.outbox import Parcel
from gateway.delivery.return_path import tagged
from gateway.errors import PermanentSendError, SettingsError, TemporarySendError, UncertainSendError
from gateway.settings import MailOut

TIMEOUT_SECONDS = 60.0
ANSWER_SECONDS = 300.0
"""How long the answer to a whole mail is waited for, where it did not come in `TIMEOUT_SECONDS` before. Half of what RFC 5321 section
4.5.3.2.6 allows, since other mail waits behind it.
"""
_PLAIN_ID = re.compile(r"(?!.*=\?)[!-;=?-~]{3,900}")
"""A Message-ID of the other side's that goes into a line as it is (RFC 5322 section 2.1.1: 998 octets at most). Any other is left out, and
the answer stands outside its thread.
"""
_AS_IT_IS = SMTP_POLICY.clone(refold_source="none")
"""Numbers of messages are never folded: the library would make encoded words of long ones, and no program would know them again."""
SIGNED_HEADERS = [
    b"from",
    b"to",
    b"subject",
    b"date",
    b"message-id",
    b"mime-version",
    b"content-type",
    b"auto-submitted",
]


@dataclass(frozen=True, slots=True)
class Signer:
    """A DKIM key (RFC 6376) of the relay domain."""

    domain: bytes
    selector: bytes
    key: bytes

    @classmethod
    def of(cls, settings: MailOut, key_file: Path | None) -> Signer | None:
        """The signer of the settings; None when no domain is set. Raises SettingsError."""
        if settings.dkim_domain is None or key_file is None:
            return None
        try:
            key = key_file.read_bytes()
        except OSError as error:
            raise SettingsError(f"mail_out › dkim_key: {key_file} cannot be opened: {error.strerror}") from None
        return cls(settings.dkim_domain.encode("idna"), settings.dkim_selector.encode("ascii"), key)

    def sign(self, message: bytes) -> bytes:
        """The message with its signature on top. Raises SettingsError on a key that cannot sign."""
        import dkim  # brings a resolver along, which signing never asks

        try:
            signature = dkim.sign(
                message,
                self.selector,
                self.domain,
                self.key,
                canonicalize=(b"relaxed", b"relaxed"),
                include_headers=SIGNED_HEADERS,
            )
        except (dkim.DKIMException, ValueError) as error:
            raise SettingsError(f"mail_out › dkim_key: cannot sign with it ({type(error).__name__})") from error
        return bytes(signature) + message


def build(parcel: Parcel, *, sender: str, sender_name: str, now: datetime) -> EmailMessage:
    """The message as it goes out. `now` is aware; the Date header is in UTC."""
    message = EmailMessage(policy=_AS_IT_IS)
    user, _, domain = sender.rpartition("@")
    message["From"] = Address(_line(parcel.content.get("from_name") or sender_name), user, domain)
    message["To"] = parcel.address
    message["Subject"] = _line(parcel.content["subject"])
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{parcel.out_id}@{domain}>"
    answered = parcel.content.get("answers")
    if answered and _PLAIN_ID.fullmatch(answered):
        for name in ("In-Reply-To", "References"):
            message.set_raw(name, f"<{answered}>")
    if parcel.kind != "reply":  # that a person wrote (RFC 3834 is about machines)
        message["Auto-Submitted"] = "auto-replied" if parcel.kind == "receipt" else "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        message["X-Loop"] = sender
    message.set_content(parcel.content["text"], cte="quoted-printable")
    if parcel.content.get("html"):
        message.add_alternative(parcel.content["html"], subtype="html", cte="quoted-printable")
    if parcel.content.get("calendar"):
        message.add_attachment(
            parcel.content["calendar"].encode(),
            *TYPE.split("/"),
            cte="base64",
            filename=FILE_NAME,
            params={"charset": "utf-8", "method": "PUBLISH"},
        )
    for file in parcel.content.get("files", ()):
        maintype, _, subtype = str(file["type"]).partition("/")
        message.add_attachment(file["data"], maintype, subtype, cte="base64", filename=file["name"])
    return message


def _line(words: str) -> str:
    """Words as one line of a header in which nothing is left to decode."""
    return " ".join(words.split()).replace("=?", "= ?")


def written(message: EmailMessage) -> bytes:
    """The bytes of a message that `build` made.

    Raises:
        PermanentSendError: it would have other headers than were set; it must not leave.
    """
    raw = message.as_bytes()
    lines = raw.partition(b"\r\n\r\n")[0].split(b"\r\n")
    names = [line.partition(b":")[0].decode("ascii", "replace") for line in lines if line[:1] not in (b" ", b"\t")]
    if names != list(message.keys()):
        raise PermanentSendError("its headers could not be written as they were set")
    return raw


@runtime_checkable
class Finder(Protocol):
    """A sender that can look up what became of an uncertain parcel."""

    async def find(self, parcel: Parcel, *, now: datetime, known: Collection[str]) -> str | None:
        """The carrier's id of the parcel that went; None when none did. `known`: ids of others. Raises TemporarySendError."""
        ...


class Sender(Protocol):
    """The seam to the network. `hand_over` is called when the other side has accepted the envelope, before the words."""

    async def send(self, parcel: Parcel, *, sender: str, now: datetime, hand_over: Callable[[], None]) -> str | None:
        """Send one parcel; the carrier's id where it gives one. Raises one of the SendErrors."""
        ...


class Login(Protocol):
    """How a smart host is logged in to, asked for at every sending, since tokens change."""

    def options(self) -> dict[str, Any]:
        """Arguments of aiosmtplib. Raises SettingsError when the secret cannot be read."""
        ...


class SmartHost:
    """Hands mail to the configured host, one connection a message."""

    def __init__(self, settings: MailOut, signer: Signer | None, login: Login | None = None) -> None:
        """`login`: of a family's own mail account; without it, user name and password of `settings`."""
        self._settings, self._signer, self._login = settings, signer, login

    async def send(self, parcel: Parcel, *, sender: str, now: datetime, hand_over: Callable[[], None]) -> str | None:
        """Send one parcel by SMTP."""
        message = written(build(parcel, sender=sender, sender_name=self._settings.sender_name, now=now))
        if self._signer is not None:
            message = self._signer.sign(message)
        client = self._client()
        try:
            await self._envelope(client, parcel.address, self._return_path(parcel, sender))
            hand_over()
            await self._words(client, message, ANSWER_SECONDS if parcel.uncertain else TIMEOUT_SECONDS)
        finally:
            client.close()
        return None

    def _return_path(self, parcel: Parcel, sender: str) -> str:
        """A provider takes only the account's own address; there a bounce is known by the Message-ID that it names.

        A receipt has the null sender, so that no machine answers it (RFC 3834 section 3.3).
        """
        if parcel.kind == "receipt" and self._login is None:
            return ""
        plain = self._settings.bounce_address or sender
        return tagged(plain, parcel.tag) if self._settings.bounce_tags and self._login is None else plain

    def _client(self) -> aiosmtplib.SMTP:
        who: dict[str, Any] = {"username": self._settings.username, "password": self._settings.password}
        if self._login is not None:
            try:
                who = self._login.options()
            except SettingsError as error:
                raise TemporarySendError("the password or token of the mailbox cannot be read") from error
        return aiosmtplib.SMTP(
            hostname=self._settings.host,
            port=self._settings.port,
            use_tls=self._settings.security == "tls",
            start_tls=self._settings.security == "starttls",
            timeout=TIMEOUT_SECONDS,
            local_hostname="localhost",
            **who,
        )

    async def _envelope(self, client: aiosmtplib.SMTP, to: str, bounces: str) -> None:
        """Connect and name sender and recipient; nothing is sent yet, so a break here is only temporary."""
        is_named = False
        try:
            await client.connect()
            await client.mail(bounces)
            is_named = True
            await client.rcpt(to)
        except aiosmtplib.SMTPAuthenticationError as error:
            raise TemporarySendError(
                "the smart host refused the login; check [mail_out] or the family's mailbox"
            ) from error
        except aiosmtplib.SMTPResponseException as error:
            if not is_named:
                raise TemporarySendError(f"the smart host takes nothing from us ({error.code})") from error
            raise _refusal(error.code) from error
        except (aiosmtplib.SMTPException, OSError, ssl.SSLError) as error:
            raise TemporarySendError(f"the smart host cannot be reached ({type(error).__name__})") from error

    async def _words(self, client: aiosmtplib.SMTP, message: bytes, patience: float) -> None:
        try:
            await client.data(message, timeout=patience)
        except aiosmtplib.SMTPResponseException as error:
            raise _refusal(error.code) from error
        except (aiosmtplib.SMTPException, OSError, ssl.SSLError) as error:
            raise UncertainSendError(f"the smart host went away before it answered ({type(error).__name__})") from error


def _refusal(code: int) -> TemporarySendError | PermanentSendError:
    if 500 <= code < 600:
        return PermanentSendError(f"the smart host refused for good ({code})")
    return TemporarySendError(f"the smart host asks to wait ({code})")
