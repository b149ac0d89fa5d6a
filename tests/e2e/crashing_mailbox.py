"""The mailbox reader with store and keeper in a child process that kills itself (SIGKILL) at the n-th moment that matters.

Moments: before and after every commit that writes, before and after blobs are made durable, before and after each command
to the mail server that fetches, marks or moves. Nothing is replaced; its calls are only counted.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path

from imapclient import IMAPClient
from sqlalchemy.engine.default import DefaultDialect

from gateway.clock import utc_now
from gateway.intake.imap import Account
from gateway.intake.keep import Keeper
from gateway.intake.mailbox import MailboxReader
from gateway.intake.polling import Rhythm
from gateway.settings import Settings
from gateway.store import Blobs, Store
from gateway.store.folder import Folder
from tests.e2e.crashing import Moments, _around

LIMIT = 50_000
WORK = {
    "do_commit": DefaultDialect,
    "put_all": Folder,
    "fetch": IMAPClient,
    "add_flags": IMAPClient,
    "move": IMAPClient,
}


def run(settings: Settings, chosen: int, note: Path, done: Path, only: str = "") -> None:
    """Read until `done` exists, and die at the chosen moment (of that name only, where one is given)."""
    moments = Moments(chosen, note, only)
    for name, owner in WORK.items():
        _around(owner, name, moments)
    store = Store(settings.database_url)
    blobs = Blobs(settings.data / "blobs", store)
    keeper = Keeper(store, blobs)
    (family,) = settings.families
    assert family.mailbox is not None
    account = Account.of(family, family.mailbox, settings)
    rhythm = Rhythm(poll=5, soon=0.2, first=0.05, longest=0.3)
    reader = MailboxReader(family, account, keeper, store, utc_now, limit=LIMIT, rhythm=rhythm)
    thread = threading.Thread(target=reader.run)
    thread.start()
    while not done.exists():
        time.sleep(0.02)
    reader.stop(thread)
    thread.join()
    keeper.close()
    store.close()
    blobs.close()
