"""A note: what the parent saw or did, when it happened, when it was written, with photos.

    written ─► bytes of the photos on the disk ─► row and entry "journal note" in one transaction ─► never changed
    a mistake ─► a new note that corrects the old one; both stay

The entry holds the SHA-256 of the note as canonical JSON (RFC 8785) and of each photo, so that a note that is shown later can be held
against the log: it was written then, and not made up afterwards. It proves nothing about what happened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.clock import stamp
from gateway.errors import UserError
from gateway.family import Family
from gateway.ledger import append
from gateway.ledger.leaf import canonical
from gateway.store.blobs import digest
from gateway.store.tables import NoteRow

KIND: Final = "journal note"
KINDS: Final = ("exchange", "health", "call", "contact", "school", "other")
MOST_CHARACTERS, MOST_PHOTOS, MOST_BYTES = 20_000, 6, 15_000_000
PICTURES: Final = ("image/jpeg", "image/png", "image/webp", "image/gif")


@dataclass(frozen=True, slots=True)
class Photo:
    """One picture of a note, as its bytes came."""

    name: str
    kind: str
    data: bytes

    @property
    def sha256(self) -> str:
        """Of the bytes."""
        return digest(self.data)


@dataclass(frozen=True, slots=True)
class Note:
    """What was written. `happened_at`: as the parent says; `corrects`: the number of an older note."""

    kind: str
    child: str
    words: str
    happened_at: datetime
    corrects: int | None = None
    photos: tuple[Photo, ...] = ()


def check(note: Note, family: Family, now: datetime) -> None:
    """Raises UserError with a sentence for the parent."""
    if not note.words.strip() and not note.photos:
        raise UserError("Please write a few words, or add a photo.")
    if len(note.words) > MOST_CHARACTERS:
        raise UserError(f"Please write at most {MOST_CHARACTERS:,} characters, or make two notes of it.")
    if note.kind not in KINDS:
        raise UserError("Please choose what the note is about.")
    if note.child and note.child not in {child.name for child in family.children}:
        raise UserError("Please choose one of your children, or none.")
    if note.happened_at > now + timedelta(minutes=5):
        raise UserError("The time lies in the future. A note is about what has happened.")
    if len(note.photos) > MOST_PHOTOS:
        raise UserError(f"Please add at most {MOST_PHOTOS} photos to one note.")
    for photo in note.photos:
        if photo.kind not in PICTURES:
            raise UserError("Please add photos only (JPEG, PNG, WebP or GIF).")
        if len(photo.data) > MOST_BYTES:
            raise UserError("A photo is larger than 15 MB. Please make it smaller.")


def keep(session: Session, family: Family, account: int, note: Note, nonce: str, now: datetime) -> NoteRow:
    """Write a checked note, whose photos are on the disk, in the caller's unit of work; a form sent twice writes once. Raises UserError."""
    known = session.scalar(select(NoteRow).where(NoteRow.family == family.key, NoteRow.nonce == nonce))
    if known is not None:
        return known
    if note.corrects is not None and own(session, family.key, note.corrects) is None:
        raise UserError("The note that this one corrects is not there.")
    content = content_of(note, now)
    sha256 = digest(canonical(content).encode("utf8"))
    body: dict[str, Any] = {"sha256": sha256, "photos": [photo.sha256 for photo in note.photos]}
    entry = append(session, family.key, KIND, body, now=now, zone=family.time_zone)
    row = NoteRow(
        family=family.key, account_id=account, nonce=nonce, written_at=now, happened_at=note.happened_at, kind=note.kind,
        child=note.child, corrects=note.corrects, content=content, sha256=sha256, entry=entry.seq,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def content_of(note: Note, now: datetime) -> dict[str, Any]:
    """The note as it is hashed, kept and put into a record."""
    photos: Sequence[Mapping[str, Any]] = [
        {"name": p.name, "type": p.kind, "size": len(p.data), "sha256": p.sha256} for p in note.photos
    ]
    return {
        "kind": note.kind,
        "child": note.child,
        "words": note.words,
        "happened_at": stamp(note.happened_at),
        "written_at": stamp(now),
        "corrects": note.corrects,
        "photos": list(photos),
    }


def own(session: Session, family: str, number: int) -> NoteRow | None:
    """A note of that family; None for any other number."""
    return session.scalar(select(NoteRow).where(NoteRow.id == number, NoteRow.family == family))


def listed(session: Session, family: str, *, before: int | None = None, most: int = 50) -> list[NoteRow]:
    """Newest first. `before`: only older than that number."""
    query = select(NoteRow).where(NoteRow.family == family).order_by(NoteRow.id.desc()).limit(most)
    return list(session.scalars(query if before is None else query.where(NoteRow.id < before)))
