"""What the patterns count, read from the vault's rows. Called inside the caller's unit of work."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from gateway.patterns.count import COPARENT, PARENT
from gateway.patterns.figures import Question, Seen
from gateway.provenance import IMPORTED, RECEIVED
from gateway.store.tables import QuestionRow, VaultRow
from gateway.vault.listed import COPY, FROM_COPARENT, FROM_OTHERS, FROM_PARENT, OWN, split

_ROLES = {FROM_COPARENT: COPARENT, FROM_PARENT: PARENT}


def seen(session: Session, family: str, since: datetime, until: datetime) -> list[Seen]:
    """The messages of the two parents in a period: what came from the other parent, and what the parent sent."""
    rows: Any = session.execute(
        select(
            VaultRow.at,
            VaultRow.side,
            VaultRow.lane,
            VaultRow.topics,
            VaultRow.signs,
            VaultRow.about,
            VaultRow.late,
            VaultRow.asks,
        ).where(
            *_in(family, since, until),
            VaultRow.provenance == RECEIVED,
            VaultRow.lane != COPY,
            (VaultRow.side == FROM_COPARENT) | ((VaultRow.lane == OWN) & VaultRow.sent.is_(True)),
        )
    )
    return [
        Seen(at, _ROLES[side], lane, tuple(split(topics)), signs, about, late, asks)
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
    reasons = {
        "imported": (VaultRow.provenance == IMPORTED,),
        "others": (VaultRow.provenance == RECEIVED, VaultRow.side == FROM_OTHERS, VaultRow.lane != COPY),
        "copies": (VaultRow.provenance == RECEIVED, VaultRow.lane == COPY),
        "own": (VaultRow.provenance == RECEIVED, VaultRow.lane == OWN, VaultRow.sent.is_(False)),
    }
    return {
        name: session.scalar(select(func.count()).where(*_in(family, since, until), *condition)) or 0
        for name, condition in reasons.items()
    }


def _in(family: str, since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return VaultRow.family == family, VaultRow.at >= since, VaultRow.at < until
