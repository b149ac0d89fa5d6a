"""The private calendar of a family: one secret address, made anew and revoked by command. The secret is shown once.

Only its SHA-256 is kept, so nobody who reads the database can open the calendar.
"""

from __future__ import annotations

import hmac
import re
import secrets
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from gateway.delivery import calendar as ics
from gateway.delivery.calendar import Event
from gateway.delivery.card import Card
from gateway.family import Family
from gateway.ledger import append
from gateway.store.blobs import digest
from gateway.store.tables import CardRow, DeliveryRow, FeedRow

MADE, REVOKED = "calendar address made", "calendar address revoked"
TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")
LOOK_BACK = timedelta(days=400)
"""Older cards are not listed any more."""
SHOWN = ("sent", "delivered")


def new(session: Session, family: Family, now: datetime) -> str:
    """A new secret in the caller's unit of work; the one of before leads nowhere from then on."""
    _end(session, family, now)
    token = secrets.token_urlsafe(32)
    row = FeedRow(family=family.key, sha256=_hash(token), made_at=now)
    session.add(row)
    session.flush()
    append(session, family.key, MADE, {"feed": row.id}, now=now, zone=family.time_zone)
    return token


def revoke(session: Session, family: Family, now: datetime) -> bool:
    """The address leads nowhere any more, in the caller's unit of work; False where there was none."""
    return _end(session, family, now)


def family_of(session: Session, token: str) -> str | None:
    """The key of the family whose address has that secret; None for a wrong or revoked one."""
    if not TOKEN.fullmatch(token):
        return None
    sha256, found = _hash(token), None
    for row in session.scalars(select(FeedRow).where(FeedRow.revoked_at.is_(None))):
        if hmac.compare_digest(row.sha256, sha256):  # each is compared, so that the time tells nothing
            found = row.family
    return found


def calendar(session: Session, family: Family, public_url: str, now: datetime) -> str:
    """What has a time on the cards that the parent was shown, as a calendar file."""
    found: list[Event] = []
    for row in session.scalars(_shown(family.key, now)):
        card, link = Card.from_json(row.content), f"{public_url.rstrip('/')}/card/{row.token}"
        found += ics.listed(card, link, row.made_at, words=family.calendar, language=family.language)
    return ics.feed(found, family.time_zone, family.language)


def _shown(family: str, now: datetime) -> Select[CardRow]:
    """Cards that went out, alone or in a digest. What still waits for its hour is not told here before."""
    digests = select(DeliveryRow.digest_id).where(
        DeliveryRow.family == family, DeliveryRow.kind == "digest", DeliveryRow.state.in_(SHOWN)
    )
    merged = (DeliveryRow.state == "merged") & DeliveryRow.digest_id.in_(digests)
    out = select(DeliveryRow.card_id).where(
        DeliveryRow.family == family, DeliveryRow.kind != "alarm", or_(DeliveryRow.state.in_(SHOWN), merged)
    )
    since = CardRow.made_at >= now - LOOK_BACK
    return select(CardRow).where(CardRow.family == family, CardRow.id.in_(out), since).order_by(CardRow.id)


def _end(session: Session, family: Family, now: datetime) -> bool:
    rows = session.scalars(select(FeedRow).where(FeedRow.family == family.key, FeedRow.revoked_at.is_(None))).all()
    for row in rows:
        row.revoked_at = now
        append(session, family.key, REVOKED, {"feed": row.id}, now=now, zone=family.time_zone)
    return bool(rows)


def _hash(token: str) -> str:
    return digest(token.encode("ascii"))
