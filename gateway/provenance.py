"""Where a message came from: over a transport, or out of an archive that the parent handed over.

The difference is kept with the message for good (a column that the database refuses to change, the envelope, every log
entry): what a transport brought was seen by the gateway itself; what was imported is as the parent gave it, and nothing
here can say whether the archive was altered before.
"""

from __future__ import annotations

from typing import Final

RECEIVED: Final = "received"
"""A transport brought it, and the gateway saw it come."""
IMPORTED: Final = "imported"
"""It was read from an archive."""
AS_GIVEN: Final = "imported, as given by the parent"
"""How an imported message is marked wherever a person reads of it."""
RECOVERED: Final = "recovered"
"""Kind of the log entry of a text that was taken from the carrier's list because its webhook never came."""
FROM_A_CHILD: Final = "from a child"
"""Kind of the log entry of a child's message, and of its decision: that one came, and nothing of it."""
FROM_THE_PARENT: Final = "from the parent"
"""Kind of the decision of what the parent wrote."""
ALARM_ANSWER: Final = "answer to an alarm"
KNOWN_COPY: Final = "the same bytes came before"
HANDED_OVER: Final = "child's message handed over"
"""Kind of the log entry that says a child's message reached the parent and what became of its bytes."""
KEPT_KINDS: Final = (RECEIVED, IMPORTED, RECOVERED)
"""Kinds of the log entries that say a message was kept, with the hash of its bytes."""
