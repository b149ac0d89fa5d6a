"""Originals that somebody asked for: asked ─ the parent's delay ─► open for an hour ─► closed again.

Each asking and each first reading is an entry in the family's log. Called inside the caller's unit of work.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.accounts import Role
from gateway.clock import stamp
from gateway.family import Family
from gateway.ledger import append
from gateway.store.tables import AccountRow, OpeningRow
from gateway.vault.listed import OWN
from gateway.vault.rows import Line

OPEN_FOR: Final = timedelta(minutes=60)
ASKED, OPENED = "original asked", "original opened"
"""Kinds of entries."""
REASONS: Final = {
    "safety": "My safety or that of the children",
    "court": "A court, a lawyer or the police",
    "health": "A child's health",
}
"""Why somebody does not wait."""
DANGER, KNOWN = "danger", "known"
"""Why there is nothing to wait for: a sign of danger, or words that the parent has seen or written."""
_SEEN: Final = (OWN, "legal", "whole")


def at_once(line: Line, family: Family, role: Role) -> str | None:
    """Why an original opens without a delay; None where it waits. The delay protects the parent, so it is for nobody else."""
    if line.lane == "danger":
        return DANGER
    if line.lane in _SEEN:
        return KNOWN
    return "" if role is not Role.PARENT or family.vault.delay_minutes == 0 else None


def live(session: Session, account: int, message_id: int, now: datetime) -> OpeningRow | None:
    """The newest asking that is not over."""
    mine = (OpeningRow.account_id == account, OpeningRow.message_id == message_id)
    query = select(OpeningRow).where(*mine, OpeningRow.opens_at > now - OPEN_FOR).order_by(OpeningRow.opens_at)
    return session.scalars(query.limit(1)).first()


def is_open(row: OpeningRow | None, now: datetime) -> bool:
    """Whether the original can be read now."""
    return row is not None and row.opens_at <= now < row.opens_at + OPEN_FOR


def ask(
    session: Session, family: Family, account: int, message_id: int, wait: timedelta, reason: str, now: datetime
) -> OpeningRow:
    """Ask for an original, once: an asking that is not over stands, unless this one opens sooner."""
    session.get(AccountRow, account, with_for_update=True)  # two clicks at once wait for one another
    before = live(session, account, message_id, now)
    if before is not None and before.opens_at <= now + wait:
        return before
    row = OpeningRow(
        family=family.key,
        account_id=account,
        message_id=message_id,
        asked_at=now,
        opens_at=now + wait,
        reason=reason,
        opened_at=None,
    )
    session.add(row)
    body: dict[str, Any] = {"message": message_id, "account": account, "opens_at": stamp(row.opens_at)}
    append(session, family.key, ASKED, body | _why(reason), now=now, zone=family.time_zone)
    return row


def open_(session: Session, family: Family, row: OpeningRow, now: datetime) -> None:
    """The first reading of an opening that is open."""
    if row.opened_at is not None:
        return
    row.opened_at = now
    body: dict[str, Any] = {"message": row.message_id, "account": row.account_id}
    append(session, family.key, OPENED, body | _why(row.reason), now=now, zone=family.time_zone)


def _why(reason: str) -> dict[str, str]:
    return {"reason": reason} if reason else {}
