"""A form that the carrier signed: read, checked, or refused.

A request is believed only when its signature fits the configured public URL and all its parameters (Twilio's own
validator; HMAC-SHA1 of URL and sorted parameters under the account's token). Without a configured account every request
is refused.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from twilio.request_validator import RequestValidator

from gateway.clock import stamp
from gateway.intake.refusals import Refusals
from gateway.settings import Twilio

MAX_FORM_BYTES = 256 * 1024
_NUMBER = re.compile(r"[!-~]{1,64}")


@dataclass(frozen=True, slots=True)
class Signed:
    """A form with its exact bytes. Each field stands in it once."""

    raw: bytes
    form: dict[str, str]
    url: str


class SignedForms:
    """Reads signed forms for all webhooks."""

    def __init__(self, twilio: Twilio | None, refusals: Refusals, public_url: str) -> None:
        self._twilio, self._refusals, self.public_url = twilio, refusals, public_url.rstrip("/")

    async def read(self, request: Request, channel: str) -> Signed | Response:
        """Body and form of a request that the carrier signed, or the refusal."""
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
        url = self.public_url + request.url.path + (f"?{request.url.query}" if request.url.query else "")
        trusted = self._twilio is not None and len(form) == len(pairs)
        if (
            self._twilio is None
            or not trusted
            or not RequestValidator(self._twilio.auth_token).validate(url, form, signature)
        ):
            self._refusals.record("wrong signature", channel)
            return PlainTextResponse("the signature does not fit", 403)
        return Signed(raw, form, url)


def known_by(number: str) -> str | None:
    """The carrier's number of a thing as the database can hold it: of one that is too long or odd, its hash. None where there is none."""
    if not number or _NUMBER.fullmatch(number):
        return number or None
    return "odd:" + hashlib.sha256(number.encode("utf8", "surrogatepass")).hexdigest()[:60]


def envelope_of(request: Request, signed: Signed, received: Any, **more: Any) -> dict[str, Any]:
    """What the transport said, as plain JSON values. `received` is the aware time of receipt."""
    headers = {k: v for k, v in request.headers.items() if k.lower() not in {"cookie", "authorization"}}
    return {
        "url": signed.url.partition("?")[0],
        "headers": headers,
        "signature": "valid",
        "mail_from": signed.form.get("From", ""),
        "rcpt_to": [signed.form.get("To", "")],
        "received": stamp(received),
        **more,
    }
