"""The gateway in its year: real store, keeper, worker, edge, gatherer and reminders; only reading and network are played."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event, func, select

from gateway.alarms import acknowledge
from gateway.alarms.answer import answered
from gateway.alarms.desk import AlarmDesk
from gateway.alarms.drill import Drill
from gateway.clock import local
from gateway.concluded import Conclusion, Stored
from gateway.delivery import edge as edge_module
from gateway.delivery import outbox
from gateway.delivery.card import Card, Item
from gateway.delivery.edge import Edge
from gateway.delivery.gather import Gatherer
from gateway.demo.sample import EX_EMAIL, EX_PHONE, PARENT_PHONE
from gateway.family import Directory
from gateway.intake.keep import Arrival, Keeper
from gateway.ledger import INSTALLATION, append
from gateway.lifetime import note_start
from gateway.outages.watch import RouteWatch
from gateway.parsing import parse_sms
from gateway.policy import Lane, load_rules
from gateway.provenance import IMPORTED, RECEIVED
from gateway.questions import LEAST, Reminders
from gateway.reply.outgoing import Outgoing
from gateway.reply.rows import Replied
from gateway.store import Blobs, Store
from gateway.store.tables import AlarmCallRow, AlarmRow, CardRow, DeliveryRow, QuestionRow
from gateway.tagging.fallback import Fallback
from gateway.worker import Worker
from tests.delivery.planted import URL
from tests.simulate.clockwork import JumpingLoop
from tests.simulate.routes import Route, within
from tests.simulate.script import MAIL_DEAD, MAIL_REFUSES, SMS_DEAD, ZONE, Piece, Script, family_at

SLOW = 86400.0
OFTEN, SELDOM = 15.0, 600.0
"""Seconds between two looks at alarms while a message of one waits: at first, and later."""
LOOK = 60.0
LOOKS = {"01:30", "02:30", "03:30", "08:00", "14:00", "18:00"}


class PlantedWorker(Worker):
    """Everything of the worker but the reading: what a message says stands in its bytes."""

    def _conclude(self, stored: Stored) -> Conclusion:
        said = json.loads(self._blobs.get(stored.sha256))
        if "read" in said:
            family = self._families[stored.family]
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


class World:
    """Plays a script. `numbers`: the message of each piece; `answered`: when each question's message was answered."""

    def __init__(self, folder: Path, script: Script) -> None:
        self.script, self.folder = script, folder
        self.loop = JumpingLoop(script.begin)
        self.clock = self.loop.clock
        self.routes = {"email": Route(self.clock, MAIL_DEAD, MAIL_REFUSES), "sms": Route(self.clock, SMS_DEAD, ())}
        self.store = self._open()
        self.store.migrate()
        self.blobs = Blobs(folder / "blobs")
        self.numbers: dict[int, Piece] = {}
        self.arrived: dict[int, datetime] = {}
        self.answered: dict[int, datetime] = {}
        self.read: dict[int, datetime] = {}
        self.alarmed = asyncio.Event()
        self.starts: list[datetime] = []
        self.running = False

    def _open(self) -> Store:
        store = Store(f"sqlite:///{self.folder / 'year.db'}")

        @event.listens_for(store.engine, "connect")
        def _careless(connection: Any, _record: object) -> None:
            connection.execute("PRAGMA synchronous=OFF")  # no power cut is played here

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
        answers: list[tuple[datetime, int, Callable[[int], None]]] = []
        while todo or answers:
            first = min([t[0] for t in todo[:1]] + [a[0] for a in answers[:1]])
            await self.loop.until(first)
            if answers and answers[0][0] <= first:
                _, number, answer = answers.pop(0)
                answer(number)
                continue
            _, _, act = todo.pop(0)
            if callable(act):
                await act()
                continue
            number = self._bring(act)
            if act.answer_after is not None and not act.imported:
                answers.append((self.clock() + act.answer_after, number, self._answer))
            if act.read_by is not None:
                answers.append((self.clock() + act.read_by[1], number, self._read))
            answers.sort(key=lambda one: one[:2])
        await self.loop.until(self.script.end)
        await self._stop()

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
        self.edge = Edge(self.store, directory, self.routes, self.clock, gatherer)
        wake: Callable[[], None] = self.edge.wake
        self.worker = PlantedWorker(
            self.store, self.blobs, directory, Fallback(), load_rules(), self.clock, public_url=URL, on_concluded=wake
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
            with self.store.read() as session:
                unsent = DeliveryRow.state.in_(("pending", "uncertain", "sending")), DeliveryRow.call_id.is_not(None)
                waits = session.scalar(select(DeliveryRow.id).where(*unsent).limit(1)) is not None
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

    async def _remind(self) -> None:
        """`step` at full minutes, as the gateway has it; minutes at which nothing can be due are passed over."""
        while True:
            with self.store.read() as session:
                query = select(func.min(QuestionRow.remind_at)).where(QuestionRow.answered_at.is_(None))
                row = session.scalar(query)
            left = LEAST.total_seconds()  # a question that comes meanwhile is due later than that
            wait = left if row is None else min(left, (row - self.clock()).total_seconds())
            await asyncio.sleep(max(LOOK, math.ceil(wait / LOOK) * LOOK))
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
        while self.worker.step():
            pass
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
        if within(self.script.off, self.clock()):
            return
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
            .where(AlarmCallRow.alarm_id == alarm, AlarmCallRow.who == who, DeliveryRow.state == "sent")
        )
        query = query if channel is None else query.where(AlarmCallRow.channel == channel)
        with self.store.read() as session:
            return session.scalar(query.limit(1))
