"""Records that were asked for in the pages: from the wish to a file on the shelf.

    asked ─► waiting ─► making ─► checking ─► ready ─ removed by the parent ─► removed
                          │          │         └ check again ─► tocheck ─► checking
                          └──────────┴─► failed, with a sentence that says why

One at a time, in a process of its own (`gateway.record.background`), so that the gateway's own memory stays small and nothing waits
for a record. What a kill interrupts is begun again. The file lies in ``DATA/exports/NUMBER.zip``, readable by its owner only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from gateway.family import Family
from gateway.ledger import append
from gateway.record.exhibit import check_issues
from gateway.record.make import Order, language_of, prefix_of, scope_of, style_of
from gateway.store.tables import ExportRow

WAITING, MAKING, TO_CHECK, CHECKING, READY, FAILED, REMOVED = (
    "waiting", "making", "tocheck", "checking", "ready", "failed", "removed"
)  # fmt: skip
OPEN: Final = (WAITING, MAKING, TO_CHECK, CHECKING)
MOST_OPEN: Final = 3
"""Records of one family that may wait at the same time."""


def place(data: Path, number: int) -> Path:
    """Where the file of a record lies."""
    return data / "exports" / f"{number}.zip"


def report(data: Path, number: int) -> Path:
    """Where the words of its check lie."""
    return data / "exports" / f"{number}.txt"


def ask(session: Session, family: Family, account: int, order: Order, nonce: str, now: datetime) -> ExportRow:
    """Put a record in the queue, in the caller's unit of work; a form that was sent twice asks once. Raises UserError."""
    known = session.scalar(select(ExportRow).where(ExportRow.family == family.key, ExportRow.nonce == nonce))
    if known is not None:
        return known
    scope_of(order, family), style_of(order.style), prefix_of(order.prefix), check_issues(order.exhibit)
    order = replace(order, language=language_of(order.language, family))
    row = ExportRow(
        family=family.key, account_id=account, nonce=nonce, asked_at=now, wanted=asdict(order), state=WAITING, said={}
    )
    session.add(row)
    session.flush()
    body: dict[str, Any] = {"export": row.id, "account": account, "style": order.style}
    append(session, family.key, "record asked", body, now=now, zone=family.time_zone)
    return row


def order_of(row: ExportRow) -> Order:
    """What was asked for."""
    lists = {name: tuple(row.wanted.get(name, ())) for name in ("people", "about", "exhibit")}
    return Order(**{**row.wanted, **lists, "family": row.family})


def open_count(session: Session, family: str) -> int:
    """How many of a family are not finished yet."""
    query = select(func.count()).where(ExportRow.family == family, ExportRow.state.in_(OPEN))
    return session.scalar(query) or 0


def own(session: Session, family: str, number: int) -> ExportRow | None:
    """A record of that family; None for any other number."""
    return session.scalar(select(ExportRow).where(ExportRow.id == number, ExportRow.family == family))


def listed(
    session: Session, family: str, *, state: str | None = None, before: int | None = None, most: int
) -> Sequence[ExportRow]:
    """Newest first. `state`: only such; `before`: only older than that number."""
    query = select(ExportRow).where(ExportRow.family == family).order_by(ExportRow.id.desc()).limit(most)
    if state is not None:
        query = query.where(ExportRow.state == state)
    return session.scalars(query if before is None else query.where(ExportRow.id < before)).all()


def take_up(session: Session) -> None:
    """At a start: what was at hand when the gateway stopped begins again."""
    session.execute(update(ExportRow).where(ExportRow.state == MAKING).values(state=WAITING, done=0, total=0))
    session.execute(update(ExportRow).where(ExportRow.state == CHECKING).values(state=TO_CHECK, done=0, total=0))


def next_one(session: Session) -> tuple[int, bool] | None:
    """The oldest that waits, and whether it is only to be checked."""
    query = select(ExportRow).where(ExportRow.state.in_((WAITING, TO_CHECK))).order_by(ExportRow.id).limit(1)
    row = session.scalar(query)
    if row is None:
        return None
    check = row.state == TO_CHECK
    row.state = CHECKING if check else MAKING
    return row.id, check


def remove(session: Session, family: Family, row: ExportRow, data: Path, now: datetime) -> None:
    """Take the file off the shelf; that there was one stays in the history and in the log."""
    row.state = REMOVED
    append(session, family.key, "record removed", {"export": row.id}, now=now, zone=family.time_zone)
    place(data, row.id).unlink(missing_ok=True)
    report(data, row.id).unlink(missing_ok=True)
