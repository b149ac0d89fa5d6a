"""New secrets of cards, digests and drafts, so made that no two of a family's have the same short code for two months.

The code is short, since a person types it; by chance alone two of a family's would share one now and then, and an answer by text
would go to the wrong message. Reads the store.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, union_all
from sqlalchemy.orm import Session

from gateway.reply.written import code_of
from gateway.store.tables import CardRow, DigestRow, ReplyRow

APART = timedelta(days=62)
"""Twice as long as a code is taken (see `desk.RECENT`): an old text that is answered late must not meet a new card."""
TRIES = 100
_SINCE = union_all(
    *(
        select(row.token).where(row.family == bindparam("family"), row.made_at >= bindparam("since"))
        for row in (CardRow, DigestRow, ReplyRow)
    )
)


def new_secret(session: Session, family: str, now: datetime) -> str:
    """A secret whose code nothing of the family's has. Where there were so many that none is found, it may be another's: then
    an answer with that code is asked about (see `places`).
    """
    taken = {code_of(token) for token in tokens_since(session, family, now - APART)}
    made = secrets.token_urlsafe(32)
    for _ in range(TRIES):
        if code_of(made) not in taken:
            break
        made = secrets.token_urlsafe(32)
    return made


def tokens_since(session: Session, family: str, since: datetime) -> list[str]:
    """The secrets of all cards, digests and drafts of the family since then."""
    session.flush()
    return list(session.connection().scalars(_SINCE, {"family": family, "since": since}))
