"""Records that were asked for in the pages, and the links under which they are fetched."""

import sqlalchemy as sa
from alembic import op

from gateway.store.tables import Utc

revision = "0020_exports"
down_revision = "0019_expenses"


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "export",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("family", sa.String(length=40), nullable=False),
        sa.Column("account_id", key, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("asked_at", Utc(), nullable=False),
        sa.Column("wanted", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("stage", sa.String(length=10), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", Utc(), nullable=True),
        sa.Column("checked_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("family", "nonce"),
    )
    op.create_index(op.f("ix_export_family"), "export", ["family"], unique=False)
    op.create_index(op.f("ix_export_state"), "export", ["state"], unique=False)
    op.create_table(
        "export_link",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("export_id", key, sa.ForeignKey("export.id"), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("until", Utc(), nullable=False),
        sa.Column("fetched", sa.Integer(), nullable=False),
        sa.Column("fetched_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token"),
    )
    op.create_index(op.f("ix_export_link_export_id"), "export_link", ["export_id"], unique=False)
