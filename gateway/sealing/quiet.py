"""Sealing what an older version left plain in the folder of blobs, a few files at a time, when nothing else is to be done.

A plain blob lay there once for all families; each family that names it gets a sealed one of its own. It runs while the
gateway does, within the database's write lock, as the removal of what a child wrote does: neither undoes the other's work.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import islice

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from gateway.provenance import IMPORTED
from gateway.sealing.keyring import INSTALLATION
from gateway.store import Blobs, Store
from gateway.store.tables import AttachmentRow, EntryRow, MediaRow, MessageRow, NoteRow, RecordingRow

AT_ONCE = 16
"""How many are sealed in one transaction: an arrival may have to wait for that long."""


class Quiet:
    """`step` as often as there is time. What cannot be sealed, for its bytes are not what they were, is left as it is."""

    def __init__(self, store: Store, blobs: Blobs) -> None:
        self._store, self._blobs = store, blobs
        self._found: Iterator[str] | None = None
        self._also: dict[str, set[str]] | None = None

    def step(self) -> int:
        """Seal some; how many were looked at, 0 when nothing plain is left. Raises StoreError, and then nothing is lost."""
        keys = self._store.keys
        if keys is None:
            return 0
        if self._found is None:
            self._found = self._blobs.plain()
        some = list(islice(self._found, AT_ONCE))
        if not some:
            self._found = self._also = None  # looked through; the next look begins anew
            return 0
        homes = self._homes(some)
        keys.prepare(sorted(set().union(*homes.values())))
        with self._store.write() as session:
            if session.get_bind().dialect.name == "postgresql":
                session.execute(text("LOCK TABLE message, media, attachment IN SHARE ROW EXCLUSIVE MODE"))
            for sha256 in some:
                self._blobs.reseal(sha256, sorted(homes[sha256]))
        return len(some)

    def _homes(self, hashes: Sequence[str]) -> dict[str, set[str]]:
        """The families that name each blob; the installation where none does."""
        found: dict[str, set[str]] = {sha256: set() for sha256 in hashes}
        with self._store.read() as session:
            for query in (
                select(MessageRow.family, MessageRow.sha256).where(MessageRow.sha256.in_(hashes)),
                select(MessageRow.family, MediaRow.sha256)
                .join(MessageRow, MessageRow.id == MediaRow.message_id)
                .where(MediaRow.sha256.in_(hashes)),
                select(AttachmentRow.family, AttachmentRow.sha256).where(AttachmentRow.sha256.in_(hashes)),
                select(RecordingRow.family, RecordingRow.sha256).where(RecordingRow.sha256.in_(hashes)),
            ):
                for family, sha256 in session.execute(query):
                    found[str(sha256)].add(family)
            if self._also is None:
                self._also = _beside(session)
        for sha256, families in found.items():
            families |= self._also.get(sha256, set())
            if not families:
                families.add(INSTALLATION)
        return found


def _beside(session: Session) -> dict[str, set[str]]:
    """Families by the hashes that stand inside other things: photos of notes, files of imported messages in the log."""
    found: dict[str, set[str]] = {}
    for family, content in session.execute(select(NoteRow.family, NoteRow.content)):
        for photo in content.get("photos", ()):
            found.setdefault(photo["sha256"], set()).add(family)
    for family, body in session.execute(select(EntryRow.log, EntryRow.body).where(EntryRow.kind == IMPORTED)):
        for sha256 in json.loads(body).get("files", ()):
            found.setdefault(sha256, set()).add(family)
    return found
