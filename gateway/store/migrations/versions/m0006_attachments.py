"""Files that came with messages, and what became of each."""

import sqlalchemy as sa
from alembic import op

from gateway.store.tables import Utc

revision = "0006_attachments"
down_revision = "0005_texts"


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "attachment",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("message_id", key, nullable=False),
        sa.Column("family", sa.String(length=40), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("media_id", key, nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("shown_name", sa.String(length=60), nullable=False),
        sa.Column("words", sa.String(length=60), nullable=False),
        sa.Column("ending", sa.String(length=8), nullable=False),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("claimed_type", sa.String(length=200), nullable=False),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("on_card", sa.Boolean(), nullable=False),
        sa.Column("after_original", sa.Boolean(), nullable=False),
        sa.Column("scan", sa.String(length=10), nullable=False),
        sa.Column("found", sa.String(length=100), nullable=False),
        sa.Column("next_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"]),
        sa.ForeignKeyConstraint(["media_id"], ["media.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("message_id", "place"),
    )
    op.create_index("attachment_todo", "attachment", ["state", "next_at"], unique=False)
