"""Intake from a polled mailbox, for families without a mail server: what lies in an IMAP account comes in as mail does.

    connect ─ log in ─► look (each folder: list, fetch, keep, remember, mark) ─► wait (IDLE or poll) ─► look ─► …
        ▲                                                                             │
        └──────────────── pause, doubling, with jitter ◄── anything fails ◄───────────┘

* A message is kept (blob, row and log entry on the disk) before the mailbox shows it as read or moves it.
* Whether a message was read by somebody does not matter: what was not kept yet is fetched. Numbers (UIDVALIDITY and UID)
  only save fetching; what makes a message be kept once is its own bytes (`polling.identity`), within the Keeper's commit.
* A message over the limit stays where it is, gets a flag, a log entry and a notice to the parent. One that the server does
  not give out is tried again after all others, and told about.
* An outage is logged, and told when it lasts (`health`).
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from gateway.clock import Clock
from gateway.errors import BreakwaterError, LoginRefusedError, MailboxError, SettingsError, StoreError
from gateway.family import Family
from gateway.intake.bell import Bell
from gateway.intake.health import Health
from gateway.intake.imap import Account, Connection, Facts, Folder, IdleRefusedError, MessageError
from gateway.intake.imap_arrival import arrival_of
from gateway.intake.keep import Keeper
from gateway.intake.polling import Rhythm, order, pause, went_back
from gateway.intake.remembered import Memory, Place
from gateway.store import Store

log = logging.getLogger(__name__)
CHUNK = 50
MOST_IDLE_FAILURES = 3
"""After so many, the server's IDLE is not used any more until the next start."""
CUT_AFTER_SECONDS = 3.0
OTHERS_SECONDS = 5.0
"""Until it is looked again whether another process still reads the mailbox."""


