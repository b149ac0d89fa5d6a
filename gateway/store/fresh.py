"""Bytes of small messages, in the database until there is a quiet moment to give each a file of its own.

A file costs two waits for the disk, its own and its folder's. Twenty small messages that come at once would wait for
the disk forty times before any of them may be acknowledged. So they are written into the very transaction that names
them, which waits once for all. As soon as nothing more comes in, `settle` moves them into the folder of blobs, where
every blob lies in the end: first all files are durable, then the rows are deleted. A crash in between leaves both, with
the same bytes, and the next quiet moment settles them again.

`Blobs.get` looks in the folder first and then here, so no reader can tell where a message is at the moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from sqlalchemy import Table, delete, exists, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from gateway.store.direct import Direct
from gateway.store.tables import FreshRow

if TYPE_CHECKING:
    from gateway.store.blobs import Blobs
    from gateway.store.unit_of_work import Store

SMALL = 65_536
"""Bytes. Above it a file of its own costs little beside the bytes themselves."""
AT_ONCE = 32
"""How many are settled in one transaction: an arrival may have to wait for that long."""
_TABLE = cast(Table, FreshRow.__table__)
_PUT = Direct(text("INSERT INTO fresh (sha256, content) VALUES (:sha256, :content) ON CONFLICT (sha256) DO NOTHING"))
_OLDEST = select(_TABLE.c.sha256, _TABLE.c.content).limit(AT_ONCE).with_for_update(skip_locked=True)


def put(connection: Connection, contents: Mapping[str, bytes]) -> None:
    """Keep blobs that are `ready` by their names, with the rest of the transaction. Raises DBAPIError."""
    if contents:
        _PUT.many(connection, [{"sha256": sha256, "content": content} for sha256, content in contents.items()])


def get(store: Store, sha256: str) -> bytes | None:
    """What is kept under that name, unchecked; None when they have been settled, or were never here. Raises StoreError."""
    with store.glance() as connection:
        found = connection.scalar(select(_TABLE.c.content).where(_TABLE.c.sha256 == sha256))
        return None if found is None else bytes(found)


def remove(session: Session, sha256: str) -> None:
    """Delete bytes for good; such as are being settled at this moment are waited for. Raises DBAPIError."""
    session.execute(delete(_TABLE).where(_TABLE.c.sha256 == sha256))


def any_left(store: Store) -> bool:
    """Whether something waits for a quiet moment. Raises StoreError."""
    with store.glance() as connection:
        return bool(connection.scalar(select(exists(select(_TABLE.c.sha256)))))


def settle(store: Store, blobs: Blobs) -> int:
    """Move some into the folder; how many. Raises StoreError, and then nothing is lost: they stay where they were."""
    blobs.knock()
    with store.write_rows() as connection:
        rows = connection.execute(_OLDEST).all()
        if rows:
            moved = blobs.settle([(row.sha256, bytes(row.content)) for row in rows])
            connection.execute(delete(_TABLE).where(_TABLE.c.sha256.in_(moved)))
            return len(moved)
        return 0
