"""Processes that share a database: which run, whose turn a family is, who is sending a delivery."""

import sqlalchemy as sa
from alembic import op

from gateway.store.tables import Utc

revision = "0028_processes"
down_revision = "0027_data_keys"


def upgrade() -> None:
    op.create_table(
        "process",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("roles", sa.String(length=60), nullable=False),
        sa.Column("host", sa.String(length=100), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("started_at", Utc(), nullable=False),
        sa.Column("seen_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "family_turn",
        sa.Column("family", sa.String(length=40), nullable=False),
        sa.Column("work", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("family", "work"),
    )
    op.add_column("delivery", sa.Column("holder", sa.String(length=60), nullable=True))
