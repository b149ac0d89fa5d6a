"""The policy of mail in transit (MTA-STS, RFC 8461 section 3.3): ``https://mta-sts.DOMAIN/.well-known/mta-sts.txt``.

Served for the relay domains where `[mail_in]` has it; a web server with a certificate for ``mta-sts.DOMAIN`` stands before it.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway.dns_records import policy_text
from gateway.family import Directory
from gateway.settings import Settings


class PolicyPage:
    """Answers only under the names that the settings know."""

    def __init__(self, settings: Settings, directory: Directory) -> None:
        self._mode, self._mx = settings.mail_in.mta_sts, settings.mail_in.hosts(settings.server.host_name)
        self._directory = directory

    def routes(self) -> list[Route]:
        """For the web application."""
        return [] if self._mode == "off" else [Route("/.well-known/mta-sts.txt", self.show, methods=["GET"])]

    async def show(self, request: Request) -> Response:
        """The policy, as plain text (RFC 8461 section 3.2)."""
        host = request.headers.get("host", "").partition(":")[0].lower()
        hosts = {f"mta-sts.{f.relay_email.rpartition('@')[2]}" for f in self._directory if f.mailbox is None}
        if host not in hosts:
            return PlainTextResponse("not here", 404)
        return PlainTextResponse(policy_text(self._mode, self._mx), media_type="text/plain")
