"""Tokens: with what a program of the parent's asks for them.

made (shown once, kept as its SHA-256) ─ each call within its limit ─► used ─ the end date, or "end now" ─► ended

A token stands for the parent's account, never for more than its scopes, and ends with the account. Whoever comes with one that has
ended learns no more than whoever made one up; the parent sees that it happened.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.accounts.role import Role
from gateway.accounts.visits import hashed, is_over
from gateway.api.scopes import Scope, known
from gateway.errors import UserError
from gateway.ledger import append
from gateway.store.tables import AccountRow, ToolTokenRow

PREFIX: Final = "tool_"
"""By which people, and scanners for lost secrets, know one."""
TOKEN: Final = re.compile(r"tool_[A-Za-z0-9_-]{43}")
LONGEST: Final = timedelta(days=366)
MOST: Final = 20
"""Tokens of one family that are good at the same time."""
MADE, ENDED, REFUSED = "token made", "token ended", "ended token used"
"""Kinds of entries."""
NOTED_AGAIN: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Tool:
    """A token that is good now."""

    id: int
    family: str
    account: int
    scopes: tuple[Scope, ...]


def make(
    session: Session,
    account: AccountRow,
    secret: str,
    name: str,
    scopes: Iterable[Scope],
    ends: datetime,
    now: datetime,
    zone: str,
) -> ToolTokenRow:
    """A new one, in the caller's unit of work; a form that was sent twice makes one. `secret`: the token itself. Raises UserError."""
    row = session.scalar(select(ToolTokenRow).where(ToolTokenRow.sha256 == hashed(secret)))
    if row is not None:
        return row
    chosen = [str(scope) for scope in known(scopes)]
    if not chosen:
        raise UserError("Please choose at least one thing that the program may do.")
    if not now < ends <= now + LONGEST:
        raise UserError("Please give an end date within a year from now.")
    if len(_good(session, account.family or "", now)) >= MOST:
        raise UserError("There are twenty tokens already. Please end one of them first.")
    row = ToolTokenRow(
        family=account.family, account_id=account.id, name=name, scopes=chosen, sha256=hashed(secret), made_at=now, ends_at=ends
    )  # fmt: skip
    session.add(row)
    session.flush()
    body = {"token": row.id, "account": account.id, "scopes": chosen, "ends": ends.isoformat()}
    append(session, row.family, MADE, body, now=now, zone=zone)
    return row


def end(session: Session, row: ToolTokenRow, account: int, now: datetime, zone: str) -> None:
    """End it at once, in the caller's unit of work."""
    if row.ended_at is None:
        row.ended_at = now
        append(session, row.family, ENDED, {"token": row.id, "account": account}, now=now, zone=zone)


def end_all(session: Session, now: datetime) -> int:
    """End every token of the installation, in the caller's unit of work; how many there were. For a database that came back."""
    rows = session.scalars(
        select(ToolTokenRow).where(ToolTokenRow.ended_at.is_(None), ToolTokenRow.ends_at > now)
    ).all()
    for row in rows:
        row.ended_at = now
        append(session, row.family, ENDED, {"token": row.id, "why": "restored"}, now=now)
    return len(rows)


def own(session: Session, family: str, number: int) -> ToolTokenRow | None:
    """A token of that family; None for any other number."""
    return session.scalar(select(ToolTokenRow).where(ToolTokenRow.id == number, ToolTokenRow.family == family))


def listed(session: Session, family: str, most: int = 50) -> list[ToolTokenRow]:
    """Newest first."""
    query = select(ToolTokenRow).where(ToolTokenRow.family == family).order_by(ToolTokenRow.id.desc())
    return list(session.scalars(query.limit(most)))


def is_good(row: ToolTokenRow, now: datetime) -> bool:
    """Whether its time lasts."""
    return row.ended_at is None and now < row.ends_at


def find(session: Session, token: str, now: datetime) -> Tool | None:
    """What stands behind a token that is good now; None for every other."""
    found = _found(session, token)
    if found is None:
        return None
    row, account = found
    if not is_good(row, now) or account.role != Role.PARENT or account.family != row.family or is_over(account, now):
        return None
    return Tool(row.id, row.family, row.account_id, known(row.scopes))


def note_refused(session: Session, token: str, now: datetime) -> None:
    """Somebody came with a token that is not good: where there was such a one, an entry says so, at most once a day."""
    found = _found(session, token)
    if found is None:
        return
    row, _ = found
    if row.refused_at is None or now >= row.refused_at + NOTED_AGAIN:
        row.refused_at = now
        append(session, row.family, REFUSED, {"token": row.id}, now=now)


def admit(session: Session, number: int, now: datetime, most: int) -> timedelta:
    """Count a call, in the caller's unit of work; how long to wait where there were more than `most` in this minute, else zero."""
    row = session.get_one(ToolTokenRow, number, with_for_update=True)
    minute = now.replace(second=0, microsecond=0)
    if row.minute != minute:
        row.minute, row.calls = minute, 0
    if row.calls >= most:
        return minute + timedelta(minutes=1) - now
    row.calls += 1
    row.used_at = now
    return timedelta()


def _found(session: Session, token: str) -> tuple[ToolTokenRow, AccountRow] | None:
    if not TOKEN.fullmatch(token):
        return None
    query = select(ToolTokenRow, AccountRow).join(AccountRow, AccountRow.id == ToolTokenRow.account_id)
    found = session.execute(query.where(ToolTokenRow.sha256 == hashed(token))).first()
    return None if found is None else (found[0], found[1])


def _good(session: Session, family: str, now: datetime) -> list[Any]:
    there = (ToolTokenRow.family == family, ToolTokenRow.ended_at.is_(None), ToolTokenRow.ends_at > now)
    return list(session.scalars(select(ToolTokenRow.id).where(*there)))
