"""What a record holds, as plain frozen data. Times are aware UTC; people read them in the family's zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Style(StrEnum):
    """How pages are numbered: Bates numbers, a bundle of England and Wales (PD 27A), or 1 to n."""

    US = "us"
    EW = "ew"
    PLAIN = "plain"


LANES = ("danger", "emergency", "legal", "facts", "unsorted", "withheld", "answer", "whole", "archived")
"""What became of a message, in the order in which pictures and tables show it."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What of the log was chosen. Empty fields choose everything.

    ``since`` and ``until``: aware, from the first moment included to the first not included. ``people``: names or
    addresses. ``about``: topics, categories, dangers or lanes. ``entries``: log numbers, for a co-parent's own messages.
    """

    since: datetime | None = None
    until: datetime | None = None
    people: tuple[str, ...] = ()
    about: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out."""
        return self == Scope()


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody of the family, with every address that was ever theirs."""

    name: str
    role: str
    addresses: tuple[str, ...]

    @property
    def is_parent(self) -> bool:
        """Whether it is the parent whose family this is; what follows the word says by which way they write."""
        return self.role.partition(",")[0] == "parent"


@dataclass(frozen=True, slots=True)
class Passage:
    """Words of the message that did not come through as they were, or did: ``action`` is forward, withhold, hold, escalate."""

    text: str
    action: str
    label: str
    rule: str
    title: str


@dataclass(frozen=True, slots=True)
class Sent:
    """One delivery of a message's card or alarm, as the log has it."""

    kind: str
    channel: str
    at: datetime
    entry: int


@dataclass(frozen=True, slots=True)
class File:
    """A file that came with a message. ``path``: where its bytes lie in the bundle; None where they were not kept."""

    name: str
    type: str
    size: int | None
    sha256: str | None
    became: str
    path: str | None
    is_picture: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the record. ``number`` counts from 1 in this record; ``entry`` is the number in the family's log.

    ``mode``: the contact mode in which it was handled; empty where none was noted (imported, sent, older logs).
    """

    number: int
    id: int
    entry: int
    entry_hash: str
    decided_entry: int | None
    at: datetime
    written_at: datetime | None
    channel: str
    sender: str
    sender_address: str
    to: str
    role: str
    subject: str | None
    text: str
    kind: str
    lane: str
    outcome: str
    proof: str
    provenance: str
    raw_sha256: str
    raw_size: int
    native: str
    shown: tuple[str, ...] = ()
    facts: tuple[tuple[str, str | None, str | None, float | None, bool, str | None], ...] = ()
    passages: tuple[Passage, ...] = ()
    sent: tuple[Sent, ...] = ()
    viewed: tuple[datetime, ...] = ()
    files: tuple[File, ...] = ()
    holds: tuple[str, ...] = ()
    mode: str = ""

    @property
    def moment(self) -> datetime:
        """When it was written as far as is known: what an archive says, else when it came."""
        return self.written_at or self.at


@dataclass(frozen=True, slots=True)
class Note:
    """One of the parent's own notes. ``content``: as it was hashed; ``text``: its canonical JSON; ``sha256``: what its entry holds."""

    number: int
    entry: int
    entry_hash: str
    content: Mapping[str, Any]
    text: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which the gateway did not run. ``clean``: it had been stopped, not broken off."""

    since: datetime
    until: datetime
    clean: bool


@dataclass(frozen=True, slots=True)
class Record:
    """All that is exported. ``from_children``: how many messages a child wrote to the parent; none of them is recorded.

    ``language``: of the fixed words of pages and papers; all else in here is as the log and the decisions keep it.
    """

    log: str
    zone: str
    currency: str
    parties: tuple[Party, ...]
    children: tuple[str, ...]
    scope: Scope
    messages: tuple[Message, ...]
    total: int
    entries: int
    gaps: tuple[Gap, ...]
    made_at: datetime
    version: str
    fingerprint: str
    rulesets: tuple[str, ...] = ()
    taggers: tuple[str, ...] = ()
    left_out: tuple[tuple[str, int], ...] = field(default=())
    titles: tuple[tuple[str, str], ...] = field(default=())
    from_children: int = 0
    notes: tuple[Note, ...] = ()
    notes_total: int = 0
    language: str = "en"

    @property
    def is_extract(self) -> bool:
        """Whether messages of the log are not in it."""
        return len(self.messages) < self.total
