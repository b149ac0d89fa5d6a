"""`make chaos`: real processes under mishaps, one after the other, by a seed that is printed; then everything is counted.

senders ─ SMTP, signed webhooks ─► breakwater serve (one process on SQLite, several on PostgreSQL) ─► proxies ─► mail host, carrier
mishaps: kill -9 · disk full · database restart · clock set wrong · connections cut · peers slow or away
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from sqlalchemy import select

from gateway.demo.carriers import Carrier, Mailbox
from gateway.errors import StoreError
from gateway.settings import Settings
from gateway.store import Store
from gateway.store.tables import DeliveryRow, MessageRow
from tests.chaos.checks import Result, result
from tests.chaos.clock import Wrong
from tests.chaos.cuts import Proxy
from tests.chaos.senders import Senders
from tests.harness import Loop
from tests.lives import spawn
from tests.many import started
from tests.many.installation import open_work, settings_in
from tests.many.server import Server

SEVERAL = ("intake-1", "intake-2", "worker-1", "worker-2", "delivery-1", "delivery-2", "web-1")
ALONE = ("all-1",)
LOSE_ANSWERS = ("kill -9", "connections cut", "peer away", "database restart")
"""Mishaps after which nobody may know whether what was under way arrived."""
UNCAPPED = {"texts_per_hour": 100_000, "texts_per_day": 100_000, "emails_per_hour": 100_000}
FARTHEST = 2 * 3600
"""Seconds that the clock is set wrong at most."""
STEP = 1800.0
"""Seconds of the gateway's clock that pass with each look at the end, until what waits for an hour has gone out."""


@dataclass(frozen=True)
class Plan:
    """What a run is. `count` messages over `seconds`; `patience`: seconds that everything may take to come to its end then."""

    count: int
    seconds: float
    seed: int
    postgres: bool
    families: int = 20
    patience: float = 300.0
    model: bool = False


class Run:
    """One installation and its mishaps."""

    def __init__(self, plan: Plan, folder: Path, server: Server | None, database: str) -> None:
        self.plan, self.folder, self.server = plan, folder, server
        self.luck = random.Random(plan.seed)
        self.mailbox, self.carrier = Mailbox(), Carrier()
        self.proxies = {"mail host": Proxy(self.mailbox.port), "carrier": Proxy(self.carrier.port)}
        self.clock = Wrong(folder / "clock")
        self.settings = self._settings(database)
        self.running: dict[str, BaseProcess] = {}
        self.done: Counter[str] = Counter()
        self.store = Store(self.settings.database_url, self.settings.master)

    def _settings(self, database: str) -> Settings:
        by_proxy = Mailbox(port=self.proxies["mail host"].port), Carrier(port=self.proxies["carrier"].port)
        more: dict[str, Any] = {"caps": {"family": UNCAPPED}}
        return settings_in(self.folder, database, *by_proxy, self.plan.families, **more)

    def start(self, name: str) -> None:
        words = (
            self.settings.directory,
            [name.partition("-")[0]],
            self.folder / "serve.log",
            self.clock,
            self.plan.model,
        )
        process = spawn.Process(target=started.run, args=words)
        process.start()
        self.running[name] = process

    async def mishaps(self, end: float) -> None:
        """One after the other until `end`; afterwards all is as it should be but for what happened."""
        kinds = [self._kill, self._kill, self._disk, self._clock, self._cut, self._away, self._slow]
        if self.server is not None:
            kinds.append(self._database)
        pause = max(0.5, self.plan.seconds / 60)
        while time.monotonic() < end:
            await asyncio.sleep(self.luck.uniform(0.3, 1.7) * pause)
            await self.luck.choice(kinds)()
        self._set_clock(0.0)

    async def _kill(self) -> None:
        self.done["kill -9"] += 1
        name = self.luck.choice(sorted(self.running))
        process = self.running[name]
        process.kill()
        await asyncio.to_thread(process.join)

    async def supervise(self) -> None:
        """Start again what has ended, as systemd does."""
        while True:
            await asyncio.sleep(0.5)
            for name, process in list(self.running.items()):
                if not process.is_alive():
                    self.start(name)

    async def _disk(self) -> None:
        """The system refuses every byte that a file of theirs would grow by (RLIMIT_FSIZE): what a full disk does."""
        self.done["disk full"] += 1
        pids = [process.pid for process in self.running.values() if process.pid is not None]
        for pid in pids:
            _limit(pid, 1024)
        await asyncio.sleep(self.luck.uniform(0.3, 1.5))
        for pid in pids:
            _limit(pid, resource.RLIM_INFINITY)

    async def _database(self) -> None:
        self.done["database restart"] += 1
        if self.server is not None:
            await asyncio.to_thread(self.server.restart)

    async def _clock(self) -> None:
        self.done["clock jump"] += 1
        self._set_clock(self.luck.uniform(-FARTHEST, FARTHEST))

    def _set_clock(self, seconds: float) -> None:
        part = self.folder / "clock.part"
        part.write_text(str(seconds))
        part.replace(self.folder / "clock")

    def _one(self) -> Proxy:
        return self.proxies[self.luck.choice(sorted(self.proxies))]

    async def _cut(self) -> None:
        self.done["connections cut"] += 1
        await self._one().cut()

    async def _away(self) -> None:
        self.done["peer away"] += 1
        proxy = self._one()
        proxy.down = True
        await proxy.cut()
        await asyncio.sleep(self.luck.uniform(0.3, 2.0))
        proxy.down = False

    async def _slow(self) -> None:
        self.done["peer slow"] += 1
        proxy = self._one()
        proxy.slow = self.luck.uniform(0.02, 0.3)
        await asyncio.sleep(self.luck.uniform(0.5, 2.0))
        proxy.slow = 0.0

    async def play(self) -> tuple[Senders, float, float]:
        """Everything; the senders, the seconds until all was accepted, and until all had gone out."""
        for part in (self.mailbox, self.carrier, *self.proxies.values()):
            await part.open()
        for name in SEVERAL if self.server is not None else ALONE:
            self.start(name)
        plan, began = self.plan, time.monotonic()
        senders = Senders(self.settings, plan.families, plan.count, self.luck)
        pause = plan.seconds * 0.5 * senders.at_once / plan.count
        mishaps = asyncio.create_task(self.mishaps(began + plan.seconds))
        supervisor = asyncio.create_task(self.supervise())
        try:
            await senders.run(plan.seconds + plan.patience, pause=pause)
            taken = time.monotonic() - began
            await mishaps
            await asyncio.to_thread(self._settle)
        finally:
            mishaps.cancel()
            supervisor.cancel()
            await asyncio.to_thread(self._stop)
            for part in (*self.proxies.values(), self.carrier, self.mailbox):
                await part.close()
        return senders, taken, time.monotonic() - began

    def _settle(self) -> None:
        """Let the clock run until nothing waits any more."""
        end, ahead = time.monotonic() + self.plan.patience, 0.0
        quiet = 0
        while quiet < 2:
            if time.monotonic() > end:
                self._ask_where()
                said = (self.folder / "serve.log").read_text(errors="replace")[-60000:]
                raise TimeoutError(
                    f"{self._left()} still waits after {self.plan.patience:.0f} seconds\n{self._states()}\n{said}"
                )
            quiet = quiet + 1 if self._left() == 0 else 0
            ahead += STEP
            self._set_clock(ahead)
            time.sleep(1.0)

    def most_copies(self) -> int:
        """How many deliveries of one route can have lost their answer: one for each such mishap and each process that sends."""
        sending = sum(name.startswith(("delivery", "all")) for name in self.running)
        return sending * sum(self.done[kind] for kind in LOSE_ANSWERS)

    def _ask_where(self) -> None:
        """Each process writes in the log where its threads stand."""
        for name, process in self.running.items():
            with (self.folder / "serve.log").open("a") as out:
                out.write(f"--- {name} {process.pid} alive {process.is_alive()}\n")
            if process.pid is not None and process.is_alive():
                os.kill(process.pid, signal.SIGUSR1)
            time.sleep(0.5)

    def _left(self) -> int:
        try:
            return open_work(self.store)
        except StoreError:
            return -1

    def _states(self) -> str:
        with self.store.read() as session:
            messages = Counter(session.scalars(select(MessageRow.state)))
            waits = select(DeliveryRow.channel, DeliveryRow.state, DeliveryRow.attempts, DeliveryRow.last_error)
            return f"{dict(messages)}; {dict(Counter(tuple(row) for row in session.execute(waits)))}"

    def _stop(self) -> None:
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            process.join(60)
            process.kill()
            process.join()
        self.store.close()


