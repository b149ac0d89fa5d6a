"""Outgoing mail of a family through its own mail account (message submission, RFC 6409), beside the common smart host."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.credential import Credential, trust
from gateway.delivery.email import Sender, SmartHost
from gateway.delivery.outbox import Parcel
from gateway.family import Directory
from gateway.settings import MailOut, Settings


@dataclass(frozen=True, slots=True)
class AccountLogin:
    """The login of a family's mailbox, at its submission server."""

    credential: Credential
    tls: ssl.SSLContext

    def options(self) -> dict[str, Any]:
        """User name and password, or XOAUTH2 with a token that is read when it is wanted."""
        secret = self.credential.secret()
        about = {"username": self.credential.username, "tls_context": self.tls}
        if not self.credential.xoauth2:
            return about | {"password": secret}

        async def token() -> str:
            return secret

        return about | {"oauth_token_generator": token}


class ByFamily:
    """Sends each parcel over its family's own account where it has one, else over the common smart host."""

    def __init__(self, own: Mapping[str, Sender], common: Sender) -> None:
        self._own, self._common = own, common

    async def send(self, parcel: Parcel, *, sender: str, now: datetime, hand_over: Callable[[], None]) -> str | None:
        """Send one parcel."""
        way = self._own.get(parcel.family, self._common)
        return await way.send(parcel, sender=sender, now=now, hand_over=hand_over)


def accounts(settings: Settings, directory: Directory) -> dict[str, Sender]:
    """The families' own ways out. The provider signs (DKIM) and gets the bounces. Raises SettingsError."""
    found: dict[str, Sender] = {}
    for family in directory:
        box = family.mailbox
        if box is None or box.submission is None:
            continue
        way = MailOut(
            host=box.submission.host,
            port=box.submission.port,
            security=box.submission.security,
            sender_name=settings.mail_out.sender_name,
        )
        credential = Credential.of(family.key, box, settings.directory)
        login = AccountLogin(credential, trust(family.key, box, settings.directory))
        found[family.key] = SmartHost(way, None, login)
    return found
