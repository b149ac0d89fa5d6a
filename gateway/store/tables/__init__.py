"""The tables, by what they are about. Times are UTC. Rows of `entry` and `message` are never deleted (triggers see to it).

Rows that are added together are written with those first that others refer to. SQLAlchemy knows this order of relationships alone, of which
there are none here, and else goes by the names of classes and modules; so it is told.
"""

from gateway.store.tables.accounts import AccountRow, BrowserRow, KeptFormRow, KnockRow, OpenedRow, PasskeyRow, VisitRow
from gateway.store.tables.alarms import AlarmCallRow, AlarmRow
from gateway.store.tables.answers import HandoverRow, QuestionRow, ReceiptRow, ReplyRow
from gateway.store.tables.base import Base, Key, Utc
from gateway.store.tables.calls import CallRow, RecordingRow
from gateway.store.tables.decisions import CardRow, DecisionRow, PassageRow
from gateway.store.tables.delivery import (
    DeliveryRow,
    DestinationRow,
    DigestRow,
    FeedRow,
    OptOutRow,
    RouteRow,
    StatusRow,
)
from gateway.store.tables.families import MoveRow, SettingsRow, SetupRow
from gateway.store.tables.log import AnchorRow, CheckpointRow, EntryRow, LeafRow
from gateway.store.tables.messages import (
    AttachmentRow,
    FreshRow,
    MailboxRow,
    MediaRow,
    MessageRow,
    ReconciledRow,
    WaitingRow,
)
from gateway.store.tables.processes import DataKeyRow, ProcessRow, TurnRow
from gateway.store.tables.reading import DateRow, ExpenseRow, NoteRow, OpeningRow, SeenRow, VaultRow
from gateway.store.tables.records import ExportLinkRow, ExportRow
from gateway.store.tables.tools import NewsRow, ToolTokenRow, WebhookRow

__all__ = [
    "AccountRow",
    "AlarmCallRow",
    "AlarmRow",
    "AnchorRow",
    "AttachmentRow",
    "Base",
    "BrowserRow",
    "CallRow",
    "CardRow",
    "CheckpointRow",
    "DataKeyRow",
    "DateRow",
    "DecisionRow",
    "DeliveryRow",
    "DestinationRow",
    "DigestRow",
    "EntryRow",
    "ExpenseRow",
    "ExportLinkRow",
    "ExportRow",
    "FeedRow",
    "FreshRow",
    "HandoverRow",
    "KeptFormRow",
    "Key",
    "KnockRow",
    "LeafRow",
    "MailboxRow",
    "MediaRow",
    "MessageRow",
    "MoveRow",
    "NewsRow",
    "NoteRow",
    "OpenedRow",
    "OpeningRow",
    "OptOutRow",
    "PassageRow",
    "PasskeyRow",
    "ProcessRow",
    "QuestionRow",
    "ReceiptRow",
    "ReconciledRow",
    "RecordingRow",
    "ReplyRow",
    "RouteRow",
    "SeenRow",
    "SettingsRow",
    "SetupRow",
    "StatusRow",
    "ToolTokenRow",
    "TurnRow",
    "Utc",
    "VaultRow",
    "VisitRow",
    "WaitingRow",
    "WebhookRow",
]

for _place, _table in enumerate(Base.metadata.sorted_tables):
    for _mapper in Base.registry.mappers:
        if _mapper.local_table is _table:
            _mapper._sort_key = f"{_place:03}"
