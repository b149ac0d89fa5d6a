"""What is due is found without reading what went long ago: the outbox by channel, reminders by their time."""

from alembic import op

revision = "0022_due"
down_revision = "0021_journal"


def upgrade() -> None:
    op.drop_index("delivery_due", "delivery")
    op.create_index("delivery_due", "delivery", ["state", "channel", "next_at"], unique=False)
    op.create_index("question_due", "question", ["remind_at"], unique=False)
