"""Spans: stretches of a message with a label, as the tagger sees them.

Labels are those of the annotation specification:

* ``F:topic``     a child-related fact, to forward
* ``X:category``  not about the children, to withhold
* ``D:kind``      dangerous, never shown as ordinary mail
* ``N``           neutral filler; forwarding or dropping it is no error
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from gateway.tagging.facts.child import Child

TOPICS = (
    "schedule",
    "school",
    "medical",
    "activity",
    "travel",
    "expense",
    "belongings",
    "childcare",
    "contact",
    "wellbeing",
    "documents",
    "legal",
    "emergency",
)
CATEGORIES = (
    "insult",
    "blame",
    "guilt_trip",
    "hoovering",
    "threat",
    "legal_threat",
    "gaslighting",
    "new_partner",
    "prying",
    "money",
    "third_party",
    "triangulation",
    "sarcasm",
    "control",
    "self_pity",
    "sexual",
    "chatter",
)
DANGERS = ("violence", "self_harm", "abduction", "stalking", "sextortion")
NEUTRAL = "N"
LABELS = (
    *(f"F:{t}" for t in TOPICS),
    *(f"X:{c}" for c in CATEGORIES),
    *(f"D:{d}" for d in DANGERS),
    NEUTRAL,
)


@dataclass(frozen=True, slots=True)
class Span:
    """``text[start:end]`` (code points) with the most probable label and what else it might be.

    ``fact``, ``withhold`` and ``danger`` are the probability mass (0 to 1) on all labels of that kind;
    ``score`` is the probability of ``label`` itself.
    """

    start: int
    end: int
    label: str
    score: float
    fact: float = 0.0
    withhold: float = 0.0
    danger: float = 0.0

    @property
    def kind(self) -> str:
        """``F``, ``X``, ``D`` or ``N``."""
        return self.label[0]

    @property
    def name(self) -> str:
        """The topic, category or danger kind; empty for neutral filler."""
        return self.label[2:]


@dataclass(frozen=True, slots=True)
class Tagging:
    """What the tagger concluded about one message.

    Spans are in order, do not overlap, and together cover every word of the field they belong to. ``danger`` and
    ``emergency`` are the probabilities that the message as a whole holds a danger, or tells of a child's emergency.
    """

    text: tuple[Span, ...]
    subject: tuple[Span, ...] = ()
    tagger: str = "none"
    danger: float = 0.0
    emergency: float = 0.0


@dataclass(frozen=True, slots=True)
class Unread:
    """A message as the tagger is given it: the new words and what a person in the family would know.

    ``previous`` holds earlier messages of the thread, oldest first, each with a leading ``<`` when the
    parent wrote it and ``>`` when the co-parent did.
    """

    text: str
    subject: str | None = None
    channel: str = "email"
    children: tuple[Child, ...] = ()
    sender: str = ""
    recipient: str = ""
    previous: tuple[str, ...] = field(default=())


class Tagger(Protocol):
    """The seam between the pipeline and whatever reads a message. Implementations are pure."""

    @property
    def version(self) -> str:
        """Name and hash of what decides, so that a decision can be replayed."""
        ...

    def tag(self, message: Unread) -> Tagging:
        """Label every word of `message`."""
        ...
