"""The outbox: what is to be sent, and how far each sending has got.

    pending ──► sending ──► sent ──► delivered        (texts: the carrier says so)
       ▲           │
       └─ later ───┤ temporary: backs off with jitter, up to `PATIENCE`, in an outage of the route up to `LONG_PATIENCE`
                   ├──► failed      permanent, or out of patience: logged, and told over another channel if there is one
                   └──► uncertain   handed over, no answer; again later, with the same patience

A card that waits for an hour becomes ``merged`` instead where others wait for it too: one digest brings them all (see
`gather`). One that is not needed any more (the reminder of a question that was answered, a note of an alarm that somebody has
read) becomes ``withdrawn``.

A row becomes `sending` in a commit of its own just before the words leave, after the other side has accepted the
envelope; so a crash at any other moment leaves it pending, in no doubt. A row found in `sending` at start, or whose
connection broke in that short window, is uncertain. An uncertain text is looked up at the carrier by its own words
(which no other delivery has, or whose text is another's). An uncertain email is sent once more under the same Message-ID, which is
how mail hosts know a second copy, and the log says that it may be one (RFC 1047; RFC 5321 section 4.5.4.1 prefers a
second copy to a lost message).
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Table,
    and_,
    bindparam,
    case,
    exists,
    false,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from gateway.delivery.gsm import segments
from gateway.delivery.return_path import new_tag
from gateway.errors import WithdrawnError
from gateway.ledger import append
from gateway.many.claims import MOST_NAMES
from gateway.outages import routes
from gateway.store import Store
from gateway.store.tables import AlarmCallRow, AlarmRow, CardRow, DeliveryRow, DigestRow

FIRST_WAIT = timedelta(seconds=20)
LONGEST_WAIT = timedelta(hours=1)
PATIENCE = 40
"""Attempts before a temporary failure is given up: about 33 hours."""
URGENT_KIND, URGENT_LANES = "alarm", ("danger", "emergency")
"""What goes before anything else that is due. By the parent's own ways the card itself is the alarm."""
DIGEST, REPLY = "digest", "reply"
ABOUT_A_MESSAGE = (REPLY, "receipt", "child")
"""Deliveries without a card whose entries name the message all the same."""
CHILD = "child"
"""What a child wrote, handed over: its words are read from the stored bytes when it is sent."""
WITHDRAWN = "withdrawn"
"""State of a delivery that was taken back before it left."""
LONG_PATIENCE = 240
"""Attempts while nothing at all gets out over that route, about ten days: an outage is no reason to lose what waits for its end."""
OUTAGE = timedelta(days=1)
"""A route over which nothing has gone for so long is out."""
KNOWN_BACK = timedelta(days=3)
AT_A_TIME = 20
WAITS = ("pending", "uncertain")
WENT = ("sent", "delivered")
_URGENT = or_(DeliveryRow.kind == URGENT_KIND, func.coalesce(CardRow.lane.in_(URGENT_LANES), false()))
_DELIVERIES = cast(Table, DeliveryRow.__table__)
_DUE = (
    select(_DELIVERIES, CardRow.lane)
    .outerjoin(CardRow, CardRow.id == DeliveryRow.card_id)
    .where(DeliveryRow.state.in_(WAITS), DeliveryRow.next_at <= bindparam("now"))
    .order_by(_URGENT.desc(), DeliveryRow.next_at, DeliveryRow.id)
)
_NEXT = select(func.min(DeliveryRow.next_at)).where(or_(*(DeliveryRow.state == state for state in WAITS)))
_THERE = DeliveryRow.channel == bindparam("channel")
_DUE_THERE, _NEXT_THERE = _DUE.where(_THERE), _NEXT.where(_THERE)
_WHOSE = (
    select(DeliveryRow.family)
    .outerjoin(CardRow, CardRow.id == DeliveryRow.card_id)
    .where(
        _THERE,
        or_(
            and_(DeliveryRow.state.in_(WAITS), DeliveryRow.next_at <= bindparam("now")), DeliveryRow.state == "sending"
        ),
    )
    .group_by(DeliveryRow.family)
    .order_by(func.max(case((_URGENT, 1), else_=0)).desc(), func.min(DeliveryRow.next_at), func.min(DeliveryRow.id))
    .limit(bindparam("most"))
)
_SENDING = select(DeliveryRow.id).where(_THERE, DeliveryRow.state == "sending").limit(1)
"""Asked every few seconds for ever, so they are made once: making a query costs more than its answer."""
_THIS = _DELIVERIES.c.id == bindparam("this")
_ANSWERED = (
    select(AlarmRow.id)
    .join(AlarmCallRow, AlarmCallRow.alarm_id == AlarmRow.id)
    .where(AlarmCallRow.id == _DELIVERIES.c.call_id, AlarmRow.acknowledged_at.is_not(None))
    .correlate(_DELIVERIES)
)
_TAKE_BACK = update(_DELIVERIES).where(_THIS, _DELIVERIES.c.state.in_(WAITS), exists(_ANSWERED)).values(state=WITHDRAWN)
_LEAVES = (
    update(_DELIVERIES)
    .where(_THIS, _DELIVERIES.c.state.in_((*WAITS, "sending")))
    .values(
        state="sending",
        handed_at=bindparam("now"),
        segments=bindparam("pieces"),
        attempts=_DELIVERIES.c.attempts + 1,
        holder=bindparam("by"),
    )
)
_MESSAGE_OF_CARD = select(CardRow.message_id).where(CardRow.id == _DELIVERIES.c.card_id).scalar_subquery()
_SENT = (
    update(_DELIVERIES)
    .where(_THIS, _DELIVERIES.c.state.not_in(WENT))
    .values(state="sent", provider_id=bindparam("provider"), last_error=None, sent_at=bindparam("now"))
    .returning(*_DELIVERIES.c, _MESSAGE_OF_CARD.label("card_message"))
)
"""The way of every delivery, without a mapper and its objects, and made once."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery, ready to be sent. `content`: subject, text, html for email; text for sms. `uncertain`: may have gone already.

    `tag`: secret of its return path, for email; `handed_at`: when its words last left. `lane`: of its card. `waited`: a card
    that waited for an hour, of which nothing was tried yet, and which a digest may bring.
    """

    id: int
    family: str
    kind: str
    channel: str
    address: str
    content: Mapping[str, Any]
    out_id: str
    attempts: int
    uncertain: bool
    next_at: datetime
    tag: str | None = None
    handed_at: datetime | None = None
    lane: str | None = None
    waited: bool = False


