"""Statements in the driver's own words, against every kind of database that the tests have."""

import pytest
from sqlalchemy import Table, bindparam, insert, literal_column, select

from gateway.errors import StoreError
from gateway.store.direct import Direct
from gateway.store.tables import LeafRow

LEAVES: Table = LeafRow.__table__  # type: ignore[assignment]
PUT = Direct(insert(LEAVES).inline().values({name: bindparam(name) for name in ("log", "seq", "hash", "seed")}))
FIND = Direct(
    select(LEAVES.c.hash, LEAVES.c.seed).where(LEAVES.c.log == bindparam("name")).order_by(LEAVES.c.seq.desc())
    .limit(literal_column("1")).offset(literal_column("0"))
)  # fmt: skip


def row(seq: int, seed: str | None = "5") -> dict[str, object]:
    return {"seed": seed, "hash": f"%s ? :name {seq} é", "log": "rivera", "seq": seq}


def test_rows_go_in_and_come_out_by_the_names_of_their_columns(store) -> None:
    with store.write_rows() as connection:
        PUT.many(connection, [row(1), row(2, None)])
        assert tuple(FIND.one(connection, {"name": "rivera"}).one()) == ("%s ? :name 2 é", None)
        assert FIND.one(connection, {"name": "other"}).first() is None


def test_what_the_database_refuses_is_an_error_of_the_store_and_leaves_nothing(store) -> None:
    with pytest.raises(StoreError, match=r"IntegrityError|UniqueViolation"), store.write_rows() as connection:
        PUT.many(connection, [row(1)])
        PUT.many(connection, [row(1)])
    with store.read() as session:
        assert session.scalars(select(LeafRow)).all() == []
