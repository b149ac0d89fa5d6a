"""The vault: ``/vault`` lists and finds messages by dates and types; ``/vault/NUMBER`` opens an original, deliberately.

    list ─► a message: dates and types ─ asked ─► the parent's delay ─ opened ─► the original, for an hour ─ a second tap ─► a picture
                                        └ danger, or a reason (safety, court, health): at once

Words that are looked for travel in the body of a form, never in an address: addresses stay in the history of a browser. A
professional sees the vault while the parent opened it to them.
"""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from gateway.accounts import Role
from gateway.accounts.opened import Opening, What, opened
from gateway.attachments.picture import PictureError, redraw
from gateway.attachments.rows import rows_of
from gateway.attachments.scanner import ScanState
from gateway.attachments.settle import size_words
from gateway.clock import Clock
from gateway.family import Directory, Family
from gateway.grouping import read_with
from gateway.intake.archives.kept import parse_kept
from gateway.parsing import Reading
from gateway.policy.decide import CODED
from gateway.policy.rulesets import Rulesets
from gateway.provenance import AS_GIVEN, IMPORTED
from gateway.record.told import proof
from gateway.store import Blobs, Store
from gateway.store.tables import AttachmentRow, CardRow, DecisionRow, MessageRow
from gateway.tagging.spans import TOPICS
from gateway.vault import openings, rows
from gateway.vault.choices import choices_of
from gateway.vault.listed import CHANNELS, LANES, SIDES
from gateway.vault.original import Original, original_of
from gateway.vault.rows import PAGE, Line
from gateway.vault.terms import MOST_QUERY, terms_of
from gateway.web.guard import NOT_HERE
from gateway.web.pages.door import is_picture
from gateway.web.room import READERS, Room, Visitor

NUMBER: Final = re.compile(r"[0-9]{1,18}")
AT_ONCE: Final = 2
"""Pictures drawn side by side."""
DAMAGED: Final = "The picture cannot be shown: it is damaged or too large. It is kept as it came."
MOST_HEADER: Final = 2_000
MOST_NAME: Final = 300


@dataclass(frozen=True, slots=True)
class File:
    """A file as the page of an original names it. `shown`: it is a picture that a second tap draws."""

    place: int
    name: str
    words: str
    size: str
    sha256: str
    shown: bool


