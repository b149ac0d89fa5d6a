"""At a cap: the text becomes an email, or waits. One transaction with its log entry, and the parent is told once a day.

text over a cap ─► the same goes by email anyway ─► spared
                 ├► the parent has an email       ─► an email with the same words
                 └► neither                       ─► waits; cards that waited come together
email over a cap ─► waits
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gateway.clock import stamp
from gateway.delivery import caps, notices, otherwise, outbox
from gateway.delivery.caps import Caps, Held, Limit, Used
from gateway.delivery.gsm import segments
from gateway.family import Family
from gateway.language import Moment, said, speech
from gateway.ledger import append
from gateway.policy.lane import AT_ONCE
from gateway.store import Store
from gateway.store.tables import DeliveryRow, EntryRow

REACHED = "cap reached"
CAPPED = ("card", outbox.DIGEST, "quiet", "notice", "checkpoint")
DAY = timedelta(days=1)
MANY = {
    "sms": "Very many texts went out, so {then} until {until}. What is urgent still comes at once.",
    "email": "Very many emails went out, so {then} until {until}. What is urgent still comes at once.",
}
MONEY = "The money set aside for texts is used up for now, so {then} until {until}. What is urgent still comes at once."
BY_EMAIL, WAITS = "updates come by email", "updates wait"


class Spending:
    """Holds deliveries back that are over a cap."""

    def __init__(self, store: Store, settings: Caps) -> None:
        self._store, self._caps = store, settings

    def holds(self, parcel: outbox.Parcel, family: Family, now: datetime) -> bool:
        """Whether the parcel must not leave now; then it was turned into an email or waits. Raises StoreError."""
        if parcel.kind not in CAPPED or parcel.content.get("uncapped"):
            return False
        if parcel.lane in {one.value for one in AT_ONCE}:
            return False
        with self._store.read() as session:
            held = self._decide(session, parcel, family, now)
        if held is None:
            return False
        with self._store.write() as session:
            row = session.get_one(DeliveryRow, parcel.id)
            turned = parcel.channel == "sms" and _turn(session, row, family, held, now)
            if not turned:
                _wait(session, row, family, held, now)
            _tell_once(session, family, parcel.channel, held, now, turned=turned)
        return True

    def _decide(self, session: Session, parcel: outbox.Parcel, family: Family, now: datetime) -> Held | None:
        size = segments(str(parcel.content["text"])) if parcel.channel == "sms" else 0
        wanted = [(self._caps.family, family.key), (self._caps.installation, None)]
        used = [_used(session, parcel.channel, key, limit, now) for limit, key in wanted]
        alone = family.parent.email_on(now.date()) is None or bool(parcel.content.get("instead"))
        only = parcel.channel == "sms" and alone
        return caps.decide(parcel.channel, size, now, used[0], used[1], self._caps, only_way=only)


def _used(session: Session, channel: str, family: str | None, limit: Limit, now: datetime) -> Used:
    """What counts for a limit; nothing is looked up that it does not ask for. What left in the future left while the clock was
    wrong, and counts for nothing, or it would hold everything back until then.
    """
    texts, money = channel == "sms", limit.money_per_month is not None
    counted = limit.texts_per_hour or limit.texts_per_day or money if texts else limit.emails_per_hour
    if not counted:
        return Used()
    mine = [DeliveryRow.channel == channel, DeliveryRow.handed_at <= now] + (
        [DeliveryRow.family == family] if family else []
    )
    times = select(DeliveryRow.handed_at).where(*mine, DeliveryRow.handed_at > now - DAY)
    month = select(func.sum(DeliveryRow.segments)).where(*mine, DeliveryRow.handed_at >= caps.month_of(now))
    found = sorted(moment for moment in session.scalars(times) if moment is not None)
    return Used(tuple(found), session.scalar(month) or 0 if texts and money else 0)


def _turn(session: Session, row: DeliveryRow, family: Family, held: Held, now: datetime) -> bool:
    """Make an email of a text to the parent; False where the parent has no address for it, and where the text itself tells
    that an email did not arrive: that would go where nothing arrives.
    """
    email = family.parent.email_on(now.date())
    if email is None or row.content.get("instead") or not family.parent.has(row.address, now.date()):
        return False
    if otherwise.goes_by(session, row, ("email",)) or _has_twin(session, row):
        row.state = "spared"
        _log(session, family, row, "text spared", held, now)
        return True
    row.channel, row.address, row.next_at = "email", email, now
    subject = speech(family.language).text(notices.SUBJECT)
    row.content = {"subject": subject, "text": row.content["text"] + "\n", "link": row.content.get("link")}
    _log(session, family, row, "text turned into email", held, now)
    return True


def _has_twin(session: Session, row: DeliveryRow) -> bool:
    """Whether words of ours that belong to no card were put in the outbox for both ways at once."""
    if row.kind not in ("quiet", "notice"):
        return False
    near = select(DeliveryRow.content).where(
        DeliveryRow.family == row.family,
        DeliveryRow.kind == row.kind,
        DeliveryRow.channel == "email",
        DeliveryRow.id.between(row.id - 2, row.id + 2),
        DeliveryRow.state != "failed",
    )
    return any(row.kind == "quiet" or content["text"] == row.content["text"] for content in session.scalars(near))


def _wait(session: Session, row: DeliveryRow, family: Family, held: Held, now: datetime) -> None:
    row.next_at = held.until
    if row.kind == "card" and row.attempts == 0:
        row.planned_at = held.until  # so that what waited comes together
    _log(session, family, row, "delivery waits", held, now)


def _log(session: Session, family: Family, row: DeliveryRow, kind: str, held: Held, now: datetime) -> None:
    body: dict[str, Any] = {"delivery": row.out_id, "kind": row.kind, "cap": held.cap, "until": stamp(held.until)}
    append(session, family.key, kind, body, now=now, zone=family.time_zone)


def _tell_once(session: Session, family: Family, channel: str, held: Held, now: datetime, *, turned: bool) -> None:
    """Once a day for each cap, by email where there is one."""
    query = select(EntryRow.body).where(
        EntryRow.log == family.key, EntryRow.kind == REACHED, EntryRow.at >= stamp(now - DAY)
    )
    if any(json.loads(body)["cap"] == held.cap for body in session.scalars(query)):
        return
    body = {"cap": held.cap, "until": stamp(held.until)}
    append(session, family.key, REACHED, body, now=now, zone=family.time_zone)
    email, phone = family.parent.email_on(now.date()), family.parent.phone_on(now.date())
    way = ("email", email) if email else ("sms", phone)
    words = MONEY if held.cap == "money per month" else MANY[channel]
    until = Moment(held.until, family.time_zone)
    text = said(words, then=said(BY_EMAIL if turned else WAITS), until=until)
    if way[1] is None:
        return
    marks = {"instead": True, "uncapped": True}
    notices.say(session, family, [(way[0], way[1])], text, due=now, marks=marks)
