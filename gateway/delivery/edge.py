"""The edge: takes what is due from the outbox, sends it, records what became of it.

Each route has a loop of its own: a mail host that does not answer keeps no text waiting, and what is urgent goes first.
Every attempt ends in a log entry. Nothing here composes or decides. When a card fails for good, the parent is told
over the other channel that an update waits, so that a failure is never silence.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from gateway.clock import Clock
from gateway.delivery import carrier_status, otherwise, outbox
from gateway.delivery.caps import Caps
from gateway.delivery.destinations import Destinations
from gateway.delivery.email import Finder, Sender
from gateway.delivery.gather import Gatherer
from gateway.delivery.outbox import Parcel
from gateway.delivery.spending import Spending
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
from gateway.many.claims import Claims, Everything
from gateway.optout import REFUSED, is_out, note_refusal
from gateway.store import Store
from gateway.store.tables import DeliveryRow

log = logging.getLogger(__name__)
SECOND_COPY = "sent again under the same Message-ID after an uncertain sending; it may be a second copy"
IDLE_SECONDS = 5.0
OTHERS_SECONDS = 1.0
"""Until the next look where all that is due is in the hands of others, or something is still to be written down."""
ROUTES = ("email", "sms")
PUT_BACK = timedelta(minutes=1)
"""A clock that shows so much less than before was put back."""


class Edge:
    """Sends deliveries, those of one route one after the other. `senders`: by channel, ``email`` and ``sms``; `gatherer`: makes
    digests; `fill`: the words of what must not stand in the outbox; `caps`: what may leave; `destinations`: who has confirmed.
    """

    def __init__(
        self,
        store: Store,
        directory: Directory,
        senders: Mapping[str, Sender],
        clock: Clock,
        gatherer: Gatherer | None = None,
        fill: Callable[[Parcel], Parcel] = lambda parcel: parcel,
        caps: Caps | None = None,
        destinations: Destinations | None = None,
        claims: Claims | None = None,
        me: str | None = None,
        gone: Callable[[str | None], bool] = lambda _: True,
    ) -> None:
        """`claims`: how it takes families from others that send too; `me`: this process among them; `gone`: whether one is dead."""
        self._store, self._directory, self._senders, self._clock = store, directory, senders, clock
        self._gatherer, self._fill, self._destinations = gatherer, fill, destinations
        self._spending = Spending(store, caps) if caps is not None else None
        self._woken = {channel: asyncio.Event() for channel in ROUTES}
        self._stopping = False
        self._claims, self._me, self._gone = claims or Everything(), me, gone
        self._owed: dict[str, list[Callable[[], object]]] = {channel: [] for channel in ROUTES}
        self._looked: dict[str, datetime] = {}

    async def run(self) -> None:
        """Send what is due over every route, until stopped."""
        await asyncio.gather(*(self._route(channel) for channel in ROUTES))

    async def _route(self, channel: str) -> None:
        """Send what is due there, then sleep until something is, or until woken."""
        woken = self._woken[channel]
        while not self._stopping:
            woken.clear()
            try:
                self._pay(channel)
                now = self._clock()
                self._mind_the_clock(channel, now)
                self._say_quiet(now)
                pause = self._pause(channel, now)
                if not pause and not await self._send_due(channel, now) and self._claims.shared:
                    pause = OTHERS_SECONDS
            except StoreError:
                log.error("the outbox cannot be read or written; trying again")
                pause = OTHERS_SECONDS if self._owed[channel] else IDLE_SECONDS
                if not self._owed[channel]:
                    with contextlib.suppress(StoreError):
                        outbox.recover(self._store, channel, self._me)
            except Exception as error:  # noqa: BLE001 (a route must outlive every fault)
                log.error("fault in the edge: %s", type(error).__name__)
                pause = IDLE_SECONDS
            if pause and not self._stopping:
                try:
                    await asyncio.wait_for(woken.wait(), pause)
                except TimeoutError:
                    continue

    def _mind_the_clock(self, channel: str, now: datetime) -> None:
        """Where the clock was put back, here or while nothing ran, nothing waits for a time that it had named. Raises StoreError."""
        before = self._looked.get(channel)
        if before is None or now < before - PUT_BACK:
            outbox.bring_back(self._store, now, channel)
            if before is not None and self._gatherer is not None:
                self._gatherer.bring_forward(now)
        self._looked[channel] = now

    def _pay(self, channel: str) -> None:
        """Write down what came of sendings while the database was away. Raises StoreError; then it is still known here."""
        owed = self._owed[channel]
        while owed:
            owed[0]()
            del owed[0]

    def _note(self, channel: str, note: Callable[[], object]) -> None:
        """Write down what the other side said. Where the database refuses it is kept here until it does not: else a mail that went
        would be in doubt, and go twice. Raises StoreError.
        """
        try:
            note()
        except StoreError:
            self._owed[channel].append(note)
            raise

    def wake(self) -> None:
        """Something new may be due. Call from the event loop's thread."""
        for woken in self._woken.values():
            woken.set()

    def stop(self) -> None:
        """End after the sending at hand. Call from the event loop's thread."""
        self._stopping = True
        self.wake()

    async def round(self, channel: str | None = None) -> int:
        """Gather what waits for the same hour, then send what is due now (by `channel`, if named); how many were tried."""
        now = self._clock()
        self._say_quiet(now)
        return await self._send_due(channel, now)

    async def _send_due(self, channel: str | None, now: datetime) -> int:
        """One moment for gathering and sending: what falls due in between waits for the next round, and is gathered then.

        A route that is woken in between ends the round after the sending at hand, since what came may be urgent.
        """
        work = partial(outbox.families_due, self._store, now, channel or "")
        with self._claims.hold(channel or "", work) as claim:
            if claim is None:
                return 0
            if claim.family is not None and channel is not None:
                outbox.take_over(self._store, claim.family, channel, self._gone)
            return await self._send_all(self._due(channel, now, claim.family), channel)

    async def _send_all(self, parcels: Sequence[Parcel], channel: str | None) -> int:
        self._claims.refresh()
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

    def _due(self, channel: str | None, now: datetime, family: str | None = None) -> list[Parcel]:
        """What is due, gathered first where several cards among it may come together. Raises StoreError."""
        parcels = outbox.due(self._store, now, channel, family)
        waited = sum(parcel.waited for parcel in parcels)
        if self._gatherer is None or not waited or (waited == 1 and len(parcels) < outbox.AT_A_TIME):
            return parcels
        self._claims.refresh()
        self._try(partial(self._gatherer.gather, now, channel, family))
        return outbox.due(self._store, now, channel, family)

    def _say_quiet(self, now: datetime) -> None:
        if self._gatherer is not None:
            self._try(partial(self._gatherer.quiet, now))

    def _try(self, step: Callable[[], int]) -> None:
        """A digest that cannot be made must not keep its cards: they go out one by one. Raises StoreError."""
        try:
            step()
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
                self._later(parcel, error.reason)
                return
            if found is not None:
                outbox.mark_sent(
                    self._store,
                    parcel,
                    self._clock(),
                    provider_id=found,
                    zone=family.time_zone,
                    note="found at the carrier",
                    then=self._settle(family, found),
                )
                return
            note = SECOND_COPY if parcel.channel == "email" else "not found at the carrier, sent again"
        elif self._destinations is not None and self._destinations.holds(parcel, family):
            return
        elif self._spending is not None and self._spending.holds(parcel, family, self._clock()):
            self.wake()  # a text may have become an email
            return
        await self._send(parcel, family, sender, address, note)

    async def _seek(self, parcel: Parcel, sender: Sender) -> str | None:
        """For an uncertain text: the carrier's id of the one that went. Emails cannot be looked up."""
        if not isinstance(sender, Finder):
            return None
        return await sender.find(parcel, now=self._clock(), known=outbox.known_ids(self._store, parcel))

    async def _send(self, parcel: Parcel, family: Family, sender: Sender, address: str, note: str) -> None:
        zone = family.time_zone
        said: Callable[..., object]
        try:
            self._check(parcel, address)
            provider_id = await sender.send(
                parcel,
                sender=address,
                now=self._clock(),
                hand_over=lambda: outbox.mark_sending(self._store, parcel, self._clock(), self._me),
            )
        except WithdrawnError:
            return
        except TemporarySendError as error:
            after = partial(self._tell_otherwise, family, "", opted_out=False)
            said = partial(outbox.mark_later, reason=error.reason, after=after)
        except UncertainSendError as error:
            after = partial(self._tell_otherwise, family, "", opted_out=False)
            said = partial(outbox.mark_uncertain, reason=error.reason, after=after)
        except PermanentSendError as error:
            why = error.reason if parcel.channel == "sms" else ""  # a mail host's numbers say nothing to a parent
            after = partial(self._tell_otherwise, family, why, opted_out=isinstance(error, OptedOutError))
            said = partial(outbox.mark_failed, reason=error.reason, after=after)
        else:
            then = self._settle(family, provider_id)
            said = partial(outbox.mark_sent, provider_id=provider_id, note=note, then=then)
        self._note(parcel.channel, partial(said, self._store, parcel, self._clock(), zone=zone))

    def _settle(self, family: Family, provider_id: str | None) -> outbox.Then:
        """Takes up what the carrier said of a text before its number was known; mail has no such number."""
        if provider_id is None:
            return outbox.nothing_more
        return lambda session: carrier_status.settle(session, family, provider_id, self._clock())

    def _check(self, parcel: Parcel, relay: str) -> None:
        """Raises OptedOutError where the carrier would refuse: nothing is sent in vain."""
        if parcel.channel == "sms":
            with self._store.glance() as connection:
                if is_out(connection, relay, parcel.address):
                    raise OptedOutError(REFUSED)

    def _tell_otherwise(self, family: Family, why: str, session: Session, row: DeliveryRow, *, opted_out: bool) -> None:
        """What cannot be delivered here is told by another way."""
        now = self._clock()
        if opted_out:
            note_refusal(session, family, row.address, row.out_id, now)
        ways = [channel for channel in self._senders if _from(family, channel) is not None]
        if not otherwise.spared_by(row, family, opted_out=opted_out):
            otherwise.tell(session, family, row, why, now=now, ways=ways)

    def _later(self, parcel: Parcel, reason: str) -> None:
        family = self._directory.family(parcel.family)
        zone = family.time_zone if family else "UTC"
        after = partial(self._tell_otherwise, family, "", opted_out=False) if family else outbox.nothing_more
        try:
            outbox.mark_later(self._store, parcel, self._clock(), reason, zone=zone, after=after)
        except BreakwaterError:
            log.error("a delivery could not be put back")

    def _pause(self, channel: str, now: datetime) -> float:
        """Seconds until something is due there; 0 where it is."""
        following = outbox.next_due(self._store, channel)
        if self._claims.shared and outbox.somebody_sends(self._store, channel):
            return 0.0
        if following is None:
            return IDLE_SECONDS
        return max(0.0, min(IDLE_SECONDS, (following - now) / timedelta(seconds=1)))


def _from(family: Family | None, channel: str) -> str | None:
    if family is None:
        return None
    return family.relay_email if channel == "email" else family.relay_phone
