"""Stamps of checkpoints by time-stamping authorities."""

import sqlalchemy as sa
from alembic import op

from gateway.store.tables import Utc

revision = "0007_anchors"
down_revision = "0006_attachments"


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "anchor",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("checkpoint_id", key, nullable=False),
        sa.Column("authority", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", Utc(), nullable=False),
        sa.Column("reply", sa.LargeBinary(), nullable=True),
        sa.Column("stamped_at", Utc(), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["checkpoint_id"], ["checkpoint.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("checkpoint_id", "authority"),
    )
    op.create_index("anchor_todo", "anchor", ["state", "next_at"], unique=False)
