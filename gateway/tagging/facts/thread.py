"""The thread: what was spoken of before a message, as text that stands in front of it.

"What time is the recital tomorrow" — "2": the answer alone names no day, no child. The readers see the last messages
and the subject as lines before the message; nothing in them is a fact of this one, but they lend a day and a child.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.tagging.facts.child import Roster

LAST = 3
"""How many messages before this one still count."""
LONGEST = 400
"""Code points of each that count, from its end."""


def lead_of(subject: str | None, previous: Sequence[str]) -> str:
    """The subject and the last messages, a line each, ended by a line break; empty without any.

    A message before may begin with the sign of who wrote it (``<`` or ``>``, see `Unread.previous`).
    """
    said = [subject or "", *(text.removeprefix("<").removeprefix(">")[-LONGEST:] for text in previous[-LAST:])]
    return "".join(line.replace("\n", " ") + "\n" for line in said if line.strip())


def child_spoken_of(roster: Roster, last: int) -> int | None:
    """The one child that the first `last` words name; None where they name none or several."""
    named = {n.child for n in roster.named if n.index < last}
    return named.pop() if len(named) == 1 else None
