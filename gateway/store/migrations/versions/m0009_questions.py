"""Questions about the children that wait for an answer."""

import sqlalchemy as sa
from alembic import op

from gateway.store.tables import Utc

revision = "0009_questions"
down_revision = "0008_replies"


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "question",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("family", sa.String(length=40), nullable=False),
        sa.Column("message_id", key, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("asked_at", Utc(), nullable=False),
        sa.Column("answer_by", Utc(), nullable=False),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("remind_at", Utc(), nullable=True),
        sa.Column("answered_at", Utc(), nullable=True),
        sa.Column("answer_id", key, nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"]),
        sa.ForeignKeyConstraint(["answer_id"], ["message.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("message_id", "place"),
    )
    op.create_index("question_open", "question", ["family", "answered_at", "remind_at"], unique=False)
