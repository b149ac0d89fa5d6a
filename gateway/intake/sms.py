"""Intake by SMS and MMS: Twilio's webhooks.

A request is believed only when the carrier signed it (see `signed`). The message is kept before the answer; the answer
is empty TwiML at once, since Twilio waits 15 seconds at most; reading, tagging and fetching of media happen later. A
repeated MessageSid is answered 200 and stored once.
"""

from __future__ import annotations

import logging

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway.clock import Clock
from gateway.delivery import carrier_status
from gateway.errors import StoreError
from gateway.family import Directory
from gateway.intake.archives.found import clean
from gateway.intake.keep import UNASSIGNED, Arrival, Keeper
from gateway.intake.refusals import Refusals
from gateway.intake.signed import SignedForms, envelope_of, known_by
from gateway.settings import Twilio
from gateway.store import Store

log = logging.getLogger(__name__)
EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
MAX_MEDIA = 10


class Webhooks:
    """The two addresses that Twilio calls: incoming texts and status of our own texts."""

    def __init__(
        self,
        directory: Directory,
        keeper: Keeper,
        store: Store,
        refusals: Refusals,
        clock: Clock,
        *,
        twilio: Twilio | None,
        public_url: str,
    ) -> None:
        self._directory, self._keeper, self._store, self._clock = directory, keeper, store, clock
        self._forms = SignedForms(twilio, refusals, public_url)

    def routes(self) -> list[Route]:
        """For the web application."""
        return [
            Route("/sms/incoming", self.incoming, methods=["POST"]),
            Route("/sms/status", self.status, methods=["POST"]),
        ]

    async def incoming(self, request: Request) -> Response:
        """A text from outside: verify, keep, acknowledge."""
        signed = await self._forms.read(request, "sms")
        if isinstance(signed, Response):
            return signed
        form = signed.form
        family = self._directory.by_phone(form.get("To", ""))
        now = self._clock()
        arrival = Arrival(
            family=family.key if family else UNASSIGNED,
            zone=family.time_zone if family else "UTC",
            channel="sms",
            raw=signed.raw,
            envelope=envelope_of(request, signed, now),
            received_at=now,
            provider_id=known_by(form.get("MessageSid", "")),
            media=_media(form),
        )
        try:
            await self._keeper.keep(arrival)
        except StoreError:
            return PlainTextResponse("not kept; try again later", 503, {"Retry-After": "30"})
        return _twiml()

    async def status(self, request: Request) -> Response:
        """What became of a text of ours. Each status counts once; an old status never undoes a final one."""
        signed = await self._forms.read(request, "sms")
        if isinstance(signed, Response):
            return signed
        form = signed.form
        sid, status = form.get("MessageSid", ""), form.get("MessageStatus", "")
        try:
            with self._store.write() as session:
                code = form.get("ErrorCode") or None
                carrier_status.take(session, self._directory, sid, status, code, self._clock())
        except StoreError:
            return PlainTextResponse("not kept; try again later", 503, {"Retry-After": "30"})
        return Response(status_code=204)


def _media(form: dict[str, str]) -> tuple[tuple[str, str], ...]:
    said = form.get("NumMedia", "")
    count = int(said) if said.isascii() and said.isdigit() and len(said) < 4 else 0
    return tuple(
        (clean(form[f"MediaUrl{i}"]), clean(form.get(f"MediaContentType{i}", "application/octet-stream")))
        for i in range(min(count, MAX_MEDIA))
        if f"MediaUrl{i}" in form
    )


def _twiml() -> Response:
    return Response(EMPTY_TWIML, media_type="text/xml")
