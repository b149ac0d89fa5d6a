"""The vault's rows, its search index and the originals that were asked for; filled from what was decided before."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.orm import Session

from gateway.store.tables import Utc
from gateway.vault import search
from gateway.vault.listed import Decided, decided_words, listed_of

revision = "0017_vault"
down_revision = "0016_access"

AT_ONCE = 500
COLUMNS = (
    "message_id", "family", "at", "channel", "side", "lane", "provenance", "topics", "children", "files", "signs", "about", "late",
    "asks", "sent",
)  # fmt: skip
DECIDED = """
SELECT m.id, m.family, m.channel, m.provenance, m.received_at, m.written_at, m.fingerprint, d.lane, d.new_text, d.detail,
  (SELECT count(*) FROM attachment a WHERE a.message_id = m.id) AS files,
  EXISTS (SELECT 1 FROM delivery v WHERE v.message_id = m.id AND v.kind = 'reply') AS sent,
  (SELECT o.side FROM vault o JOIN message f ON f.id = o.message_id
   WHERE f.fingerprint = m.fingerprint AND f.id < m.id ORDER BY f.id LIMIT 1) AS before
FROM message m JOIN decision d ON d.id = (SELECT max(n.id) FROM decision n WHERE n.message_id = m.id)
WHERE m.id > :after ORDER BY m.id LIMIT :most
"""


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "vault",
        sa.Column("message_id", key, sa.ForeignKey("message.id"), autoincrement=False, nullable=False),
        sa.Column("family", sa.String(length=40), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("lane", sa.String(length=20), nullable=False),
        sa.Column("provenance", sa.String(length=10), nullable=False),
        sa.Column("topics", sa.Text(), nullable=False),
        sa.Column("children", sa.Text(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("signs", sa.Integer(), nullable=False),
        sa.Column("about", sa.Integer(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("asks", sa.Boolean(), nullable=False),
        sa.Column("sent", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("message_id"),
    )
    op.create_index("vault_newest", "vault", ["family", "at", "message_id"], unique=False)
    op.create_index("vault_lane", "vault", ["family", "lane", "at", "message_id"], unique=False)
    op.create_table(
        "opening",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("family", sa.String(length=40), nullable=False),
        sa.Column("account_id", key, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("message_id", key, sa.ForeignKey("message.id"), nullable=False),
        sa.Column("asked_at", Utc(), nullable=False),
        sa.Column("opens_at", Utc(), nullable=False),
        sa.Column("reason", sa.String(length=10), nullable=False),
        sa.Column("opened_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("opening_of", "opening", ["account_id", "message_id", "opens_at"], unique=False)
    op.create_index(op.f("ix_opening_family"), "opening", ["family"], unique=False)
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in search.SQLITE if sqlite else search.POSTGRESQL:
        op.execute(statement)
    _fill()


def _fill() -> None:
    """A row and the words of every message that was decided, a few at a time."""
    session = Session(op.get_bind())
    table = sa.table("vault", *(sa.column(name, Utc() if name == "at" else None) for name in COLUMNS))
    for made in _decided(session):
        row = asdict(listed_of(made))
        session.execute(sa.insert(table).values({name: row[name] for name in COLUMNS}))
        search.put(session, made.message_id, made.family, decided_words(made.detail, made.new_text))
    session.flush()


def _decided(session: Session) -> Iterator[Decided]:
    after = 0
    while True:
        rows = session.execute(sa.text(DECIDED), {"after": after, "most": AT_ONCE}).all()
        for row in rows:
            after = row.id
            yield Decided(
                message_id=row.id,
                family=row.family,
                at=_moment(row.written_at or row.received_at),
                channel=row.channel,
                provenance=row.provenance,
                lane=row.lane,
                new_text=row.new_text,
                detail=json.loads(row.detail) if isinstance(row.detail, str) else row.detail,
                files=row.files,
                sent=bool(row.sent),
                before=row.before,
            )
        if len(rows) < AT_ONCE:
            return


def _moment(value: Any) -> datetime:
    """SQLite keeps times as text without a zone."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
