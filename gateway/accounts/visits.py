"""Signed-in browsers. The cookie holds 32 random bytes; the table holds their SHA-256, so that a stolen database signs nobody in.

began ─ each request within the idle time ─► seen ─ idle too long ─► locked (the password again) ─ `LONGEST` ─► ended
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gateway.accounts.role import Role
from gateway.ledger import INSTALLATION, append
from gateway.store.tables import AccountRow, VisitRow

LONGEST = timedelta(hours=12)
TOUCH = timedelta(seconds=30)
"""How exactly the last request is remembered."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A signed-in browser and its account. `locked`: it was idle too long. `browser`: the one that the account knows it as."""

    id: int
    account: int
    family: str | None
    role: Role
    name: str
    language: str
    locked: bool
    browser: int | None = None


def begin(
    session: Session, account: AccountRow, device: str, proved: str, now: datetime, *, browser: int | None = None
) -> str:
    """A new visit, in the caller's unit of work; the token for the cookie. `browser`: the one that the account knows."""
    token = secrets.token_urlsafe(32)
    row = VisitRow(
        account_id=account.id, browser_id=browser, token=hashed(token), device=device[:100], proved=proved,
        began_at=now, seen_at=now,
    )  # fmt: skip
    session.add(row)
    body = {"account": account.id, "role": account.role, "device": row.device, "proved": proved}
    append(session, account.family or INSTALLATION, "signed in", body, now=now)
    return token


def find(session: Session, token: str, now: datetime) -> Visit | None:
    """The visit behind a cookie; None where it ended or the account did."""
    query = select(VisitRow, AccountRow).join(AccountRow, AccountRow.id == VisitRow.account_id)
    found = session.execute(query.where(VisitRow.token == hashed(token))).first()
    if found is None:
        return None
    visit, account = found
    if visit.ended_at is not None or now >= visit.began_at + LONGEST or is_over(account, now):
        return None
    return _visit(visit, account, now)


def lately(session: Session, token: str, now: datetime) -> Visit | None:
    """The visit behind a cookie whose time was over within the last `LONGEST`, as a locked one: nobody ended it."""
    query = select(VisitRow, AccountRow).join(AccountRow, AccountRow.id == VisitRow.account_id)
    found = session.execute(query.where(VisitRow.token == hashed(token))).first()
    if found is None or found[0].ended_at is not None or is_over(found[1], now):
        return None
    over = found[0].began_at + LONGEST
    return replace(_visit(*found, now), locked=True) if over <= now < over + LONGEST else None


def _visit(visit: VisitRow, account: AccountRow, now: datetime) -> Visit:
    locked = now >= visit.seen_at + timedelta(minutes=account.idle_minutes)
    return Visit(
        visit.id,
        account.id,
        account.family,
        Role(account.role),
        account.name,
        account.language,
        locked,
        visit.browser_id,
    )


def renew(session: Session, visit: int, now: datetime) -> str:
    """Another token for a visit that goes on: nobody who knew the old one comes in with it. When it began stays."""
    token = secrets.token_urlsafe(32)
    session.execute(update(VisitRow).where(VisitRow.id == visit).values(token=hashed(token), seen_at=now))
    return token


def touch(session: Session, visit: int, now: datetime) -> None:
    """Remember that it is in use."""
    session.execute(update(VisitRow).where(VisitRow.id == visit, VisitRow.seen_at < now - TOUCH).values(seen_at=now))


def end(session: Session, visit: int, now: datetime) -> None:
    """Sign a browser out."""
    session.execute(update(VisitRow).where(VisitRow.id == visit, VisitRow.ended_at.is_(None)).values(ended_at=now))


def end_all(session: Session, account: int, now: datetime, *, but: int | None = None) -> None:
    """Sign out every browser of an account, `but` one."""
    query = update(VisitRow).where(VisitRow.account_id == account, VisitRow.ended_at.is_(None))
    session.execute((query.where(VisitRow.id != but) if but is not None else query).values(ended_at=now))


def end_browser(session: Session, browser: int, now: datetime) -> None:
    """Sign out the visits of one browser."""
    query = update(VisitRow).where(VisitRow.browser_id == browser, VisitRow.ended_at.is_(None))
    session.execute(query.values(ended_at=now))


def is_over(account: AccountRow, now: datetime) -> bool:
    """Whether the account's time has ended."""
    return account.ends_at is not None and now >= account.ends_at


def hashed(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf8", "surrogatepass")).hexdigest()
