"""What was typed into a form that came when its visit was locked: kept sealed for an hour, and back on the page after the sign-in.

form of a locked visit ─ made for this visit ─► text fields, without passwords and codes, sealed for account and browser ─► sign-in
    ─► the page of the form, with the words in it (nothing was sent) ─► sent, or an hour ─► gone

Nothing of it is in an address or in the browser's history. Files are not kept; the note says so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from gateway.accounts.key import AccountKey
from gateway.accounts.visits import Visit
from gateway.store.tables import KeptFormRow
from gateway.web.refill import SECRET

HOLDS: Final = timedelta(hours=1)
MOST_BYTES: Final = 250_000
MOST_FORMS: Final = 5
NOTE: Final = "What you had typed is here again. Nothing was sent or changed yet; a photo must be chosen anew."


@dataclass(frozen=True, slots=True)
class Kept:
    """A form. `page`: the address of the page on which it stands; `action`: where it posts to."""

    id: int
    page: str
    action: str
    fields: Mapping[str, Sequence[str]]


def keep(
    session: Session, key: AccountKey, visit: Visit, page: str, action: str, form: FormData, now: datetime
) -> bool:
    """In the caller's unit of work; False where there is nothing to keep, or too much."""
    fields: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str) and name not in SECRET:
            fields.setdefault(name, []).append(value)
    text = json.dumps({"page": page, "action": action, "fields": fields}).encode()
    if not any(value.strip() for values in fields.values() for value in values) or len(text) > MOST_BYTES:
        return False
    session.execute(delete(KeptFormRow).where(KeptFormRow.until <= now))
    before = kept_for(session, key, visit, now)
    gone = [one.id for one in before if one.action == action] + [one.id for one in before][: 1 - MOST_FORMS]
    session.execute(delete(KeptFormRow).where(KeptFormRow.id.in_(gone)))
    row = KeptFormRow(account_id=visit.account, browser_id=visit.browser, until=now + HOLDS)
    row.sealed = key.seal(text, _place(visit))
    session.add(row)
    return True


def kept_for(session: Session, key: AccountKey, visit: Visit, now: datetime) -> list[Kept]:
    """What this account typed in this browser, oldest first."""
    query = select(KeptFormRow).where(KeptFormRow.account_id == visit.account, KeptFormRow.until > now)
    found = []
    for row in session.scalars(query.order_by(KeptFormRow.id)):
        text = key.unseal(row.sealed, _place(visit)) if row.browser_id == visit.browser else None
        if text is not None:
            read = json.loads(text)
            found.append(Kept(row.id, read["page"], read["action"], read["fields"]))
    return found


def forget(session: Session, numbers: Sequence[int]) -> None:
    """They were sent, in the caller's unit of work."""
    session.execute(delete(KeptFormRow).where(KeptFormRow.id.in_(numbers)))


def _place(visit: Visit) -> str:
    return f"kept form {visit.account} {visit.browser}"
