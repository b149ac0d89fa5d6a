"""The interview that sets up a family in the pages; who changed a family's settings."""

import sqlalchemy as sa
from alembic import op

from gateway.store.tables import Utc

revision = "0018_setup"
down_revision = "0017_vault"


def upgrade() -> None:
    op.add_column("family_settings", sa.Column("by", sa.String(length=80), nullable=False, server_default=""))
    op.create_table(
        "setup",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("made_at", Utc(), nullable=False),
        sa.Column("until", Utc(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("password", sa.String(length=200), nullable=True),
        sa.Column("done_at", Utc(), nullable=True),
        sa.Column("family", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token"),
    )
