"""The parent's own notes in a record: files and pages of their own, beside the messages and never among them.

Which notes there are comes from the store; that each was written when it says follows from the log, whose entry holds its hash. What a
note tells is the parent's word.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.ledger.leaf import canonical
from gateway.record.items import Note, Record, Scope, Style
from gateway.record.lines import lines
from gateway.record.speech import court
from gateway.record.told import Told, moment
from gateway.record.transcript import TIMES, spoken
from gateway.store.blobs import digest
from gateway.store.tables import NoteRow

PDF: Final = "journal.pdf"
FOLDER: Final = "journal"
TITLES: Final = {
    "exchange": "Handover", "health": "Health", "call": "Call", "contact": "Contact", "school": "School", "other": "Something else",
}  # fmt: skip
SAID: Final = (
    "Notes of the parent's own. They are no messages, and nobody else has seen or checked them. The log holds the hash of each from the "
    "moment it was written, so none was made up or changed later; whether it is true, it cannot tell."
)
ENDINGS: Final = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/gif": "gif"}


def notes(session: Session, log: Told, family: str, scope: Scope) -> tuple[tuple[Note, ...], int]:
    """The notes of the period (by when things happened), in the order of the log, and how many there are in all."""
    rows = session.scalars(select(NoteRow).where(NoteRow.family == family).order_by(NoteRow.id)).all()
    chosen = [
        row
        for row in rows
        if not (scope.since and row.happened_at < scope.since) and not (scope.until and row.happened_at >= scope.until)
    ]
    return tuple(note_of(number, row.content, log) for number, row in enumerate(chosen, 1)), len(rows)


def note_of(number: int, content: Mapping[str, Any], log: Told) -> Note:
    """A note with its place in the log. Raises KeyError where the log holds no note of that hash."""
    text = canonical(dict(content))
    sha256 = digest(text.encode("utf8"))
    entry, entry_hash = log.notes[sha256]
    return Note(number, entry, entry_hash, content, text, sha256)


def photo_of(note: Note, place: int, photo: Mapping[str, Any]) -> str:
    """Where a photo lies in a bundle."""
    return f"{FOLDER}/{note.number:06d}-{place}.{ENDINGS.get(str(photo['type']), 'bin')}"


def read(data: Path, log: Told) -> tuple[Note, ...]:
    """The notes of a bundle. Raises KeyError, ValueError."""
    files = sorted((data / FOLDER).glob("*.json"))
    return tuple(note_of(int(f.stem), json.loads(f.read_text(encoding="utf8")), log) for f in files)


def journal_of(record: Record, style: Style, *, prefix: str) -> dict[str, Any]:
    """The values of the pages."""
    speak = court(record.language)
    say, count = speak.say, len(record.notes)
    part = (
        say("{count} of {total} notes", count=count, total=record.notes_total) if count < record.notes_total else None
    )
    return spoken(record) | {
        "title": say("Journal: the parent's own notes"),
        "style": str(style),
        "prefix": prefix,
        "extract": say("Extract of a journal: {part}", part=part) if part else None,
        "cover": [
            [say("Log"), lines(say("{log}, {entries:,} entries", log=record.log, entries=record.entries))],
            [say("What this is"), lines(say(SAID))],
            [say("Notes"), lines(part or say("{count}, all of them", count=count))],
            [say("Times"), lines(say(TIMES, zone=record.zone))],
            [say("Made"), lines(speak.when(record.made_at, record.zone))],
        ],
        "parties": [[lines(p.name), speak.known(p.role), lines("")] for p in record.parties if p.is_parent],
        "notes": [_shown(note, record) for note in record.notes],
        "messages": [],
        "lanes": [],
    }


def _shown(note: Note, record: Record) -> dict[str, Any]:
    speak, told = court(record.language), note.content
    child, kind = str(told["child"]), str(told["kind"])
    return {
        "n": note.number,
        "about": speak.say(TITLES[kind]) if kind in TITLES else kind,
        "child": lines(child) if child else None,
        "happened": speak.when(moment(str(told["happened_at"])), record.zone),
        "written": speak.when(moment(str(told["written_at"])), record.zone),
        "words": lines(str(told["words"])),
        "corrects": told["corrects"],
        "entry": f"{record.log}/{note.entry}",
        "hash": note.entry_hash[:16],
        "sha256": note.sha256,
        "photos": [
            [lines(str(p["name"])), speak.say("{size:,} bytes, SHA-256 {hash}", size=p["size"], hash=p["sha256"])]
            for p in told["photos"]
        ],
    }
