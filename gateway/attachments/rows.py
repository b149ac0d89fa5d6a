"""The rows of files, written in the worker's one transaction, and the log entry that names them.

Called inside the caller's unit of work. The blobs of all files must be on the disk before: see `Desk.keep`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.attachments.scanner import ScanState
from gateway.attachments.settle import FileState, Settled, words_of_claim
from gateway.ledger import append
from gateway.store.tables import AttachmentRow, MediaRow

FIRST_RETRY: Final = timedelta(minutes=2)


def write_rows(
    session: Session, message_id: int, family: str, files: Sequence[Settled], *, now: datetime, zone: str, media: bool
) -> None:
    """A row for each file, and for each medium that the carrier has announced (`media`); one entry for all."""
    for each in files:
        row = AttachmentRow(message_id=message_id, family=family, place=each.place, name=each.file.name)
        fill(row, each, now)
        session.add(row)
    if media:
        found = session.scalars(select(MediaRow).where(MediaRow.message_id == message_id).order_by(MediaRow.id))
        for place, medium in enumerate(found, len(files)):
            session.add(_waiting(medium, family, place))
    if files:
        note(session, message_id, family, files, now=now, zone=zone)


def note(session: Session, message_id: int, family: str, files: Sequence[Settled], *, now: datetime, zone: str) -> None:
    """The log entry: hashes, findings, what became of each."""
    body = {"message": message_id, "files": [each.for_log() for each in files]}
    append(session, family, "files", body, now=now, zone=zone)


def fill(row: AttachmentRow, each: Settled, now: datetime) -> None:
    """Put what was settled into a row."""
    row.shown_name, row.words, row.ending = each.shown_name, each.look.words, each.look.ending
    row.type, row.claimed_type = each.file.type[:100], each.file.claimed_type.replace("\x00", "")[:200]
    row.sha256 = each.file.sha256 or None
    row.size = each.file.size if row.sha256 else None
    row.state, row.rule, row.why = each.state.value, each.rule, each.why
    row.on_card, row.after_original = each.on_card, each.after_original
    row.scan, row.found = each.scan.state.value, each.scan.signature
    row.next_at = now + FIRST_RETRY if each.scan.state is ScanState.AWAY else None


def _waiting(medium: MediaRow, family: str, place: int) -> AttachmentRow:
    return AttachmentRow(
        message_id=medium.message_id,
        family=family,
        place=place,
        media_id=medium.id,
        name="",
        shown_name="",
        words=words_of_claim(medium.content_type).lower(),
        ending="bin",
        type="",
        claimed_type=medium.content_type,
        size=None,
        sha256=None,
        state=FileState.WAITING.value,
        rule="",
        why="",
        on_card=True,
        after_original=False,
        scan=ScanState.NONE.value,
        found="",
        next_at=None,
    )


def rows_of(session: Session, message_id: int) -> list[AttachmentRow]:
    """The rows of a message in the order in which its files stood in it."""
    found = session.scalars(
        select(AttachmentRow).where(AttachmentRow.message_id == message_id).order_by(AttachmentRow.place)
    )
    return list(found)
