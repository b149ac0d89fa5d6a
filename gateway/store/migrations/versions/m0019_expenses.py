"""Dates and sums of cards, passages that wait for a person, cards that an account has seen. What is kept already is read anew."""

import sqlalchemy as sa
from alembic import op

from gateway.dates import dates_of
from gateway.delivery.card import Card
from gateway.expenses import sums_of
from gateway.provenance import AS_GIVEN
from gateway.sorting.passages import passages_of
from gateway.store.tables import Utc

revision = "0019_expenses"
down_revision = "0018_setup"


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_index("card_made", "card", ["family", "made_at"], unique=False)
    op.create_table(
        "calendar_date",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("family", sa.String(length=40), nullable=False),
        sa.Column("card_id", key, sa.ForeignKey("card.id"), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("at", sa.String(length=26), nullable=False),
        sa.Column("child", sa.String(length=200), nullable=True),
        sa.Column("answer", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("calendar_day", "calendar_date", ["family", "day"], unique=False)
    op.create_index(op.f("ix_calendar_date_card_id"), "calendar_date", ["card_id"], unique=False)
    op.create_table(
        "expense",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("family", sa.String(length=40), nullable=False),
        sa.Column("card_id", key, sa.ForeignKey("card.id"), nullable=False),
        sa.Column("message_id", key, sa.ForeignKey("message.id"), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("made_at", Utc(), nullable=False),
        sa.Column("child", sa.String(length=200), nullable=True),
        sa.Column("asks", sa.Boolean(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("settled_at", Utc(), nullable=True),
        sa.Column("settled_by", key, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("expense_family", "expense", ["family", "id"], unique=False)
    op.create_index(op.f("ix_expense_card_id"), "expense", ["card_id"], unique=False)
    op.create_table(
        "passage",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("family", sa.String(length=40), nullable=False),
        sa.Column("message_id", key, sa.ForeignKey("message.id"), nullable=False),
        sa.Column("card_id", key, sa.ForeignKey("card.id"), nullable=False),
        sa.Column("field", sa.String(length=8), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=24), nullable=False),
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("made_at", Utc(), nullable=False),
        sa.Column("sorted_at", Utc(), nullable=True),
        sa.Column("sorted_by", key, nullable=True),
        sa.Column("due_at", Utc(), nullable=True),
        sa.Column("made_card_id", key, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("passage_open", "passage", ["family", "state", "id"], unique=False)
    op.create_index("passage_due", "passage", ["due_at"], unique=False)
    op.create_index(op.f("ix_passage_message_id"), "passage", ["message_id"], unique=False)
    op.create_table(
        "card_seen",
        sa.Column("account_id", key, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("card_id", key, sa.ForeignKey("card.id"), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "card_id"),
    )
    _read_anew(op.get_bind())


def _read_anew(connection: sa.Connection) -> None:
    """Rows for the cards and decisions that are there; every message that waits goes on waiting."""
    meta = sa.MetaData()
    tables = ("card", "calendar_date", "expense", "passage", "decision")
    meta.reflect(connection, only=tables)
    card, dates, expenses, passages, decision = (meta.tables[name] for name in tables)
    for table, column in ((card, "content"), (decision, "detail")):
        table.c[column].type = sa.JSON()
    first: dict[int, tuple[int, Card]] = {}
    for row in connection.execute(sa.select(card).order_by(card.c.id)).all():
        read = Card.from_json(row.content)
        first.setdefault(row.message_id, (row.id, read))
        about = {"family": row.family, "card_id": row.id}
        for one in dates_of(read):
            values = {"place": one.place, "day": one.at[:10], "at": one.at, "child": one.child, "answer": one.answer}
            connection.execute(dates.insert().values(**about, **values))
        for found in sums_of(read):
            item = read.items[found.place]
            values = {"message_id": row.message_id, "place": found.place, "made_at": row.made_at, "child": item.child}
            values |= {"asks": item.asks, "cents": found.cents, "currency": found.currency}
            connection.execute(expenses.insert().values(**about, **values))
    for row in connection.execute(sa.select(decision).order_by(decision.c.id)).all():
        shown = first.get(row.detail.get("group", {}).get("messages", [row.message_id])[0])
        if shown is None or row.detail.get("provenance") == AS_GIVEN:
            continue
        for passage in passages_of(shown[1], row.detail, row.new_text):
            values = {"message_id": row.message_id, "card_id": shown[0], "state": "open", "made_at": row.made_at}
            values |= {name: getattr(passage, name) for name in passage.__slots__}
            connection.execute(passages.insert().values(family=row.family, **values))
