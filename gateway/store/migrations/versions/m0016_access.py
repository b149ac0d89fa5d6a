"""Browsers that accounts know, what is opened to whom, codes that count once."""

import sqlalchemy as sa
from alembic import op

from gateway.store.tables import Utc

revision = "0016_access"
down_revision = "0015_accounts"


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "browser",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("account_id", key, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("seen_at", Utc(), nullable=False),
        sa.Column("ended_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token"),
    )
    op.create_index(op.f("ix_browser_account_id"), "browser", ["account_id"], unique=False)
    op.create_table(
        "opened",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("account_id", key, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("since", Utc(), nullable=True),
        sa.Column("until", Utc(), nullable=True),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("ended_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_opened_account_id"), "opened", ["account_id"], unique=False)
    with op.batch_alter_table("account") as account:
        account.add_column(sa.Column("totp_step", sa.BigInteger(), nullable=True))
        account.add_column(sa.Column("warned_at", Utc(), nullable=True))
    with op.batch_alter_table("visit") as visit:
        visit.add_column(sa.Column("browser_id", key, sa.ForeignKey("browser.id", name="visit_browser"), nullable=True))
    with op.batch_alter_table("knock") as knock:
        knock.add_column(sa.Column("kind", sa.String(length=8), nullable=False, server_default="name"))
    op.create_index(op.f("ix_knock_at"), "knock", ["at"], unique=False)
