"""An edge in a child process that kills itself (SIGKILL) at the n-th moment: around commits and around handing over words.

Nothing of the gateway is replaced; its calls are only counted.
"""

from __future__ import annotations

import asyncio
import os
import signal
from datetime import datetime
from typing import Any

import aiosmtplib
from sqlalchemy.engine.default import DefaultDialect

from gateway.delivery import outbox
from gateway.delivery.edge import Edge
from gateway.delivery.email import SmartHost
from gateway.delivery.gather import Gatherer
from gateway.family import Directory, Family
from gateway.settings import MailOut
from gateway.store import Store
from tests.delivery.planted import URL


def run(url: str, settings: dict[str, Any], port: int, now: datetime, chosen: int) -> None:
    """Send until nothing is due, or die at the chosen moment (0: never)."""
    count, commit, data = 0, DefaultDialect.do_commit, aiosmtplib.SMTP.data

    def pass_by() -> None:
        nonlocal count
        count += 1
        if count == chosen:
            os.kill(os.getpid(), signal.SIGKILL)

    def counted_commit(self: DefaultDialect, connection: object) -> None:
        pass_by()
        commit(self, connection)
        pass_by()

    async def counted_data(self: aiosmtplib.SMTP, *arguments: Any, **options: Any) -> Any:
        pass_by()
        answer = await data(self, *arguments, **options)
        pass_by()
        return answer

    DefaultDialect.do_commit = counted_commit  # type: ignore[method-assign]
    aiosmtplib.SMTP.data = counted_data  # type: ignore[method-assign]
    store, directory = Store(url), Directory([Family.model_validate(settings)])
    host = SmartHost(MailOut(host="127.0.0.1", port=port, security="none"), None)
    gatherer = Gatherer(store, directory, URL)
    outbox.recover(store)
    gatherer.bring_forward(now)
    edge = Edge(store, directory, {"email": host}, lambda: now, gatherer)

    async def work() -> None:
        while await edge.round():
            pass

    asyncio.run(work())
