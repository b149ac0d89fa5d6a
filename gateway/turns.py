"""Whose turn it is: which stored message the worker takes next.

What is new before what is imported; of each, first what was never looked at, then texts whose time of waiting is over (see
`grouping`). So texts that came while nothing read them still find each other, even where their hour has passed.

The worker asks this every two seconds for ever, mostly in vain. So it looks first, without the right to write, and the queries
are made once: making one costs more than its answer.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Select, Table, bindparam, exists, func, or_, select, update

from gateway.concluded import Stored, stored_of
from gateway.intake.keep import UNASSIGNED
from gateway.many.claims import MOST_NAMES
from gateway.provenance import IMPORTED, RECEIVED
from gateway.store import Store
from gateway.store.tables import MessageRow, WaitingRow

_TABLE = cast(Table, MessageRow.__table__)
_MINE = WaitingRow.message_id == MessageRow.id
_NEW, _WAITED = ~exists().where(_MINE), exists().where(_MINE, WaitingRow.due_at <= bindparam("now"))
_OPEN = MessageRow.state == "stored", MessageRow.family != UNASSIGNED
_OTHERS = MessageRow.id.not_in(bindparam("without", expanding=True))
_ORDER = {RECEIVED: (MessageRow.id,), IMPORTED: (MessageRow.written_at, MessageRow.id)}
_ANY = (
    select(MessageRow.id)
    .where(*_OPEN, _OTHERS, MessageRow.provenance.in_(bindparam("provenances", expanding=True)), or_(_NEW, _WAITED))
    .limit(1)
)
_WHOSE = (
    select(MessageRow.family)
    .where(*_OPEN, _OTHERS, MessageRow.provenance.in_(bindparam("provenances", expanding=True)), or_(_NEW, _WAITED))
    .group_by(MessageRow.family)
    .order_by(func.max(MessageRow.provenance).desc(), func.min(MessageRow.id))
    .limit(bindparam("most"))
)
"""What a transport brought comes before what is imported (`received` sorts behind `imported`)."""


def _turn(provenance: str, waited: bool) -> Select[*tuple[Any, ...]]:
    return (
        select(_TABLE)
        .where(*_OPEN, _OTHERS, MessageRow.provenance == provenance, _WAITED if waited else _NEW)
        .order_by(*_ORDER[provenance])
        .limit(1)
        .with_for_update(skip_locked=True)
    )


_STARTS = update(_TABLE).where(_TABLE.c.id == bindparam("this")).values(starts=_TABLE.c.starts + 1)


_THIS = select(_TABLE).where(*_OPEN, _NEW, _TABLE.c.id == bindparam("this")).with_for_update(skip_locked=True)
_TURNS = {provenance: (_turn(provenance, False), _turn(provenance, True)) for provenance in (RECEIVED, IMPORTED)}


_FIRST = select(func.min(MessageRow.id)).where(*_OPEN, _NEW, MessageRow.provenance == RECEIVED)
_BEHIND = (
    select(MessageRow.id, MessageRow.family, MessageRow.channel, MessageRow.sha256)
    .where(*_OPEN, _NEW, MessageRow.provenance == RECEIVED, MessageRow.id > bindparam("after"))
    .order_by(MessageRow.id)
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message whose turn has not come."""

    id: int
    family: str
    channel: str
    sha256: str


def behind(store: Store, family: str | None, after: int, most: int) -> tuple[Waiting, ...]:
    """Messages that a transport brought and that were never looked at, numbered above `after`, in order and at most `most`; of that
    family, if named. None where only the next in turn is among them: it is read now anyway. Raises StoreError.
    """
    of = () if family is None else (MessageRow.family == family,)
    with store.glance() as connection:
        rows = connection.execute(_BEHIND.where(*of), {"after": after, "most": most}).all()
        if len(rows) == 1 and rows[0].id == connection.scalar(_FIRST.where(*of)):
            return ()
    return tuple(Waiting(row.id, row.family, row.channel, row.sha256) for row in rows)


def take_this(store: Store, number: int) -> Stored | None:
    """That stored message, its start counted and committed; None where it is concluded, waits, or is in other hands. Raises StoreError."""
    with store.write_rows() as connection:
        row = connection.execute(_THIS, {"this": number}).first()
        if row is None:
            return None
        connection.execute(_STARTS, {"this": row.id})
        return replace(stored_of(row), starts=row.starts + 1)


def families(store: Store, now: datetime, provenances: Sequence[str] = (), without: Collection[int] = ()) -> list[str]:
    """The families that have a message to be read now, in the order of their turns; not more than a claim looks at. Raises StoreError.

    `without`: numbers of messages that are left for later.
    """
    with store.glance() as connection:
        about = {"now": now, "provenances": provenances or (RECEIVED, IMPORTED), "most": MOST_NAMES}
        return list(connection.scalars(_WHOSE, {**about, "without": list(without)}))


def take(
    store: Store,
    now: datetime,
    provenances: Sequence[str] = (),
    family: str | None = None,
    without: Collection[int] = (),
) -> Stored | None:
    """The next stored message (of one of `provenances`, of that family, if named), its start counted and committed. Raises StoreError.

    `without`: numbers of messages that are left for later.
    """
    wanted, known = provenances or (RECEIVED, IMPORTED), {"now": now, "without": list(without)}
    with store.glance() as connection:
        if family is None and connection.scalar(_ANY, {**known, "provenances": wanted}) is None:
            return None
    with store.write_rows() as connection:
        for query in (query for provenance in wanted for query in _TURNS[provenance]):
            query = query if family is None else query.where(MessageRow.family == family)
            row = connection.execute(query, known).first()
            if row is not None:
                connection.execute(_STARTS, {"this": row.id})
                return replace(stored_of(row), starts=row.starts + 1)
    return None
