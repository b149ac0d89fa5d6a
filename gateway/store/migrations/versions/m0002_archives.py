"""Where a message came from and when it was written; imported messages can have no card and no delivery.

The last is held by the database itself: an import of an old threat must not ring an alarm, whatever the code does.
"""

import sqlalchemy as sa
from alembic import op

from gateway.store.tables import Utc

revision = "0002_archives"
down_revision = "0001"

REFUSE = """BEFORE INSERT ON {table}
WHEN EXISTS (SELECT 1 FROM message WHERE id = NEW.message_id AND provenance = 'imported')
BEGIN SELECT RAISE(ABORT, 'imported messages are not delivered'); END"""
SQLITE = (
    """CREATE TRIGGER message_same_origin BEFORE UPDATE OF provenance, written_at ON message
       BEGIN SELECT RAISE(ABORT, 'what was received does not change'); END""",
    "CREATE TRIGGER imported_no_card " + REFUSE.format(table="card"),
    "CREATE TRIGGER imported_no_delivery " + REFUSE.format(table="delivery"),
)
POSTGRES = (
    """CREATE TRIGGER message_same_origin BEFORE UPDATE OF provenance, written_at ON message
       FOR EACH ROW EXECUTE FUNCTION append_only()""",
    """CREATE FUNCTION imported_stays() RETURNS trigger AS '
       BEGIN
         IF EXISTS (SELECT 1 FROM message WHERE id = NEW.message_id AND provenance = ''imported'') THEN
           RAISE EXCEPTION ''imported messages are not delivered'';
         END IF;
         RETURN NEW;
       END' LANGUAGE plpgsql""",
    *(
        f"CREATE TRIGGER imported_no_{table} BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION imported_stays()"
        for table in ("card", "delivery")
    ),
)


def upgrade() -> None:
    op.add_column("message", sa.Column("provenance", sa.String(length=10), nullable=False, server_default="received"))
    op.add_column("message", sa.Column("written_at", Utc(), nullable=True))
    op.create_index("message_written", "message", ["family", "written_at"], unique=False)
    op.create_index("message_imports", "message", ["state", "provenance", "written_at", "id"], unique=False)
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRES:
        op.execute(statement)
