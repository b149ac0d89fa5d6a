"""The parent's account that the set-up interview makes: it comes with its password, so it needs no invitation."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.accounts.invite import normal_login
from gateway.accounts.role import Role
from gateway.errors import UserError
from gateway.family import Family
from gateway.ledger import append
from gateway.store.tables import AccountRow

TAKEN = "Please take another sign-in name."
SHORT = "Please take a sign-in name of at least 3 characters."


def login_mistake(session: Session, login: str) -> str | None:
    """Why a sign-in name is not taken, as a sentence; None for a good one."""
    name = normal_login(login)
    if not 3 <= len(name) <= 254:
        return SHORT
    return TAKEN if session.scalar(select(AccountRow.id).where(AccountRow.login == name)) is not None else None


def open_parent(session: Session, family: Family, login: str, password: str, now: datetime) -> AccountRow:
    """In the caller's unit of work. `password`: its hash. Raises UserError."""
    if (wrong := login_mistake(session, login)) is not None:
        raise UserError(wrong)
    row = AccountRow(
        family=family.key, role=str(Role.PARENT), name=family.parent.name, login=normal_login(login), password=password,
        recovery=[], created_at=now, language=family.language, idle_minutes=10,
    )  # fmt: skip
    session.add(row)
    session.flush()
    body = {"account": row.id, "role": str(Role.PARENT), "by": "set-up"}
    append(session, family.key, "account opened", body, now=now, zone=family.time_zone)
    return row
