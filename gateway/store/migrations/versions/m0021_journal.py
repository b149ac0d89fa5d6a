"""The parent's own notes. They are never changed: triggers refuse it, as for messages."""

import sqlalchemy as sa
from alembic import op

from gateway.store.tables import Utc

SQLITE = (
    "CREATE TRIGGER note_no_update BEFORE UPDATE ON note BEGIN SELECT RAISE(ABORT, 'notes are kept as they are'); END;",
    "CREATE TRIGGER note_no_delete BEFORE DELETE ON note BEGIN SELECT RAISE(ABORT, 'notes are kept as they are'); END;",
)
POSTGRES = (
    "CREATE TRIGGER note_no_change BEFORE UPDATE OR DELETE ON note FOR EACH ROW EXECUTE FUNCTION append_only();",
    "CREATE TRIGGER note_no_truncate BEFORE TRUNCATE ON note FOR EACH STATEMENT EXECUTE FUNCTION append_only();",
)

revision = "0021_journal"
down_revision = "0020_exports"


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "note",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("family", sa.String(length=40), nullable=False),
        sa.Column("account_id", key, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("written_at", Utc(), nullable=False),
        sa.Column("happened_at", Utc(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("child", sa.String(length=100), nullable=False),
        sa.Column("corrects", key, sa.ForeignKey("note.id"), nullable=True),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("family", "nonce"),
    )
    op.create_index(op.f("ix_note_family"), "note", ["family"], unique=False)
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRES:
        op.execute(statement)