class Vault:
    """Of the family of the visitor."""

    def __init__(
        self,
        store: Store,
        blobs: Blobs,
        directory: Directory,
        clock: Clock,
        rules: Rulesets,
    ) -> None:
        self._store, self._blobs, self._directory, self._clock = store, blobs, directory, clock
        self._rules = rules
        self._drawing = threading.BoundedSemaphore(AT_ONCE)

    def rooms(self) -> list[Room]:
        """For the guard."""
        posts = ("POST",)
        return [
            Room("vault", "/vault", self.list, READERS, menu="Vault", place=70, needs=What.ORIGINALS),
            Room("vault search", "/vault/search", self.search, READERS, posts, needs=What.ORIGINALS),
            Room("vault message", "/vault/{number}", self.message, READERS, needs=What.ORIGINALS),
            Room("vault asking", "/vault/{number}/ask", self.ask, READERS, posts, needs=What.ORIGINALS),
            Room("vault opening", "/vault/{number}/open", self.open, READERS, posts, needs=What.ORIGINALS),
            Room("vault original", "/vault/{number}/original", self.original, READERS, needs=What.ORIGINALS),
            Room("vault picture", "/vault/{number}/picture/{place}", self.picture, READERS, needs=What.ORIGINALS),
        ]

    def list(self, request: Request, visitor: Visitor) -> Response:
        """The list, by what the address chooses."""
        return self._listed(visitor, request.query_params, None)

    def search(self, _request: Request, visitor: Visitor) -> Response:
        """The messages that hold all the words, by what the form chooses."""
        given = {name: value for name, value in visitor.form.items() if isinstance(value, str)}
        return self._listed(visitor, given, visitor.field("words", MOST_QUERY + 1))

    def _listed(self, visitor: Visitor, given: Mapping[str, str], words: str | None) -> Response:
        family = visitor.home
        children = tuple(child.name for child in family.children)
        choices = choices_of(given, children)
        terms = terms_of(words) if words is not None else None
        with self._store.read() as session:
            window = self._window(session, visitor)
            if window is None:
                return _nothing()
            choices = replace(choices, bounds=(window.since, window.until))
            every = replace(choices_of({"lane": "danger"}, ()), bounds=choices.bounds)
            nothing = terms is not None and not terms
            found = [] if nothing else rows.lines(session, family.key, choices, family.time_zone, terms)
            count = 0 if nothing else rows.count(session, family.key, choices, family.time_zone, terms)
            danger = rows.count(session, family.key, every, family.time_zone)
            unread = rows.unread(session, family.key)
        older = choices.after(rows.place_of(found[PAGE - 1])) if len(found) > PAGE else None
        return visitor.show(
            "vault.html",
            lines=found[:PAGE],
            count=count,
            most=rows.MOST_COUNTED,
            choices=choices,
            danger=danger,
            unread=unread,
            words=words,
            nothing=nothing,
            cut=terms is not None and terms.cut,
            older=older,
            older_query=urlencode(older or {}),
            children=children,
            topics=_TOPICS,
            said=_WORDS,
        )

    def message(self, request: Request, visitor: Visitor) -> Response:
        """One message by dates and types, and the way to its original."""
        now = self._clock()
        with self._store.read() as session:
            line = self._line(session, request, visitor)
            if line is None:
                return _nothing()
            asked = openings.live(session, visitor.visit.account, line.message_id, now)
            others = [n for n in read_with(session, line.message_id) if n != line.message_id]
            return visitor.show(
                "vault-message.html",
                line=line,
                others=others,
                said=_WORDS,
                at_once=openings.at_once(line, visitor.home, visitor.visit.role) is not None,
                asked=asked,
                opens_at=asked.opens_at if asked else None,
                until=asked.opens_at + openings.OPEN_FOR if asked else None,
                is_open=openings.is_open(asked, now),
                reasons=openings.REASONS,
                vault=visitor.home.vault,
                is_parent=visitor.visit.role is Role.PARENT,
            )

    def ask(self, request: Request, visitor: Visitor) -> Response:
        """Ask for the original; with a reason of the list, or where there is nothing to wait for, it opens at once."""
        now, reason = self._clock(), visitor.field("reason", 10)
        with self._store.write() as session:
            line = self._line(session, request, visitor)
            if line is None:
                return _nothing()
            family, here = visitor.home, f"/vault/{line.message_id}"
            why = openings.at_once(line, family, visitor.visit.role)
            if why is None and reason in openings.REASONS:
                why = reason
            wait = timedelta(minutes=family.vault.delay_minutes) if why is None else timedelta(0)
            row = openings.ask(session, family, visitor.visit.account, line.message_id, wait, why or "", now)
            if not openings.is_open(row, now) or why is None:
                return RedirectResponse(here, 303)
            openings.open_(session, family, row, now)
            return RedirectResponse(f"{here}/original", 303)

    def open(self, request: Request, visitor: Visitor) -> Response:
        """Open an original that was asked for and has waited."""
        now = self._clock()
        with self._store.write() as session:
            line = self._line(session, request, visitor)
            if line is None:
                return _nothing()
            row = openings.live(session, visitor.visit.account, line.message_id, now)
            if row is None or not openings.is_open(row, now):
                return RedirectResponse(f"/vault/{line.message_id}", 303)
            openings.open_(session, visitor.home, row, now)
            return RedirectResponse(f"/vault/{line.message_id}/original", 303)

    def original(self, request: Request, visitor: Visitor) -> Response:
        """The words, while the original is open."""
        with self._store.read() as session:
            line = self._line(session, request, visitor)
            if line is None:
                return _nothing()
            if (until := self._open_until(session, visitor, line)) is None:
                return RedirectResponse(f"/vault/{line.message_id}", 303)
            message = session.get_one(MessageRow, line.message_id)
            made = session.scalars(
                select(DecisionRow).where(DecisionRow.message_id == message.id).order_by(DecisionRow.id.desc()).limit(1)
            ).first()
            group = read_with(session, message.id)
            card = session.scalars(select(CardRow).where(CardRow.message_id.in_(group))).first()
            files = [_file(row) for row in rows_of(session, message.id)]
            others = [number for number in group if number != message.id]
            session.expunge_all()
        raw = self._blobs.get(message.family, message.sha256)
        reading = _read(message.channel, raw)
        shown = self._shown(visitor.home, reading, made, card)
        part = min(max(_digits(request.query_params.get("part", "")), 1), shown.parts)
        return visitor.show(
            "vault-original.html",
            line=line,
            said=_WORDS,
            until=until,
            heads=_heads(reading, message, made),
            message=message,
            original=shown,
            runs=shown.part(part),
            part=part,
            sent_whole=bool(card and card.content.get("whole")),
            on_card=card is not None,
            files=files,
            others=others,
            imported=message.provenance == IMPORTED,
        )

    def picture(self, request: Request, visitor: Visitor) -> Response:
        """A picture, drawn anew by a process of its own, while its original is open."""
        with self._store.read() as session:
            line = self._line(session, request, visitor)
            place = _digits(request.path_params["place"])
            file = next((f for f in rows_of(session, line.message_id) if f.place == place), None) if line else None
            if line is None or file is None or file.sha256 is None or not _file(file).shown:
                return _nothing()
            if self._open_until(session, visitor, line) is None:
                return RedirectResponse(f"/vault/{line.message_id}", 303)
            sha256, name = file.sha256, _file(file).name
        try:
            with self._drawing:
                drawn = redraw(self._blobs.get(visitor.home.key, sha256))
        except PictureError:
            return visitor.show("vault-picture.html", 422, line=line, source="", name=name, damaged=DAMAGED)
        source = "data:image/jpeg;base64," + base64.b64encode(drawn).decode()
        return visitor.show("vault-picture.html", line=line, source=source, name=name, damaged="")

    def _window(self, session: Session, visitor: Visitor) -> Opening | None:
        """What part of the vault the visitor may see; None for nothing."""
        if visitor.visit.role is Role.PARENT:
            return Opening(What.ORIGINALS)
        return opened(session, visitor.visit.account, What.ORIGINALS, self._clock())

    def _line(self, session: Session, request: Request, visitor: Visitor) -> Line | None:
        """The message of the address, where the visitor may see it."""
        number = str(request.path_params["number"])
        if not NUMBER.fullmatch(number):
            return None
        window, line = self._window(session, visitor), rows.one(session, visitor.home.key, int(number))
        return line if line is not None and window is not None and window.covers(line.at) else None

    def _open_until(self, session: Session, visitor: Visitor, line: Line) -> datetime | None:
        """Until when the original is open to the visitor; None where it is not, or was not opened yet."""
        now = self._clock()
        row = openings.live(session, visitor.visit.account, line.message_id, now)
        if row is None or row.opened_at is None or not openings.is_open(row, now):
            return None
        return row.opens_at + openings.OPEN_FOR

    def _shown(self, family: Family, reading: Reading, made: DecisionRow | None, card: CardRow | None) -> Original:
        rules = self._rules[family.key]
        titles = CODED | {rule.id: rule.title for rule in rules.rules}
        detail, new_text = (made.detail, made.new_text) if made else ({}, "")
        return original_of(reading, detail, new_text, titles, on_card=card is not None)


