"""What one message may cost, and what is noticed on the way.

Reading a message spends steps: one for a part or a kilobyte decoded, three for an HTML node, six for a line. The number
of steps depends on the bytes alone, never on a clock, so the same message is always read the same way. When the
steps are used up the reader stops where it is and a person must look.
"""

from __future__ import annotations

from typing import Final

from gateway.parsing import unread

MAX_MESSAGE_BYTES: Final = 26 * 1024 * 1024
MAX_STEPS: Final = 200_000
MAX_PARTS: Final = 500
MAX_DEPTH: Final = 24
MAX_TEXT: Final = 1_000_000
"""Code points of text that are read; more is kept in the raw message and held."""
MAX_TEXT_BYTES: Final = 4_000_000
MAX_LINES: Final = 20_000
MAX_NOTES: Final = 60
MAX_BESIDE: Final = 2_000


class Work:
    """The steps left for one message, with the defects and hold reasons found so far."""

    __slots__ = ("_beside", "_defects", "_holds", "parts", "steps")

    def __init__(self, steps: int = MAX_STEPS) -> None:
        self.steps = steps
        self.parts = 0
        self._defects: dict[str, None] = {}
        self._holds: dict[str, None] = {}
        self._beside: dict[str, None] = {}

    def spend(self, steps: int = 1) -> bool:
        """Take steps from the budget. False, with a hold, when nothing is left."""
        self.steps -= steps
        if self.steps >= 0:
            return True
        self.hold(unread.STOPPED)
        return False

    @property
    def is_spent(self) -> bool:
        """Whether nothing more should be begun."""
        return self.steps < 0

    def odd(self, note: str) -> None:
        """Note something odd or repaired, in plain English."""
        if len(self._defects) < MAX_NOTES:
            self._defects[note] = None

    def hold(self, reason: str) -> None:
        """Note why a person must look."""
        if len(self._holds) < MAX_NOTES:
            self._holds[reason] = None

    def set_beside(self, words: str) -> None:
        """Keep words that some reader may show and that are no part of the text: captions, further subjects."""
        if len(self._beside) < MAX_NOTES and any(c.isalpha() for c in words):
            self._beside[words[:MAX_BESIDE]] = None

    @property
    def beside(self) -> tuple[str, ...]:
        """Words beside the text, in order, each once."""
        return tuple(self._beside)

    @property
    def defects(self) -> tuple[str, ...]:
        """What was odd, in order, each once."""
        return tuple(self._defects)

    @property
    def holds(self) -> tuple[str, ...]:
        """Why a person must look, in order, each once."""
        return tuple(self._holds)
