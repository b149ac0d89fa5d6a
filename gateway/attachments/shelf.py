"""Files for the operator: listed, and taken out of the vault with an entry in the log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from sqlalchemy import select

from gateway.attachments.settle import FileState, size_words
from gateway.clock import utc_now
from gateway.errors import UserError
from gateway.ledger import append
from gateway.settings import load
from gateway.store import Blobs, Store
from gateway.store.tables import AttachmentRow


def listed(directory: Path, *, held: bool) -> Iterator[str]:
    """One line a file, in the order of arrival."""
    with closing(_store(directory)) as store, store.read() as session:
        for row in session.scalars(select(AttachmentRow).order_by(AttachmentRow.message_id, AttachmentRow.place)):
            if held and row.state != FileState.HELD:
                continue
            size = size_words(row.size) if row.size is not None else "not here"
            found = f" ({row.found})" if row.found else ""
            yield f"{row.message_id} {row.place}  {row.state:7}  {row.words}, {size}  {row.sha256 or '-'}  {row.why}{found}"


def take_out(directory: Path, message: int, place: int, to: Path) -> str:
    """Write a file's bytes to `to`; the sentence that says so. Raises UserError, StoreError."""
    settings = load(directory)
    with (
        closing(_store(directory)) as store,
        closing(Blobs(settings.blobs_at, store)) as blobs,
        store.write() as session,
    ):
        row = session.scalars(
            select(AttachmentRow).where(AttachmentRow.message_id == message, AttachmentRow.place == place)
        ).first()
        if row is None or row.sha256 is None:
            raise UserError(f"message {message} has no file {place} here; see: breakwater files list")
        try:
            with to.open("xb") as out:
                out.write(blobs.get(row.family, row.sha256))
        except OSError as error:
            raise UserError(f"{to}: cannot be written: {error.strerror}") from None
        body = {"message": message, "place": place, "sha256": row.sha256}
        append(session, row.family, "file taken out", body, now=utc_now())
        return f"{to}: {row.words}, {size_words(row.size or 0)}, as it came"


def _store(directory: Path) -> Store:
    settings = load(directory)
    store = Store(settings.database_url, settings.master)
    store.migrate()
    return store
