"""What a parent chose for the coach, as it stands in the settings: ``[family.coach]``."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

LEAST_SIGNS = 3
"""A private word of fewer letters and digits would be found everywhere."""
LONGEST = 120


class PrivateWords(BaseModel):
    """Words that must not reach the other parent: where the parent lives and works, names, anything else."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    home: tuple[str, ...] = Field(default=(), max_length=50)
    work: tuple[str, ...] = Field(default=(), max_length=50)
    people: tuple[str, ...] = Field(default=(), max_length=50)
    other: tuple[str, ...] = Field(default=(), max_length=50)

    @field_validator("home", "work", "people", "other")
    @classmethod
    def _words(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        for value in values:
            if sum(c.isalnum() for c in value) < LEAST_SIGNS:
                raise ValueError(
                    f"words of at least {LEAST_SIGNS} letters or digits; {value!r} would be found everywhere"
                )
            if len(value) > LONGEST or "\n" in value:
                raise ValueError(f"words or names of at most {LONGEST} signs each, such as 418 Alder Court")
        return tuple(value.strip() for value in values)


class Coaching(BaseModel):
    """`tone`: ``grey`` (bare facts) or ``yellow`` (facts with a please and a thank you). `hold_heated`: a heated answer
    that is not urgent waits until the next morning. `private`: words that the coach should notice.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    tone: Literal["grey", "yellow"] = "grey"
    hold_heated: bool = False
    private: PrivateWords = PrivateWords()
