"""Alarms that stay open until somebody answers, the ways to the people they go to, and how each route does."""

import sqlalchemy as sa
from alembic import op

from gateway.store.tables import Utc

revision = "0011_alarms"
down_revision = "0010_digests"


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "alarm",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("family", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("message_id", key, nullable=True),
        sa.Column("card_id", key, nullable=True),
        sa.Column("raised_at", Utc(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("next_at", Utc(), nullable=True),
        sa.Column("acknowledged_at", Utc(), nullable=True),
        sa.Column("by", sa.String(length=20), nullable=False),
        sa.Column("via", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"]),
        sa.ForeignKeyConstraint(["card_id"], ["card.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("alarm_due", "alarm", ["next_at"], unique=False)
    op.create_index("alarm_family", "alarm", ["family", "raised_at"], unique=False)
    op.create_index("ix_alarm_card_id", "alarm", ["card_id"], unique=False)
    op.create_table(
        "alarm_call",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("alarm_id", key, nullable=False),
        sa.Column("family", sa.String(length=40), nullable=False),
        sa.Column("who", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("token", sa.String(length=43), nullable=False),
        sa.Column("acknowledged_at", Utc(), nullable=True),
        sa.Column("stands_for", key, nullable=True),
        sa.Column("rounded", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["alarm_id"], ["alarm.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token"),
    )
    op.create_index("ix_alarm_call_alarm_id", "alarm_call", ["alarm_id"], unique=False)
    op.create_index("alarm_call_address", "alarm_call", ["channel", "address"], unique=False)
    op.create_table(
        "route",
        sa.Column("family", sa.String(length=40), nullable=False),
        sa.Column("route", sa.String(length=20), nullable=False),
        sa.Column("last_good", Utc(), nullable=True),
        sa.Column("last_bad", Utc(), nullable=True),
        sa.Column("failing_since", Utc(), nullable=True),
        sa.Column("told_at", Utc(), nullable=True),
        sa.Column("told_since", Utc(), nullable=True),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("family", "route"),
    )
    # No foreign key: SQLite would need the table written anew, and its triggers with it.
    op.add_column("delivery", sa.Column("call_id", key, nullable=True))
    op.add_column("delivery", sa.Column("step", sa.Integer(), nullable=True))
    op.create_index("delivery_call", "delivery", ["call_id"], unique=False)
