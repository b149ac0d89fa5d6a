"""Browsers that an account knows: each keeps a cookie of 32 random bytes for a year, the table its SHA-256.

A browser that is known is not slowed down by what strangers fail, and no notice is sent when it signs in.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from gateway.accounts.visits import LONGEST, end_browser, hashed
from gateway.errors import UserError
from gateway.store.tables import BrowserRow, VisitRow

KEPT = timedelta(days=365)
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Known:
    """One browser, as its account sees it. `here`: it is the one that asks; `inside`: it is signed in."""

    id: int
    name: str
    since: datetime
    seen: datetime
    inside: bool
    here: bool


def find(session: Session, account: int, tokens: Sequence[str], now: datetime) -> BrowserRow | None:
    """The browser with one of these tokens, if the account knows it."""
    kept = [hashed(token) for token in tokens]
    query = select(BrowserRow).where(BrowserRow.account_id == account, BrowserRow.token.in_(kept))
    row = session.scalar(query.where(BrowserRow.ended_at.is_(None), BrowserRow.seen_at > now - KEPT))
    return row if kept else None


def remember(session: Session, account: int, name: str, now: datetime) -> tuple[BrowserRow, str]:
    """Know a browser from now on, in the caller's unit of work; its row and the token for its cookie. The token is always a new one
    of ours, so that nobody can bring a browser to use one that they know.
    """
    token = secrets.token_urlsafe(32)
    row = BrowserRow(account_id=account, token=hashed(token), name=name[:100], created_at=now, seen_at=now)
    session.add(row)
    session.flush()
    return row, token


def known(session: Session, account: int, visit: int, now: datetime) -> list[Known]:
    """All that the account knows, the one that was used last first, at most `SHOWN`."""
    here = session.scalar(select(VisitRow.browser_id).where(VisitRow.id == visit))
    query = select(BrowserRow).where(BrowserRow.account_id == account, BrowserRow.ended_at.is_(None))
    rows = session.scalars(
        query.where(BrowserRow.seen_at > now - KEPT).order_by(BrowserRow.seen_at.desc()).limit(SHOWN)
    )
    seen = dict(
        session.execute(
            select(VisitRow.browser_id, func.max(VisitRow.seen_at))
            .where(VisitRow.account_id == account, VisitRow.ended_at.is_(None), VisitRow.began_at > now - LONGEST)
            .group_by(VisitRow.browser_id)
        ).all()
    )
    return [
        Known(row.id, row.name, row.created_at, seen.get(row.id) or row.seen_at, row.id in seen, row.id == here)
        for row in rows
    ]


def rename(session: Session, account: int, number: int, name: str) -> None:
    """Another name. Raises UserError where the account knows no such browser, or the name is none."""
    row = _own(session, account, number)
    row.name = plain_name(name)


def forget(session: Session, account: int, number: int, now: datetime) -> None:
    """Sign it out; it is a stranger from now on. Raises UserError where the account knows no such browser."""
    row = _own(session, account, number)
    row.ended_at = now
    end_browser(session, row.id, now)


def forget_all(session: Session, account: int, now: datetime, *, but: int | None = None) -> int:
    """All of them, `but` one; how many."""
    query = select(BrowserRow.id).where(BrowserRow.account_id == account, BrowserRow.ended_at.is_(None))
    numbers: Sequence[int] = session.scalars(query.where(BrowserRow.id != but) if but is not None else query).all()
    session.execute(update(BrowserRow).where(BrowserRow.id.in_(numbers)).values(ended_at=now))
    for number in numbers:
        end_browser(session, number, now)
    return len(numbers)


def of_visit(session: Session, visit: int) -> int | None:
    """The browser of a visit."""
    return session.scalar(select(VisitRow.browser_id).where(VisitRow.id == visit))


def plain_name(name: str) -> str:
    """A name of one line without control or formatting signs. Raises UserError where nothing is left, or too much."""
    kept = "".join(" " if c.isspace() else c for c in name if c.isspace() or unicodedata.category(c)[0] != "C")
    words = " ".join(kept.split())
    if not 0 < len(words) <= 100:
        raise UserError("Please give a name of 1 to 100 characters.")
    return words


def _own(session: Session, account: int, number: int) -> BrowserRow:
    row = session.get(BrowserRow, number)
    if row is None or row.account_id != account or row.ended_at is not None:
        raise UserError("This browser is not in your list any more.")
    return row
