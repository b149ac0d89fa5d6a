"""How a parent wants originals opened in the vault, as it stands under ``[family.vault]``."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, field_validator

LONGEST_MINUTES = 24 * 60


class VaultChoices(BaseModel):
    """`delay_minutes`: how long after it was asked for an original can be opened (0: at once). `companion`: a person who is asked to
    be there; only the page names them, nobody is told. Safety and courts override the delay, and a sign of danger has none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    delay_minutes: int = Field(default=10, ge=0, le=LONGEST_MINUTES)
    companion: str = Field(default="", max_length=100)

    @field_validator("companion")
    @classmethod
    def _name(cls, value: str) -> str:
        if not value.isprintable():
            raise ValueError("a name on one line, such as Ruth")
        return " ".join(value.split())
