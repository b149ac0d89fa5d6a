"""Recordings of voicemails: fetched from the carrier and kept by their hash. Nothing here plays or opens one.

They are fetched like the files of an MMS (see `media`): credentials go to the configured API host alone, hosts outside the
carrier's own are refused, and a file over the cap is not taken. The carrier may need a moment until a recording is there.

A voicemail for which no transcript has come after `PATIENCE` becomes a message without words, so that the parent hears
that somebody spoke.
"""

from __future__ import annotations

import logging
from concurrent.futures import TimeoutError as LateError
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
from sqlalchemy import select

from gateway.clock import Clock, stamp
from gateway.delivery.outbox import wait
from gateway.errors import StoreError
from gateway.family import Directory
from gateway.intake.keep import Arrival, Keeper
from gateway.intake.media import MAX_ATTEMPTS, GoneError, MediaFetcher, RefusedError
from gateway.intake.voice import ABSENT
from gateway.ledger import append
from gateway.store import Blobs, Store
from gateway.store.tables import CallRow, MessageRow, RecordingRow

log = logging.getLogger(__name__)
PATIENCE = timedelta(minutes=30)
EARLY = 6
"""Attempts in which "not there" may mean "not there yet"."""
KEEP_SECONDS = 60.0


class Recordings:
    """Fetches what waits, and announces what nobody wrote down."""

    def __init__(
        self, store: Store, blobs: Blobs, directory: Directory, keeper: Keeper, fetcher: MediaFetcher, clock: Clock
    ) -> None:
        self._store, self._blobs, self._directory = store, blobs, directory
        self._keeper, self._fetcher, self._clock = keeper, fetcher, clock

    def step(self) -> bool:
        """Do one thing that is due; False when there is none. Raises StoreError."""
        return self._fetch_one() or self._announce_one()

    def _fetch_one(self) -> bool:
        now = self._clock()
        with self._store.read() as session:
            row = session.scalars(
                select(RecordingRow)
                .where(RecordingRow.state == "waiting", RecordingRow.next_at <= now)
                .order_by(RecordingRow.next_at)
                .limit(1)
            ).first()
            if row is None:
                return False
            number, url, early, family = row.id, row.url, row.attempts < EARLY, row.family
        try:
            content = self._fetcher.fetch(url)
            sha256 = self._blobs.put(family, content)
        except RefusedError as error:
            later = early and isinstance(error, GoneError)
            self._settle(number, "waiting" if later else "refused", now, why=str(error))
        except (ValueError, httpx.InvalidURL):
            self._settle(number, "refused", now, why="not an address")
        except (httpx.HTTPError, StoreError) as error:
            self._settle(number, "waiting", now, why=type(error).__name__)
        else:
            self._settle(number, "kept", now, sha256=sha256, size=len(content))
        return True

    def _settle(
        self,
        number: int,
        state: str,
        now: datetime,
        *,
        why: str = "",
        sha256: str | None = None,
        size: int | None = None,
    ) -> None:
        with self._store.write() as session:
            row = session.get_one(RecordingRow, number)
            row.attempts += 1
            if state == "waiting":
                state = "failed" if row.attempts >= MAX_ATTEMPTS else "waiting"
                row.next_at = now + max(wait(row.attempts), timedelta(seconds=5))
            row.state, row.sha256, row.size = state, sha256, size
            if state != "waiting":
                body = {"recording": row.sid, "state": state, "why": why, "sha256": sha256, "size": size}
                append(session, row.family, "recording", body, now=now, zone=self._zone(row.family))

    def _announce_one(self) -> bool:
        """Look at one voicemail whose transcript is overdue; make a message of it where none has come."""
        now = self._clock()
        with self._store.read() as session:
            row = session.scalars(
                select(RecordingRow)
                .where(
                    RecordingRow.told.is_(False), RecordingRow.state != ABSENT, RecordingRow.noted_at <= now - PATIENCE
                )
                .order_by(RecordingRow.id)
                .limit(1)
            ).first()
            if row is None:
                return False
            session.expunge(row)
            written = session.scalar(
                select(MessageRow.id)
                .where(MessageRow.channel == "voice", MessageRow.envelope["recording"].as_string() == row.sid)
                .limit(1)
            )
            call = session.scalars(select(CallRow).where(CallRow.sid == row.call_sid)).first()
            caller, relay = (call.caller, call.relay) if call else ("", "")
        if written is None:
            self._keep(row, caller, relay, now)
        with self._store.write() as session:
            session.get_one(RecordingRow, row.id).told = True
        return True

    def _keep(self, row: RecordingRow, caller: str, relay: str, now: datetime) -> None:
        form = {
            "CallSid": row.call_sid,
            "From": caller,
            "To": relay,
            "RecordingSid": row.sid,
            "TranscriptionStatus": "missing",
        }
        envelope: dict[str, Any] = {
            "made_here": "no transcript came",
            "mail_from": caller,
            "rcpt_to": [relay],
            "received": stamp(now),
            "call": row.call_sid,
            "recording": row.sid,
        }
        arrival = Arrival(
            family=row.family,
            zone=self._zone(row.family),
            channel="voice",
            raw=urlencode(form).encode("ascii"),
            envelope=envelope,
            received_at=now,
            provider_id=row.sid,
        )
        keep(self._keeper, arrival)

    def _zone(self, key: str) -> str:
        family = self._directory.family(key)
        return family.time_zone if family else "UTC"


def keep(keeper: Keeper, arrival: Arrival) -> bool:
    """Keep one arrival from a thread; whether it is new. Raises StoreError."""
    try:
        return not keeper.submit(arrival).result(KEEP_SECONDS).repeated
    except LateError:
        raise StoreError("not kept in time") from None