After = Callable[[Session, DeliveryRow], None]
Then = Callable[[Session], None]


def nothing_more(_session: Session, _row: DeliveryRow | None = None) -> None:
    """Nothing follows."""


def put(
    session: Session,
    *,
    family: str,
    message_id: int | None,
    card_id: int | None,
    kind: str,
    channel: str,
    address: str,
    content: dict[str, Any],
    due: datetime,
    planned: bool = False,
    digest_id: int | None = None,
    call_id: int | None = None,
    step: int | None = None,
    question_id: int | None = None,
    reply_id: int | None = None,
) -> DeliveryRow:
    """Add a delivery in the caller's unit of work. `planned`: it waits for an hour, and may share it with others.

    `question_id`, `reply_id`: what it speaks of, so that it can be withdrawn once that is settled.
    """
    row = DeliveryRow(
        family=family,
        message_id=message_id,
        card_id=card_id,
        kind=kind,
        channel=channel,
        address=address,
        content=content,
        out_id=secrets.token_hex(16),
        next_at=due,
        planned_at=due if planned else None,
        digest_id=digest_id,
        call_id=call_id,
        step=step,
        tag=new_tag(),
        question_id=question_id,
        reply_id=reply_id,
    )
    session.add(row)
    return row


def about_questions(numbers: Sequence[int]) -> ColumnElement[bool]:
    """Which deliveries remind of these questions."""
    return DeliveryRow.question_id.in_(numbers)


