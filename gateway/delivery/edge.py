"""The edge: takes what is due from the outbox, sends it, records what became of it.

Each route has a loop of its own: a mail host that does not answer keeps no text waiting, and what is urgent goes first.
Every attempt ends in a log entry. Nothing here composes or decides. When a card fails for good, the parent is told
over the other channel that an update waits, so that a failure is never silence.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

from gateway.clock import Clock
from gateway.delivery import outbox
from gateway.delivery.email import Finder, Sender
from gateway.delivery.gather import Gatherer
from gateway.delivery.outbox import Parcel
from gateway.errors import (
    BreakwaterError,
    OptedOutError,
    PermanentSendError,
    StoreError,
    TemporarySendError,
    UncertainSendError,
    WithdrawnError,
)
from gateway.family import Directory, Family
from gateway.optout import REFUSED, is_out, note_refusal
from gateway.store import Store

log = logging.getLogger(__name__)
SECOND_COPY = "sent again under the same Message-ID after an uncertain sending; it may be a second copy"
TO_THE_OTHER = {
    "reply": "Your answer could not be delivered to the other parent. It is kept.",
    "disclosure": "What you wanted the other parent to know about the relay could not be delivered.",
}
"""What the parent is told when words to the other parent cannot be delivered, by kind."""
IDLE_SECONDS = 5.0
ROUTES = ("email", "sms")
SAID_ELSEWHERE = ("notice", "checkpoint", "ask", "alarm", "test", "outage", "receipt")
"""Kinds whose failure is not announced over the other channel."""


class Edge:
    """Sends deliveries, those of one route one after the other. `senders`: by channel, ``email`` and ``sms``; `gatherer`: makes digests; `fill`: the words of what must not stand in the outbox."""

    def __init__(
        self,
        store: Store,
        directory: Directory,
        senders: Mapping[str, Sender],
        clock: Clock,
        gatherer: Gatherer | None = None,
        fill: Callable[[Parcel], Parcel] = lambda parcel: parcel,
    ) -> None:
        self._store, self._directory, self._senders, self._clock = store, directory, senders, clock
        self._gatherer, self._fill = gatherer, fill
        self._woken = {channel: asyncio.Event() for channel in ROUTES}
        self._stopping = False

    async def run(self) -> None:
        """Send what is due over every route, until stopped."""
        await asyncio.gather(*(self._route(channel) for channel in ROUTES))

    async def _route(self, channel: str) -> None:
        """Send what is due there, then sleep until something is, or until woken."""
        woken = self._woken[channel]
        while not self._stopping:
            woken.clear()
            try:
                done = await self.round(channel)
                pause = 0.0 if done else self._pause(channel)
            except StoreError:
                log.error("the outbox cannot be read or written; trying again")
                pause = IDLE_SECONDS
                with contextlib.suppress(StoreError):
                    outbox.recover(self._store, channel)
            if pause and not self._stopping:
                try:
                    await asyncio.wait_for(woken.wait(), pause)
                except TimeoutError:
                    continue

    def wake(self) -> None:
        """Something new may be due. Call from the event loop's thread."""
        for woken in self._woken.values():
            woken.set()

    def stop(self) -> None:
        """End after the sending at hand. Call from the event loop's thread."""
        self._stopping = True
        self.wake()

    async def round(self, channel: str | None = None) -> int:
        """Gather what waits for the same hour, then send what is due now (by `channel`, if named); how many were tried.

        A route that is woken in between ends the round after the sending at hand, since what came may be urgent.
        """
        now = (
            self._clock()
        )  # one moment for both: what falls due in between waits for the next round, and is gathered then
        self._gather(channel, now)
        parcels = outbox.due(self._store, now, channel)
        for count, parcel in enumerate(parcels):
            if self._stopping or (count and channel is not None and self._woken[channel].is_set()):
                return count
            try:
                await self._one(parcel)
            except StoreError:
                raise
            except Exception as error:  # noqa: BLE001 (every fault ends in a record, never in silence)
                # Not a fault of the network: a bug or a broken key. The delivery waits; the operator sees the kind.
                log.error("a delivery could not be tried: %s", type(error).__name__)
                self._later(parcel, f"internal fault ({type(error).__name__})")
        return len(parcels)

    def _gather(self, channel: str | None, now: datetime) -> None:
        """A digest that cannot be made must not keep its cards: they go out one by one. Raises StoreError."""
        if self._gatherer is None:
            return
        for step in (partial(self._gatherer.gather, channel=channel), self._gatherer.quiet):
            try:
                step(now)
            except StoreError:
                raise
            except Exception as error:  # noqa: BLE001 (a bug here is no reason for silence)
                log.error("a digest could not be made: %s", type(error).__name__)

    async def _one(self, parcel: Parcel) -> None:
        family = self._directory.family(parcel.family)
        sender = self._senders.get(parcel.channel)
        address = _from(family, parcel.channel)
        if family is None or sender is None or address is None:
            self._later(parcel, f"no way to send by {parcel.channel} is set up for this family")
            return
        try:
            parcel = self._fill(parcel)
        except StoreError:
            self._later(parcel, "its words cannot be read now")
            return
        note = ""
        if parcel.uncertain:
            try:
                found = await self._seek(parcel, sender)
            except TemporarySendError as error:
                outbox.mark_later(self._store, parcel, self._clock(), error.reason, zone=family.time_zone)
                return
            if found is not None:
                outbox.mark_sent(
                    self._store,
                    parcel,
                    self._clock(),
                    provider_id=found,
                    zone=family.time_zone,
                    note="found at the carrier",
                )
                return
            note = SECOND_COPY if parcel.channel == "email" else "not found at the carrier, sent again"
        await self._send(parcel, family, sender, address, note)

    async def _seek(self, parcel: Parcel, sender: Sender) -> str | None:
        """For an uncertain text: the carrier's id of the one that went. Emails cannot be looked up."""
        return await sender.find(parcel, now=self._clock()) if isinstance(sender, Finder) else None

    async def _send(self, parcel: Parcel, family: Family, sender: Sender, address: str, note: str) -> None:
        zone = family.time_zone
        try:
            self._check(parcel, address)
            provider_id = await sender.send(
                parcel,
                sender=address,
                now=self._clock(),
                hand_over=lambda: outbox.mark_sending(self._store, parcel),
            )
        except WithdrawnError:
            return
        except TemporarySendError as error:
            if not outbox.mark_later(self._store, parcel, self._clock(), error.reason, zone=zone):
                self._tell_otherwise(parcel, family)
        except UncertainSendError as error:
            outbox.mark_uncertain(self._store, parcel, self._clock(), error.reason, zone=zone)
        except PermanentSendError as error:
            if isinstance(error, OptedOutError):
                with self._store.write() as session:
                    note_refusal(session, family, parcel.address, parcel.out_id, self._clock())
            outbox.mark_failed(self._store, parcel, self._clock(), error.reason, zone=zone)
            comes_by_mail = parcel.kind in ("card", outbox.DIGEST) and "email" in family.cards_by
            if not (isinstance(error, OptedOutError) and comes_by_mail):
                self._tell_otherwise(parcel, family)
        else:
            outbox.mark_sent(self._store, parcel, self._clock(), provider_id=provider_id, zone=zone, note=note)

    def _check(self, parcel: Parcel, relay: str) -> None:
        """Raises OptedOutError where the carrier would refuse: nothing is sent in vain."""
        if parcel.channel == "sms":
            with self._store.read() as session:
                if is_out(session, relay, parcel.address):
                    raise OptedOutError(REFUSED)

    def _tell_otherwise(self, parcel: Parcel, family: Family) -> None:
        """A card that cannot be delivered here is announced over the parent's other channel. Alarms go round by themselves."""
        if parcel.kind in SAID_ELSEWHERE:
            return
        day = self._clock().date()
        other = "sms" if parcel.channel == "email" else "email"
        if parcel.kind in TO_THE_OTHER:
            other = "email" if family.parent.email_on(day) else "sms"
        address = family.parent.phone_on(day) if other == "sms" else family.parent.email_on(day)
        if address is None or other not in self._senders or _from(family, other) is None:
            return
        words = TO_THE_OTHER.get(parcel.kind, "An update could not be delivered the usual way.")
        link = parcel.content.get("link")
        text = f"{words} Open: {link}" if link else words
        with self._store.write() as session:
            outbox.put(
                session,
                family=family.key,
                message_id=None,
                card_id=None,
                kind="notice",
                channel=other,
                address=address,
                content={"subject": "Update, 1 item", "text": text, "link": link},
                due=self._clock(),
            )

    def _later(self, parcel: Parcel, reason: str) -> None:
        family = self._directory.family(parcel.family)
        try:
            outbox.mark_later(self._store, parcel, self._clock(), reason, zone=family.time_zone if family else "UTC")
        except BreakwaterError:
            log.error("a delivery could not be put back")

    def _pause(self, channel: str) -> float:
        following: datetime | None = outbox.next_due(self._store, channel)
        if following is None:
            return IDLE_SECONDS
        return max(0.05, min(IDLE_SECONDS, (following - self._clock()) / timedelta(seconds=1)))


def _from(family: Family | None, channel: str) -> str | None:
    if family is None:
        return None
    return family.relay_email if channel == "email" else family.relay_phone
