"""Texts that never came: the carrier's own list, compared with what was kept.

A webhook can be missed: the gateway was down for longer than the carrier tries, or the address was set wrong. The carrier
still lists the text. So at start and every hour the list of each relay number is read, from a day before the last
comparison on, and what is not here is kept like any text, with the time at which it should have come. Its bytes are a form
rebuilt from the list (the envelope says so); its log entry is ``recovered`` instead of ``received``.

The newest minutes are left out: those texts may still be on their way.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

import requests
from sqlalchemy import select
from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from gateway.clock import Clock, stamp
from gateway.delivery.sms import BasedHttpClient
from gateway.errors import CarrierError
from gateway.family import Directory, Family
from gateway.intake.keep import Arrival, Keeper
from gateway.intake.recordings import keep
from gateway.ledger import INSTALLATION, append
from gateway.settings import Twilio
from gateway.store import Store
from gateway.store.tables import EntryRow, MessageRow, ReconciledRow

log = logging.getLogger(__name__)
PAGE = 100
GRACE = timedelta(minutes=10)
"""A text younger than this may still come by itself: the carrier tries for some minutes."""
OVERLAP = timedelta(days=1)
MAX_MEDIA = 10


class Reconciler:
    """Compares the carrier's list with the store. `page`: texts asked for at once."""

    def __init__(self, store: Store, directory: Directory, twilio: Twilio, clock: Clock, *, page: int = PAGE) -> None:
        self._store, self._directory, self._twilio, self._clock, self._page = store, directory, twilio, clock, page
        http = BasedHttpClient(twilio.api_base)
        self._client = Client(twilio.account_sid, twilio.auth_token, http_client=http)

    def run(self, keeper: Keeper) -> int:
        """Take in what never came, for every relay number; how many texts that were.

        Raises:
            CarrierError: the carrier could not be asked; what was found until then is kept.
            StoreError: something could not be kept; the next run finds it again.
        """
        return sum(self._family(family, keeper) for family in self._numbers())

    def missing(self) -> int:
        """How many texts the carrier lists that are not here; nothing is kept. Raises CarrierError, StoreError."""
        return sum(1 for family in self._numbers() for _ in self._unknown(family, self._clock() - GRACE))

    def _numbers(self) -> list[Family]:
        return [family for family in self._directory if family.relay_phone is not None]

    def _family(self, family: Family, keeper: Keeper) -> int:
        now = self._clock()
        until, found = now - GRACE, 0
        for text in self._unknown(family, until):
            found += keep(keeper, self._arrival(family, text, now))
        with self._store.write() as session:
            row = session.get(ReconciledRow, family.relay_phone)
            if row is None:
                row = ReconciledRow(relay=family.relay_phone, until=until, found=0)
                session.add(row)
            row.until, row.found = until, (row.found or 0) + found
            if found:
                body = {"found": found, "until": stamp(until)}
                append(session, family.key, "reconciled", body, now=now, zone=family.time_zone)
        return found

    def _unknown(self, family: Family, until: datetime) -> Iterator[Any]:
        """Texts to the family's number in the carrier's list that are not in the store, oldest first."""
        since = self._since(family)
        try:
            listed = [
                text
                for text in self._client.messages.stream(
                    to=family.relay_phone, date_sent_after=since, page_size=self._page
                )
                if text.direction == "inbound" and text.sid and (text.date_sent or text.date_created) is not None
            ]
        except (TwilioException, requests.exceptions.RequestException, OSError, ValueError) as error:
            raise CarrierError(f"the text carrier cannot be asked for its list ({type(error).__name__})") from error
        listed = [text for text in listed if since <= _sent(text) <= until]
        known = self._known([text.sid for text in listed])
        return iter(sorted((text for text in listed if text.sid not in known), key=_sent))

    def _known(self, sids: list[str]) -> set[str]:
        with self._store.read() as session:
            return {
                sid
                for start in range(0, len(sids), 500)
                for sid in session.scalars(
                    select(MessageRow.provider_id).where(MessageRow.provider_id.in_(sids[start : start + 500]))
                )
                if sid is not None
            }

    def _since(self, family: Family) -> datetime:
        """From when on: a day before the last comparison, else since this gateway first ran."""
        with self._store.read() as session:
            row = session.get(ReconciledRow, family.relay_phone)
            if row is not None:
                return row.until - OVERLAP
            first = session.scalar(
                select(EntryRow.at)
                .where(EntryRow.log == INSTALLATION, EntryRow.kind == "started")
                .order_by(EntryRow.seq)
                .limit(1)
            )
        return datetime.fromisoformat(first) if first else self._clock()

    def _arrival(self, family: Family, text: Any, now: datetime) -> Arrival:
        sent = _sent(text)
        form = {
            "MessageSid": text.sid,
            "AccountSid": str(text.account_sid or ""),
            "From": str(text.from_ or ""),
            "To": str(text.to or ""),
            "Body": str(text.body or ""),
            "NumMedia": str(text.num_media or "0"),
            "DateSent": format_datetime(sent),
        }
        files = self._files(text)
        for place, (url, kind) in enumerate(files):
            form |= {f"MediaUrl{place}": url, f"MediaContentType{place}": kind}
        return Arrival(
            family=family.key,
            zone=family.time_zone,
            channel="sms",
            raw=urlencode(form).encode("ascii"),
            envelope={
                "rebuilt": "from the carrier's list; no webhook came",
                "mail_from": form["From"],
                "rcpt_to": [form["To"]],
                "received": stamp(now),
                "should_have_come": stamp(sent),
            },
            received_at=now,
            provider_id=text.sid,
            media=tuple(files),
            written_at=sent,
            recovered=True,
        )

    def _files(self, text: Any) -> list[tuple[str, str]]:
        """Address and type of the files of an MMS, as a webhook would have named them."""
        if str(text.num_media or "0") == "0":
            return []
        try:
            listed = self._client.messages(text.sid).media.list(limit=MAX_MEDIA)
        except (TwilioException, requests.exceptions.RequestException, OSError) as error:
            raise CarrierError(f"the text carrier cannot be asked for files ({type(error).__name__})") from error
        base = self._twilio.api_base.rstrip("/")
        return [(base + str(m.uri).removesuffix(".json"), str(m.content_type or "")) for m in listed]


def _sent(text: Any) -> datetime:
    moment: datetime = text.date_sent or text.date_created
    return moment
