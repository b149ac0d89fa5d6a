"""What the parent opened to a reviewer or a professional: nothing but what stands here, for as long as it stands here.

    opened(session, visit.account, What.ORIGINALS, now) -> Opening, or None
    opening.covers(message.received_at)

Access as a whole ends with the account (`AccountRow.ends_at`); a period bounds the content that may be read, not the time of reading.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.accounts.role import Role
from gateway.accounts.visits import is_over
from gateway.ledger import append
from gateway.store.tables import AccountRow, OpenedRow


class What(StrEnum):
    """What can be opened."""

    UNSORTED = "unsorted"
    RECORDS = "records"
    CALENDAR = "calendar"
    ORIGINALS = "originals"
    JOURNAL = "journal"


OPEN_TO: Mapping[Role, tuple[What, ...]] = {
    Role.REVIEWER: (What.UNSORTED,),
    Role.PROFESSIONAL: (What.RECORDS, What.CALENDAR, What.ORIGINALS, What.JOURNAL),
}
"""What may be opened to whom."""
DATED = frozenset({What.ORIGINALS})
"""What is opened for a period."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What is open now. `since` (included) and `until` (not included) bound the content; None is no bound."""

    what: What
    since: datetime | None = None
    until: datetime | None = None

    def covers(self, moment: datetime) -> bool:
        """Whether content of that moment is open."""
        return (self.since is None or moment >= self.since) and (self.until is None or moment < self.until)


def openings(session: Session, account: int, now: datetime) -> dict[What, Opening]:
    """All that is open to the account now; nothing where it has ended."""
    row = session.get(AccountRow, account)
    if row is None or is_over(row, now):
        return {}
    query = select(OpenedRow).where(OpenedRow.account_id == account, OpenedRow.ended_at.is_(None))
    found = (Opening(What(one.what), one.since, one.until) for one in session.scalars(query.order_by(OpenedRow.id)))
    return {one.what: one for one in found if one.what in OPEN_TO.get(Role(row.role), ())}


def opened(session: Session, visit_account: int, what: str, now: datetime) -> Opening | None:
    """What is open to that account now, of this kind. Ask it for reviewers and professionals; a parent needs no opening."""
    return openings(session, visit_account, now).get(What(what))


def choose(session: Session, account: AccountRow, chosen: Mapping[What, Opening], now: datetime, *, zone: str) -> bool:
    """Open exactly this, in the caller's unit of work, with an entry for each change; whether there was one. Kinds that are not for
    the account's role are left out.
    """
    before, wanted = openings(session, account.id, now), OPEN_TO.get(Role(account.role), ())
    changed = False
    for what in wanted:
        new = chosen.get(what)
        if before.get(what) == new:
            continue
        changed = True
        _close(session, account.id, what, now)
        body = {"account": account.id, "what": str(what)}
        if new is not None:
            session.add(
                OpenedRow(account_id=account.id, what=str(what), since=new.since, until=new.until, created_at=now)
            )
            body |= {
                name: at.isoformat() for name, at in (("since", new.since), ("until", new.until)) if at is not None
            }
        append(
            session, account.family or "", "access closed" if new is None else "access opened", body, now=now, zone=zone
        )
    return changed


def _close(session: Session, account: int, what: What, now: datetime) -> None:
    query = select(OpenedRow).where(
        OpenedRow.account_id == account, OpenedRow.what == str(what), OpenedRow.ended_at.is_(None)
    )
    for row in session.scalars(query):
        row.ended_at = now
    session.flush()
