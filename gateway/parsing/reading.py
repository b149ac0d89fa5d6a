"""What was read from a mail or a text: the words, where they came from, and what was odd.

A `Reading` holds the whole text body as one string. Its segments say which stretch is newly written and which is
quoted, forwarded, a signature, a disclaimer or a footer of the device. Together the segments cover the body from
the first to the last code point, so nothing is ever cut away; rules look at the new words and a person can look at
the rest. `hold` names the reasons for which a person must look before anything is concluded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What sort of message this is. Everything but `message` stays off the cards, so readers of it are strict."""

    MESSAGE = "message"
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    RECEIPT = "receipt"
    REACTION = "reaction"
    CALENDAR = "calendar"
    LIST = "list"


class SegmentKind(StrEnum):
    """Whose words a stretch of the body holds."""

    NEW = "new"
    QUOTED = "quoted"
    FORWARDED = "forwarded"
    SIGNATURE = "signature"
    DISCLAIMER = "disclaimer"
    FOOTER = "footer"


@dataclass(frozen=True, slots=True)
class Segment:
    """`body[start:end]`, in code points, and whose words they are."""

    start: int
    end: int
    kind: SegmentKind


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that is not read as text.

    `type` is sniffed from the bytes; `claimed_type` is what the sender wrote. `size` counts decoded bytes and
    `sha256` is the hex digest of them. `inline` is true for parts shown in the text, such as pictures. `data` are the
    decoded bytes themselves, as far as they were read from the message.
    """

    name: str
    type: str
    claimed_type: str
    size: int
    sha256: str
    inline: bool
    data: bytes = field(default=b"", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Reading:
    """A mail or text as read.

    Addresses are bare and in lower case (phone numbers for texts). `date` is aware, in the sender's own offset.
    `defects` say in plain English what was odd or repaired; `hold` gives reasons for which a person must look.
    `authentication_results` are the raw header values, not yet believed. `media` are address and claimed type of
    files that came with a text; `opt_out` is the carrier's word for STOP, START or HELP. `beside` are words that are no
    part of the text, and that some mail programs show: captions of pictures, a second subject.
    """

    kind: Kind = Kind.MESSAGE
    from_: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    subject: str | None = None
    date: datetime | None = None
    message_id: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    body: str = ""
    segments: tuple[Segment, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    defects: tuple[str, ...] = ()
    hold: tuple[str, ...] = ()
    authentication_results: tuple[str, ...] = ()
    media: tuple[tuple[str, str], ...] = ()
    opt_out: str | None = None
    beside: tuple[str, ...] = ()

    @property
    def left_out(self) -> str:
        """All words that are not new and that some reader may see: older messages, closings, what stands beside."""
        parts = [self.body[s.start : s.end] for s in self.segments if s.kind is not SegmentKind.NEW]
        return "\n".join((*parts, *self.beside))

    @property
    def new_text(self) -> str:
        """The newly written words: the new segments, a line break between those that do not touch, end stripped."""
        return self._new()[0]

    @property
    def new_origin(self) -> tuple[tuple[int, int, int], ...]:
        """Where `new_text` comes from: (start in `new_text`, start in `body`, length) for each run, in order."""
        return self._new()[1]

    def _new(self) -> tuple[str, tuple[tuple[int, int, int], ...]]:
        runs: list[tuple[int, int, int]] = []
        words: list[str] = []
        length, last_end = 0, -1
        for segment in self.segments:
            if segment.kind is not SegmentKind.NEW:
                continue
            if runs and segment.start != last_end:
                words.append("\n")
                length += 1
            runs.append((length, segment.start, segment.end - segment.start))
            words.append(self.body[segment.start : segment.end])
            length += segment.end - segment.start
            last_end = segment.end
        text = "".join(words).rstrip()
        kept = tuple((at, origin, min(size, len(text) - at)) for at, origin, size in runs if at < len(text))
        return text, kept
