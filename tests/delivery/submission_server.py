"""A provider's submission server on loopback: TLS, a login, and mail that it takes."""

from __future__ import annotations

import asyncio
import base64
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.harness import Loop


@dataclass
class SubmissionServer:
    """Takes mail of one account over TLS only, by password or by XOAUTH2 token."""

    certificate: Path
    username: str
    secret: str
    implicit_tls: bool = False
    received: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    mechanisms: list[str] = field(default_factory=list)
    loop: Loop = field(default_factory=Loop)
    port: int = 0
    _server: asyncio.Server | None = None

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.received.append((envelope.mail_from or "", list(envelope.rcpt_tos), envelope.original_content or b""))
        return "250 OK"

    async def auth_XOAUTH2(self, server: SMTP, words: list[str]) -> AuthResult:  # noqa: N802
        self.mechanisms.append("XOAUTH2")
        said = base64.b64decode(words[1]).decode()
        if said == f"user={self.username}\1auth=Bearer {self.secret}\1\1":
            return AuthResult(success=True, auth_data="token")
        await server.challenge_auth(base64.b64encode(b'{"status":"401"}').decode(), encode_to_b64=False)
        return AuthResult(success=False, handled=False)

    def _check(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        self.mechanisms.append(mechanism)
        good = (data.login.decode(), data.password.decode()) == (self.username, self.secret)
        return AuthResult(success=good, handled=False)

    def __enter__(self) -> SubmissionServer:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(self.certificate)

        def conversation() -> SMTP:
            return SMTP(
                self,
                hostname="mail.example.org",
                tls_context=None if self.implicit_tls else tls,
                require_starttls=not self.implicit_tls,
                auth_required=not self.implicit_tls,  # the library warns of a login outside its own STARTTLS
                auth_require_tls=not self.implicit_tls,
                authenticator=self._check,
            )

        async def start() -> asyncio.Server:
            wrapped = tls if self.implicit_tls else None
            return await asyncio.get_running_loop().create_server(conversation, "127.0.0.1", 0, ssl=wrapped)

        self._server = self.loop.do(start())
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        self.loop.loop.call_soon_threadsafe(self._server.close)
        self.loop.close()
