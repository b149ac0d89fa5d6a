"""What a page of a card or a digest shows of answers: what was said, what waits, and the box to write in. Reads the store."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from gateway.clock import for_people
from gateway.delivery.outbox import REPLY
from gateway.reply import routes
from gateway.reply.looked import Looked
from gateway.reply.outgoing import MOST_WORDS
from gateway.reply.places import WAITING
from gateway.reply.posted import CHANNEL, Posted
from gateway.store.tables import DeliveryRow, MessageRow, ReplyRow
from gateway.web import forms
from gateway.web.pages.answerable import NONE, Page, chosen

NO_ONE = "none of them"
GONE_STATES = {
    "failed": "It could not be delivered",
    "uncertain": "Nobody knows whether it arrived; it is looked up",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose from."""

    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """An answer. `line`: what became of it, with its time; `waits`: number of the draft where it may still go."""

    words: str
    line: str
    waits: int | None = None
    held: bool = False
    about: str = ""


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the box. `answers`: the chosen message, ``none``, or empty; `replaces`: the draft that is changed."""

    words: str = ""
    answers: str = ""
    route: str = ""
    replaces: int | None = None


@dataclass(frozen=True, slots=True)
class Box:
    """The box to write in, as the template shows it."""

    form: str
    action: str
    name: str
    words: str = ""
    seen: str = ""
    note: str = ""
    hints: tuple[tuple[str, str], ...] = ()
    ready: tuple[str, ...] = ()
    ways: tuple[Choice, ...] = ()
    messages: tuple[Choice, ...] = ()
    replaces: int | None = None
    held_until: str = ""
    looked: bool = False
    most: int = field(default=MOST_WORDS)


def box(
    session: Session,
    page: Page,
    now: datetime,
    typed: Typed = Typed(),
    *,
    looked: Looked | None = None,
    held: datetime | None = None,
    note: str = "",
) -> Box | None:
    """The box; None where nothing can be answered. `looked`: what is to be said of the words; `held`: until when they would wait."""
    found = routes.ways(session, page.family, now.date())
    if not page.is_open(now) or not found:
        return None
    answers = chosen(page, typed.answers)
    way = typed.route if typed.route in found else routes.usual(session, found, answers)
    hints = zip(looked.hints, looked.reasons, strict=True) if looked is not None else ()
    return Box(
        form=forms.make(page.token, now),
        action=f"{page.path}/answer",
        name=page.family.coparent.name,
        words=typed.words,
        seen=forms.seen(page.token, typed.words, answers) if looked is not None else "",
        note=note,
        hints=tuple(hints),
        ready=looked.ready if looked is not None else (),
        ways=tuple(Choice(channel, routes.NAMES[channel], channel == way) for channel in found),
        messages=_messages(page, typed.answers),
        replaces=typed.replaces,
        held_until=for_people(held, page.family.time_zone) if held is not None else "",
        looked=looked is not None,
    )


def said(session: Session, page: Page) -> tuple[Said, ...]:
    """Answers to what stands on the page, oldest first, and what waits."""
    if not page.labels:
        return ()
    about = or_(ReplyRow.answers_id.in_(page.messages), ReplyRow.digest_id == (page.digest_id or 0))
    rows = session.scalars(
        select(ReplyRow)
        .where(ReplyRow.family == page.family.key, about, ReplyRow.state.in_(("sent", *WAITING)))
        .order_by(ReplyRow.id)
    ).all()
    sent = [row.message_id for row in rows if row.state == "sent"]
    query = select(DeliveryRow).where(DeliveryRow.kind == REPLY, DeliveryRow.message_id.in_(sent))
    ways = {row.message_id: row for row in session.scalars(query)}
    labels = dict(page.labels) if page.kind == "digest" else {}
    found = [
        Said(
            words=str(row.content["text"]).rstrip("\n"),
            line=_line(row, ways.get(row.message_id), page.family.time_zone),
            waits=row.id if row.state in WAITING else None,
            held=row.state == "held",
            about=labels.get(row.answers_id or 0, ""),
        )
        for row in rows
        if row.state != "sent" or row.message_id in ways
    ]
    return (*found, *_taken_in(session, page))


def _taken_in(session: Session, page: Page) -> list[Said]:
    """What was kept and not read yet."""
    rows = session.scalars(
        select(MessageRow).where(
            MessageRow.family == page.family.key, MessageRow.channel == CHANNEL, MessageRow.state == "stored"
        )
    )
    own = [row for row in rows if Posted.of(row.envelope).answers in page.messages]
    line = "Taken in {}; it goes in a moment"
    return [Said("", line.format(for_people(row.received_at, page.family.time_zone))) for row in own]


def _line(row: ReplyRow, delivery: DeliveryRow | None, zone: str) -> str:
    written, way = for_people(row.made_at, zone), f"by {routes.NAMES[row.channel]}"
    if row.state == "held" and row.held_until is not None:
        return f"Held until {for_people(row.held_until, zone)}. Written {written}. Not sent"
    if delivery is None:
        return f"Not sent. Written {written}"
    if delivery.sent_at is not None:
        arrived = ", delivered" if delivery.state == "delivered" else ""
        return f"Sent {for_people(delivery.sent_at, zone)}, {way}{arrived}"
    if delivery.state in GONE_STATES:
        return f"{GONE_STATES[delivery.state]}. Written {written}, {way}"
    return f"Sent {way}. Written {written}" if delivery.state == "sent" else f"On its way {way}. Written {written}"


def _messages(page: Page, answers: str) -> tuple[Choice, ...]:
    if len(page.labels) < 2:
        return ()
    one = chosen(page, answers)
    found = [Choice(str(number), label, number == one) for number, label in page.labels]
    return (*found, Choice(NONE, NO_ONE, answers == NONE))
