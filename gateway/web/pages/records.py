"""The record: ``/record`` (ask for one, and all that were made), ``/record/NUMBER`` (how far it is, what its check said, the file, links).

A record is made in the background (`gateway.record.office`); without script the page looks again by itself every few seconds.
A link for a lawyer leads to ``/bundle/TOKEN``: a page with one button, so that a mail scanner that follows links fetches nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from gateway.accounts import Role
from gateway.accounts.opened import What, opened
from gateway.accounts.visits import hashed
from gateway.clock import Clock, for_people
from gateway.delivery import notices
from gateway.errors import StoreError, UserError
from gateway.family import Directory, Family, normal_email
from gateway.family import Role as Is
from gateway.language import SOURCE
from gateway.ledger import append
from gateway.record import shelf
from gateway.record.exhibit import ISSUES
from gateway.record.items import LANES, Style
from gateway.record.make import Order
from gateway.store import Store
from gateway.store.tables import ExportLinkRow, ExportRow
from gateway.tagging.spans import TOPICS
from gateway.web import site
from gateway.web.access import Access
from gateway.web.guard import LATER, NOT_HERE
from gateway.web.room import PARENT, READERS, Room, Visitor

HOLDS: Final = timedelta(days=7)
SHOWN: Final = 50
KIND, SUBJECT = "record link", "A record for you"
WORDS: Final = (
    "{parent} would like you to have a record of messages. You can fetch it here until {until}:\n\n{link}\n\n"
    "It is a .zip file. To check it, ask {parent} for the fingerprint of the key by telephone or on paper: it is not in this mail on purpose. "
    "How to check is in README.md inside."
)
SAID: Final = {
    shelf.WAITING: "It waits for its turn.",
    shelf.MAKING: "It is being made. You may leave this page; it goes on.",
    shelf.TO_CHECK: "It waits to be checked.",
    shelf.CHECKING: "It is being checked, as the other side could check it.",
    shelf.READY: "It is ready.",
    shelf.FAILED: "It could not be made.",
    shelf.REMOVED: "The file was removed here. What was handed out stays as good as it was.",
}
STAGES: Final = {"": "", "reading": "Reading messages", "writing": "Writing pages and proofs", "checking": "Checking"}
TOO_MANY: Final = "Three records are being made already. Please wait until one of them is ready."
NOT_READY: Final = "This record is not ready yet. Please wait until it is."
NOBODY: Final = frozenset({Is.COPARENT, Is.CHILD, Is.PARTNER})


class Records:
    """Of the visitor's family. `ring`: tells the office that something was asked for."""

    def __init__(
        self, store: Store, directory: Directory, clock: Clock, access: Access, data: Path, ring: Callable[[], None]
    ) -> None:
        self._store, self._directory, self._clock, self._access = store, directory, clock, access
        self._data, self._ring = data, ring

    def rooms(self) -> list[Room]:
        """For the guard."""
        return [
            Room("records", "/record", self.list, READERS, menu="Record", place=60, needs=What.RECORDS),
            Room("record asked", "/record/ask", self.ask, PARENT, methods=("GET", "POST")),
            Room("record", "/record/{number:int}", self.one, READERS, quiet=True, needs=What.RECORDS),
            Room("record file", "/record/{number:int}/file", self.file, READERS, needs=What.RECORDS),
            Room("record change", "/record/{number:int}/change", self.change, PARENT, methods=("POST",)),
        ]

    def routes(self) -> list[Route]:
        """Open to whoever has a link."""
        return [Route("/bundle/{token}", self.bundle, methods=["GET", "POST"])]

    def list(self, _request: Request, visitor: Visitor) -> Response:
        """All records, newest first."""
        with self._store.read() as session:
            if not self._may(session, visitor):
                return PlainTextResponse(NOT_HERE, 404)
            rows = shelf.listed(session, visitor.home.key, most=SHOWN)
            return visitor.show(
                "records.html",
                rows=rows,
                states=SAID,
                covers=[_covers(row) for row in rows],
                parent=_is_parent(visitor),
            )

    def ask(self, request: Request, visitor: Visitor) -> Response:
        """The form that asks for one."""
        if request.method == "GET":
            return self._form(visitor, {})
        given = {name: visitor.field(name, 100) for name in ("since", "until", "style", "prefix", "language")}
        lists = {name: _all(visitor, name) for name in ("people", "about", "exhibit")}
        order = Order(
            since=given["since"],
            until=given["until"],
            style=given["style"] or "plain",
            prefix=given["prefix"] or "BW",
            people=lists["people"],
            about=lists["about"],
            exhibit=lists["exhibit"],
            originals=visitor.field("originals") == "yes",
            journal=visitor.field("journal") == "yes",
            language=given["language"],
        )
        try:
            with self._store.write() as session:
                if shelf.open_count(session, visitor.home.key) >= shelf.MOST_OPEN:
                    raise UserError(TOO_MANY)
                row = shelf.ask(session, visitor.home, visitor.visit.account, order, visitor.nonce, self._clock())
                number = row.id
        except UserError as error:
            return self._form(visitor, {**given, **lists}, str(error).removeprefix("--"), 422)
        self._ring()
        return RedirectResponse(f"/record/{number}", 303)

    def one(self, request: Request, visitor: Visitor, status: int = 200, said: str = "", link: str = "") -> Response:
        """One record."""
        with self._store.read() as session:
            row = shelf.own(session, visitor.home.key, request.path_params["number"])
            if row is None or not self._may(session, visitor):
                return PlainTextResponse(NOT_HERE, 404)
            links = session.scalars(
                select(ExportLinkRow).where(ExportLinkRow.export_id == row.id).order_by(ExportLinkRow.id.desc())
            ).all()
            report = shelf.report(self._data, row.id)
            return visitor.show(
                "record.html",
                status,
                row=row,
                covers=_covers(row),
                state=SAID[row.state],
                stage=STAGES.get(row.stage, ""),
                again=row.state in shelf.OPEN,
                report=report.read_text(encoding="utf8") if row.state == shelf.READY and report.is_file() else "",
                links=links if _is_parent(visitor) else (),
                now=self._clock(),
                whom=_whom(visitor.home, self._clock()),
                parent=_is_parent(visitor),
                said=said,
                link=link,
            )

    def file(self, request: Request, visitor: Visitor) -> Response:
        """The file itself."""
        with self._store.read() as session:
            row = shelf.own(session, visitor.home.key, request.path_params["number"])
            if row is None or row.state != shelf.READY or not self._may(session, visitor):
                return PlainTextResponse(NOT_HERE, 404)
            return handed(self._data, row)

    def change(self, request: Request, visitor: Visitor) -> Response:
        """Check again, make a link, end a link, remove."""
        act, number, home, now = visitor.field("act", 20), request.path_params["number"], visitor.home, self._clock()
        with self._store.write() as session:
            row = shelf.own(session, home.key, number)
            if row is None:
                return PlainTextResponse(NOT_HERE, 404)
            if row.state != shelf.READY:
                raise UserError(NOT_READY)
            if act == "check":
                row.state, row.stage, row.done, row.total = shelf.TO_CHECK, "checking", 0, 0
            elif act == "remove":
                shelf.remove(session, home, row, self._data, now)
                _end_links(session, row.id, now)
            elif act == "end links":
                _end_links(session, row.id, now)
                append(session, home.key, "record links ended", {"export": row.id}, now=now, zone=home.time_zone)
            elif act == "link":
                link = self._link(session, visitor, row, now)
        if act == "link":
            return self.one(request, visitor, link=link)
        self._ring()
        return RedirectResponse(f"/record/{number}", 303)

    async def bundle(self, request: Request) -> Response:
        """Behind a link: a page with a button; the button fetches the file."""
        return site.guarded(await run_in_threadpool(self._bundle, request))

    def _bundle(self, request: Request) -> Response:
        now = self._clock()
        try:
            with self._store.write() as session:
                link = session.scalar(
                    select(ExportLinkRow).where(ExportLinkRow.token == hashed(request.path_params["token"]))
                )
                row = session.get(ExportRow, link.export_id) if link else None
                family = self._directory.family(row.family) if row else None
                if link is None or row is None or family is None or now >= link.until or row.state != shelf.READY:
                    return PlainTextResponse(NOT_HERE, 404)
                if request.method == "GET":
                    until = for_people(link.until, family.time_zone)
                    return site.page("bundle.html", "en", {"size": row.size or 0, "until": until})
                link.fetched, link.fetched_at = link.fetched + 1, now
                body = {"export": row.id, "link": link.id}
                append(session, row.family, "record fetched", body, now=now, zone=family.time_zone)
                return handed(self._data, row)
        except StoreError:
            return PlainTextResponse(LATER, 503)

    def _form(self, visitor: Visitor, given: Mapping[str, Any], said: str = "", status: int = 200) -> Response:
        home = visitor.home
        return visitor.show(
            "record-ask.html",
            status,
            given=given,
            said=said,
            styles=list(Style),
            people=[home.coparent.name, home.parent.name, *(p.name for p in home.people)],
            topics=TOPICS,
            lanes=LANES,
            issues=list(ISSUES),
        )

    def _link(self, session: Session, visitor: Visitor, row: ExportRow, now: datetime) -> str:
        home = visitor.home
        token = self._access.key.token("record", str(row.id), visitor.nonce)
        link = f"{self._access.url}/bundle/{token}"
        if session.scalar(select(ExportLinkRow.id).where(ExportLinkRow.token == hashed(token))) is not None:
            return link
        to = visitor.field("to", 300).strip()
        name, email = to, ""
        if to:
            email = dict(_whom(home, now)).get(to, "") or _typed(home, to)
            name = to
        made = ExportLinkRow(export_id=row.id, token=hashed(token), name=name[:200], created_at=now, until=now + HOLDS)
        session.add(made)
        session.flush()
        body = {"export": row.id, "link": made.id, "mailed": bool(email)}
        append(session, home.key, "record link", body, now=now, zone=home.time_zone)
        if email:
            until = for_people(made.until, home.time_zone)
            words = WORDS.format(parent=home.parent.name, until=until, link=link)
            notices.say(session, home, [("email", email)], words, due=now, kind=KIND, subject=SUBJECT, language=SOURCE)
        return link

    def _may(self, session: Session, visitor: Visitor) -> bool:
        if _is_parent(visitor):
            return True
        return opened(session, visitor.visit.account, What.RECORDS, self._clock()) is not None


