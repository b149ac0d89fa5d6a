"""A worker in a child process that kills itself (SIGKILL) before or after the n-th commit. Nothing of it is replaced."""

from __future__ import annotations

import os
import signal
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.engine.default import DefaultDialect

from gateway.clock import utc_now
from gateway.demo.sample import family
from gateway.family import Directory, Family
from gateway.policy import load_rules
from gateway.store import Blobs, Store
from gateway.store.tables import MessageRow
from gateway.tagging import open_tagger
from gateway.worker import Worker


def run(folder: Path, chosen: int, wait_seconds: float) -> None:
    """Work until nothing is stored, or die at the chosen moment. Two moments a commit: before it and after it."""
    store = Store(f"sqlite:///{folder / 'test.db'}")
    blobs = Blobs(folder / "blobs", store)
    count, whole = 0, DefaultDialect.do_commit

    def pass_by() -> None:
        nonlocal count
        count += 1
        if count == chosen:
            os.kill(os.getpid(), signal.SIGKILL)

    def counted(self: DefaultDialect, connection: object) -> None:
        pass_by()
        whole(self, connection)
        pass_by()

    DefaultDialect.do_commit = counted
    directory = Directory([Family.model_validate(family())])
    worker = Worker(
        store, blobs, directory, open_tagger(), load_rules(), utc_now,
        public_url="https://relay.example.org", text_wait=timedelta(seconds=wait_seconds),
    )  # fmt: skip
    while True:
        while worker.step():
            pass
        with store.read() as session:
            if session.scalar(select(MessageRow.id).where(MessageRow.state == "stored").limit(1)) is None:
                return
