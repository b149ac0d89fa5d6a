"""What the patterns count, read from the vault's rows. Called inside the caller's unit of work."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Function, Text, and_, case, cast, extract, func, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.types import NULLTYPE

from gateway.patterns.count import COPARENT, PARENT
from gateway.patterns.figures import Answers, Pile
from gateway.provenance import IMPORTED, RECEIVED
from gateway.store.tables import QuestionRow, VaultRow
from gateway.vault.listed import COPY, FROM_COPARENT, FROM_OTHERS, FROM_PARENT, OWN, split

_COUNTED = and_(
    VaultRow.provenance == RECEIVED,
    VaultRow.lane != COPY,
    or_(VaultRow.side == FROM_COPARENT, and_(VaultRow.lane == OWN, VaultRow.sent.is_(True))),
)
_ROLES = {FROM_COPARENT: COPARENT, FROM_PARENT: PARENT}


def piles(session: Session, family: str, since: datetime, until: datetime) -> list[Pile]:
    """The messages of the two parents in a period: what came from the other parent, and what the parent sent.

    The moments of a lane come as one list that the database makes: a row for each of thousands took three times as long.
    """
    lists = _lists(session.connection().dialect.name)
    rows = session.execute(
        select(
            VaultRow.side, VaultRow.lane, lists(), lists(VaultRow.late.is_(True)), lists(VaultRow.asks.is_(True)),
            func.sum(VaultRow.signs), func.sum(VaultRow.about), func.count(case((VaultRow.about > 0, 1))),
        )
        .where(*_in(family, since, until), _COUNTED)
        .group_by(VaultRow.side, VaultRow.lane)
    )  # fmt: skip
    return [
        Pile(_ROLES[side], lane, _read(moments), _read(late), _read(asks), int(signs), int(about), told)
        for side, lane, moments, late, asks, signs, about, told in rows
    ]


def topics(session: Session, family: str, since: datetime, until: datetime) -> dict[str, int]:
    """In how many messages of the other parent's each topic is spoken of."""
    found: Counter[str] = Counter()
    for names, number in session.execute(
        select(VaultRow.topics, func.count())
        .where(*_in(family, since, until), _COUNTED, VaultRow.side == FROM_COPARENT, VaultRow.topics != "")
        .group_by(VaultRow.topics)
    ):
        found.update(dict.fromkeys(split(names), number))
    return dict(found)


def _lists(dialect: str) -> Callable[..., ColumnElement[Any]]:
    """Makes a column: the moments of a group as a list of seconds since 1970, of those rows for which something holds."""
    made: Function[Any]
    if dialect == "sqlite":
        whole = func.substr(
            cast(VaultRow.at, Text), 1, len("2026-11-28 11:47:53")
        )  # or SQLite rounds to the next second
        made = func.json_group_array(cast(func.strftime("%s", whole), BigInteger), type_=Text())
    else:
        made = func.array_agg(cast(func.floor(extract("epoch", VaultRow.at)), BigInteger), type_=NULLTYPE)
    return lambda *wanted: made.filter(*wanted) if wanted else made


def _read(moments: str | list[int] | None) -> list[int]:
    """What the database made: SQLite a text in JSON, PostgreSQL a list, or nothing where there is none."""
    return json.loads(moments) if isinstance(moments, str) else moments or []


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


def _in(family: str, since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return VaultRow.family == family, VaultRow.at >= since, VaultRow.at < until