def _limit(pid: int, size: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))


@contextlib.contextmanager
def _database(plan: Plan, folder: Path) -> Iterator[tuple[Server | None, str]]:
    if not plan.postgres:
        yield None, f"sqlite:///{folder}/chaos.db"
        return
    server = Server()
    try:
        yield server, server.url()
    finally:
        server.close()


def play(plan: Plan, folder: Path) -> tuple[Result, str]:
    """One run; what came of it, and the figures in words."""
    folder.mkdir(parents=True, exist_ok=True)
    loop = Loop()
    try:
        with _database(plan, folder) as (server, database):
            run = Run(plan, folder, server, database)
            run.store.migrate()
            senders, taken, whole = loop.do(run.play(), plan.seconds + 3 * plan.patience)
            found = result(run.settings, senders.accepted, run.mailbox, run.carrier, run.most_copies())
    finally:
        loop.close()
    where = "PostgreSQL, 7 processes" if plan.postgres else "SQLite, 1 process"
    mishaps = ", ".join(f"{count} {name}" for name, count in sorted(run.done.items()))
    words = (
        f"{where}, seed {plan.seed}: {found.accepted} of {plan.count} accepted in {taken:.0f} s, all out after {whole:.0f} s; {mishaps}; "
        f"{senders.accepted.refused} answers 'later', {senders.accepted.broken} connections broken; "
        f"{found.lost} lost, {found.doubled} doubled unsaid, {found.told} copies that the log tells of (at most {run.most_copies()} on each route), {found.shunted} set aside, "
        f"{found.deliveries} deliveries, {found.entries} entries verified"
    )
    return found, "\n".join([words, *found.wrong])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--patience", type=float, default=1200.0)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--families", type=int, default=40)
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--model", action="store_true", help="Read with the tagger; else every message makes a card.")
    given = parser.parse_args()
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(10**6)
    good = True
    for postgres in (False, True):
        if given.database not in ("both", "postgresql" if postgres else "sqlite"):
            continue
        plan = Plan(given.count, given.seconds, seed, postgres, given.families, given.patience, given.model)
        with tempfile.TemporaryDirectory(prefix="breakwater-chaos-") as folder:
            found, words = play(plan, Path(folder))
        sys.stdout.write(words + "\n")
        good = good and found.good and found.accepted == plan.count
    sys.stdout.write("held\n" if good else "DID NOT HOLD\n")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
