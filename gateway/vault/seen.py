"""What the patterns count, read from the vault's rows. Called inside the caller's unit of work."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import cast

from sqlalchemy import ColumnElement, Table, func, select
from sqlalchemy.orm import Session

from gateway.patterns.count import COPARENT, PARENT
from gateway.patterns.figures import Question, Seen
from gateway.provenance import IMPORTED, RECEIVED
from gateway.store.tables import QuestionRow, VaultRow
from gateway.vault.listed import COPY, FROM_COPARENT, FROM_OTHERS, FROM_PARENT, OWN, split

_ROWS = cast(Table, VaultRow.__table__)
_ROLES = {FROM_COPARENT: COPARENT, FROM_PARENT: PARENT}


def seen(session: Session, family: str, since: datetime, until: datetime) -> list[Seen]:
    """The messages of the two parents in a period: what came from the other parent, and what the parent sent."""
    columns = (_ROWS.c[name] for name in ("at", "side", "lane", "topics", "signs", "about", "late", "asks"))
    chosen = (
        *_in(family, since, until),
        VaultRow.provenance == RECEIVED,
        VaultRow.lane != COPY,
        (VaultRow.side == FROM_COPARENT) | ((VaultRow.lane == OWN) & VaultRow.sent.is_(True)),
    )
    rows = session.connection().execute(select(*columns).where(*chosen))  # past the mapper: there are thousands of them
    return [
        Seen(at, _ROLES[side], lane, _topics(topics), signs, about, late, asks)
        for at, side, lane, topics, signs, about, late, asks in rows
    ]


def questions(session: Session, family: str, since: datetime, until: datetime) -> list[Question]:
    """What the other parent asked in a period."""
    rows = session.execute(
        select(QuestionRow.asked_at, QuestionRow.answer_by, QuestionRow.answered_at).where(
            QuestionRow.family == family, QuestionRow.asked_at >= since, QuestionRow.asked_at < until
        )
    )
    return [Question(*row) for row in rows]


def not_counted(session: Session, family: str, since: datetime, until: datetime) -> dict[str, int]:
    """How many messages of a period are not counted, by why: ``imported``, ``others``, ``copies``, ``own`` (not sent)."""
    rows = session.execute(
        select(VaultRow.provenance, VaultRow.side, VaultRow.lane, VaultRow.sent, func.count())
        .where(*_in(family, since, until))
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


def _in(family: str, since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return VaultRow.family == family, VaultRow.at >= since, VaultRow.at < until
