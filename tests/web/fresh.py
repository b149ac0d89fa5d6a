"""A gateway without a family, as `breakwater init DIR --pages` leaves it, on loopback."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import tomlkit

from gateway.clock import Clock, utc_now
from gateway.demo.carriers import Carrier, Mailbox, free_port
from gateway.demo.run import TOKEN
from gateway.serve import Gateway
from gateway.settings import FILE_NAME, Settings, load
from gateway.setup import create_for_pages
from gateway.store import Store
from tests.e2e.world import World
from tests.harness import Loop
from tests.web.visiting import Browser


@dataclass
class Fresh:
    """Handles for a test. `link`: of the interview."""

    gateway: Gateway
    world: World
    link: str
    browser: Browser

    @property
    def folder(self) -> Path:
        return self.gateway._settings.directory

    @property
    def path(self) -> str:
        """Of the interview."""
        return self.link.removeprefix(self.gateway._settings.server.public_url)


@contextlib.contextmanager
def open_fresh(folder: Path, clock: Clock = utc_now, *, verify: bool = True) -> Iterator[Fresh]:
    """Everything running in this process, with real ports."""
    loop, mailbox, carrier = Loop(), Mailbox(), Carrier()
    loop.do(mailbox.open())
    loop.do(carrier.open())
    web = f"127.0.0.1:{free_port()}"
    made, link = create_for_pages(folder, f"http://{web}", "relay.example.org", clock())
    _for_loopback(made.file, web, mailbox, carrier, verify=verify)
    settings = load(folder)
    gateway = Gateway(settings, clock)
    loop.do(gateway.start())
    reader = Store(settings.database_url)
    browser = Browser(httpx.Client(base_url=settings.server.public_url, timeout=60))
    try:
        yield Fresh(gateway, World(settings, reader, mailbox, carrier, gateway.held), link, browser)
    finally:
        browser.http.close()
        reader.close()
        loop.do(gateway.stop())
        loop.do(carrier.close())
        loop.do(mailbox.close())
        loop.close()


def _for_loopback(file: Path, web: str, mailbox: Mailbox, carrier: Carrier, *, verify: bool) -> Settings:
    document = tomlkit.parse(file.read_text())
    document["server"]["web_listen"] = web  # type: ignore[index]
    document["server"]["smtp_listen"] = f"127.0.0.1:{free_port()}"  # type: ignore[index]
    document["mail_out"]["port"] = mailbox.port  # type: ignore[index]
    document["mail_out"]["security"] = "none"  # type: ignore[index]
    document["senders"]["check"] = False  # type: ignore[index]
    document["texts"]["wait_seconds"] = 0  # type: ignore[index]
    document["twilio"] = {"account_sid": "AC" + "0" * 32, "auth_token": TOKEN, "api_base": carrier.base}
    document["destinations"] = {"verify": verify}
    (file.parent / FILE_NAME).write_text(tomlkit.dumps(document))
    return load(file.parent)
