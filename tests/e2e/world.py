"""A gateway with its world on loopback: real SMTP, real HTTP, a mail host and a text carrier that take what comes."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from gateway.clock import Clock, utc_now
from gateway.demo.carriers import Carrier, Mailbox
from gateway.demo.run import bring, settings_in
from gateway.demo.sample import PARENT_EMAIL, Sample
from gateway.ledger import Entry, entries
from gateway.reply.holding import HeldDrafts
from gateway.serve import Gateway
from gateway.settings import Settings
from gateway.store import Store
from gateway.store.tables import CardRow, DecisionRow, DeliveryRow, MessageRow
from tests.harness import Loop

BUSY = 3


@dataclass
class World:
    """Handles for a test."""

    settings: Settings
    store: Store
    mailbox: Mailbox
    carrier: Carrier
    held: HeldDrafts
    number: int = 0
    gateway: Gateway | None = None

    def send(self, sample: Sample) -> str:
        """Bring a sample the real way; the receipt."""
        self.number += 1
        return bring(sample, self.number, self.settings)

    def settle(self, seconds: float = 30) -> None:
        """Wait until all is concluded and sent."""
        wait_until(lambda: self.open_work() == 0, seconds)

    def open_work(self) -> int:
        with self.store.read() as session:
            stored = session.scalar(select(func.count()).where(MessageRow.state == "stored")) or 0
            open_ = session.scalar(
                select(func.count()).where(DeliveryRow.state.in_(("pending", "sending", "uncertain")))
            )
            return stored + (open_ or 0)

    def mails(self, to: str = PARENT_EMAIL) -> list[EmailMessage]:
        return [message_from_bytes(raw, policy=policy.default) for _, tos, raw in self.mailbox.received if to in tos]

    def lanes(self) -> list[str]:
        with self.store.read() as session:
            return list(session.scalars(select(DecisionRow.lane).order_by(DecisionRow.message_id)))

    def cards(self) -> list[CardRow]:
        with self.store.read() as session:
            found = list(session.scalars(select(CardRow).order_by(CardRow.id)))
            session.expunge_all()
            return found

    def log(self, name: str = "rivera") -> list[Entry]:
        with self.store.read() as session:
            return list(entries(session, name))


def wait_until(holds: Callable[[], bool], seconds: float) -> None:
    """Poll until it holds; fail when it does not in time. `seconds`: on a machine with nothing else to do; a busy one has `BUSY` times
    as long.
    """
    end = time.monotonic() + BUSY * seconds
    while not holds():
        assert time.monotonic() < end, "it did not settle in time"
        time.sleep(0.05)


def changed(settings: Settings, changes: dict[str, Any]) -> Settings:
    """The settings with changes; a dict changes single values of its section."""
    update = {
        name: getattr(settings, name).model_copy(update=value) if isinstance(value, dict) else value
        for name, value in changes.items()
    }
    return settings.model_copy(update=update)


@contextlib.contextmanager
def open_world(
    folder: Path, clock: Clock = utc_now, outside: tuple[Mailbox, Carrier] | None = None, **changes: Any
) -> Iterator[World]:
    """Everything running in this process, each part with real sockets. `changes` of the settings by section.

    `outside`: mail host and carrier that outlive the gateway; they need not be open yet.
    """
    loop, (mailbox, carrier) = Loop(), outside or (Mailbox(), Carrier())
    loop.do(mailbox.open())
    loop.do(carrier.open())
    settings = changed(settings_in(folder, mailbox, carrier), changes)
    gateway = Gateway(settings, clock)
    loop.do(gateway.start())
    reader = Store(settings.database_url)
    try:
        yield World(settings, reader, mailbox, carrier, gateway.held, gateway=gateway)
    finally:
        reader.close()
        loop.do(gateway.stop())
        loop.do(carrier.close())
        loop.do(mailbox.close())
        loop.close()
