"""A decision's kind in a column of its own, and what a family decided found without a look at the others'."""

import sqlalchemy as sa
from alembic import op

revision = "0026_kind"
down_revision = "0025_pages"

KIND = {"sqlite": "json_extract(detail, '$.kind')", "postgresql": "detail ->> 'kind'"}


def upgrade() -> None:
    op.add_column("decision", sa.Column("kind", sa.String(length=40), nullable=True))
    op.execute(f"UPDATE decision SET kind = {KIND[op.get_bind().dialect.name]}")  # noqa: S608 (no words of anybody)
    op.create_index("decision_newest", "decision", ["family", "id"], unique=False)
    op.create_index("decision_kind", "decision", ["family", "kind", "message_id"], unique=False)
