"""The gateway in its year: real store, keeper, worker, edge, gatherer and reminders; only reading and network are played."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import json
import math
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import event, select

from gateway.alarms import acknowledge
from gateway.alarms.answer import answered
from gateway.alarms.desk import AlarmDesk
from gateway.alarms.drill import Drill
from gateway.clock import local
from gateway.concluded import Conclusion, Stored
from gateway.delivery import edge as edge_module
from gateway.delivery import outbox
from gateway.delivery.caps import Caps, Limit
from gateway.delivery.card import Card, Item
from gateway.delivery.edge import Edge
from gateway.delivery.gather import Gatherer
from gateway.delivery.outbox import Parcel
from gateway.delivery.return_path import tagged
from gateway.demo.sample import EX_EMAIL, EX_PHONE, PARENT_EMAIL, PARENT_PHONE, RELAY_EMAIL
from gateway.family import Directory
from gateway.intake.keep import Arrival, Keeper
from gateway.ledger import INSTALLATION, append
from gateway.lifetime import note_start
from gateway.outages.watch import RouteWatch
from gateway.parsing import parse_sms
from gateway.policy import Lane, load_rules
from gateway.provenance import IMPORTED, RECEIVED
from gateway.questions import Reminders
from gateway.reply.outgoing import Outgoing
from gateway.reply.rows import Replied
from gateway.store import Blobs, Store
from gateway.store.folder import Folder
from gateway.store.planning import apart
from gateway.store.tables import AlarmCallRow, AlarmRow, CardRow, DeliveryRow
from gateway.tagging.fallback import Fallback
from gateway.worker import Worker
from tests.delivery.planted import URL
from tests.parsing.bounce_samples import MTA, report
from tests.simulate.clockwork import JumpingLoop
from tests.simulate.routes import Route, TextRoute, Went, within
from tests.simulate.script import (
    BOUNCE_AFTER,
    MAIL_BOUNCES,
    MAIL_DEAD,
    MAIL_REFUSES,
    MOST_TEXTS,
    SMS_DEAD,
    SMS_DROPS,
    TEXT_WAIT,
    ZONE,
    Piece,
    Script,
    family_at,
)

SLOW = 86400.0
OFTEN, SELDOM = 15.0, 600.0
"""Seconds between two looks at alarms while a message of one waits: at first, and later."""
LOOK = 60.0
UNSENT = (
    select(DeliveryRow.id)
    .where(DeliveryRow.state.in_(("pending", "uncertain", "sending")), DeliveryRow.call_id.is_not(None))
    .limit(1)
)
LOOKS = {"01:30", "02:30", "03:30", "08:00", "14:00", "18:00"}


class PlantedWorker(Worker):
    """Everything of the worker but the reading: what a message says stands in its bytes. Reports are read as they are."""

    def _conclude(self, stored: Stored) -> Conclusion:
        raw = self._blobs.get(stored.family, stored.sha256)
        if not raw.startswith(b"{"):
            return super()._conclude(stored)
        said = json.loads(raw)
        if "read" in said:
            family = self._directory.by_key[stored.family]
            reading = parse_sms(b"From=x&Body=OK")
            with self._store.read() as session:
                found = answered(session, family, "sms", stored.mail_from, reading, self._clock())
            return Conclusion(Lane.WITHHELD, "withhold", "OK", {"kind": "answer to an alarm"}, None, answers=found)
        if "answers" in said:
            goes = Outgoing("sms", EX_PHONE, "Yes.")
            reply = Replied(goes=goes, token=f"{stored.id:043}", answers_id=said["answers"], from_name="Dana")
            return Conclusion(Lane.WITHHELD, "withhold", "Yes.", {"kind": "from the parent"}, None, reply=reply)
        lane, item = Lane(said["lane"]), said["item"]
        card = Card(lane, "Update from Mark", "Mark", stored.channel, "now", (Item(**item),))
        whens = (item.get("when"), item.get("answer_by"))
        return Conclusion(lane, "forward", item["text"], {"kind": "message"}, card, whens=whens)

    def _together(self, group: Sequence[Stored]) -> tuple[Conclusion, ...]:
        said = [json.loads(self._blobs.get(stored.family, stored.sha256)) for stored in group]
        items = [one["item"] for one in said]
        lane = Lane.UNSORTED if any(one["lane"] == "unsorted" for one in said) else Lane.FACTS
        card = Card(lane, "Update from Mark", "Mark", "sms", "now", tuple(Item(**item) for item in items))
        whens = tuple(item.get(name) for item in items for name in ("when", "answer_by"))
        detail = {"kind": "message", "group": {"messages": [stored.id for stored in group]}}
        first = Conclusion(lane, "forward", items[0]["text"], detail, card, whens=whens)
        rest = [Conclusion(Lane(one["lane"]), "forward", one["item"]["text"], detail, None) for one in said[1:]]
        return (first, *rest)


class Careless(Folder):
    """A folder of blobs that does not wait for the disk: no power cut is played here."""

    def _sync(self, descriptors: Sequence[int]) -> None:
        return


class World:
    """Plays a script. `numbers`: the message of each piece; `answered`: when each question's message was answered."""

    def __init__(self, folder: Path, script: Script) -> None:
        self.script, self.folder = script, folder
        self.loop = JumpingLoop(script.begin)
        self.clock = self.loop.clock
        self.texts = TextRoute(self.clock, SMS_DEAD, SMS_DROPS)
        mail = Route(self.clock, MAIL_DEAD, MAIL_REFUSES, self._comes_back)
        self.routes: dict[str, Route] = {"email": mail, "sms": self.texts}
        self.later: list[tuple[datetime, int, Callable[[], None]]] = []
        self.bounced: dict[str, datetime] = {}
        self.store = self._open()
        self.store.migrate()
        self.blobs = Blobs(folder / "blobs", self.store)
        self.blobs.folder = Careless(folder / "blobs")
        self.numbers: dict[int, Piece] = {}
        self.arrived: dict[int, datetime] = {}
        self.answered: dict[int, datetime] = {}
        self.read: dict[int, datetime] = {}
        self.alarmed, self.concluded = asyncio.Event(), asyncio.Event()
        self.starts: list[datetime] = []
        self.mails: list[Went] = []
        self._order = itertools.count()
        self.running = False

    def _open(self) -> Store:
        store = Store(f"sqlite:///{self.folder / 'year.db'}")

        @event.listens_for(store.engine, "connect")
        def _careless(connection: Any, _record: object) -> None:
            connection.execute("PRAGMA synchronous=OFF")

        return store

    def play(self) -> None:
        """From the first day to the last."""
        asyncio.set_event_loop(self.loop)
        idle, edge_module.IDLE_SECONDS = edge_module.IDLE_SECONDS, SLOW
        try:
            self.loop.run_until_complete(self._play())
        finally:
            edge_module.IDLE_SECONDS = idle
            self.blobs.close()
            asyncio.set_event_loop(None)
            self.loop.close()

    async def _play(self) -> None:
        await self._start()
        todo = self._events()
        while todo or self.later:
            first = min([t[0] for t in todo[:1]] + [a[0] for a in self.later[:1]])
            if first >= self.script.end:
                break
            await self.loop.until(first)
            if self.later and self.later[0][0] <= first:
                heapq.heappop(self.later)[2]()
                continue
            _, _, act = todo.pop(0)
            if callable(act):
                await act()
                continue
            number = self._bring(act)
            if act.answer_after is not None and not act.imported:
                self._then(act.answer_after, partial(self._answer, number))
            if act.read_by is not None:
                self._then(act.read_by[1], partial(self._read, number))
        await self.loop.until(self.script.end)
        await self._stop()

    def _then(self, wait: timedelta, act: Callable[[], None]) -> None:
        """Do something later; while the gateway is off, once it runs again."""
        moment = self.clock() + wait
        off = next((span for span in self.script.off if span.has(moment)), None)
        due = off.end + timedelta(seconds=90) if off else moment
        heapq.heappush(self.later, (due, next(self._order), act))

    def _comes_back(self, went: Went) -> None:
        """On some days every second mail to the parent comes back."""
        if within(MAIL_BOUNCES, went.at) and went.parcel.address == PARENT_EMAIL and len(self.mails) % 2 == 0:
            self._then(BOUNCE_AFTER, partial(self._bounce, went.parcel))
        self.mails.append(went)

    def _bounce(self, parcel: Parcel) -> None:
        status = f"{MTA}Action: failed\nStatus: 5.2.2"
        raw = report(f"Sorry, {parcel.out_id}.", status)
        path = tagged(RELAY_EMAIL, parcel.tag)
        envelope = {"mail_from": "", "rcpt_to": [path], "peer": "192.0.2.1"}
        self.bounced[parcel.out_id] = self.clock()
        self.keeper.submit(Arrival("rivera", ZONE, "email", raw, envelope, self.clock())).result(30)
        self._work()

    def _work(self) -> None:
        while self.running and self.worker.step():
            pass

    def _events(self) -> list[tuple[datetime, int, Any]]:
        found: list[tuple[datetime, int, Any]] = []
        for n, piece in enumerate(self.script.pieces):
            off = next((span for span in self.script.off if span.has(piece.sent)), None)
            late = timedelta(minutes=30) if piece.imported else timedelta(seconds=5 + n % 50)
            found.append((off.end + late if off else piece.sent, n + 10, piece))
        for span in self.script.off:
            found += [(span.start, 0, self._stop), (span.end, 1, self._start)]
        for moment in self.script.restarts:
            found += [(moment, 0, self._stop), (moment, 1, self._start)]
        half = self.script.begin.replace(minute=0)
        while half < self.script.end:  # quiet hours are looked for every few seconds; here when the clock shows one
            if f"{local(half, ZONE):%H:%M}" in LOOKS:
                found.append((half + timedelta(seconds=1), 2, self._look))
            half += timedelta(minutes=30)
        for span in (*MAIL_DEAD, *MAIL_REFUSES, *SMS_DEAD):
            moment = span.start
            while moment < span.end + timedelta(hours=3):
                if self.script.begin < moment < self.script.end:
                    found.append((moment, 3, self._watch))
                moment += timedelta(minutes=10)
        return sorted(found, key=lambda e: e[:2])

    async def _start(self) -> None:
        family = family_at(self.clock())
        directory = Directory([family])
        note_start(self.store, directory, self.clock(), {"ruleset": "1", "tagger": "planted", "program": "0"})
        outbox.recover(self.store)
        gatherer = Gatherer(self.store, directory, URL)
        gatherer.bring_forward(self.clock())
        caps = Caps(family=Limit(texts_per_hour=MOST_TEXTS))
        self.edge = Edge(self.store, directory, self.routes, self.clock, gatherer, caps=caps)
        self.worker = PlantedWorker(
            self.store,
            self.blobs,
            directory,
            Fallback(),
            load_rules(),
            self.clock,
            public_url=URL,
            on_concluded=self._concluded,
            text_wait=TEXT_WAIT,
        )
        self.keeper = Keeper(self.store, self.blobs)
        self.reminders = Reminders(self.store, directory, self.clock, URL)
        self.directory = directory
        self.desk = AlarmDesk(self.store, directory, self.clock, URL)
        self.drill = Drill(self.store, directory, self.clock, URL)
        self.watch = RouteWatch(self.store, directory, self.clock)
        self.tasks = [self.loop.create_task(work) for work in (self.edge.run(), self._remind(), self._look_after())]
        self.starts.append(self.clock())
        self.running = True
        self._work()

    async def _stop(self) -> None:
        self.running = False
        self.keeper.close()
        self.edge.stop()
        for task in self.tasks[1:]:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        with self.store.write() as session:
            append(session, INSTALLATION, "stopped", {"clean": True}, now=self.clock())

    async def _look(self) -> None:
        if self.running:
            self.drill.step()
            self.edge.wake()

    async def _watch(self) -> None:
        if self.running and self.watch.step():
            self.edge.wake()

    async def _look_after(self) -> None:
        """`step` when an alarm is due and while messages of alarms wait; the gateway has it every two seconds."""
        fresh = self.clock()
        while True:
            if self.desk.step():
                fresh = self.clock()
                self.edge.wake()
            with self.store.glance() as connection:
                waits = connection.scalar(UNSENT) is not None
            following = self.desk.next_due()
            wait = SLOW if following is None else max(1.0, (following - self.clock()).total_seconds())
            if waits:
                wait = min(wait, OFTEN if self.clock() - fresh < timedelta(minutes=3) else SELDOM)
            self.alarmed.clear()
            try:
                await asyncio.wait_for(self.alarmed.wait(), wait)
                fresh = self.clock()
            except TimeoutError:
                continue

    def _concluded(self) -> None:
        self.edge.wake()
        self.concluded.set()

    async def _remind(self) -> None:
        """`step` every minute, as the gateway has it; minutes before which nothing is due are passed over.

        What is due next may change whenever a message was concluded, so it is asked again then.
        """
        began, looked = self.loop.time(), -1
        while True:
            self.concluded.clear()
            following, passed = self.reminders.next_due(), self.loop.time() - began
            left = SLOW if following is None else max(0.0, (following - self.clock()).total_seconds())
            minute = max(looked + 1, math.ceil((passed + left) / LOOK))
            try:
                await asyncio.wait_for(self.concluded.wait(), minute * LOOK - passed)
            except TimeoutError:
                looked = minute
                if self.reminders.step():
                    self.edge.wake()

    def _keep(self, said: dict[str, Any], channel: str, sender: str, piece: Piece | None) -> int:
        imported = piece is not None and piece.imported
        arrival = Arrival(
            "rivera",
            ZONE,
            channel,
            json.dumps(said).encode(),
            {"mail_from": sender, "role": "co-parent", "kind": "message"},
            self.clock(),
            provenance=IMPORTED if imported else RECEIVED,
            written_at=piece.sent if piece else None,
        )
        number = self.keeper.submit(arrival).result(30).message_id
        self.arrived[number] = self.clock()
        self._work()
        if channel == "sms":
            self._then(TEXT_WAIT, self._work)
        return number

    def _bring(self, piece: Piece) -> int:
        assert self.running, "nothing arrives while the gateway is off"
        sender = EX_EMAIL if piece.channel == "email" else EX_PHONE
        said = {"lane": piece.lane, "item": piece.item, "sent": piece.sent.isoformat()}
        number = self._keep(said, piece.channel, sender, piece)
        self.numbers[number] = piece
        if piece.lane in ("danger", "emergency"):
            self.alarmed.set()
        return number

    def _answer(self, number: int) -> None:
        self.answered[number] = self.clock()
        self._keep({"answers": number}, "sms", PARENT_PHONE, None)

    def _read(self, number: int) -> None:
        """Somebody says that they have read an alarm, if it has reached them and the gateway is there to hear it."""
        piece = self.numbers[number]
        if within(self.script.off, self.clock()) or piece.read_by is None:
            return
        how, family = piece.read_by[0], next(iter(self.directory))
        with self.store.write() as session:
            alarm = session.scalars(select(AlarmRow).where(AlarmRow.message_id == number)).one()
            reached = self._reached(alarm.id, "sms" if how == "text" else None, how == "contact")
            if reached is None:
                return
            self.read[alarm.id] = self.clock()
            if how == "card":
                card = session.get_one(CardRow, alarm.card_id)
                acknowledge.by_card(session, card, family, self.clock())
            elif how != "text":
                call = session.get_one(AlarmCallRow, reached)
                acknowledge.by_call(session, call, acknowledge.LINK, family, self.clock(), URL)
        if how == "text":
            self._keep({"read": number}, "sms", PARENT_PHONE, None)
        self.edge.wake()

    def _reached(self, alarm: int, channel: str | None, contact: bool) -> int | None:
        """A call over which something of the alarm has gone."""
        who = "safety contact" if contact else "parent"
        query = (
            select(AlarmCallRow.id)
            .join(DeliveryRow, DeliveryRow.call_id == AlarmCallRow.id)
            .where(AlarmCallRow.alarm_id == alarm, AlarmCallRow.who == who, apart(DeliveryRow.state) == "sent")
        )
        query = query if channel is None else query.where(AlarmCallRow.channel == channel)
        with self.store.read() as session:
            return session.scalar(query.limit(1))
