"""The worker's desk for files: scan, settle, keep, and come back to what was not there at first.

`attach` belongs to a message that is being concluded. `step` takes one file that had to wait: a medium that the carrier
has handed over since, or a file that the scanner could not look at.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final, Protocol

from sqlalchemy import bindparam, select, union_all, update
from sqlalchemy.orm import Session

from gateway.attachments import kinds, names
from gateway.attachments.look import Look
from gateway.attachments.rows import FIRST_RETRY, fill, note
from gateway.attachments.scanner import Scan, ScanState
from gateway.attachments.settle import (
    MOST_FILES,
    TOO_MANY,
    FileState,
    Settled,
    about_message,
    settle,
    settled,
)
from gateway.clock import Clock
from gateway.errors import StoreError
from gateway.family import Directory
from gateway.parsing import Attachment
from gateway.parsing.files import describe_file
from gateway.policy import Lane, Ruleset
from gateway.policy.files import decide_file
from gateway.store import Blobs, Store
from gateway.store.tables import AttachmentRow, DecisionRow, MediaRow, MessageRow

SCAN_SECONDS: Final = 60.0
"""Time for all files of one message; what is left then waits for its scan, the message does not."""
RETRY: Final = timedelta(minutes=10)
NO_RULES: Final = Ruleset((), "")
_FETCHED = (
    select(AttachmentRow, MediaRow)
    .join(MediaRow, MediaRow.id == AttachmentRow.media_id)
    .where(AttachmentRow.state == FileState.WAITING.value, MediaRow.state != "waiting")
    .order_by(AttachmentRow.id)
    .limit(1)
)
_UNSCANNED = (
    select(AttachmentRow, MediaRow)
    .outerjoin(MediaRow, MediaRow.id == AttachmentRow.media_id)
    .where(AttachmentRow.state == FileState.HELD.value, AttachmentRow.next_at <= bindparam("now"))
    .order_by(AttachmentRow.id)
    .limit(1)
)
_ANY = union_all(
    *(
        select(query.with_only_columns(AttachmentRow.id, maintain_column_froms=True).subquery().c.id)
        for query in (_FETCHED, _UNSCANNED)
    )
).limit(1)
"""Asked whenever the worker is idle, so they are made once."""


class Scanner(Protocol):
    """Looks for viruses; never raises."""

    def scan(self, data: bytes) -> Scan:
        """Scan one file."""
        ...


class Desk:
    """One for a worker. `is_plain`: (family key, words) -> whether they are nothing but facts about the children."""

    def __init__(
        self,
        store: Store,
        blobs: Blobs,
        directory: Directory,
        rules: Mapping[str, Ruleset],
        clock: Clock,
        is_plain: Callable[[str, str], bool],
        scanner: Scanner | None = None,
    ) -> None:
        self._store, self._blobs, self._directory, self._rules = store, blobs, directory, rules
        self._clock, self._is_plain, self._scanner = clock, is_plain, scanner

    def settle_all(
        self,
        family: str,
        channel: str,
        lane: Lane,
        detail: Mapping[str, Any],
        files: Sequence[Attachment],
        *,
        imported: bool = False,
    ) -> tuple[Settled, ...]:
        """What becomes of the files of one message. Never raises. What is imported goes nowhere and is not scanned."""
        about, rules = about_message(lane, detail, channel, imported=imported), self._rules[family]
        looked_at = files[:MOST_FILES]
        shown = names.shown([f.name for f in looked_at], lambda words: not imported and self._is_plain(family, words))
        scans = [Scan()] * len(looked_at) if imported else self._scans(looked_at)
        out = [
            settle(place, file, scan, about, rules, name)
            for place, (file, scan, name) in enumerate(zip(looked_at, scans, shown, strict=True))
        ]
        rest = enumerate(files[MOST_FILES:], MOST_FILES)
        return (*out, *(settled(place, file, Look(kinds.UNKNOWN), TOO_MANY, Scan()) for place, file in rest))

    def keep(self, family: str, files: Sequence[Settled]) -> None:
        """Put the bytes on the disk, before the rows that name them. Raises StoreError."""
        if files:
            self._blobs.put_all(family, [each.file.data for each in files])

    def step(self) -> bool:
        """Settle one file that had to wait; False when none is ready. Raises StoreError."""
        with self._store.glance() as connection:  # mostly there is none
            if connection.execute(_ANY, {"now": self._clock()}).first() is None:
                return False
        with self._store.read() as session:
            found = self._ready(session)
            if found is None:
                return False
            row, medium, message, decision = found
            session.expunge_all()
        file = self._file(row, medium)
        scan = self._scans([file])[0] if file.sha256 else Scan()
        about = about_message(Lane(decision.lane), decision.detail, message.channel)
        rules = self._rules.get(row.family, NO_RULES)
        if medium is not None and medium.state != "kept":
            each = settled(row.place, file, Look(kinds.UNKNOWN), decide_file({"missing"}, about, rules), Scan(), "")
        else:
            each = settle(row.place, file, scan, about, rules, self._shown_again(row))
        self._write(row.id, each)
        return True

    def _scans(self, files: Sequence[Attachment]) -> list[Scan]:
        """One scan a file; once the scanner is away, or the time is spent, the rest waits."""
        if self._scanner is None:
            return [Scan()] * len(files)
        out: list[Scan] = []
        end = time.monotonic() + SCAN_SECONDS
        away = False
        for file in files:
            scan = Scan(ScanState.AWAY) if away or time.monotonic() > end else self._scanner.scan(file.data)
            away = away or scan.state is ScanState.AWAY
            out.append(scan)
        return out

    def _ready(self, session: Session) -> tuple[AttachmentRow, MediaRow | None, MessageRow, DecisionRow] | None:
        for query in (_FETCHED, _UNSCANNED):
            row = session.execute(query, {"now": self._clock()}).first()
            if row is None:
                continue
            message = session.get_one(MessageRow, row[0].message_id)
            decision = session.scalars(
                select(DecisionRow).where(DecisionRow.message_id == message.id).order_by(DecisionRow.id.desc()).limit(1)
            ).one()
            return row[0], row[1], message, decision
        return None

    def _file(self, row: AttachmentRow, medium: MediaRow | None) -> Attachment:
        """The file with its bytes; without bytes where the carrier did not hand it over or they cannot be read."""
        sha256 = row.sha256 or (medium.sha256 if medium is not None else None)
        try:
            data = self._blobs.get(row.family, sha256) if sha256 else b""
        except StoreError:
            data = b""
        seen = describe_file(data, row.name, row.claimed_type)
        return replace(seen, sha256=sha256 or "")

    def _shown_again(self, row: AttachmentRow) -> str:
        return names.shown([row.name], lambda words: self._is_plain(row.family, words))[0]

    def _write(self, row_id: int, each: Settled) -> None:
        now = self._clock()
        with self._store.write() as session:
            row = session.get_one(AttachmentRow, row_id)
            before = (row.state, row.rule)
            fill(row, each, now)
            if (
                each.scan.state is ScanState.AWAY
            ):  # one try tells for all that wait; a slow scanner must not stop messages
                session.flush()
                due = (AttachmentRow.next_at.is_not(None), AttachmentRow.next_at <= now + FIRST_RETRY)
                session.execute(update(AttachmentRow).where(*due).values(next_at=now + RETRY))
            family = self._directory.family(row.family)
            if before != (row.state, row.rule):
                zone = family.time_zone if family else "UTC"
                note(session, row.message_id, row.family, [each], now=now, zone=zone)
