"""Makes or checks one record in a process of its own: ``python -m gateway.record.background DIR NUMBER make|check``.

How far it is goes into its row about once a second; so does what it came to. It never raises: whatever goes wrong becomes a sentence.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from gateway.clock import utc_now
from gateway.errors import BreakwaterError, UserError
from gateway.record import shelf
from gateway.record.make import make
from gateway.settings import Settings, load
from gateway.store import Store, opened
from gateway.store.tables import ExportRow

EVERY = 0.7
Told = Callable[[int, int], None]
BROKEN = "The record could not be made. Nothing is lost. Please ask whoever runs the gateway to look at its log."


def main(directory: Path, number: int, check: bool) -> int:
    """0 where the record is ready."""
    settings = load(directory)
    with opened(settings.database_url, settings.master) as store:
        try:
            if not check:
                _make(settings, store, number)
            _check(settings, store, number)
        except BreakwaterError as error:
            _failed(store, number, str(error) if isinstance(error, UserError) else BROKEN)
            return 1
        except Exception:
            _failed(store, number, BROKEN)
            raise
    return 0


def _make(settings: Settings, store: Store, number: int) -> None:
    target = shelf.place(settings.data, number)
    target.parent.mkdir(mode=0o700, exist_ok=True)
    half = target.with_name(f"{number}-half.zip")
    half.unlink(missing_ok=True)  # of a try that a kill ended
    with store.read() as session:
        order = shelf.order_of(session.get_one(ExportRow, number))
    made = make(
        settings.directory, half, order, utc_now(), reading=_telling(store, number, "reading"), writing=_telling(store, number, "writing")
    )  # fmt: skip
    half.chmod(0o600)
    half.replace(target)
    said = {
        "messages": made.messages, "total": made.total, "entries": made.entries, "manifest": made.manifest,
        "verifier": made.verifier, "fingerprint": made.fingerprint,
    }  # fmt: skip
    with store.write() as session:
        row = session.get_one(ExportRow, number)
        row.said, row.size, row.finished_at, row.state = said, target.stat().st_size, utc_now(), shelf.CHECKING
        row.stage, row.done, row.total = "checking", 0, 0


def _check(settings: Settings, store: Store, number: int) -> None:
    """As `breakwater verify` does, with the key that the log names."""
    from gateway.record.again import check_again
    from gateway.record.verifier.report import Broken
    from gateway.record.verifier.run import unpacked, verify_bundle

    with store.read() as session:
        said = dict(session.get_one(ExportRow, number).said)
    words, failures = "", 1
    try:
        with unpacked(shelf.place(settings.data, number)) as folder:
            report = verify_bundle(folder, str(said.get("fingerprint", "")), None, ())
            if not report.failures:
                check_again(folder / "data", report)
            words, failures = report.text(), report.failures
    except Broken as error:
        words = f"FAILED: {error}\n"
    shelf.report(settings.data, number).write_text(words, encoding="utf8")
    with store.write() as session:
        row = session.get_one(ExportRow, number)
        row.said, row.checked_at = {**said, "failures": failures}, utc_now()
        row.state = shelf.READY


def _failed(store: Store, number: int, why: str) -> None:
    with store.write() as session:
        row = session.get_one(ExportRow, number)
        row.state, row.finished_at, row.said = shelf.FAILED, utc_now(), {**row.said, "why": why}


def _telling(store: Store, number: int, stage: str) -> Told:
    last = [0.0]

    def told(done: int, total: int) -> None:
        if time.monotonic() - last[0] < EVERY:
            return
        last[0] = time.monotonic()
        with store.write() as session:
            row = session.get_one(ExportRow, number)
            row.stage, row.done, row.total = stage, done, total

    return told


if __name__ == "__main__":
    os.nice(10)  # a record may take its time; mail at the door may not
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "check"))
