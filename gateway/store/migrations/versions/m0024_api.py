"""Tokens of the family's own programs, news in their order, and the addresses that are told of them."""

import sqlalchemy as sa
from alembic import op

from gateway.store.tables import Utc

revision = "0024_api"
down_revision = "0023_fresh"


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "tool_token",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("family", sa.String(length=40), nullable=False),
        sa.Column("account_id", key, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("made_at", Utc(), nullable=False),
        sa.Column("ends_at", Utc(), nullable=False),
        sa.Column("ended_at", Utc(), nullable=True),
        sa.Column("used_at", Utc(), nullable=True),
        sa.Column("minute", Utc(), nullable=True),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("refused_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("sha256"),
    )
    op.create_index(op.f("ix_tool_token_family"), "tool_token", ["family"], unique=False)
    op.create_table(
        "news",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("family", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("number", key, nullable=True),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("webhook_id", key, nullable=True),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event"),
        sa.UniqueConstraint("kind", "number"),
    )
    op.create_index("news_family", "news", ["family", "id"], unique=False)
    op.create_table(
        "webhook",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("family", sa.String(length=40), nullable=False),
        sa.Column("account_id", key, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("secret", sa.String(length=200), nullable=False),
        sa.Column("made_at", Utc(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("next_at", Utc(), nullable=False),
        sa.Column("told_at", Utc(), nullable=True),
        sa.Column("failing_since", Utc(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("paused_at", Utc(), nullable=True),
        sa.Column("ended_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("nonce"),
    )
    op.create_index(op.f("ix_webhook_family"), "webhook", ["family"], unique=False)
