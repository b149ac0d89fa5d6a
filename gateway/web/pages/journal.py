"""The journal: ``/journal`` (write a note; those that were written), ``/journal/NUMBER`` (one of them, to read or to correct)."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from gateway.accounts import Role
from gateway.accounts.opened import What, opened
from gateway.attachments.picture import PictureError, redraw
from gateway.clock import Clock, local
from gateway.errors import UserError
from gateway.journal.notes import KINDS, MOST_BYTES, MOST_PHOTOS, Note, Photo, check, keep, listed, own
from gateway.parsing.sniff import sniff
from gateway.store import Blobs, Store
from gateway.store.tables import NoteRow
from gateway.web.guard import NOT_HERE
from gateway.web.room import PARENT, READERS, Room, Visitor

PAGE: Final = 50
TITLES: Final = {
    "exchange": "Handover", "health": "Health", "call": "Call", "contact": "Contact", "school": "School", "other": "Something else",
}  # fmt: skip
DAMAGED: Final = "A photo cannot be read. Please take it again or choose another. Nothing was written."
NO_TIME: Final = "Please say when it happened, as a day and a time."


class Journal:
    """Of the visitor's family."""

    def __init__(self, store: Store, blobs: Blobs, clock: Clock) -> None:
        self._store, self._blobs, self._clock = store, blobs, clock

    def rooms(self) -> list[Room]:
        """For the guard."""
        most = MOST_PHOTOS * MOST_BYTES + 200_000
        return [
            Room("journal", "/journal", self.list, READERS, menu="Journal", place=50, needs=What.JOURNAL),
            Room("journal note", "/journal/{number:int}", self.one, READERS, needs=What.JOURNAL),
            Room(
                "journal photo",
                "/journal/{number:int}/photo/{place:int}",
                self.photo,
                READERS,
                methods=("POST",),
                needs=What.JOURNAL,
            ),
            Room("journal write", "/journal/write", self.write, PARENT, methods=("GET", "POST"), most_bytes=most),
        ]

    def list(self, request: Request, visitor: Visitor) -> Response:
        """Notes, newest first, 50 a page."""
        before = request.query_params.get("before", "")
        with self._store.read() as session:
            if not self._may(session, visitor):
                return PlainTextResponse(NOT_HERE, 404)
            rows = listed(session, visitor.home.key, before=_number(before), most=PAGE + 1)
            more = rows[PAGE - 1].id if len(rows) > PAGE else None
            return visitor.show("journal.html", rows=rows[:PAGE], more=more, titles=TITLES, parent=_is_parent(visitor))

    def one(self, request: Request, visitor: Visitor, picture: str = "") -> Response:
        """One note, word for word, with its place in the log."""
        with self._store.read() as session:
            row = self._found(session, request, visitor)
            if row is None:
                return PlainTextResponse(NOT_HERE, 404)
            return visitor.show(
                "journal-note.html", row=row, titles=TITLES, picture=picture, parent=_is_parent(visitor)
            )

    def photo(self, request: Request, visitor: Visitor) -> Response:
        """A photo on a second tap, drawn anew."""
        with self._store.read() as session:
            row = self._found(session, request, visitor)
            photos = row.content["photos"] if row else []
            place = request.path_params["place"]
            if row is None or not 0 <= place < len(photos):
                return PlainTextResponse(NOT_HERE, 404)
        try:
            drawn = redraw(self._blobs.get(visitor.home.key, photos[place]["sha256"]))
        except PictureError:
            raise UserError(DAMAGED) from None
        return self.one(request, visitor, "data:image/jpeg;base64," + base64.b64encode(drawn).decode())

    def write(self, request: Request, visitor: Visitor) -> Response:
        """The form, and what it brings."""
        now = self._clock()
        if request.method == "GET":
            corrects = request.query_params.get("corrects", "")
            return self._form(visitor, now, {"corrects": corrects if _number(corrects) is not None else ""})
        given = {name: visitor.field(name, 100) for name in ("kind", "child", "day", "time", "corrects")}
        given["words"] = visitor.field("words", 100_000)
        try:
            note = Note(
                given["kind"],
                given["child"],
                given["words"].replace("\r\n", "\n").strip(),
                _moment(given["day"], given["time"], visitor.home.time_zone),
                _number(given["corrects"]),
                _photos(visitor),
            )
            check(note, visitor.home, now)
            self._blobs.put_all(visitor.home.key, [photo.data for photo in note.photos])
            with self._store.write() as session:
                number = keep(session, visitor.home, visitor.visit.account, note, visitor.nonce, now).id
        except UserError as error:
            return self._form(visitor, now, given, str(error), 422)
        return RedirectResponse(f"/journal/{number}", 303)

    def _form(
        self, visitor: Visitor, now: datetime, given: dict[str, Any], said: str = "", status: int = 200
    ) -> Response:
        here = local(now, visitor.home.time_zone)
        start = {
            "kind": "exchange",
            "child": "",
            "day": f"{here:%Y-%m-%d}",
            "time": f"{here:%H:%M}",
            "words": "",
            "corrects": "",
        }
        children = [child.name for child in visitor.home.children]
        return visitor.show(
            "journal-write.html", status, given=start | given, said=said, kinds=KINDS, titles=TITLES, children=children, most=MOST_PHOTOS
        )  # fmt: skip

    def _found(self, session: Session, request: Request, visitor: Visitor) -> NoteRow | None:
        if not self._may(session, visitor):
            return None
        return own(session, visitor.home.key, request.path_params["number"])

    def _may(self, session: Session, visitor: Visitor) -> bool:
        if _is_parent(visitor):
            return True
        return opened(session, visitor.visit.account, What.JOURNAL, self._clock()) is not None


def _is_parent(visitor: Visitor) -> bool:
    return visitor.visit.role is Role.PARENT


def _number(written: str) -> int | None:
    return int(written) if written.isascii() and written.isdigit() and len(written) < 18 else None


def _moment(day: str, hour: str, zone: str) -> datetime:
    """A local day and time as UTC. A time that daylight saving skips is the one that the clock jumped to. Raises UserError."""
    try:
        moment = datetime.fromisoformat(f"{day}T{hour or '12:00'}")
    except ValueError:
        raise UserError(NO_TIME) from None
    if moment.tzinfo is not None or not 1990 <= moment.year <= 9000:
        raise UserError(NO_TIME)
    return moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _photos(visitor: Visitor) -> tuple[Photo, ...]:
    """The files of the form that are not empty, by what their bytes are and not by what they are called. Raises UserError."""
    found: list[Photo] = []
    for file in visitor.form.getlist("photos"):
        if not isinstance(file, UploadFile):
            continue
        data = file.file.read(MOST_BYTES + 1)
        if not data:
            continue
        photo = Photo(_name(file.filename or ""), sniff(data), data)
        if photo.kind.startswith("image/") and len(data) <= MOST_BYTES:
            try:
                redraw(data)  # what cannot be shown later is told now
            except PictureError:
                raise UserError(DAMAGED) from None
        found.append(photo)
    return tuple(found)


def _name(name: str) -> str:
    """A file's name without its folders and without what could break a line."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in last if c.isprintable())[:100] or "photo"
