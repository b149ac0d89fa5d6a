"""What the parent wrote on the page of a card or a digest. It is kept like a mail or a text: the form as the browser sent it,
with an envelope that says what the page was about. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from gateway.parsing import Kind, Reading, Segment, SegmentKind

CHANNEL = "web"
MOST_BYTES = 512_000
"""Of a form. Twenty thousand signs of any script fit."""
MOST_FIELDS = 20


@dataclass(frozen=True, slots=True)
class Posted:
    """What a page says besides the words.

    `answers`: the message of the other parent that the words answer; `digest`: the digest on whose page they were written;
    `route`: by which channel they are to go (empty: the one that fits); `at_once`: not to be held overnight; `draft`: a
    draft that is to go; `replaces`: one that the words take the place of; `drops`: one that is not to go.
    """

    answers: int | None = None
    digest: int | None = None
    route: str = ""
    at_once: bool = False
    draft: int | None = None
    replaces: int | None = None
    drops: int | None = None

    def as_json(self) -> dict[str, Any]:
        """For the envelope of the kept message."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def of(cls, envelope: Mapping[str, Any]) -> Posted:
        """From the envelope."""
        return cls(**{name: envelope[name] for name in cls.__slots__ if name in envelope})


def fields_of(raw: bytes) -> dict[str, str]:
    """The fields of a form, the first of each name; empty for what is none."""
    try:
        found = parse_qs(raw.decode("ascii", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return {}
    return {name: values[0] for name, values in found.items()}


def read_posted(raw: bytes) -> Reading:
    """The words of a kept form. Never raises."""
    words = fields_of(raw).get("words", "").replace("\r\n", "\n").replace("\r", "\n")
    new = (Segment(0, len(words), SegmentKind.NEW),) if words else ()
    return Reading(kind=Kind.MESSAGE, body=words, segments=new)
