"""Somebody has answered an alarm: it stops on every route, at once, and the log says who and by which way.

An answer of the parent counts for the alarm and for those of the family that were raised before it, since their cards lie in the
same place; one of anybody else only for those that they were told of themselves. Of a test each way is answered by itself. Where the answer did not come from the parent's own link, the parent is told: a
number can be forged, and a contact may have read what the parent has not.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from gateway.alarms.rows import RAISED, TEST
from gateway.delivery import alarms, notices, outbox
from gateway.family import Family
from gateway.language import Moment, Part, joined, said
from gateway.ledger import append
from gateway.store.tables import AlarmCallRow, AlarmRow, CardRow, DeliveryRow

OUT = ("sent", "delivered", "sending", "uncertain")
"""States of a delivery that may have reached whom it is for."""
ACKNOWLEDGED, TEST_ACKNOWLEDGED = "alarm acknowledged", "alarm test acknowledged"
LINK, TEXT, MAIL, CARD, REPLY = "link", "text", "mail", "card page", "reply"
NOTED = "Noted: the note of {at} was marked as read, by {how}. It will not come again."
NOT_YOU = "If that was not you, open: {link}"
ITS_LINK = "its link"
HOW = {TEXT: "a text from your number", MAIL: "an answer by mail"}
BY_CONTACT = "Your contact has said that they read the note of {at}. It will not come again."
BY_OTHERS = "Somebody whom you named has said that they read the note of {at}. It will not come again."


def by_call(session: Session, call: AlarmCallRow, via: str, family: Family, now: datetime, public_url: str) -> bool:
    """Take an answer that came over a call of an alarm; False where it had been answered before."""
    alarm = session.get_one(AlarmRow, call.alarm_id, with_for_update=True)
    first = call.acknowledged_at is None
    call.acknowledged_at = call.acknowledged_at or now
    if alarm.kind == TEST:
        if first:
            body = {"alarm": alarm.id, "by": call.who, "channel": call.channel, "via": via}
            append(session, family.key, TEST_ACKNOWLEDGED, body, now=now, zone=family.time_zone)
        return first
    return _close(session, alarm, family, now, by=call.who, via=via, channel=call.channel, call=call, url=public_url)


def by_card(session: Session, card: CardRow, family: Family, now: datetime) -> bool:
    """Take an answer that the parent gave on the card's own page."""
    alarm = session.scalars(select(AlarmRow).where(AlarmRow.card_id == card.id).with_for_update()).first()
    return alarm is not None and _close(session, alarm, family, now, by=alarms.PARENT, via=CARD)


def by_reply(session: Session, answers_id: int, family: Family, now: datetime) -> bool:
    """The parent has answered the urgent message itself, which was proved: whoever answers has read it."""
    query = select(AlarmRow).where(
        AlarmRow.message_id == answers_id, AlarmRow.family == family.key, AlarmRow.kind != TEST
    )
    alarm = session.scalars(query.order_by(AlarmRow.id.desc()).with_for_update()).first()
    return alarm is not None and _close(session, alarm, family, now, by=alarms.PARENT, via=REPLY)


def open_alarm(session: Session, card_id: int) -> AlarmRow | None:
    """The alarm of a card that nobody has answered."""
    query = select(AlarmRow).where(AlarmRow.card_id == card_id, AlarmRow.acknowledged_at.is_(None))
    return session.scalars(query).first()


def _close(
    session: Session,
    alarm: AlarmRow,
    family: Family,
    now: datetime,
    *,
    by: str,
    via: str,
    channel: str = "",
    call: AlarmCallRow | None = None,
    url: str = "",
) -> bool:
    before = session.scalars(
        select(AlarmRow)
        .where(
            AlarmRow.family == family.key,
            AlarmRow.kind != TEST,
            AlarmRow.acknowledged_at.is_(None),
            AlarmRow.raised_at <= alarm.raised_at,
            AlarmRow.id <= alarm.id,
        )
        .order_by(AlarmRow.id)
        .with_for_update()
    ).all()
    before = [one for one in before if call is None or _counts_for(session, call, one)]
    for one in before:
        one.acknowledged_at, one.by, one.via, one.next_at = now, by, via, None
        body: dict[str, Any] = {"alarm": one.id, "message": one.message_id, "by": by, "via": via}
        body |= {"channel": channel} if channel else {}
        body |= {"with": alarm.id} if one.id != alarm.id else {}
        body["stopped"] = _stop(session, one)
        append(session, family.key, ACKNOWLEDGED, body, now=now, zone=family.time_zone)
    if before and call is not None and (via in (TEXT, MAIL) or by != alarms.PARENT):
        _tell(session, alarm, call, via, family, now, url)
    return bool(before)


def _counts_for(session: Session, call: AlarmCallRow, alarm: AlarmRow) -> bool:
    """Whether whoever answered over that call has a say about the alarm: an emergency goes to the parent alone at first."""
    if call.who == alarms.PARENT or alarm.id == call.alarm_id:
        return True
    told = (
        select(DeliveryRow.id)
        .join(AlarmCallRow, AlarmCallRow.id == DeliveryRow.call_id)
        .where(
            AlarmCallRow.alarm_id == alarm.id,
            AlarmCallRow.who == call.who,
            AlarmCallRow.name == call.name,
            DeliveryRow.state.in_(OUT),
        )
    )
    return session.scalar(told.limit(1)) is not None


def _stop(session: Session, alarm: AlarmRow) -> int:
    """Take back what has not left; the card itself still comes. How many messages."""
    mine = select(AlarmCallRow.id).where(AlarmCallRow.alarm_id == alarm.id)
    return outbox.withdraw(session, and_(DeliveryRow.call_id.in_(mine), DeliveryRow.kind == RAISED))


def _tell(
    session: Session, alarm: AlarmRow, call: AlarmCallRow, via: str, family: Family, now: datetime, url: str
) -> None:
    noted = said(NOTED, at=Moment(alarm.raised_at, family.time_zone), how=said(HOW.get(via, ITS_LINK)))
    token = session.scalar(select(CardRow.token).where(CardRow.id == alarm.card_id))
    more: Part = said(NOT_YOU, link=f"{url}/card/{token}") if token else ""
    ways: dict[tuple[str, str], Part] = {}
    if call.who == alarms.PARENT:
        mine = joined(noted, more)
    else:
        mine = said(BY_CONTACT if call.who == alarms.CONTACT else BY_OTHERS, at=noted.values["at"])
        if via in (TEXT, MAIL):
            ways[call.channel, call.address] = noted
    ways |= dict.fromkeys(family.every_way(now.date()), mine)
    for way, text in ways.items():
        # No cap holds it up: whoever floods the relay until texts wait must not be able to answer unseen after that.
        notices.say(session, family, [way], text, due=now, marks={"uncapped": True}, is_plain=True)
