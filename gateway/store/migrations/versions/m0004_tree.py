"""Leaves of the tree over each log, and signed checkpoints. Entries that are there already get their leaves now."""

import json

import sqlalchemy as sa
from alembic import op

from gateway.ledger.leaf import hash_of, new_seed
from gateway.ledger.log import Entry
from gateway.store.migrations.versions.m0001_first_tables import statements
from gateway.store.tables import Utc

revision = "0004_tree"
down_revision = "0003_mailbox"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SQLITE = """
CREATE TRIGGER leaf_no_update BEFORE UPDATE OF id, log, seq, hash ON leaf BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER leaf_no_delete BEFORE DELETE ON leaf BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER leaf_no_replace BEFORE INSERT ON leaf
  WHEN EXISTS (SELECT 1 FROM leaf WHERE id = NEW.id OR (log = NEW.log AND seq = NEW.seq))
  BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER checkpoint_no_update BEFORE UPDATE ON checkpoint BEGIN SELECT RAISE(ABORT, 'checkpoints are kept'); END;
CREATE TRIGGER checkpoint_no_delete BEFORE DELETE ON checkpoint BEGIN SELECT RAISE(ABORT, 'checkpoints are kept'); END;
CREATE TRIGGER checkpoint_no_replace BEFORE INSERT ON checkpoint
  WHEN EXISTS (SELECT 1 FROM checkpoint WHERE id = NEW.id)
  BEGIN SELECT RAISE(ABORT, 'checkpoints are kept'); END;
"""
POSTGRES = """
CREATE TRIGGER leaf_no_change BEFORE DELETE OR UPDATE OF id, log, seq, hash ON leaf FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER leaf_no_truncate BEFORE TRUNCATE ON leaf FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER checkpoint_no_change BEFORE UPDATE OR DELETE ON checkpoint FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER checkpoint_no_truncate BEFORE TRUNCATE ON checkpoint FOR EACH STATEMENT EXECUTE FUNCTION append_only();
"""


def upgrade() -> None:
    leaf = op.create_table(
        "leaf",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("log", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("seed", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("log", "seq"),
    )
    op.create_table(
        "checkpoint",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("log", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("made_at", Utc(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("checkpoint_size", "checkpoint", ["log", "size"])
    bind = op.get_bind()
    rows = bind.execute(sa.text('SELECT log, seq, at, "offset", kind, body, prev, hash FROM entry ORDER BY id')).all()
    made = []
    for row in rows:
        seed = new_seed()
        entry = Entry(row.log, row.seq, row.at, row.offset, row.kind, json.loads(row.body), row.prev, row.hash)
        made.append({"log": row.log, "seq": row.seq, "hash": hash_of(entry, seed).hex(), "seed": seed})
    if made:
        bind.execute(sa.insert(leaf), made)
    for statement in statements(SQLITE if bind.dialect.name == "sqlite" else POSTGRES):
        op.execute(statement)
