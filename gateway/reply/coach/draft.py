"""What the coach looks at and what it says: a draft in, advice out. Nothing here decides; the parent always sends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from gateway.tagging.facts.child import Child

Tone = Literal["grey", "yellow"]
"""``grey``: bare facts (grey rock); ``yellow``: the same with a please and a thank you (yellow rock)."""


@dataclass(frozen=True, slots=True)
class Private:
    """Words that must not reach the co-parent: where the parent lives and works, names, anything else."""

    home: tuple[str, ...] = ()
    work: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    other: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply before it is sent.

    `context`: the co-parent's last messages, oldest first. `sent`: when the parent wrote it, aware, its own offset being
    the family's local zone; None when it does not matter.
    """

    text: str
    context: tuple[str, ...] = ()
    private: Private = Private()
    children: tuple[Child, ...] = ()
    tone: Tone = "grey"
    sent: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hint:
    """One thing worth a look: ``text[start:end]`` (code points) of the draft, and what the parent reads about it.

    A `note` is said but changes nothing: a draft with notes alone is fine.
    """

    id: str
    title: str
    reason: str
    source: str
    start: int
    end: int
    words: str
    note: bool = False


@dataclass(frozen=True, slots=True)
class Template:
    """A ready short answer. Blanks stand in [brackets]."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Advice:
    """What the coach says of a draft.

    `hints`: what matters most first. `verdict`: ``look`` when any hint is more than a note. `heated`: whether the draft
    should wait until the morning where the parent has chosen that; never when `urgent`: the draft or the message that it
    answers tells an emergency. `versions`: of the coach's rules and of the tagger.
    """

    hints: tuple[Hint, ...]
    verdict: Literal["fine", "look"]
    heated: bool
    templates: tuple[Template, ...]
    versions: tuple[str, str]
    urgent: bool = False
