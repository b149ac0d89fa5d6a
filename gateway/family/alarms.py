"""How a family wants its alarms repeated, tested and watched over, as it stands under ``[family.alarms]``."""

from __future__ import annotations

import itertools
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

LONGEST_MINUTES = 24 * 60


class AlarmChoices(BaseModel):
    """`repeat_minutes`: how long after an alarm it comes again while nobody has answered; `hourly`: how often after that,
    once an hour. `danger_by_night`: whether the hourly ones of a danger alarm come by night too (those of an emergency do).
    `also`: names of people of the family who are told at last. `test`: how often a test alarm is sent.
    `outage_minutes`: how long a route may fail before the parent is told.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    repeat_minutes: tuple[int, ...] = Field(default=(10, 30, 60), min_length=1, max_length=10)
    hourly: int = Field(default=12, ge=0, le=48)
    danger_by_night: bool = False
    also: tuple[str, ...] = Field(default=(), max_length=10)
    test: Literal["weekly", "monthly", "off"] = "monthly"
    outage_minutes: int = Field(default=20, ge=5, le=720)

    @field_validator("repeat_minutes")
    @classmethod
    def _rising(cls, values: tuple[int, ...]) -> tuple[int, ...]:
        apart = all(later - earlier >= 1 for earlier, later in itertools.pairwise((0, *values)))
        if not apart or values[-1] > LONGEST_MINUTES:
            raise ValueError(
                "minutes after the alarm, each later than the one before, at most 1440, such as [10, 30, 60]"
            )
        return values