def about_reply(number: int) -> ColumnElement[bool]:
    """Which deliveries ask about that draft."""
    return DeliveryRow.reply_id == number


def withdraw(session: Session, which: ColumnElement[bool]) -> int:
    """What of these deliveries still waits is not sent any more, in the caller's unit of work; how many there were."""
    query = update(DeliveryRow).where(which, DeliveryRow.state.in_(WAITS)).values(state=WITHDRAWN)
    changed = session.execute(query, execution_options={"synchronize_session": False})
    return int(changed.rowcount)  # type: ignore[attr-defined]


def recover(store: Store, channel: str | None = None, holder: str | None = None) -> int:
    """What was being sent (by `channel`, by the process `holder`, if named) when the process or the database went away is in doubt.

    Returns how many. Raises StoreError.
    """
    with store.write() as session:
        query = _by(select(DeliveryRow).where(DeliveryRow.state == "sending"), channel)
        rows = session.scalars(query if holder is None else query.where(DeliveryRow.holder == holder)).all()
        for row in rows:
            row.state = "uncertain"
        return len(rows)


def take_over(store: Store, family: str, channel: str, gone: Callable[[str | None], bool]) -> int:
    """What a process was sending for a family when it died is in doubt; how many there were. `gone`: whether a process is dead.

    Raises StoreError. For who holds the claim of that family's channel.
    """
    mine = (DeliveryRow.family == family, DeliveryRow.channel == channel, DeliveryRow.state == "sending")
    with store.read() as session:
        lost = [
            number
            for number, holder in session.execute(select(DeliveryRow.id, DeliveryRow.holder).where(*mine))
            if gone(holder)
        ]
    if lost:
        with store.write() as session:
            session.execute(update(DeliveryRow).where(*mine, DeliveryRow.id.in_(lost)).values(state="uncertain"))
    return len(lost)


def families_due(store: Store, now: datetime, channel: str) -> list[str]:
    """The families for which something is due over that channel, or was being sent, the most urgent first. Raises StoreError."""
    with store.glance() as connection:
        about = {"now": now, "channel": channel, "most": MOST_NAMES}
        return list(connection.scalars(_WHOSE, about))


def somebody_sends(store: Store, channel: str) -> bool:
    """Whether something is being sent over that channel, or was when a process died. Raises StoreError."""
    with store.glance() as connection:
        return connection.scalar(_SENDING, {"channel": channel}) is not None


def due(
    store: Store, now: datetime, channel: str | None = None, family: str | None = None, *, limit: int = AT_A_TIME
) -> list[Parcel]:
    """What may be sent now (by `channel`, for `family`, if named): alarms first, then in order of their time."""
    query = _DUE if channel is None else _DUE_THERE
    query = query if family is None else query.where(DeliveryRow.family == family)
    with store.glance() as connection:
        return [_parcel(row) for row in connection.execute(query.limit(limit), {"now": now, "channel": channel})]


def next_due(store: Store, channel: str | None = None) -> datetime | None:
    """When the next delivery falls due (by `channel`, if named), if any waits."""
    with store.glance() as connection:
        return connection.scalar(_NEXT if channel is None else _NEXT_THERE, {"channel": channel})


def bring_back(store: Store, now: datetime, channel: str) -> int:
    """What by its own patience would have been due by now, and waits for a time that a wrong clock named, is due now; how many there
    were. What waits for an hour that was chosen for it, and a test alarm, is left alone. Raises StoreError.
    """
    stray = (
        DeliveryRow.state.in_(WAITS), DeliveryRow.channel == channel, DeliveryRow.next_at > now + 2 * LONGEST_WAIT,
        DeliveryRow.planned_at.is_(None), DeliveryRow.kind != "test",
    )  # fmt: skip
    with store.glance() as connection:
        if connection.scalar(select(DeliveryRow.id).where(*stray).limit(1)) is None:
            return 0
    with store.write() as session:
        changed = session.execute(update(DeliveryRow).where(*stray).values(next_at=now))
        return int(changed.rowcount)  # type: ignore[attr-defined]


