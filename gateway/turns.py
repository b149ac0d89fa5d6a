"""Whose turn it is: which stored message the worker takes next.

What is new before what is imported; of each, first what was never looked at, then texts whose time of waiting is over (see
`grouping`). So texts that came while nothing read them still find each other, even where their hour has passed.

The worker asks this every two seconds for ever, mostly in vain. So it looks first, without the right to write, and the queries
are made once: making one costs more than its answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Select, Table, bindparam, exists, or_, select, update

from gateway.concluded import Stored, stored_of
from gateway.intake.keep import UNASSIGNED
from gateway.provenance import IMPORTED, RECEIVED
from gateway.store import Store
from gateway.store.tables import MessageRow, WaitingRow

_TABLE = cast(Table, MessageRow.__table__)
_MINE = WaitingRow.message_id == MessageRow.id
_NEW, _WAITED = ~exists().where(_MINE), exists().where(_MINE, WaitingRow.due_at <= bindparam("now"))
_OPEN = MessageRow.state == "stored", MessageRow.family != UNASSIGNED
_ORDER = {RECEIVED: (MessageRow.id,), IMPORTED: (MessageRow.written_at, MessageRow.id)}
_ANY = (
    select(MessageRow.id)
    .where(*_OPEN, MessageRow.provenance.in_(bindparam("provenances", expanding=True)), or_(_NEW, _WAITED))
    .limit(1)
)


def _turn(provenance: str, waited: bool) -> Select[*tuple[Any, ...]]:
    return (
        select(_TABLE)
        .where(*_OPEN, MessageRow.provenance == provenance, _WAITED if waited else _NEW)
        .order_by(*_ORDER[provenance])
        .limit(1)
        .with_for_update(skip_locked=True)
    )


_STARTS = update(_TABLE).where(_TABLE.c.id == bindparam("this")).values(starts=_TABLE.c.starts + 1)


_TURNS = {provenance: (_turn(provenance, False), _turn(provenance, True)) for provenance in (RECEIVED, IMPORTED)}


def take(store: Store, now: datetime, provenances: Sequence[str] = ()) -> Stored | None:
    """The next stored message (of one of `provenances`, if named), its start counted and committed. Raises StoreError."""
    wanted = provenances or (RECEIVED, IMPORTED)
    with store.glance() as connection:
        if connection.scalar(_ANY, {"now": now, "provenances": wanted}) is None:
            return None
    with store.write_rows() as connection:
        for query in (query for provenance in wanted for query in _TURNS[provenance]):
            row = connection.execute(query, {"now": now}).first()
            if row is not None:
                connection.execute(_STARTS, {"this": row.id})
                return replace(stored_of(row), starts=row.starts + 1)
    return None
