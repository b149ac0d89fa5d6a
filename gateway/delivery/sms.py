"""Deliveries by text message, through the twilio client.

The base address of its API can be set, so that tests speak to a server of their own. Errors: 429 and 5xx temporary,
other 4xx permanent; a connection that breaks once the request is on its way is uncertain, since the carrier knows no
idempotency key. `find` then looks among the texts that the carrier has sent for one with the very same words that is no
other delivery's: notes to a safety contact all have the same words.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from gateway.delivery import carrier_errors
from gateway.delivery.outbox import Parcel
from gateway.errors import OptedOutError, PermanentSendError, TemporarySendError, UncertainSendError
from gateway.optout import REFUSED
from gateway.settings import Twilio

TIMEOUT_SECONDS = 30.0
OPTED_OUT = 21610
"""Twilio's error code for a number that sent STOP."""
LOOK_BACK = timedelta(days=2)
CLOCKS_APART = timedelta(minutes=15)
"""How far the carrier's clock may be from ours."""


class BasedHttpClient(TwilioHttpClient):  # type: ignore[misc]
    """The library's HTTP client with the host of its API replaced."""

    def __init__(self, base: str) -> None:
        super().__init__(timeout=TIMEOUT_SECONDS, max_retries=0)
        self._base = urlsplit(base)

    def request(self, method: str, url: str, *arguments: Any, **options: Any) -> Response:
        """Send the request to the configured host."""
        parts = urlsplit(url)
        if parts.netloc == "api.twilio.com":
            url = parts._replace(scheme=self._base.scheme, netloc=self._base.netloc).geturl()
        return super().request(method, url, *arguments, **options)


class Texts:
    """Sends texts, and looks up what became of an uncertain one."""

    def __init__(self, settings: Twilio, *, public_url: str) -> None:
        self._client = Client(settings.account_sid, settings.auth_token, http_client=BasedHttpClient(settings.api_base))
        self._status_url = f"{public_url.rstrip('/')}/sms/status"

    async def send(self, parcel: Parcel, *, sender: str, now: datetime, hand_over: Callable[[], None]) -> str | None:
        """Send one text; the carrier's id."""
        hand_over()
        try:
            created = await asyncio.to_thread(
                self._client.messages.create,
                to=parcel.address,
                from_=sender,
                body=parcel.content["text"],
                status_callback=self._status_url,
            )
        except TwilioRestException as error:
            raise _refusal(error) from error
        except requests.exceptions.ConnectTimeout as error:
            raise TemporarySendError("the text carrier cannot be reached") from error
        except requests.exceptions.ConnectionError as error:
            if _never_left(error):
                raise TemporarySendError("the text carrier cannot be reached") from error
            raise UncertainSendError("the text carrier went away before it answered") from error
        except (requests.exceptions.RequestException, TwilioException, OSError) as error:
            raise UncertainSendError(f"no clear answer from the text carrier ({type(error).__name__})") from error
        return str(created.sid)

    async def find(self, parcel: Parcel, *, now: datetime, known: Collection[str]) -> str | None:
        """The carrier's id of a text with the same words to the same number; None when there is none.

        `known`: ids of texts that are other deliveries'. A text of long before the words left is not it either.

        Raises:
            TemporarySendError: the carrier could not be asked.
        """
        try:
            sent = await asyncio.to_thread(
                self._client.messages.list, to=parcel.address, date_sent_after=now - LOOK_BACK, limit=200
            )
        except (TwilioException, requests.exceptions.RequestException, OSError) as error:
            raise TemporarySendError("the text carrier cannot be asked") from error
        since = (parcel.handed_at or now) - CLOCKS_APART
        mine = (m for m in sent if m.body == parcel.content["text"] and str(m.sid) not in known)
        if parcel.content.get("link"):  # words with a link of their own are no other's, however wrong a clock was
            return next((str(m.sid) for m in mine), None)
        return next((str(m.sid) for m in mine if m.date_created is None or m.date_created >= since), None)


def _never_left(error: requests.exceptions.ConnectionError) -> bool:
    """Whether the connection was refused before any byte was sent."""
    return "NewConnectionError" in repr(error) or "NameResolutionError" in repr(error)


def _refusal(error: TwilioRestException) -> TemporarySendError | PermanentSendError:
    if error.status == 429 or error.status >= 500:
        return TemporarySendError(f"the text carrier asks to wait ({error.status})")
    if error.status == 401:
        return TemporarySendError("the text carrier refused the login; check twilio in the settings")
    if error.code == OPTED_OUT:
        return OptedOutError(REFUSED)
    return PermanentSendError(carrier_errors.why(error.code))
