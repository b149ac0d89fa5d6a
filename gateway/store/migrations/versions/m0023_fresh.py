"""Bytes of small messages, until they have a file of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0023_fresh"
down_revision = "0022_due"


def upgrade() -> None:
    op.create_table(
        "fresh",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256"),
    )
