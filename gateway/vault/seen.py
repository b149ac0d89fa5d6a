"""What the patterns count, read from the vault's rows. Called inside the caller's unit of work."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, cast

from sqlalchemy import ColumnElement, Table, and_, case, func, or_, select, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.types import NULLTYPE

from gateway.patterns.count import COPARENT, PARENT
from gateway.patterns.figures import Answers, Seen
from gateway.provenance import IMPORTED, RECEIVED
from gateway.store.tables import QuestionRow, VaultRow
from gateway.vault.listed import COPY, FROM_COPARENT, FROM_OTHERS, FROM_PARENT, OWN, split

_ROWS = cast(Table, VaultRow.__table__)
PART: Final = 100
"""Rows that are taken over at once: few, so that the memory of the last ones serves the next."""
_COUNTED = and_(
    VaultRow.provenance == RECEIVED,
    VaultRow.lane != COPY,
    or_(VaultRow.side == FROM_COPARENT, and_(VaultRow.lane == OWN, VaultRow.sent.is_(True))),
)
_ROLES = {FROM_COPARENT: COPARENT, FROM_PARENT: PARENT}


def seen(session: Session, family: str, since: datetime, until: datetime) -> list[Seen]:
    """The messages of the two parents in a period: what came from the other parent, and what the parent sent."""
    moment = type_coerce(
        _ROWS.c.at, NULLTYPE
    )  # as the driver gives it: there are thousands, and `Utc` asks of each what it is
    columns = (moment, *(_ROWS.c[name] for name in ("side", "lane", "topics", "signs", "about", "late", "asks")))
    connection = session.connection()
    found = connection.execute(select(*columns).where(*_in(family, since, until), _COUNTED))  # past the mapper, too
    utc = _written if connection.dialect.name == "sqlite" else _given
    return [
        Seen(utc(at), _ROLES[side], lane, _topics(topics), signs, about, late, asks)
        for part in found.partitions(PART)
        for at, side, lane, topics, signs, about, late, asks in part
    ]


def asked(session: Session, family: str, since: datetime, until: datetime, now: datetime) -> Answers:
    """How the other parent's questions of a period fared. Their time is the one that the words name, or the family's own."""
    by, answered = QuestionRow.answer_by, QuestionRow.answered_at
    counted = (
        func.count(),
        func.count(case((answered <= by, 1))),
        func.count(case((answered > by, 1))),
        func.count(case((answered.is_(None) & (by <= now), 1))),
        func.count(case((answered.is_(None) & (by > now), 1))),
    )
    of_the_period = QuestionRow.family == family, QuestionRow.asked_at >= since, QuestionRow.asked_at < until
    return Answers(COPARENT, *session.execute(select(*counted).where(*of_the_period)).one())


def not_counted(session: Session, family: str, since: datetime, until: datetime) -> dict[str, int]:
    """How many messages of a period are not counted, by why: ``imported``, ``others``, ``copies``, ``own`` (not sent)."""
    rows = session.execute(
        select(VaultRow.provenance, VaultRow.side, VaultRow.lane, VaultRow.sent, func.count())
        .where(*_in(family, since, until), ~_COUNTED)
        .group_by(VaultRow.provenance, VaultRow.side, VaultRow.lane, VaultRow.sent)
    )
    found = dict.fromkeys(("imported", "others", "copies", "own"), 0)
    for provenance, side, lane, sent, number in rows:
        why = _why_not(provenance, side, lane, sent=sent)
        if why is not None:
            found[why] += number
    return found


def _why_not(provenance: str, side: str, lane: str, *, sent: bool) -> str | None:
    if provenance == IMPORTED:
        return "imported"
    if lane == COPY:
        return "copies"
    if side == FROM_OTHERS:
        return "others"
    return "own" if side == FROM_PARENT and not sent else None


@lru_cache(maxsize=4096)
def _topics(names: str) -> tuple[str, ...]:
    return tuple(split(names))


def _written(at: str) -> datetime:
    """A moment as SQLite keeps it: UTC, without a zone."""
    return datetime.fromisoformat(at + "+00:00")


def _given(at: datetime) -> datetime:
    """A moment as PostgreSQL's driver gives it: in the zone of the connection."""
    return at.astimezone(UTC)


def _in(family: str, since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return VaultRow.family == family, VaultRow.at >= since, VaultRow.at < until
