"""Rows that refer to others are written after them, in whatever order they were added."""

from __future__ import annotations

import pytest
from sqlalchemy import inspect, select

from gateway.clock import utc_now
from gateway.store import Store
from gateway.store.tables import AttachmentRow, Base, MessageRow


def test_every_table_comes_after_those_that_it_refers_to() -> None:
    places = {mapper.local_table: mapper._sort_key for mapper in Base.registry.mappers}
    assert len(set(places.values())) == len(places) == len(Base.metadata.tables)
    pairs = [(table, key.column.table) for table in places for key in table.foreign_keys]
    assert len(pairs) > 40
    assert [(str(one), str(other)) for one, other in pairs if one is not other and places[one] <= places[other]] == []


@pytest.mark.parametrize("turned", [False, True])
def test_in_one_flush(store: Store, *, turned: bool) -> None:
    """By its name an attachment would come first."""
    store.migrate()
    now = utc_now()
    message = MessageRow(
        id=1, family="rivera", received_at=now, fingerprint="1", provenance="received", channel="sms", sha256="0" * 64, size=9,
        envelope={}, entry_seq=1, state="done", starts=1,
    )  # fmt: skip
    values = {
        column.key: now if column.type.python_type is not str else "x"
        for column in inspect(AttachmentRow).columns
        if not column.nullable and not column.primary_key and column.type.python_type.__name__ in ("str", "datetime")
    }
    attachment = AttachmentRow(**values | {"message_id": 1, "place": 0, "on_card": False, "after_original": False})
    with store.write() as session:
        session.add_all([attachment, message] if turned else [message, attachment])
    with store.read() as session:
        assert session.scalars(select(AttachmentRow.message_id)).all() == [1]
