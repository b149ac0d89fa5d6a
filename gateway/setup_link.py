"""The one-time link of the set-up interview: made on the command line, kept as a hash, void after a week or once a family is made."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gateway.accounts.visits import hashed
from gateway.ledger import INSTALLATION, append
from gateway.store.tables import SetupRow

HOLDS = timedelta(days=7)


def make_link(session: Session, now: datetime) -> str:
    """The token of a new link, in the caller's unit of work. Links before it are void; what was typed there goes on here."""
    before = session.scalars(select(SetupRow).where(SetupRow.done_at.is_(None)).order_by(SetupRow.id.desc())).first()
    answers, password = (dict(before.answers), before.password) if before is not None else ({}, None)
    emptied = {"until": now, "answers": {}, "password": None}
    session.execute(update(SetupRow).where(SetupRow.done_at.is_(None)).values(**emptied))
    token = secrets.token_urlsafe(32)
    session.add(SetupRow(token=hashed(token), made_at=now, until=now + HOLDS, answers=answers, password=password))
    append(session, INSTALLATION, "set-up link made", {}, now=now)
    return token


def find_link(session: Session, token: str) -> SetupRow | None:
    """The interview of that link, whatever its state."""
    return session.scalar(select(SetupRow).where(SetupRow.token == hashed(token)))
