"""Times in which the parent wants to be left alone, as they stand in the settings. All dates are the family's local ones."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field, model_validator

LONGEST_PAUSE = timedelta(days=31)
HOLD_REACH = timedelta(days=7)
"""How long before `hold_until` it begins to hold: a mistyped year must not silence a year."""


class Pause(BaseModel):
    """A vacation: from the morning of its first day to the end of its last."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    first: date = Field(alias="from")
    last: date = Field(alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> Pause:
        if self.last < self.first:
            raise ValueError("a pause whose `to` is not before its `from`")
        if self.last - self.first >= LONGEST_PAUSE:
            raise ValueError(f"a pause of at most {LONGEST_PAUSE.days} days")
        return self

    def covers(self, day: date) -> bool:
        """Whether `day` lies within it."""
        return self.first <= day <= self.last


def check_apart(pauses: Sequence[Pause]) -> None:
    """Raises ValueError where two pauses overlap or follow each other without a day between: together they are one."""
    ordered = sorted(pauses, key=lambda pause: pause.first)
    for one, other in itertools.pairwise(ordered):
        if other.first - one.last <= timedelta(days=1):
            raise ValueError("pauses with at least one day between them; what waits is delivered on that day")


def holds(moment: datetime, until: datetime | None) -> bool:
    """Whether `until` holds what would go out at `moment`; both are local times without a zone."""
    return until is not None and until - HOLD_REACH <= moment < until
