"""Texts that wait to be read together, opt-outs, calls with their recordings, and how far texts were compared."""

import sqlalchemy as sa
from alembic import op

from gateway.store.tables import Utc

revision = "0005_texts"
down_revision = "0004_tree"


def number(name: str, *, nullable: bool = False, counts: bool = False) -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, kind, nullable=nullable, autoincrement=counts)


def upgrade() -> None:
    op.create_table(
        "waiting_text",
        number("message_id"),
        sa.Column("family", sa.String(length=40), nullable=False),
        sa.Column("sender", sa.String(length=254), nullable=False),
        number("first_id"),
        sa.Column("opened_at", Utc(), nullable=False),
        sa.Column("due_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"]),
        sa.ForeignKeyConstraint(["first_id"], ["message.id"]),
        sa.PrimaryKeyConstraint("message_id"),
    )
    op.create_index("waiting_sender", "waiting_text", ["family", "sender", "due_at"], unique=False)
    op.create_index(op.f("ix_waiting_text_first_id"), "waiting_text", ["first_id"], unique=False)
    op.create_table(
        "opt_out",
        number("id", counts=True),
        sa.Column("family", sa.String(length=40), nullable=False),
        sa.Column("relay", sa.String(length=16), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=3), nullable=False),
        sa.Column("since", Utc(), nullable=False),
        sa.Column("via", sa.String(length=8), nullable=False),
        number("message_id", nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("relay", "number"),
    )
    op.create_index(op.f("ix_opt_out_family"), "opt_out", ["family"], unique=False)
    op.create_table(
        "voice_call",
        number("id", counts=True),
        sa.Column("sid", sa.String(length=64), nullable=False),
        sa.Column("family", sa.String(length=40), nullable=False),
        sa.Column("caller", sa.String(length=254), nullable=False),
        sa.Column("relay", sa.String(length=254), nullable=False),
        sa.Column("came_at", Utc(), nullable=False),
        sa.Column("envelope", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("sid"),
    )
    op.create_table(
        "recording",
        number("id", counts=True),
        sa.Column("sid", sa.String(length=64), nullable=False),
        sa.Column("call_sid", sa.String(length=64), nullable=False),
        sa.Column("family", sa.String(length=40), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.Column("noted_at", Utc(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", Utc(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("sid"),
    )
    op.create_index(op.f("ix_recording_call_sid"), "recording", ["call_sid"], unique=False)
    op.create_index(op.f("ix_recording_state"), "recording", ["state"], unique=False)
    op.create_table(
        "reconciled",
        sa.Column("relay", sa.String(length=16), nullable=False),
        sa.Column("until", Utc(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("relay"),
    )