class MailboxReader:
    """Reads one family's mailbox; `run` in a thread of its own."""

    def __init__(
        self,
        family: Family,
        account: Account,
        keeper: Keeper,
        store: Store,
        clock: Clock,
        *,
        limit: int,
        rhythm: Rhythm,
        has_post: Callable[[], bool] = lambda: True,
    ) -> None:
        """`limit`: octets of the largest message that is taken in; `has_post`: whether this process is the one that reads it."""
        self._has_post = has_post
        self._family, self._account, self._keeper, self._clock = family, account, keeper, clock
        self._limit, self._rhythm = limit, rhythm
        self._memory = Memory(store, family, account.mailbox.account, clock, limit=limit, retry=rhythm.retry)
        self._health = Health(store, family, clock)
        self._bell = Bell()
        self._connection: Connection | None = None
        self._idle_failures = 0
        self._alone = False
        """Whether messages are asked for one by one: asking for many broke the connection, and nobody knows for which."""
        self._done: dict[Place, int | None] = {}
        """Places without anything left to do, with the number that their next message will have."""
        self._believed: set[Place] = set()
        """Places whose numbers went back once already: a server that always says so would be read for ever."""

    def run(self) -> None:
        """Read until told to stop; every fault ends in a pause and a new connection."""
        failures = 0
        while not self._bell.rung():
            if not self._has_post():
                self._bell.wait(OTHERS_SECONDS)
                continue
            began = time.monotonic()
            refused = False
            try:
                self._connected()
            except (LoginRefusedError, SettingsError) as error:
                refused = True
                self._down(error)
            except Exception as error:  # noqa: BLE001 (the reader must outlive every fault)
                self._down(error)
            failures = 1 if time.monotonic() - began >= self._rhythm.steady else failures + 1
            if not self._bell.rung():
                luck = random.random()  # noqa: S311 (jitter, no secret)
                self._bell.wait(pause(failures, self._rhythm, refused=refused, luck=luck))
        self._bell.close()

    def ring(self) -> None:
        """Ask for the end without waiting for it."""
        self._bell.ring()

    def stop(self, thread: threading.Thread) -> None:
        """End after the message at hand; a server that does not answer is not waited for."""
        self._bell.ring()
        thread.join(CUT_AFTER_SECONDS)
        connection = self._connection
        if thread.is_alive() and connection is not None:
            connection.cut()

    def _connected(self) -> None:
        """One connection, from login to its end. Raises what ended it."""
        connection = self._connection = Connection(self._account)
        try:
            self._done.clear()
            if self._account.mailbox.move_to is not None and connection.can_move:
                connection.create(self._account.mailbox.move_to)
            while not self._bell.rung() and self._has_post():
                worked = self._look(connection)
                self._health.up()
                if not self._bell.rung():
                    self._wait(connection, self._rhythm.soon if worked else self._rhythm.poll)
        finally:
            self._connection = None
            connection.close()

    def _wait(self, connection: Connection, seconds: float) -> None:
        idle = connection.can_idle and self._idle_failures < MOST_IDLE_FAILURES
        began = time.monotonic()
        try:
            connection.wait(self._bell.socket, seconds, idle=idle)
        except MailboxError as error:
            if isinstance(error, IdleRefusedError) or time.monotonic() - began < self._rhythm.first:
                self._idle_failures += 1
            raise
        self._idle_failures = 0 if idle else self._idle_failures

    def _look(self, connection: Connection) -> bool:
        """Take in what is new in all folders, the watched one last, so that IDLE watches it. Whether there was anything."""
        worked = False
        for name in reversed(self._account.mailbox.folders):
            # What comes in while the work goes on may be announced within it and never again: look until it is quiet.
            while not self._bell.rung() and self._look_into(connection, connection.select(name)):
                worked = True
        return worked

    def _look_into(self, connection: Connection, folder: Folder) -> bool:
        place = Place(folder.name, folder.validity)
        if folder.next_uid is not None and self._done.get(place) == folder.next_uid:
            return False
        known = self._memory.known(place)
        if went_back(folder.next_uid, known.highest) and place not in self._believed:
            self._believed.add(place)
            self._memory.forget(place)
            known = self._memory.known(place)
        since = self._account.mailbox.since
        uids = connection.uids(self._done.get(place) or 1, folder.next_uid, since)
        self._mark(connection, folder, place, {u: known.unmarked[u] for u in uids if u in known.unmarked})
        settled = 0
        for chunk in _chunks(order(filter(known.waits, uids), known.attempts)):
            states = self._take_all(connection, place, chunk, known.attempts)
            self._mark(connection, folder, place, states)
            settled += len(states)
            if self._bell.rung():
                return False
        self._alone = False
        if settled == sum(uid not in known.settled for uid in uids):
            self._done[place] = folder.next_uid
        return settled > 0

    def _take_all(
        self, connection: Connection, place: Place, uids: Sequence[int], attempts: Mapping[int, int]
    ) -> dict[int, str]:
        """Take in some messages; what became of those that are settled now."""
        states: dict[int, str] = {}
        facts = self._facts(connection, [uid for uid in uids if not attempts.get(uid)])
        for uid in uids:
            if self._bell.rung():
                break
            try:
                states[uid] = self._take(connection, place, uid, facts.get(uid) or connection.facts([uid]).get(uid))
            except MessageError as error:
                log.error("a message of a mailbox is not given out: %s", error.reason)
                self._memory.failed(place, uid, error.reason)
            except (MailboxError, StoreError) as error:
                if not self._bell.rung():
                    self._memory.failed(place, uid, getattr(error, "reason", "it could not be kept"))
                raise
        return states

    def _facts(self, connection: Connection, uids: Sequence[int]) -> dict[int, Facts]:
        """Sizes of many at once; none where that does not work, so that each is asked for alone."""
        if self._alone or not uids:
            return {}
        try:
            return connection.facts(uids)
        except MessageError:
            return {}
        except MailboxError:
            self._alone = True
            raise

    def _take(self, connection: Connection, place: Place, uid: int, facts: Facts | None) -> str:
        if facts is not None and facts.size > self._limit:
            self._memory.refuse(place, uid, facts)
            return "refused"
        raw = connection.fetch(uid)
        if raw is None:
            self._memory.settle(place, uid, "gone", facts)
            return "gone"
        if len(raw) > self._limit:  # the server's word on the size was wrong
            self._memory.refuse(place, uid, Facts(len(raw), facts.arrived if facts else None))
            return "refused"
        arrival = arrival_of(self._family, self._account.mailbox, place, uid, facts, raw, now=self._clock())
        receipt = self._keeper.submit(arrival).result()
        state = "known" if receipt.repeated else "kept"
        self._memory.settle(place, uid, state, facts, receipt.message_id)
        return state

    def _mark(self, connection: Connection, folder: Folder, place: Place, states: dict[int, str]) -> None:
        """Show in the mailbox what became of messages. A mailbox that cannot be written is read all the same."""
        flagged = [u for u, state in states.items() if state == "refused"]
        read = [u for u, state in states.items() if state in ("kept", "known")]
        if not folder.writable or not (flagged or read):
            return
        move_to = self._account.mailbox.move_to
        try:
            if flagged:
                connection.mark(flagged, r"\Flagged")
            if read:
                connection.mark(read, r"\Seen")
            if read and move_to is not None and connection.can_move:
                connection.move(read, move_to)
        except MessageError as error:
            log.warning("%s; they are kept all the same", error.reason)
            return
        self._memory.marked(place, [*flagged, *read])

    def _down(self, error: Exception) -> None:
        """Note that the mailbox cannot be read, without addresses or content."""
        why = "a fault of the gateway"
        if isinstance(error, MailboxError):
            why = error.reason
        elif isinstance(error, SettingsError):
            why = "its password or token cannot be read"
        elif isinstance(error, StoreError):
            why = "what lies there could not be kept"
        log.error("mailbox of family %s: %s (%s)", self._family.key, why, type(error).__name__)
        try:
            self._health.down(why, refused=isinstance(error, (LoginRefusedError, SettingsError)))
        except BreakwaterError:
            log.error("an outage of a mailbox could not be logged")


def _chunks(uids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(uids), CHUNK):
        yield uids[start : start + CHUNK]
