"""The rows of the vault: written with each conclusion, read by the list. Called inside the caller's unit of work."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    TextClause,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import Session

from gateway.delivery import outbox
from gateway.store.tables import AttachmentRow, DecisionRow, DeliveryRow, MessageRow, Utc, VaultRow
from gateway.vault import search
from gateway.vault.choices import Choices, Place
from gateway.vault.listed import BAR, Decided, decided_words, listed_of
from gateway.vault.terms import Terms

PAGE = 50
MOST_COUNTED = 10_000
"""Beyond that a count says "more than": nobody waits for a number."""
_TABLE, _MESSAGE = cast(Table, VaultRow.__table__), cast(Table, MessageRow.__table__)
_FIRST, _THEIRS = _MESSAGE.alias("first"), _TABLE.alias("theirs")
_BEFORE = (
    select(_THEIRS.c.side)
    .join(_FIRST, _FIRST.c.id == _THEIRS.c.message_id)
    .where(_FIRST.c.fingerprint == _MESSAGE.c.fingerprint, _FIRST.c.id < _MESSAGE.c.id)
    .order_by(_FIRST.c.id)
    .limit(1)
    .correlate(_MESSAGE)
    .scalar_subquery()
)
"""The side of the first message with the same fingerprint."""
_FILES = select(func.count(AttachmentRow.id)).where(AttachmentRow.message_id == _MESSAGE.c.id)
_WENT = select(DeliveryRow.id).where(DeliveryRow.message_id == _MESSAGE.c.id, DeliveryRow.kind == outbox.REPLY)
_LISTED = select(_TABLE.c.message_id).where(_TABLE.c.message_id == _MESSAGE.c.id)
_DECIDED = (
    select(
        *(_MESSAGE.c[name] for name in ("family", "channel", "provenance", "received_at", "written_at")),
        DecisionRow.lane,
        DecisionRow.new_text,
        DecisionRow.detail,
        _FILES.correlate(_MESSAGE).scalar_subquery().label("files"),
        exists(_WENT.correlate(_MESSAGE)).label("went"),
        exists(_LISTED.correlate(_MESSAGE)).label("listed"),
        _BEFORE.label("before"),
    )
    .select_from(_MESSAGE.outerjoin(DecisionRow.__table__, DecisionRow.message_id == _MESSAGE.c.id))
    .where(_MESSAGE.c.id == bindparam("this"))
    .order_by(DecisionRow.id.desc())
    .limit(1)
)
_NEW = insert(_TABLE)
_AGAIN = update(_TABLE).where(_TABLE.c.message_id == bindparam("this"))
"""Every message passes by these, so they are made once."""


@dataclass(frozen=True, slots=True)
class Line:
    """A message in the list."""

    message_id: int
    at: datetime
    channel: str
    side: str
    lane: str
    files: int
    provenance: str


def note(session: Session, message_id: int, words: str = "") -> None:
    """Row and words of a message as its newest decision has them, in place of what was there. `words`: those it is found by; those of
    the decision where none are given.
    """
    session.flush()
    connection = session.connection()
    row = connection.execute(_DECIDED, {"this": message_id}).one()
    if row.lane is None:
        forget(session, message_id)
        return
    decided = Decided(
        message_id=message_id,
        family=row.family,
        at=row.written_at or row.received_at,
        channel=row.channel,
        provenance=row.provenance,
        lane=row.lane,
        new_text=row.new_text,
        detail=row.detail,
        files=row.files,
        sent=row.went,
        before=row.before,
    )
    values = asdict(listed_of(decided))
    if row.listed:
        connection.execute(_AGAIN, {**values, "this": message_id})
    else:
        connection.execute(_NEW, values)
    search.put(session, message_id, row.family, words or decided_words(row.detail, row.new_text))


def forget(session: Session, message_id: int) -> None:
    """Nothing of a message in the vault: it turned out to be a child's, or its words are erased."""
    gone = session.execute(delete(VaultRow).where(VaultRow.message_id == message_id))
    if gone.rowcount:  # type: ignore[attr-defined]
        search.purge(session, message_id)


def lines(session: Session, family: str, choices: Choices, zone: str, terms: Terms | None = None) -> list[Line]:
    """A page of the list, newest first, and one more where there is a next page. By dates and types only."""
    query = _columns().where(*_conditions(session, family, choices, zone, terms))
    if choices.before is not None:
        at, number = choices.before
        before = tuple_(literal(at, Utc()), literal(number))
        query = query.where(tuple_(VaultRow.at, VaultRow.message_id) < before)
    query = query.order_by(VaultRow.at.desc(), VaultRow.message_id.desc()).limit(PAGE + 1)
    return [Line(*row) for row in session.execute(query)]


def count(session: Session, family: str, choices: Choices, zone: str, terms: Terms | None = None) -> int:
    """How many messages there are by what was chosen, up to one more than `MOST_COUNTED`."""
    some = select(VaultRow.message_id).where(*_conditions(session, family, choices, zone, terms))
    return session.scalar(select(func.count()).select_from(some.limit(MOST_COUNTED + 1).subquery())) or 0


def unread(session: Session, family: str) -> int:
    """How many messages are kept and not read by the program yet."""
    waits = (MessageRow.state == "stored", MessageRow.family == family)
    some = select(MessageRow.id).where(*waits).limit(MOST_COUNTED + 1)
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0


def one(session: Session, family: str, message_id: int) -> Line | None:
    """A message of the family; None for every other number."""
    row = session.execute(_columns().where(VaultRow.message_id == message_id, VaultRow.family == family)).first()
    return Line(*row) if row is not None else None


def place_of(line: Line) -> Place:
    """Where the next page begins."""
    return line.at, line.message_id


def _columns() -> Select[int, datetime, str, str, str, int, str]:
    return select(
        VaultRow.message_id,
        VaultRow.at,
        VaultRow.channel,
        VaultRow.side,
        VaultRow.lane,
        VaultRow.files,
        VaultRow.provenance,
    )


def _conditions(
    session: Session, family: str, choices: Choices, zone: str, terms: Terms | None
) -> list[ColumnElement[bool] | TextClause]:
    found: list[ColumnElement[bool] | TextClause] = [VaultRow.family == family]
    since, until = choices.moments(zone)
    if since is not None:
        found.append(VaultRow.at >= since)
    if until is not None:
        found.append(VaultRow.at < until)
    for column, value in (
        (VaultRow.lane, choices.lane),
        (VaultRow.channel, choices.channel),
        (VaultRow.side, choices.side),
    ):
        if value:
            found.append(column == value)
    for column, value in ((VaultRow.topics, choices.topic), (VaultRow.children, choices.child)):
        if value:
            found.append(column.contains(f"{BAR}{value}{BAR}", autoescape=True))
    if choices.late:
        found.append(VaultRow.late.is_(True))
    if terms is not None:
        found.append(search.holds(session, family, terms))
    return found
