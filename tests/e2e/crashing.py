"""`serve` in a child process that kills itself (SIGKILL) at the n-th of the moments that matter.

Moments: before and after every commit that writes, before and after blobs are made durable or removed, before and after words are
handed to the mail host and to the text carrier. Nothing of the gateway is replaced; its calls are only counted.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import aiosmtplib
from sqlalchemy.engine.default import DefaultDialect

from gateway.delivery.sms import BasedHttpClient
from gateway.serve import serve
from gateway.settings import Settings
from gateway.store.folder import Folder


class Moments:
    """Counts moments; kills at the chosen one. `chosen` 0 never kills. The file tells which moment it was.

    `only`: count moments of this name and no other.
    """

    def __init__(self, chosen: int, note: Path, only: str = "") -> None:
        self.chosen, self.note, self.count, self.only = chosen, note, 0, only

    def pass_by(self, name: str) -> None:
        if self.only not in ("", name):
            return
        self.count += 1
        if self.count == self.chosen:
            self.note.write_text(name)
            os.kill(os.getpid(), signal.SIGKILL)


def run(settings: Settings, chosen: int, note: Path, only: str = "") -> None:
    """Serve, and die at the chosen moment."""
    moments = Moments(chosen, note, only)
    _around(DefaultDialect, "do_commit", moments)
    _around(Folder, "put_all", moments)
    _around(Folder, "remove", moments)
    _around(BasedHttpClient, "request", moments)
    data = aiosmtplib.SMTP.data

    async def counted(self: aiosmtplib.SMTP, *arguments: Any, **options: Any) -> Any:
        moments.pass_by("before data")
        answer = await data(self, *arguments, **options)
        moments.pass_by("after data")
        return answer

    aiosmtplib.SMTP.data = counted  # type: ignore[method-assign]
    serve(settings)


def _around(owner: type, name: str, moments: Moments) -> None:
    whole = getattr(owner, name)

    def counted(self: Any, *arguments: Any, **options: Any) -> Any:
        moments.pass_by(f"before {name}")
        answer = whole(self, *arguments, **options)
        moments.pass_by(f"after {name}")
        return answer

    setattr(owner, name, counted)