_TOPICS: Final = {topic: topic.replace("_", " ").capitalize() for topic in TOPICS}
_WORDS: Final = {"lanes": LANES, "sides": SIDES, "channels": CHANNELS}


def _nothing() -> Response:
    return PlainTextResponse(NOT_HERE, 404)


def _digits(words: str) -> int:
    return int(words) if re.fullmatch(r"[0-9]{1,6}", words) else -1


def _read(channel: str, raw: bytes) -> Reading:
    """The message, or its bytes as they came where it cannot be read."""
    try:
        reading = parse_kept(channel, raw)
    except Exception:  # noqa: BLE001 (the parser failed on it before; the bytes are still shown)
        return Reading(body=raw.decode("utf8", "replace"))
    if not (reading.body.strip() or reading.subject or reading.attachments or reading.media):
        return Reading(body=raw.decode("utf8", "replace"), from_=reading.from_, to=reading.to)
    return reading


def _heads(reading: Reading, message: MessageRow, made: DecisionRow | None) -> list[tuple[str, str]]:
    """The headers that matter, as the sender's system wrote them, and what is known of who wrote it."""
    envelope = message.envelope
    sender = ", ".join(reading.from_) or str(envelope.get("mail_from") or envelope.get("sender") or "")
    to = ", ".join(reading.to) or ", ".join(map(str, envelope.get("rcpt_to") or ()))
    kind = IMPORTED if message.provenance == IMPORTED else ""
    detail: Mapping[str, Any] = made.detail if made else {}
    known = AS_GIVEN if kind else proof(kind, message.channel, detail)
    heads = [("From", sender), ("To", to), ("Cc", ", ".join(reading.cc))]
    heads += [("Date in the message", reading.date.isoformat(" ") if reading.date else ""), ("Sender", known)]
    return [(name, value[:MOST_HEADER]) for name, value in heads if value]


def _file(row: AttachmentRow) -> File:
    shown = is_picture(row) and row.sha256 is not None and row.scan != ScanState.FOUND
    size = size_words(row.size) if row.size is not None else ""
    return File(row.place, row.name[:MOST_NAME], row.words, size, row.sha256 or "", shown)
