"""An installation on PostgreSQL with as many processes as a test wants: real `breakwater serve`, one for each, on loopback."""

from __future__ import annotations

import contextlib
import multiprocessing.process
import smtplib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import tomlkit
from sqlalchemy import func, select

from gateway.demo.carriers import Carrier, Mailbox, free_port
from gateway.demo.sample import family as sample_family
from gateway.errors import StoreError
from gateway.many.presence import Process, processes
from gateway.settings import FILE_NAME, Settings, load
from gateway.store import Store
from gateway.store.tables import DeliveryRow, MessageRow
from tests.harness import Loop
from tests.lives import spawn
from tests.many import started

EX = "mark@example.net"
OPEN = ("pending", "sending", "uncertain")


def families(count: int) -> list[dict[str, Any]]:
    """Families that have nothing in common but their kind."""
    return [
        sample_family()
        | {
            "key": f"family{number}",
            "relay_email": f"family{number}@relay.example.org",
            "relay_phone": f"+155501{number:05}",
            "parent": {"name": "Dana", "emails": [f"dana{number}@example.org"], "phones": [f"+155502{number:05}"]},
            "deliver": "at once",
            "person": [],
            "cards_by": ["sms"] if number % 4 == 3 else ["email"],
        }
        for number in range(count)
    ]


def mail(number: int, family: int, text: str, sender: str = EX) -> bytes:
    """A mail of the co-parent's, with a name of its own."""
    made = EmailMessage()
    made["From"], made["To"] = f"Mark <{sender}>", f"family{family}@relay.example.org"
    made["Subject"], made["Message-ID"] = "Emma", f"<in-{family}-{number}@example.net>"
    made.set_content(text)
    return made.as_bytes()


@dataclass
class Installation:
    """Handles for a test. `running`: processes by the name that the test gave them."""

    settings: Settings
    store: Store
    mailbox: Mailbox
    carrier: Carrier
    log: Path
    running: dict[str, multiprocessing.process.BaseProcess] = field(default_factory=dict)

    def start(self, *names: str) -> None:
        """Start processes: ``worker-2`` has the role worker. They are up when this returns."""
        for name in names:
            roles = name.partition("-")[0].split("+")
            process = spawn.Process(target=started.run, args=(self.settings.directory, roles, self.log))
            process.start()
            self.running[name] = process
        wanted = {self.running[name].pid for name in names}
        wait_until(lambda: wanted <= {process.pid for process in self.processes()}, 110)
        if any("intake" in name or "all" in name for name in names):
            wait_until(self.listens, 60)

    def listens(self) -> bool:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            host, _, port = self.settings.server.smtp_listen.rpartition(":")
            with smtplib.SMTP(host, int(port), timeout=5):
                return True
        return False

    def kill(self, name: str) -> None:
        """kill -9, now."""
        process = self.running.pop(name)
        process.kill()
        process.join()

    def stop(self, *names: str) -> None:
        """SIGTERM, and wait for the end."""
        there = [self.running.pop(name) for name in names or list(self.running)]
        for process in there:
            process.terminate()
        for process in there:
            process.join(60)
            assert process.exitcode == 0

    def processes(self) -> list[Process]:
        try:
            with self.store.read() as session:
                return processes(session)
        except StoreError:
            return []

    def send(self, raw: bytes, family: int, sender: str = EX) -> str:
        """Over real SMTP; what the gateway said."""
        host, _, port = self.settings.server.smtp_listen.rpartition(":")
        with smtplib.SMTP(host, int(port), timeout=30) as client:
            client.ehlo("mail.example.net")
            client.mail(sender)
            client.rcpt(f"family{family}@relay.example.org")
            return client.data(raw)[1].decode()

    def open_work(self) -> int:
        return open_work(self.store)

    def settle(self, seconds: float = 90) -> None:
        wait_until(lambda: self.open_work() == 0, seconds)


def open_work(store: Store) -> int:
    """How many messages are to be read, and deliveries to leave. Raises StoreError."""
    with store.read() as session:
        stored = select(func.count()).select_from(MessageRow).where(MessageRow.state == "stored")
        waits = select(func.count()).select_from(DeliveryRow).where(DeliveryRow.state.in_(OPEN))
        return (session.scalar(stored) or 0) + (session.scalar(waits) or 0)


def wait_until(holds: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + 2 * seconds  # on a busy machine
    while not holds():
        assert time.monotonic() < end, "it did not come to pass in time"
        time.sleep(0.05)


def settings_in(folder: Path, database: str, mailbox: Mailbox, carrier: Carrier, count: int, **more: Any) -> Settings:
    """What is written into the file."""
    web = f"127.0.0.1:{free_port()}"
    values: dict[str, Any] = {
        "server": {
            "smtp_listen": f"127.0.0.1:{free_port()}", "web_listen": web, "public_url": f"http://{web}",
            "host_name": "relay.example.org", "database": database,
        },
        "mail_out": {"host": "127.0.0.1", "port": mailbox.port, "security": "none"},
        "texts": {"wait_seconds": 0, "reconcile_minutes": 0},
        "senders": {"check": False},
        "sealing": {},
        "destinations": {"verify": False},
        "twilio": {"account_sid": "AC" + "0" * 32, "auth_token": "demo-token", "api_base": carrier.base},
        **more,
        "family": families(count),
    }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE_NAME).write_text(tomlkit.dumps(values), encoding="utf8")
    return load(folder)


@contextlib.contextmanager
def installation(folder: Path, database: str, count: int, **more: Any) -> Iterator[Installation]:
    """Mail host, carrier and a database in its newest form; no process yet."""
    loop, mailbox, carrier = Loop(), Mailbox(), Carrier()
    loop.do(mailbox.open())
    loop.do(carrier.open())
    settings = settings_in(folder, database, mailbox, carrier, count, **more)
    store = Store(database, settings.master)
    store.migrate()
    made = Installation(settings, store, mailbox, carrier, folder / "serve.log")
    try:
        yield made
    finally:
        for process in made.running.values():
            process.kill()
            process.join()
        store.close()
        loop.do(carrier.close())
        loop.do(mailbox.close())
        loop.close()
