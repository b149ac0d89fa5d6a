"""The one-time link of the set-up interview: kept as a hash, void after a week or once a family is made.

The first family's is made on the command line, a further family's by an operator in the pages; these stand side by side.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gateway.accounts.visits import hashed
from gateway.ledger import INSTALLATION, append
from gateway.store.tables import SetupRow

HOLDS = timedelta(days=7)


def make_link(session: Session, now: datetime) -> str:
    """The token of a new link, in the caller's unit of work. Links before it are void; what was typed there goes on here."""
    first = (SetupRow.done_at.is_(None), SetupRow.invited_by.is_(None))
    before = session.scalars(select(SetupRow).where(*first).order_by(SetupRow.id.desc())).first()
    answers, password = (dict(before.answers), before.password) if before is not None else ({}, None)
    emptied = {"until": now, "answers": {}, "password": None}
    session.execute(update(SetupRow).where(*first).values(**emptied))
    token = secrets.token_urlsafe(32)
    session.add(SetupRow(token=hashed(token), made_at=now, until=now + HOLDS, answers=answers, password=password))
    append(session, INSTALLATION, "set-up link made", {}, now=now)
    return token


def invite_family(
    session: Session, token: str, name: str, answers: Mapping[str, str], by: int, now: datetime
) -> SetupRow:
    """The interview of a further family, in the caller's unit of work. `name`: by which the operator knows it until it is made;
    `answers`: what the operator answers for them, such as the relay address.
    """
    known = session.scalar(select(SetupRow).where(SetupRow.token == hashed(token)))
    if known is not None:  # a form that was sent twice
        return known
    row = SetupRow(
        token=hashed(token), made_at=now, until=now + HOLDS, answers=dict(answers), password=None, invited_by=by, name=name
    )  # fmt: skip
    session.add(row)
    session.flush()
    append(session, INSTALLATION, "set-up link made", {"set-up": row.id, "account": by}, now=now)
    return row


def invited_families(session: Session, most: int = 100) -> Sequence[SetupRow]:
    """Interviews of further families, the newest first."""
    query = select(SetupRow).where(SetupRow.invited_by.is_not(None)).order_by(SetupRow.id.desc())
    return session.scalars(query.limit(most)).all()


def end_link(session: Session, row: SetupRow, now: datetime) -> None:
    """Void from now on, and what was typed is gone, in the caller's unit of work."""
    row.until, row.answers, row.password = now, {}, None
    append(session, INSTALLATION, "set-up link ended", {"set-up": row.id}, now=now)


def find_link(session: Session, token: str) -> SetupRow | None:
    """The interview of that link, whatever its state."""
    return session.scalar(select(SetupRow).where(SetupRow.token == hashed(token)))
