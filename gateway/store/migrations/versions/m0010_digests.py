"""Digests: cards that go out as one, and the hour that a delivery waits for."""

import sqlalchemy as sa
from alembic import op

from gateway.store.tables import Utc

revision = "0010_digests"
down_revision = "0009_questions"


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "digest",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("family", sa.String(length=40), nullable=False),
        sa.Column("token", sa.String(length=43), nullable=False),
        sa.Column("made_at", Utc(), nullable=False),
        sa.Column("hour", Utc(), nullable=False),
        sa.Column("cards", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token"),
    )
    op.create_index("ix_digest_family", "digest", ["family"], unique=False)
    # No foreign key: SQLite would need the table written anew, and its triggers with it.
    op.add_column("delivery", sa.Column("planned_at", Utc(), nullable=True))
    op.add_column("delivery", sa.Column("digest_id", key, nullable=True))
    op.create_index("delivery_planned", "delivery", ["family", "planned_at"], unique=False)
    op.create_index("delivery_digest", "delivery", ["digest_id"], unique=False)
