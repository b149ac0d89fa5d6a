"""Intake by SMS and MMS: Twilio's webhooks.

A request is believed only when its signature fits the configured public URL and all its parameters (Twilio's own
validator; HMAC-SHA1 of URL and sorted parameters under the account's token). Without a configured account every
request is refused. The message is kept before the answer; the answer is empty TwiML at once, since Twilio waits
15 seconds at most; reading, tagging and fetching of media happen later in the worker. A repeated MessageSid is
answered 200 and stored once.
"""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import parse_qsl

from sqlalchemy import select
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from twilio.request_validator import RequestValidator

from gateway.clock import Clock, stamp
from gateway.errors import StoreError
from gateway.family import Directory
from gateway.intake.keep import UNASSIGNED, Arrival, Keeper
from gateway.intake.refusals import Refusals
from gateway.ledger import append
from gateway.settings import Twilio
from gateway.store import Store
from gateway.store.tables import DeliveryRow, StatusRow

log = logging.getLogger(__name__)
EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
MAX_FORM_BYTES = 256 * 1024
MAX_MEDIA = 10
FINAL = {"delivered": "delivered", "undelivered": "failed", "failed": "failed"}


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
        self._refusals = refusals
        self._twilio, self._public_url = twilio, public_url.rstrip("/")

    def routes(self) -> list[Route]:
        """For the web application."""
        return [
            Route("/sms/incoming", self.incoming, methods=["POST"]),
            Route("/sms/status", self.status, methods=["POST"]),
        ]

    async def incoming(self, request: Request) -> Response:
        """A text from outside: verify, keep, acknowledge."""
        read = await self._verified(request)
        if isinstance(read, Response):
            return read
        raw, form = read
        family = self._directory.by_phone(form.get("To", ""))
        now = self._clock()
        arrival = Arrival(
            family=family.key if family else UNASSIGNED,
            zone=family.time_zone if family else "UTC",
            channel="sms",
            raw=raw,
            envelope={
                "url": self._public_url + request.url.path,
                "headers": {k: v for k, v in request.headers.items() if k.lower() not in {"cookie", "authorization"}},
                "signature": "valid",
                "mail_from": form.get("From", ""),
                "rcpt_to": [form.get("To", "")],
                "received": stamp(now),
            },
            received_at=now,
            provider_id=form.get("MessageSid") or None,
            media=_media(form),
        )
        try:
            await self._keeper.keep(arrival)
        except StoreError:
            return PlainTextResponse("not kept; try again later", 503, {"Retry-After": "30"})
        return _twiml()

    async def status(self, request: Request) -> Response:
        """What became of a text of ours. Each status counts once; an old status never undoes a final one."""
        read = await self._verified(request)
        if isinstance(read, Response):
            return read
        _, form = read
        sid, status = form.get("MessageSid", ""), form.get("MessageStatus", "")
        try:
            self._keep_status(sid, status, form.get("ErrorCode") or None)
        except StoreError:
            return PlainTextResponse("not kept; try again later", 503, {"Retry-After": "30"})
        return Response(status_code=204)

    def _keep_status(self, sid: str, status: str, error_code: str | None) -> None:
        now = self._clock()
        with self._store.write() as session:
            known = session.scalar(select(StatusRow.id).where(StatusRow.sid == sid, StatusRow.status == status))
            if not sid or not status or known is not None:
                return
            session.add(StatusRow(sid=sid[:64], status=status[:20], error_code=error_code, at=now))
            delivery = session.scalar(select(DeliveryRow).where(DeliveryRow.provider_id == sid))
            if delivery is None:
                return
            body: dict[str, Any] = {"delivery": delivery.out_id, "status": status}
            if error_code:
                body["error_code"] = error_code
            append(session, delivery.family, "carrier status", body, now=now)
            if status in FINAL and delivery.state not in FINAL.values():
                delivery.state = FINAL[status]
                delivery.last_error = f"carrier error {error_code}" if error_code else delivery.last_error

    async def _verified(self, request: Request) -> tuple[bytes, dict[str, str]] | Response:
        """Body and form of a request that Twilio signed, or the refusal."""
        raw = b""
        try:
            async for chunk in request.stream():
                raw += chunk
                if len(raw) > MAX_FORM_BYTES:
                    return PlainTextResponse("too large", 413)
        except ClientDisconnect:
            return PlainTextResponse("the request broke off", 400)
        try:
            pairs = parse_qsl(raw.decode("utf8"), keep_blank_values=True, max_num_fields=500)
        except ValueError:
            return PlainTextResponse("a form is expected", 400)
        form = dict(pairs)
        signature = request.headers.get("x-twilio-signature", "")
        url = self._public_url + request.url.path + (f"?{request.url.query}" if request.url.query else "")
        trusted = self._twilio is not None and len(form) == len(pairs)
        if (
            self._twilio is None
            or not trusted
            or not RequestValidator(self._twilio.auth_token).validate(url, form, signature)
        ):
            self._refusals.record("wrong signature", "sms")
            return PlainTextResponse("the signature does not fit", 403)
        return raw, form


def _media(form: dict[str, str]) -> tuple[tuple[str, str], ...]:
    count = int(form["NumMedia"]) if form.get("NumMedia", "").isascii() and form.get("NumMedia", "").isdigit() else 0
    return tuple(
        (form[f"MediaUrl{i}"], form.get(f"MediaContentType{i}", "application/octet-stream"))
        for i in range(min(count, MAX_MEDIA))
        if f"MediaUrl{i}" in form
    )


def _twiml() -> Response:
    return Response(EMPTY_TWIML, media_type="text/xml")
