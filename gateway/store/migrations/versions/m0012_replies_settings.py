"""What a reminder or a question before sending speaks of, drafts that wait overnight, numbers in a digest, the calendar feed."""

import sqlalchemy as sa
from alembic import op

from gateway.store.tables import Utc

revision = "0012_replies_settings"
down_revision = "0010_digests"


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    # No foreign keys in new columns: SQLite would need the tables written anew, and their triggers with them.
    op.add_column("delivery", sa.Column("question_id", key, nullable=True))
    op.add_column("delivery", sa.Column("reply_id", key, nullable=True))
    op.add_column("delivery", sa.Column("sent_at", Utc(), nullable=True))
    op.create_index("delivery_question", "delivery", ["question_id"], unique=False)
    op.create_index("delivery_reply", "delivery", ["reply_id"], unique=False)
    op.add_column("reply", sa.Column("digest_id", key, nullable=True))
    op.add_column("reply", sa.Column("held_until", Utc(), nullable=True))
    op.create_index("reply_held", "reply", ["state", "held_until"], unique=False)
    op.create_index("reply_answers", "reply", ["answers_id"], unique=False)
    op.add_column("digest", sa.Column("asking", sa.JSON(), nullable=True))
    op.create_table(
        "feed",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("family", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("made_at", Utc(), nullable=False),
        sa.Column("revoked_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("sha256"),
    )
    op.create_index("ix_feed_family", "feed", ["family"], unique=False)
