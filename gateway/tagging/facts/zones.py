"""A time with its zone behind it, as calendar lines write it: ``2026-12-02 23:30 (UTC)``, ``… 17:30 (America/New_York)``.

The hour that the words name is then not an hour of the reader's own zone, in which facts are told.
"""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

_ZONED = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d) \(([A-Za-z][A-Za-z0-9_+/-]{1,59})\)")


def at_home(text: str, start: int, end: int, when: str | None, sent_at: datetime) -> str | None:
    """`when`, read from ``text[start:end]``, in the zone of `sent_at`. A zone that nobody knows changes nothing."""
    if when is None or len(when) < 16 or sent_at.tzinfo is None:
        return when
    for match in _ZONED.finditer(text, start, end):
        if f"{match[1]}T{match[2]}" == when:
            try:
                there = datetime.fromisoformat(when).replace(tzinfo=ZoneInfo(match[3]))
            except (KeyError, ValueError, OSError):
                return when
            return there.astimezone(sent_at.tzinfo).replace(tzinfo=None).isoformat(timespec="minutes")
    return when
