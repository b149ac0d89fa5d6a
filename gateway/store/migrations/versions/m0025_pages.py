"""Addresses of a parent that wait to be confirmed, words of a form that came when nobody was signed in, invitations of further families."""

import sqlalchemy as sa
from alembic import op

from gateway.store.tables import Utc

revision = "0025_pages"
down_revision = "0024_api"


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "move",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("family", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("asked_at", Utc(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("move_family", "move", ["family", "state"], unique=False)
    op.create_table(
        "kept_form",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("account_id", key, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("browser_id", key, nullable=True),
        sa.Column("until", Utc(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_kept_form_account_id"), "kept_form", ["account_id"], unique=False)
    with op.batch_alter_table("setup") as batch:
        batch.add_column(sa.Column("invited_by", key, nullable=True))
        batch.add_column(sa.Column("name", sa.String(length=100), nullable=False, server_default=""))
