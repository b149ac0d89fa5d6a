"""`breakwater serve`: intake, worker, edge and web, in one process or in several (`gateway.many` has how these share the work).

Threads: the event loop (SMTP, web), the keeper (store commits), the worker (reading), the edge (its own event loop for
sending), the lookout (alarms, routes, heartbeat), and one for each polled mailbox. They share nothing but the database and two wake-up signals. On SIGTERM or
SIGINT intake stops first, what was accepted is kept, the message at hand is finished, and the log gets a clean stop.
Whatever a kill interrupts is taken up again at the next start; the gap is an entry in the log.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import logging
import signal
import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING
from weakref import WeakSet

import uvicorn
import uvloop

from gateway import __version__
from gateway.accounts.key import account_key
from gateway.alarms.desk import AlarmDesk
from gateway.alarms.drill import Drill
from gateway.alarms.lookout import Lookout
from gateway.api.calls import calls
from gateway.api.courier import Courier
from gateway.api.door import Desk
from gateway.api.rooms import Api
from gateway.api.webhooks import Herald
from gateway.attachments.scanner import scanner
from gateway.clock import Clock, utc_now
from gateway.counts import Counts
from gateway.delivery import outbox
from gateway.delivery.destinations import Destinations
from gateway.delivery.edge import Edge
from gateway.delivery.gather import Gatherer
from gateway.delivery.returned import family_of
from gateway.delivery.ways import senders
from gateway.dns import Dns
from gateway.errors import SettingsError, StoreError
from gateway.family import Directory, Family
from gateway.intake.callers import Callers
from gateway.intake.keep import Keeper
from gateway.intake.refusals import Refusals
from gateway.intake.signed import SignedForms
from gateway.intake.sms import Webhooks
from gateway.intake.smtp import Conversation, Handler
from gateway.intake.tls import tls_context
from gateway.intake.voice import VoiceHooks
from gateway.ledger import INSTALLATION, append
from gateway.ledger.checkpoints import Checkpoints, signing_key
from gateway.lifetime import Watch, lock, note_start
from gateway.many.bells import DUE, KEPT, SETTINGS, Bells
from gateway.many.claims import claims_of
from gateway.many.following import Following
from gateway.many.locks import Locks
from gateway.many.presence import Presence, missing, processes
from gateway.many.roles import ALL, DOES, Role, told
from gateway.outages import routes
from gateway.outages.door import smtp_door
from gateway.outages.heartbeat import Heartbeat
from gateway.outages.watch import RouteWatch
from gateway.policy import load_rules
from gateway.questions import Reminders
from gateway.record.office import Office
from gateway.reply.coach import load_coach
from gateway.reply.desk import ReplyDesk
from gateway.reply.holding import HeldDrafts
from gateway.reply.looking import coach_look
from gateway.senders import SenderCheck
from gateway.settings import Settings
from gateway.sorting.forward import Forwarder
from gateway.store import Blobs, Store
from gateway.store.moving import refuse_to_start
from gateway.tagging import open_tagger
from gateway.voices.apart import may_be_a_childs
from gateway.voices.handover import Handovers
from gateway.web.app import make_app
from gateway.web.pages.alarm import AlarmPages
from gateway.web.pages.answer import AnswerPages
from gateway.web.pages.card import CardPages
from gateway.web.pages.confirm import ConfirmPages
from gateway.web.pages.digest import DigestPages
from gateway.web.pages.feed import FeedPages
from gateway.web.pages.files import FilePages
from gateway.web.pages.numbers import NumbersPages
from gateway.web.pages.policy import PolicyPage
from gateway.web.pages.sign import SignPages
from gateway.web.pages.taking import Taking
from gateway.web.parts import House, Site
from gateway.web.server import Web, patient
from gateway.worker import Worker

if TYPE_CHECKING:
    from wsgiref.simple_server import WSGIServer

    from gateway.intake.errands import Errands
    from gateway.intake.mailbox import MailboxReader
    from gateway.ledger.anchors import Anchors

log = logging.getLogger(__name__)
IDLE_SECONDS = 300.0
CHECKPOINT_LOOK = 60.0
READER_SECONDS = 20.0
ERRAND_LOOK = 1.0
WEBHOOK_LOOK = 3.0
OTHERS_LOOK = 5.0
"""Seconds until it is looked again whether the process is gone that does what only one may do."""
PRESENCE_LOOK = 1.0


class Gateway:
    """All parts of a running installation. `start` returns when both ports listen."""

    def __init__(self, settings: Settings, clock: Clock = utc_now, roles: frozenset[Role] = ALL) -> None:
        self._settings, self._clock, self._roles = settings, clock, roles
        self._lock = (
            lock(settings, roles) if roles != ALL else None
        )  # a role that cannot be is refused before anything is made
        settings.data.mkdir(parents=True, exist_ok=True)
        self.store = Store(settings.database_url, settings.master)
        self.store.migrate()
        refuse_to_start(settings)
        self.blobs = Blobs(settings.blobs_at, self.store)
        self.blobs.begin()
        self.directory: Directory = settings.families_by_address()
        self._locks = Locks(self.store)
        self.presence = Presence(self.store, self._locks, roles, clock)
        self.bells = Bells(self.store, self.presence.id)
        self.following = Following(settings.directory, self.store, self.directory)
        claims = claims_of(self.store, self.following.step)
        self._tagger, self._rules = open_tagger(), load_rules()
        look = coach_look(load_coach(), self._tagger, clock)
        self._desk = ReplyDesk(self.store, clock, look)
        self.worker = Worker(
            self.store,
            self.blobs,
            self.directory,
            self._tagger,
            self._rules,
            clock,
            public_url=settings.server.public_url,
            on_concluded=self._wake_edge,
            senders=SenderCheck.of(settings.senders),
            text_wait=timedelta(seconds=settings.texts.wait_seconds),
            scanner=scanner(settings),
            look=look,
            claims=claims,
            has_post=self._post("files"),
        )
        self.keeper = Keeper(
            self.store, self.blobs, on_kept=lambda: self.bells.ring(KEPT), apart=may_be_a_childs(self.directory)
        )
        self.refusals = Refusals(self.store, clock)
        self.gatherer = Gatherer(self.store, self.directory, settings.server.public_url)
        self.handovers = Handovers(self.store, self.blobs, self.directory, clock)
        self.destinations = Destinations(self.store, self.directory, clock, settings.server.public_url)
        self.edge = Edge(
            self.store,
            self.directory,
            senders(settings),
            clock,
            self.gatherer,
            self.handovers.fill,
            settings.caps,
            self.destinations if settings.destinations.verify else None,
            claims,
            self.presence.id,
            self.presence.gone,
        )
        self._errand = self._errands()
        self.checkpoints = Checkpoints(self.store, signing_key(settings.data), settings.server.host_name)
        self.anchors = self._anchors()
        self.reminders = Reminders(self.store, self.directory, clock, settings.server.public_url)
        self.heartbeat = self._heartbeat()
        self.lookout = self._lookout()
        self.counts = Counts(self.store, self.directory, clock)
        self.office = Office(settings.directory, self.store, clock, self._post("office"))
        self.forwarder = Forwarder(self.store, self.blobs, self.directory, clock, settings.server.public_url)
        self.held = HeldDrafts(self.store, self.directory, clock, settings.server.public_url)
        self.herald = self._herald()
        self._readers: list[tuple[MailboxReader, threading.Thread]] = []
        self._edge_loop: asyncio.AbstractEventLoop | None = None
        self._threads: list[threading.Thread] = []
        self._conversations: WeakSet[Conversation] = WeakSet()
        self._stopping, self._looked = threading.Event(), threading.Event()
        self._smtp: asyncio.Server | None = None
        self._web: uvicorn.Server | None = None
        self._web_task: asyncio.Task[None] | None = None
        self._begun = False
        self._metrics: WSGIServer | None = None
        self.bells.on(KEPT, self.worker.kept.set)
        self.bells.on(DUE, self._wake_own_edge)
        self.bells.on(SETTINGS, self._looked.set)

    def _post(self, name: str) -> Callable[[], bool]:
        """Whether this process is the one that does `name`; asked again before each step."""
        return lambda: self._locks.held(f"post {name}")

    def _errands(self) -> Errands | None:
        if self._settings.twilio is None:
            return None
        from gateway.intake.errands import Errands  # with HTTP clients that only texts and calls need

        return Errands(
            self._settings,
            self._settings.twilio,
            self.store,
            self.blobs,
            self.directory,
            self.keeper,
            self._clock,
        )

    def _anchors(self) -> Anchors | None:
        if not self._settings.anchors and not any(family.checkpoints_to for family in self.directory):
            return None
        from gateway.ledger.anchors import Anchors, stampers  # with a verifier that only stamps need

        return Anchors(self.store, self.directory, stampers(self._settings), self._clock, self.checkpoints.key)

    def _heartbeat(self) -> Heartbeat:
        beat = self._settings.heartbeat
        every, file = timedelta(minutes=beat.every_minutes), self._settings.path(beat.file)
        return Heartbeat(self.store, self._clock, self._dead, every=every, file=file, url=beat.url)

    def _lookout(self) -> Lookout:
        about = (self.store, self.directory, self._clock)
        url = self._settings.server.public_url
        watch = RouteWatch(*about, {routes.DOOR: lambda: smtp_door(self._settings.server.smtp_listen)})
        return Lookout(
            AlarmDesk(*about, url),
            Drill(*about, url),
            watch,
            self.heartbeat,
            self._clock,
            self._wake_edge,
            self._post("clocks"),
        )

    def _herald(self) -> Herald:
        courier = Courier(
            lambda name, kind: Dns(self._settings.senders.nameservers).lookup(name, kind),
            loopback=self._settings.tools.loopback_webhooks,
        )
        key, url = account_key(self._settings.data), self._settings.server.public_url
        return Herald(self.store, self.directory, self._clock, key, courier, url)

    def _api(self, taking: Taking) -> Api:
        key, most = account_key(self._settings.data), self._settings.tools.calls_per_minute
        desk = Desk(self.store, self.directory, self._clock, key, most)
        return Api(desk, calls(self.store, taking, self.checkpoints, self._settings.data))

    def _dead(self) -> str | None:
        """A part that should run and does not; None while all do."""
        threads = [*self._threads, *(thread for _, thread in self._readers)]
        ended = next((f"{thread.name} has ended" for thread in threads if not thread.is_alive()), None)
        if ended is None and self.store.shared:
            with self.store.read() as session:
                lacking = missing(processes(session))
            return f"no process {DOES[lacking[0]]}" if lacking else None
        return ended

    async def start(self) -> None:
        """Note the start, take up what was left, open the ports. Raises SettingsError when a port or the data is taken."""
        self._lock = self._lock or lock(self._settings)
        self._begin()
        self._thread("presence", self._run_presence)
        self.bells.open()
        if Role.WORKER in self._roles:
            self._thread("worker", self.worker.run)
            self._thread("checkpoints", self._run_checkpoints)
        if Role.DELIVERY in self._roles:
            self._thread("edge", self._run_edge)
            self._thread("webhooks", self._run_webhooks)
        if Role.INTAKE in self._roles:
            if self._errand is not None:
                self._thread("errands", self._run_errands)
            self._open_mailboxes()
            await self._open_smtp()
        if Role.WEB in self._roles:
            await self._open_web()
        if Role.WORKER in self._roles:
            self._thread("lookout", self.lookout.run)  # last: it would find the ports of this process shut
            self._thread("office", self.office.run)
        self._open_metrics()
        log.info("ready (%s): %s", told(self._roles), ", ".join(self._places()))

    def _places(self) -> list[str]:
        """Where this process listens."""
        server = self._settings.server
        there = {Role.INTAKE: f"mail on {server.smtp_listen}", Role.WEB: f"web on {server.web_listen}"}
        return [words for role, words in there.items() if role in self._roles] or ["no port"]

    def _begin(self) -> None:
        """Note the start and take up what was left, while no other process does. Raises StoreError."""
        versions = {"ruleset": self._rules.version, "tagger": self._tagger.version, "program": __version__}
        with self.store.alone("start"):
            first = self.presence.enter()
            self._begun = True
            note_start(self.store, self.directory, self._clock(), versions, first=first)
            if not self.store.shared:
                outbox.recover(self.store)
            if self._settings.destinations.verify:
                self.destinations.note_all()
            self.gatherer.bring_forward(self._clock())
        self.following.begin()

    async def stop(self) -> None:
        """Close the ports, finish what is at hand, note the stop."""
        await asyncio.to_thread(self.lookout.stop)  # first, or it would knock at a port that is just closing
        if self._smtp is not None:
            self._smtp.close()
        if self._web is not None and self._web_task is not None:
            self._web.should_exit = True
            with contextlib.suppress(asyncio.CancelledError):
                await self._web_task
        await asyncio.to_thread(self._finish)
        for conversation in list(self._conversations):
            if conversation.transport is not None:
                conversation.transport.close()  # whoever is still there was answered, or will come again
        await asyncio.sleep(0)

    def _finish(self) -> None:
        if self._metrics is not None:
            self._metrics.shutdown()
            self._metrics.server_close()
        for reader, _ in self._readers:
            reader.ring()
        for reader, thread in self._readers:
            reader.stop(thread)
            thread.join(READER_SECONDS)  # one that is just connecting cannot be broken off; it keeps nothing any more
        self.keeper.close()
        self.refusals.close()
        self._stopping.set()
        if not self._begun:  # so nothing is noted as ended
            self._close()
            return
        self.worker.stop()
        self.office.stop()
        if self._edge_loop is not None:
            self._edge_loop.call_soon_threadsafe(self.edge.stop)
        for thread in self._threads:
            thread.join()
        self.bells.close()
        with contextlib.suppress(StoreError):
            self._end()
        self._close()

    def _end(self) -> None:
        """Note the stop; the last process closes the log with a checkpoint. Raises StoreError."""
        with self.store.alone("start"):
            if self.presence.leave():
                with self.store.write() as session:
                    append(session, INSTALLATION, "stopped", {"clean": True}, now=self._clock())
                self.checkpoints.make_due(self._clock(), at_once=True)

    def _close(self) -> None:
        self._locks.close()
        self.blobs.close()
        self.store.close()
        if self._lock is not None:
            self._lock.close()

    def _open_mailboxes(self) -> None:
        """A thread for each family that has a mailbox."""
        for family in self.directory:
            if family.mailbox is not None:
                self._open_mailbox(family)

    def _open_mailbox(self, family: Family) -> None:
        from gateway.intake.imap import Account  # with an IMAP client that only a polled mailbox needs
        from gateway.intake.mailbox import MailboxReader
        from gateway.intake.polling import Rhythm

        box = family.mailbox
        if box is None:
            return
        reader = MailboxReader(
            family,
            Account.of(family, box, self._settings),
            self.keeper,
            self.store,
            self._clock,
            limit=self._settings.max_message_bytes,
            rhythm=Rhythm(poll=box.poll_minutes * 60.0),
            has_post=self._post(f"mailbox {family.key}"),
        )
        thread = threading.Thread(target=reader.run, name=f"mailbox {family.key}", daemon=True)
        self._readers.append((reader, thread))
        thread.start()

    async def _open_smtp(self) -> None:
        server = self._settings.server
        callers = Callers(self._settings.senders.trusted_peers)
        handler = Handler(
            self.directory,
            self.keeper,
            self.refusals,
            self._clock,
            limit=self._settings.max_message_bytes,
            returns=self._family_of_return_path,
            callers=callers,
        )
        tls = tls_context(self._settings)
        host, port = _host_port(server.smtp_listen)

        def conversation() -> Conversation:
            made = Conversation(
                handler, host_name=server.host_name, tls=tls, idle_seconds=IDLE_SECONDS, callers=callers
            )
            self._conversations.add(made)
            return made

        try:
            self._smtp = await asyncio.get_running_loop().create_server(
                conversation, host, port, backlog=512, reuse_port=self.store.shared or None
            )
        except OSError as error:
            raise SettingsError(
                f"server › smtp_listen: {server.smtp_listen} cannot be opened: {error.strerror}"
            ) from None

    def _family_of_return_path(self, tag: str) -> str | None:
        with self.store.read() as session:
            return family_of(session, tag)

    async def _open_web(self) -> None:
        server = self._settings.server
        host, port = _host_port(server.web_listen)
        hooks = Webhooks(
            self.directory,
            self.keeper,
            self.store,
            self.refusals,
            self._clock,
            twilio=self._settings.twilio,
            public_url=server.public_url,
        )
        forms = SignedForms(self._settings.twilio, self.refusals, server.public_url)
        voice = VoiceHooks(self.directory, self.keeper, self.store, forms, self._clock, self._settings.voice)
        shelf = (self.store, self.blobs, self.directory, self._clock)
        cards, digests = CardPages(*shelf), DigestPages(self.store, self.directory, self._clock)
        common = (self.store, self.directory, self._clock)
        taking = Taking(self.store, self._clock, self.keeper, self._desk)
        house = House(
            self._settings,
            self.store,
            self.blobs,
            self.directory,
            self._clock,
            self.keeper,
            self._desk,
            self._tagger,
            self._rules,
            self.office.ring,
            lambda: self.bells.ring(SETTINGS),
        )
        pages = (
            cards,
            digests,
            FilePages(*shelf),
            AnswerPages(*common, taking, card=cards.answered, digest=digests.answered),
            FeedPages(*common, server.public_url),
            AlarmPages(*common, server.public_url),
            NumbersPages(self.store, self.directory),
            SignPages(self.heartbeat, self.store),
            ConfirmPages(self.destinations, house.moves().settle),
            PolicyPage(self._settings, self.directory),
        )
        self.site = Site(house)
        self.api = self._api(taking)
        app = make_app(hooks, voice, *pages, self.api, self.site)
        config = uvicorn.Config(
            app,
            host=host,
            port=port,
            http=patient(Callers(server.proxies)),
            access_log=False,
            log_config=None,
            lifespan="off",
            server_header=False,
            forwarded_allow_ips=list(server.proxies),
        )
        self._web = Web(config)
        self._web_task = asyncio.get_running_loop().create_task(self._web.serve(self._sockets(host, port)))
        while not self._web.started:
            if self._web_task.done():
                raise SettingsError(f"server › web_listen: {server.web_listen} cannot be opened; is it in use?")
            await asyncio.sleep(0.01)

    def _sockets(self, host: str, port: int) -> list[socket.socket] | None:
        """The web port, shared with other processes of this machine where there may be any. Raises SettingsError."""
        if not self.store.shared:
            return None
        made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        try:
            made.bind((host, port))
        except OSError as error:
            made.close()
            raise SettingsError(f"server › web_listen: {host}:{port} cannot be opened: {error.strerror}") from None
        return [made]

    def _open_metrics(self) -> None:
        if self._settings.server.metrics_listen is None:
            return
        from gateway.health.metrics import Numbers, open_metrics  # with a library that only a monitor needs

        numbers = Numbers(self.store, self.directory, self._clock)
        try:
            self._metrics, _ = open_metrics(self._settings.server.metrics_listen, numbers)
        except SettingsError as error:
            if not self.store.shared:
                raise
            log.info("another process gives the numbers: %s", error)

    def _thread(self, name: str, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, name=name, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _run_edge(self) -> None:
        async def run() -> None:
            self._edge_loop = asyncio.get_running_loop()
            if self._stopping.is_set():
                return
            await self.edge.run()

        asyncio.run(run())

    def _run_checkpoints(self) -> None:
        """Sign the logs at the start and whenever it is due. A database that refuses is asked again a minute later."""
        watch, has_post = Watch(self._clock), self._post("clocks")
        while not self._stopping.is_set():
            if not has_post():
                self._stopping.wait(OTHERS_LOOK)
                continue
            with contextlib.suppress(StoreError):
                watch.look(self.store)
                self.checkpoints.make_due(self._clock())
                if self.reminders.step() + self.held.step() + self.counts.step() + self.forwarder.step():
                    self._wake_edge()
                if self.anchors is not None and self.anchors.step():
                    self._wake_edge()
            self._stopping.wait(CHECKPOINT_LOOK)

    def _run_presence(self) -> None:
        """Give the sign of this process, follow the settings, see who died."""
        while not self._stopping.is_set():
            try:
                self.presence.step()
                if self.store.shared:
                    self.following.step()
                    if self._locks.held("post undertaker"):
                        self.presence.bury()
            except StoreError:
                log.error("the sign of this process could not be given; trying again")
            except Exception as error:  # noqa: BLE001 (the thread by which others know that this process lives)
                log.error("presence: %s", type(error).__name__)
            self._looked.wait(PRESENCE_LOOK)
            self._looked.clear()

    def _run_errands(self) -> None:
        if self._errand is not None:
            errand, has_post = self._errand, self._post("errands")
            self._turns("errands", lambda: has_post() and errand.step(), ERRAND_LOOK)
            self._errand.close()

    def _run_webhooks(self) -> None:
        has_post = self._post("webhooks")
        self._turns("webhooks", lambda: has_post() and self.herald.step(), WEBHOOK_LOOK)

    def _turns(self, name: str, step: Callable[[], bool], pause: float) -> None:
        """Take step after step while there is something to do, and look again after `pause` seconds, until the gateway stops."""
        while not self._stopping.is_set():
            busy = False
            try:
                busy = step()
            except StoreError:
                log.error("%s: the database refused; trying again", name)
            except Exception as error:  # noqa: BLE001 (one odd thing must not stop the others)
                log.error("%s: %s", name, type(error).__name__)
            if not busy:
                self._stopping.wait(pause)

    def _wake_edge(self) -> None:
        self.bells.ring(DUE)

    def _wake_own_edge(self) -> None:
        loop = self._edge_loop
        if loop is not None and not loop.is_closed():
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self.edge.wake)


def serve(settings: Settings, roles: frozenset[Role] = ALL, clock: Clock = utc_now) -> None:
    """Run until SIGTERM or SIGINT. Raises SettingsError, StoreError."""

    async def main() -> None:
        gateway = Gateway(settings, clock, roles)
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        try:
            await gateway.start()
            give_back_memory()
            await stop.wait()
        finally:
            await gateway.stop()

    uvloop.run(main())


def give_back_memory() -> None:
    """Hand what loading left behind back to the system; a C library without `malloc_trim` keeps it."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _host_port(value: str) -> tuple[str, int]:
    host, _, port = value.rpartition(":")
    return host.strip("[]"), int(port)
