"""Gathers what waits for the same hour into one digest, and says of a quiet hour that it was one.

    pending (planned, due) ─┐
    pending (planned, due) ─┼─► merged, with the digest's number      one transaction: all of it or nothing
                            └─► one new delivery of kind digest, pending

A crash before the commit leaves the cards waiting, to be gathered again; a crash after it leaves one digest, to be sent
like any other delivery. Where a digest cannot be made, its cards go out one by one.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, select, text, union_all, update
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from gateway.clock import for_people
from gateway.delivery import digest, outbox, schedule
from gateway.delivery.calendar import calendar, events
from gateway.delivery.card import Card
from gateway.delivery.compose import how_to_answer
from gateway.delivery.digest import MAY_SHARE, Digest, Piece, Waiting, bundles
from gateway.delivery.schedule import Modes
from gateway.family import Directory, Family
from gateway.provenance import RECEIVED
from gateway.reply.codes import new_secret
from gateway.reply.places import answerable
from gateway.reply.written import code_of
from gateway.store import Store
from gateway.store.tables import CardRow, DeliveryRow, DigestRow, MessageRow

log = logging.getLogger(__name__)
QUIET_LATE = timedelta(hours=2)
"""An hour that passed so long ago, while the gateway was off, is not called quiet any more."""
UNREAD = timedelta(minutes=10)
"""A message that has waited so long to be read: nobody may say that there is nothing new."""
QUIET = "quiet"
_BUSY = union_all(
    select(DeliveryRow.id).where(
        DeliveryRow.family == bindparam("family"), DeliveryRow.planned_at == bindparam("hour")
    ),
    select(MessageRow.id).where(
        MessageRow.family == bindparam("family"),
        MessageRow.state == "stored",
        MessageRow.provenance == RECEIVED,
        MessageRow.received_at <= bindparam("since"),
    ),
).limit(1)
"""Asked every few seconds while an hour is young, so it is made once."""


class Gatherer:
    """Makes digests and quiet notices. `public_url`: where the page of a digest is."""

    def __init__(self, store: Store, directory: Directory, public_url: str) -> None:
        self._store, self._directory, self._public_url = store, directory, public_url.rstrip("/")

    def bring_forward(self, now: datetime) -> int:
        """After the settings changed: what waits for a later hour than it would by now is due then. How many there were.

        Raises StoreError.
        """
        count = 0
        with self._store.write() as session:
            for family in self._directory:
                hour = schedule.release(now, family.deliver, family.time_zone, Modes.of(family))
                later = (DeliveryRow.family == family.key, DeliveryRow.planned_at > hour)
                waits = (DeliveryRow.state == "pending", DeliveryRow.attempts == 0)
                query = update(DeliveryRow).where(*later, *waits).values(planned_at=hour, next_at=hour)
                changed = session.execute(query)
                count += changed.rowcount  # type: ignore[attr-defined]
        return count

    def gather(self, now: datetime, channel: str | None = None) -> int:
        """Merge what is due together; how many digests were made. Raises StoreError.

        `channel`: only for that route, while others are sending what is theirs.
        """
        query = _due(now) if channel is None else _due(now).where(DeliveryRow.channel == channel)
        with self._store.read() as session:
            waiting = _waiting(session, query)
        made = 0
        for group in bundles(waiting):
            family = self._directory.family(group[0].family)
            if family is not None:
                made += self._merge(family, group, now)
        return made

    def quiet(self, now: datetime) -> int:
        """Put the notice of a quiet hour for the families that want one; how many were put. Raises StoreError."""
        return sum(self._quiet(family, now) for family in self._directory if family.quiet_notice)

    def _merge(self, family: Family, group: Sequence[Waiting], now: datetime) -> bool:
        """One group in one transaction; False when less than two of it still wait."""
        with self._store.write() as session:
            _alone(session, family.key)
            mine = _due(now).where(DeliveryRow.id.in_([one.row for one in group]))
            rows = session.scalars(mine.order_by(DeliveryRow.id).with_for_update(of=DeliveryRow)).all()
            if len(rows) < 2:
                return False
            token, hour = new_secret(session, family.key, now), max(row.planned_at for row in rows if row.planned_at)
            numbers = [row.card_id for row in rows if row.card_id is not None]
            kept = DigestRow(family=family.key, token=token, made_at=now, hour=hour, cards=numbers)
            session.add(kept)
            session.flush()
            pieces, link = _pieces(session, rows), f"{self._public_url}/digest/{token}"
            made = digest.digest(pieces, for_people(hour, family.time_zone), link)
            way = rows[0].channel, rows[0].address
            answered = family.replies != "off" and any(piece.answerable for piece in pieces)
            code = code_of(token) if answered else ""
            of_piece = {id(piece): row.message_id for piece, row in zip(pieces, rows, strict=True)}
            kept.asking = [number for piece in made.asking if (number := of_piece[id(piece)]) is not None] or None
            words = content(made, pieces, way[0], link, family, now, code)
            _put(session, family, outbox.DIGEST, way, words, hour, kept.id)
            for row in rows:
                row.state, row.digest_id = "merged", kept.id
            return True

    def _quiet(self, family: Family, now: datetime) -> bool:
        hour = schedule.last_hour(now, family.deliver, family.time_zone, Modes.of(family))
        if hour is None or now - hour > QUIET_LATE:
            return False
        with self._store.glance() as connection:
            if _busy(connection, family.key, hour, now):
                return False
        with self._store.write() as session:
            _alone(session, family.key)
            if _busy(session.connection(), family.key, hour, now):
                return False
            made = digest.digest((), for_people(hour, family.time_zone), None)
            for way in family.ways(now.date()):
                _put(session, family, QUIET, way, content(made, (), way[0], "", family, now), hour)
            return True


def content(
    made: Digest, pieces: Sequence[Piece], channel: str, link: str, family: Family, now: datetime, code: str = ""
) -> dict[str, Any]:
    """What a delivery of the digest holds. `code`: with which an answer by text begins."""
    if channel == "sms":
        return {"text": digest.text_message(made, link, code, family.language), "link": link or None}
    answer = how_to_answer(family.replies, family.coparent.name) if code else ""
    written = digest.letter(made, topics=family.subject == "topics", answer=answer, language=family.language)
    wanted, language = family.calendar, family.language
    found = [event for piece in pieces for event in events(piece.card, piece.link, words=wanted, language=language)]
    return {
        "subject": written.subject,
        "text": written.text,
        "html": written.html,
        "link": link or None,
        "calendar": calendar(found, family.time_zone, now),
    }


def pieces_of(session: Session, cards: Sequence[int], public_url: str = "") -> list[Piece]:
    """Cards with their links, in the order named. Without `public_url` the links are paths."""
    rows = {row.id: row for row in session.scalars(select(CardRow).where(CardRow.id.in_(cards)))}
    found = [rows[number] for number in cards]
    theirs = set(answerable(session, [row.message_id for row in found]))
    return [
        Piece(Card.from_json(row.content), f"{public_url}/card/{row.token}", row.message_id in theirs) for row in found
    ]


def _put(
    session: Session,
    family: Family,
    kind: str,
    way: tuple[str, str],
    words: dict[str, Any],
    hour: datetime,
    digest_id: int | None = None,
) -> None:
    outbox.put(
        session,
        family=family.key,
        message_id=None,
        card_id=None,
        kind=kind,
        channel=way[0],
        address=way[1],
        content=words,
        due=hour,
        planned=True,
        digest_id=digest_id,
    )


def _pieces(session: Session, rows: Sequence[DeliveryRow]) -> list[Piece]:
    """The links are those that the cards would have gone out with, so that a calendar knows a date again."""
    made = pieces_of(session, [row.card_id for row in rows if row.card_id is not None])
    return [replace(piece, link=str(row.content["link"])) for piece, row in zip(made, rows, strict=True)]


def _due(now: datetime) -> Select[DeliveryRow]:
    """Deliveries of cards that waited for an hour which has come, and of which nothing was tried yet."""
    return (
        select(DeliveryRow)
        .join(CardRow, CardRow.id == DeliveryRow.card_id)
        .where(
            DeliveryRow.state == "pending",
            DeliveryRow.next_at <= now,
            DeliveryRow.planned_at.is_not(None),
            DeliveryRow.attempts == 0,
            CardRow.lane.in_([lane.value for lane in MAY_SHARE]),
        )
    )


def _waiting(session: Session, query: Select[DeliveryRow]) -> list[Waiting]:
    columns = query.with_only_columns(
        DeliveryRow.id, DeliveryRow.card_id, DeliveryRow.family, DeliveryRow.channel, DeliveryRow.address
    )
    rows = session.execute(columns.order_by(DeliveryRow.id))
    return [Waiting(row, card, family, channel, to) for row, card, family, channel, to in rows if card is not None]


def _busy(connection: Connection, family: str, hour: datetime, now: datetime) -> bool:
    """Whether something goes or went out for that hour, or a message has waited too long to be read."""
    return connection.scalar(_BUSY, {"family": family, "hour": hour, "since": now - UNREAD}) is not None


def _alone(session: Session, family: str) -> None:
    """One gatherer at a time for a family; SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:family, 8))"), {"family": family})
