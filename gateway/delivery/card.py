"""A card: what the parent sees of one message. Exact words of the co-parent, neutral headings, nothing else."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from gateway.policy.lane import Lane

NOTE_HELD = "A passage may concern the children, but this cannot be told for sure. One step shows it."


@dataclass(frozen=True, slots=True)
class Item:
    """One fact of a card. `text`: the sender's exact words; `when`: ISO local date or date-time; `amount`: shown as is."""

    text: str
    topic: str
    child: str | None = None
    when: str | None = None
    when_line: str | None = None
    amount: str | None = None
    where: str | None = None
    asks: bool = False
    answer_by: str | None = None
    answer_line: str | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A card of one message.

    `received`: what a person reads; `notes`: plain sentences of ours, never of the sender; `files`: what came with it, one
    line each, as it stood when the card was made.
    """

    lane: Lane
    heading: str
    who: str
    channel: str
    received: str
    items: tuple[Item, ...] = ()
    whole: str | None = None
    notes: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain values for the store."""
        return {
            **asdict(self),
            "lane": self.lane.value,
            "items": [asdict(i) for i in self.items],
            "notes": list(self.notes),
            "files": list(self.files),
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Card:
        """The card that `as_json` wrote."""
        return cls(
            **{
                **value,
                "lane": Lane(value["lane"]),
                "items": tuple(Item(**i) for i in value["items"]),
                "notes": tuple(value["notes"]),
                "files": tuple(value.get("files", ())),
            }
        )

    @property
    def questions(self) -> tuple[Item, ...]:
        """Items that ask something; they stand first."""
        return tuple(i for i in self.items if i.asks)

    @property
    def statements(self) -> tuple[Item, ...]:
        """Items that only tell."""
        return tuple(i for i in self.items if not i.asks)