def known_ids(store: Store, parcel: Parcel) -> set[str]:
    """The carrier's ids of other deliveries of these days to the same address."""
    mine = [DeliveryRow.channel == parcel.channel, DeliveryRow.address == parcel.address, DeliveryRow.id != parcel.id]
    if parcel.handed_at is not None:
        mine.append(DeliveryRow.handed_at >= parcel.handed_at - KNOWN_BACK)
    with store.read() as session:
        query = select(DeliveryRow.provider_id).where(*mine)
        return {found for found in session.scalars(query) if found is not None}


def _by(query: Select[DeliveryRow], channel: str | None) -> Select[DeliveryRow]:
    return query if channel is None else query.where(DeliveryRow.channel == channel)


def mark_sending(store: Store, parcel: Parcel, now: datetime, holder: str | None = None) -> None:
    """Commit that the words leave now, by the process `holder`. Raises StoreError, WithdrawnError; then they must not leave."""
    pieces = segments(str(parcel.content["text"])) if parcel.channel == "sms" else None
    about = {"this": parcel.id, "now": now, "pieces": pieces, "by": holder}
    with store.write_rows() as connection:
        if parcel.kind == URGENT_KIND:  # somebody may have answered the alarm while an earlier try was under way
            connection.execute(_TAKE_BACK, {"this": parcel.id})
        leaves = connection.execute(_LEAVES, about).rowcount == 1
    if not leaves:
        raise WithdrawnError("it was taken back before it left")


def mark_sent(
    store: Store,
    parcel: Parcel,
    now: datetime,
    *,
    provider_id: str | None,
    zone: str,
    note: str = "",
    then: Then = nothing_more,
) -> None:
    """The other side has taken it. `then`: what follows in the same unit of work."""
    with store.write() as session:
        connection = session.connection()
        row = connection.execute(_SENT, {"this": parcel.id, "now": now, "provider": provider_id}).one_or_none()
        if row is None:  # it was noted before, and the database could not say so
            return
        routes.worked(connection, row.family, row.channel, now)
        body = _told(session, row, row.card_message)
        if provider_id:
            body["provider_id"] = provider_id
        if note:
            body["note"] = note
        append(session, row.family, f"{row.kind} sent", body, now=now, zone=zone)
        then(session)


def mark_later(
    store: Store, parcel: Parcel, now: datetime, reason: str, *, zone: str, after: After = nothing_more
) -> bool:
    """A temporary failure: again later, or given up when patience is out; False then, and `after` follows with it."""
    with store.write() as session:
        row = session.get_one(DeliveryRow, parcel.id)
        if row.state != "sending":
            row.attempts += 1
        row.last_error = reason[:200]
        routes.bad(session, row.family, row.channel, now, reason)
        if row.state == WITHDRAWN:
            return True
        if _is_given_up(session, row, now, reason, zone):
            after(session, row)
            return False
        # What may have gone stays in doubt: the next try looks it up again.
        row.state = "uncertain" if parcel.uncertain or row.state == "uncertain" else "pending"
        row.next_at = now + wait(row.attempts)
        append(session, row.family, "delivery delayed", {**_body(session, row), "why": reason}, now=now, zone=zone)
        return True


def _is_given_up(session: Session, row: DeliveryRow, now: datetime, reason: str, zone: str) -> bool:
    """Whether patience is out; then it has failed, with a log entry."""
    out = routes.out_since(session, row.family, row.channel, now - OUTAGE)
    if row.attempts < (LONG_PATIENCE if out else PATIENCE):
        return False
    fail(session, row, now, f"given up after {row.attempts} attempts: {reason}", zone)
    return True


