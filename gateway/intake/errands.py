"""What intake fetches by itself from the carrier: files, recordings, and texts that never came. One thread, one at a time."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from gateway.clock import Clock
from gateway.errors import CarrierError
from gateway.family import Directory
from gateway.intake.keep import Keeper
from gateway.intake.media import MediaFetcher
from gateway.intake.reconcile import Reconciler
from gateway.intake.recordings import Recordings
from gateway.outages import routes
from gateway.settings import Settings, Twilio
from gateway.store import Blobs, Store

log = logging.getLogger(__name__)
AGAIN = timedelta(minutes=5)
"""After the carrier could not be asked."""


class Errands:
    """All of them. `step` is called over and over while the gateway runs."""

    def __init__(
        self,
        settings: Settings,
        twilio: Twilio,
        store: Store,
        blobs: Blobs,
        directory: Directory,
        keeper: Keeper,
        clock: Clock,
    ) -> None:
        limit = settings.server.max_media_megabytes * 1024 * 1024
        self._media = MediaFetcher(store, blobs, twilio, clock, limit=limit)
        self._recordings = Recordings(store, blobs, directory, keeper, self._media, clock)
        self._reconciler = Reconciler(store, directory, twilio, clock)
        self._keeper, self._clock, self._store, self._directory = keeper, clock, store, directory
        self._pause = timedelta(minutes=settings.texts.reconcile_minutes)
        self._next: datetime | None = None  # at start: at once

    def step(self) -> bool:
        """Do one thing that is due; False when there is none. Raises StoreError."""
        return self._media.step() or self._recordings.step() or self._reconcile()

    def _reconcile(self) -> bool:
        now = self._clock()
        if not self._pause or (self._next is not None and now < self._next):
            return False
        self._next = now + min(AGAIN, self._pause)  # also where it raises
        try:
            self._reconciler.run(self._keeper)
        except CarrierError as error:
            log.warning("%s; trying again later", error)
            self._note("the phone company cannot be asked")
            return False
        self._next = now + self._pause
        self._note(None)
        return True

    def _note(self, why: str | None) -> None:
        """How the carrier does, for every family that has a number."""
        with self._store.write() as session:
            for family in self._directory:
                if family.relay_phone is None:
                    continue
                if why is None:
                    routes.good(session, family.key, routes.CARRIER, self._clock())
                else:
                    routes.bad(session, family.key, routes.CARRIER, self._clock(), why)

    def close(self) -> None:
        """Close connections."""
        self._media.close()
