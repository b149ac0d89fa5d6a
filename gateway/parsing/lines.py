"""A line of the text body with what the markup said about it, and the splitting of plain text into such lines."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.parsing import unread
from gateway.parsing.reading import SegmentKind
from gateway.parsing.work import MAX_LINES, MAX_TEXT, Work


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its line break.

    `kind` is what HTML says about it for sure (inside a quoting element, inside a signature), else None. `cue` is
    true where a mail program drew its divider over an older message, which the words must still confirm. `indent`
    is true inside a blockquote that may be a quote or a mere indent. `plain` is true for a line that is known to
    carry no quote marks although it begins like one (RFC 3676 space-stuffing).
    """

    text: str
    kind: SegmentKind | None = None
    cue: bool = False
    indent: bool = False
    plain: bool = False


def plain_lines(text: str, work: Work) -> list[Line]:
    """Lines of plain text: every kind of line end, no NUL, no more than may be read."""
    if "\x00" in text:
        work.odd("the text holds NUL bytes")
        text = text.replace("\x00", "")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > MAX_TEXT:
        work.hold(unread.TOO_LONG)
        text = text[:MAX_TEXT]
    lines = text.split("\n", MAX_LINES)
    if len(lines) > MAX_LINES:
        work.hold("the text has more lines than are told apart; the last of them are one")
    return [Line(line) for line in lines]
