"""What did not arrive by one way is told by another, in the caller's unit of work, so that a failure is never silence.

| what failed | who is told |
|---|---|
| a card, digest or question to the parent | the parent over the other channel; without one, the safety contact |
| an alarm, or a card that is one | the same at once and before all else, and the safety contact if the parent has no other way |
| an alarm to the safety contact | the parent, by every way |
| an answer to the other parent | the parent, in plain words |

Where the same card goes by the other channel too, the parent is told once a day and not for each. A note about a failure that
fails itself is told to nobody once more; the log and `breakwater doctor` have it. An alarm that nobody has answered goes round by
itself (`gateway.alarms.desk`) and is then not told from here (see `reached`).
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.clock import stamp
from gateway.delivery import notices, outbox
from gateway.delivery.reached import Speaks, who_speaks
from gateway.family import Family
from gateway.language import Part, joined, said
from gateway.ledger import append
from gateway.store.tables import AlarmCallRow, CardRow, DeliveryRow, DigestRow, EntryRow

TOLD = "told otherwise"
URGENT = "Please read now"
CARD = "An update could not be delivered the usual way{why}."
ASK = "A question about your answer could not be delivered{why}. Nothing was sent to the other parent."
TO_THE_OTHER = {
    "reply": "Your answer could not be delivered to the other parent{why}. It is kept.",
    "disclosure": "What you wanted the other parent to know about the relay could not be delivered{why}.",
}
"""Words to the other parent, by kind."""
CONTACT = "A note to {name} could not be delivered{why}. Tell {name} yourself if you need them."
NO_WAY = "Messages to {name} do not arrive. Please ask {name} to look at their mail and phone."
NO_WAY_NOW = "Please check on {name} soon. Something came that may need you, and messages to {name} do not arrive."
SOMEBODY = "your safety contact"
SILENT = (
    "notice", "checkpoint", "quiet", "verify", "receipt", "test", "outage", "invite", "trial", "record link",
)  # fmt: skip
DAY = timedelta(days=1)
WAYS = ("email", "sms")


def tell(
    session: Session, family: Family, row: DeliveryRow, why: str, *, now: datetime, ways: Collection[str] = WAYS
) -> None:
    """Queue what is told of a delivery that failed for good. `why`: a clause; `ways`: channels that can be used."""
    if row.kind in SILENT or row.content.get("instead"):
        return
    speaks = who_speaks(session, row) if row.call_id is not None else None
    if speaks in (Speaks.DESK, Speaks.NOBODY):
        return
    if speaks is Speaks.ORDINARY:
        session.get_one(AlarmCallRow, row.call_id).rounded = True
    clause: Part = said(" ({why})", why=said(why)) if why else ""
    parent, urgent = family.parent, speaks is not Speaks.ORDINARY and is_urgent(session, row)
    to_parent = _ways(family, parent.email_on(now.date()), parent.phone_on(now.date()), ways)
    mine = row.kind == "alarm" and not family.parent.has(row.address, now.date())
    if row.kind in TO_THE_OTHER:
        chosen = sorted(to_parent, key=lambda way: way[0] != "email")[:1]
        _put(session, family, row, chosen, said(TO_THE_OTHER[row.kind], why=clause), now, urgent=False)
    elif mine:
        name: Part = next((p.name for p in family.people if p.has(row.address, now.date())), said(SOMEBODY))
        _put(session, family, row, to_parent, said(CONTACT, name=name, why=clause), now, urgent=urgent)
    else:
        others = [way for way in to_parent if way[0] != row.channel]
        if (
            others
            and not urgent
            and goes_by(session, row, [channel for channel, _ in others])
            and _told_lately(session, row, now)
        ):
            return
        words = said(ASK if row.kind == "ask" else CARD, why=clause)
        _put(session, family, row, others, words, now, urgent=urgent)
        if not others:
            _to_contacts(session, family, row, now, ways, urgent=urgent)


def tell_words(session: Session, family: Family, row: DeliveryRow, words: Part, *, now: datetime) -> None:
    """Queue these words to the parent by every way but the one that failed, or by that where there is no other."""
    day = now.date()
    there = _ways(family, family.parent.email_on(day), family.parent.phone_on(day), WAYS)
    others = [way for way in there if way[0] != row.channel] or there
    _put(session, family, row, others, words, now, urgent=False, link=False)


def spared_by(row: DeliveryRow, family: Family, *, opted_out: bool) -> bool:
    """Whether nothing need be told: a phone that sent STOP, and the card comes by email anyway."""
    return opted_out and row.kind in ("card", outbox.DIGEST) and "email" in family.cards_by


def is_urgent(session: Session, row: DeliveryRow) -> bool:
    """Whether it is an alarm, or the card of one."""
    if row.kind == outbox.URGENT_KIND:
        return True
    lane = session.scalar(select(CardRow.lane).where(CardRow.id == row.card_id)) if row.card_id is not None else None
    return lane in outbox.URGENT_LANES


def _ways(family: Family, email: str | None, phone: str | None, ways: Collection[str]) -> list[tuple[str, str]]:
    known = [("email", email), ("sms", phone if family.relay_phone else None)]
    return [(channel, address) for channel, address in known if address and channel in ways]


def _to_contacts(
    session: Session, family: Family, row: DeliveryRow, now: datetime, ways: Collection[str], *, urgent: bool
) -> None:
    """Nobody but the safety contacts can be told; of ordinary cards once a day."""
    if not urgent and _told_lately(session, row, now):
        return
    words = said(NO_WAY_NOW if urgent else NO_WAY, name=family.parent.name)
    day = now.date()
    found = [way for p in family.safety_contacts() for way in _ways(family, p.email_on(day), p.phone_on(day), ways)]
    _put(session, family, row, found, words, now, urgent=urgent, link=False)


def goes_by(session: Session, row: DeliveryRow, channels: Collection[str]) -> bool:
    """Whether the same card, or one of the same digest, goes or went by one of these channels."""
    cards = [row.card_id] if row.card_id is not None else []
    if row.digest_id is not None and (digest := session.get(DigestRow, row.digest_id)) is not None:
        cards = list(digest.cards)
    query = select(DeliveryRow.id).where(
        DeliveryRow.card_id.in_(cards),
        DeliveryRow.channel.in_(channels),
        DeliveryRow.state != "failed",
    )
    return bool(cards) and session.scalar(query.limit(1)) is not None


def _told_lately(session: Session, row: DeliveryRow, now: datetime) -> bool:
    query = select(EntryRow.body).where(
        EntryRow.log == row.family, EntryRow.kind == TOLD, EntryRow.at >= stamp(now - DAY)
    )
    return any(json.loads(body)["channel"] == row.channel for body in session.scalars(query))


def _put(
    session: Session,
    family: Family,
    row: DeliveryRow,
    ways: Collection[tuple[str, str]],
    words: Part,
    now: datetime,
    *,
    urgent: bool,
    link: bool = True,
) -> None:
    if not ways:
        return
    found = row.content.get("link") if link else None
    text = joined(words, said(notices.OPEN, link=found)) if found else words
    kind, subject = (outbox.URGENT_KIND, URGENT) if urgent else (notices.NOTICE, notices.SUBJECT)
    notices.say(session, family, ways, text, due=now, kind=kind, subject=subject, link=found, marks={"instead": True})
    body = {"delivery": row.out_id, "channel": row.channel, "by": sorted({channel for channel, _ in ways})}
    append(session, family.key, TOLD, body, now=now, zone=family.time_zone)