def handed(data: Path, row: ExportRow) -> Response:
    """The file of a record that is ready."""
    file = shelf.place(data, row.id)
    if not file.is_file():
        return PlainTextResponse(NOT_HERE, 404)
    name = f"record-{row.id}-{row.asked_at:%Y-%m-%d}.zip"
    return FileResponse(file, media_type="application/zip", filename=name)


def _is_parent(visitor: Visitor) -> bool:
    return visitor.visit.role is Role.PARENT


def _all(visitor: Visitor, name: str) -> tuple[str, ...]:
    found = [value for value in visitor.form.getlist(name) if isinstance(value, str)]
    return tuple(value[:200] for value in found if value.strip())[:100]


def _covers(row: ExportRow) -> dict[str, Any]:
    """What a record covers, as the templates say it."""
    order = shelf.order_of(row)
    part = bool(order.since or order.until or order.people or order.about or order.originals)
    return {"order": order, "part": part}


def _whom(family: Family, now: datetime) -> list[tuple[str, str]]:
    """To whom a link can be mailed: name and address of those who are not on the other side and no children."""
    day = now.date()
    known = [(p.name, p.email_on(day)) for p in family.people if p.role not in NOBODY]
    return [(name, email) for name, email in known if email]


def _typed(family: Family, value: str) -> str:
    """An address that was typed. Raises UserError."""
    try:
        email = normal_email(value)
    except ValueError as error:
        raise UserError(f"Choose a person or write {error}.") from None
    other = {a.address for a in family.coparent.emails} | {family.relay_email}
    kept = {a.address for p in family.people if p.role in NOBODY for a in p.emails}
    if email in other | kept | {a.address for c in family.children for a in c.emails}:
        raise UserError("This address is on the other side, or a child's. The link was not sent.")
    return email


def _end_links(session: Session, number: int, now: datetime) -> None:
    rows = session.scalars(select(ExportLinkRow).where(ExportLinkRow.export_id == number, ExportLinkRow.until > now))
    for row in rows:
        row.until = now
