"""What the other parent is told when a message has come: `[family.receipt]`."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

ReceiptKind = Literal["silent", "neutral", "full"]
RISKS: Final = {
    "silent": "They hear nothing. They may not know that a message came, write again, or say that it was hidden.",
    "neutral": "They read once a day that messages are received and stored. It tells them that somebody keeps what they write.",
    "full": "They also read that messages are sorted and may be shown to a court. It is the fairest, and can make an "
    "angry person angrier or look for other ways to you. Ask a counsellor first if you are afraid.",
}
"""Each kind with its risk, as set-up says it."""


class Receipt(BaseModel):
    """`kind`; `answer_hours`: the parent's own promise, by when matters about the children are answered."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ReceiptKind = "silent"
    answer_hours: int | None = Field(default=None, ge=1, le=720)

    @model_validator(mode="after")
    def _said_only_in_a_receipt(self) -> Receipt:
        if self.kind == "silent" and self.answer_hours is not None:
            raise ValueError("answer_hours stands in no silent receipt; take it out, or choose neutral or full")
        return self