def mark_failed(
    store: Store, parcel: Parcel, now: datetime, reason: str, *, zone: str, after: After = nothing_more
) -> None:
    """A permanent failure. `after`: what follows in the same unit of work, so that no crash makes silence of it."""
    with store.write() as session:
        row = session.get_one(DeliveryRow, parcel.id)
        if row.state != WITHDRAWN:
            fail(session, row, now, reason, zone)
            after(session, row)


def mark_uncertain(
    store: Store, parcel: Parcel, now: datetime, reason: str, *, zone: str, after: After = nothing_more
) -> None:
    """Handed over, and the answer never came. Each further try may be one more copy, so these have the same end as other failures;
    then `after` follows.
    """
    with store.write() as session:
        row = session.get_one(DeliveryRow, parcel.id)
        row.last_error = reason[:200]
        routes.bad(session, row.family, row.channel, now, reason)
        if _is_given_up(session, row, now, reason, zone):
            after(session, row)
            return
        row.state, row.next_at = "uncertain", now + wait(row.attempts)
        append(session, row.family, "delivery uncertain", {**_body(session, row), "why": reason}, now=now, zone=zone)


def wait(attempts: int) -> timedelta:
    """Doubling from `FIRST_WAIT` to `LONGEST_WAIT`, with up to a fifth of jitter so that retries do not march in step."""
    seconds = min(LONGEST_WAIT.total_seconds(), FIRST_WAIT.total_seconds() * 2 ** min(max(attempts, 1) - 1, 12))
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))  # noqa: S311 (jitter, no secret)


def fail(session: Session, row: DeliveryRow, now: datetime, reason: str, zone: str) -> None:
    """Mark in the caller's unit of work that it will not arrive, with a log entry."""
    row.state, row.last_error = "failed", reason[:200]
    append(session, row.family, "delivery failed", {**_body(session, row), "why": reason}, now=now, zone=zone)


def _body(session: Session, row: DeliveryRow) -> dict[str, Any]:
    number = None
    if row.card_id is not None:
        number = session.scalar(select(CardRow.message_id).where(CardRow.id == row.card_id))
    return _told(session, row, number)


def _told(session: Session, row: DeliveryRow | Row[*tuple[Any, ...]], card_message: int | None) -> dict[str, Any]:
    """What an entry says of a delivery. `card_message`: the message of its card."""
    body: dict[str, Any] = {"delivery": row.out_id, "channel": row.channel, "kind": row.kind, "attempt": row.attempts}
    if row.call_id is not None:
        body["call"] = row.call_id
    if card_message is not None:
        body["message"] = card_message
    if row.kind in ABOUT_A_MESSAGE and row.message_id is not None:
        body["message"] = row.message_id
    if row.kind == DIGEST and row.digest_id is not None:
        body |= {"digest": row.digest_id, "messages": messages_of(session, row.digest_id)}
    return body


def messages_of(session: Session, digest_id: int) -> list[int]:
    """The messages whose cards a digest brings, in order."""
    digest = session.get_one(DigestRow, digest_id)
    query = select(CardRow.message_id).where(CardRow.id.in_(digest.cards)).order_by(CardRow.message_id)
    return list(session.scalars(query))


def _parcel(row: Row[*tuple[Any, ...]]) -> Parcel:
    return Parcel(
        id=row.id,
        family=row.family,
        kind=row.kind,
        channel=row.channel,
        address=row.address,
        content=row.content,
        out_id=row.out_id,
        attempts=row.attempts,
        uncertain=row.state == "uncertain",
        next_at=row.next_at,
        tag=row.tag,
        handed_at=row.handed_at,
        lane=row.lane,
        waited=row.planned_at is not None and row.card_id is not None and row.attempts == 0,
    )
