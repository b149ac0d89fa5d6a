"""Which lines are new, quoted, forwarded, signature, disclaimer or footer.

The walk goes from the surest sign to the least. (1) What HTML or `>` marks is quoted. (2) An attribution or head over
marked lines belongs to them. (3) An attribution or head without marks under it makes an older message of all that
follows, but only where a program's own divider stands, or in a reply or forward. (4) In what is left, closings are
found (`closings.py`). (5) Everything else is new. Unmarked lines between quoted ones are answers, so they are new.
Marks in a message that answers nothing are the writer's own. When a sign is there but not sure, the words stay new
and a person must look: new words lost are far worse than old ones shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.parsing import phrases
from gateway.parsing.closings import LONG, is_signature_mark, mark_closings
from gateway.parsing.lines import Line
from gateway.parsing.quoting import Attribution, Head, find_attribution, find_head, is_one_sentence, marker_of
from gateway.parsing.reading import SegmentKind
from gateway.parsing.work import Work

NEW, QUOTED, FORWARDED = SegmentKind.NEW, SegmentKind.QUOTED, SegmentKind.FORWARDED
SIGNATURE: Final = SegmentKind.SIGNATURE
MAX_LOOK: Final = 20_000
UNMARKED: Final = "an older message may stand in the text without marks; all of it is treated as new"
BELOW: Final = "the writer says that answers stand inside the quoted text"
NOTHING: Final = "no new words were found beside the quoted ones"
OWN_MARKS: Final = "lines are marked as quoted in a message that answers none; they are treated as new"


@dataclass(frozen=True, slots=True)
class Thread:
    """What the headers say about the message's place: an answer, a forward, mail of a list, and between whom.

    `people` are the addresses in From, To, Cc and Reply-To.
    """

    is_reply: bool = False
    is_forward: bool = False
    is_list: bool = False
    people: frozenset[str] = frozenset()

    @property
    def has_past(self) -> bool:
        """Whether an older message may be in it."""
        return self.is_reply or self.is_forward


def mark_lines(lines: Sequence[Line], thread: Thread, work: Work) -> list[SegmentKind]:
    """The kind of each line. Never raises."""
    return _Marking(lines, thread, work).run()


class _Marking:
    """The kinds of the lines while they are found; None where nothing is known yet."""

    def __init__(self, lines: Sequence[Line], thread: Thread, work: Work) -> None:
        self._lines, self._thread, self._work = lines, thread, work
        self._depths = _depths(lines)
        self._kinds: list[SegmentKind | None] = [
            line.kind or (QUOTED if depth else None) for line, depth in zip(lines, self._depths, strict=True)
        ]
        self._introduced = False

    def run(self) -> list[SegmentKind]:
        self._older_messages()
        self._own_marks()
        mark_closings(self._lines, self._kinds, is_list=self._thread.is_list, work=self._work)
        self._only_a_signature()
        self._blanks()
        kinds = [kind or NEW for kind in self._kinds]
        self._warn(kinds)
        return kinds

    def _older_messages(self) -> None:
        at = 0
        while at < len(self._lines):
            at = max(self._step(at), at + 1)

    def _step(self, at: int) -> int:
        """Look at one line; the line to go on with."""
        if self._kinds[at] not in (None, QUOTED) or not self._lines[at].text.strip():
            return at + 1
        head = find_head(self._lines, at, self._depths)
        if head is not None:
            return self._take_head(head)
        if self._kinds[at] is None and (found := find_attribution(self._lines, at, self._depths)) is not None:
            return self._take_attribution(found)
        if self._kinds[at] is None and marker_of(self._lines[at].text) == "forward":
            return self._take_forward_marker(at)
        return at + 1

    def _take_head(self, head: Head) -> int:
        forward = head.forward or (self._thread.is_forward and not self._depths[head.start])
        kind = FORWARDED if forward else QUOTED
        self._introduced = True
        after = self._marked_from(head.end)
        if self._kinds[head.start] is QUOTED and (after or self._depths[head.start] or head.end == len(self._lines)):
            end = self._end_of_mark(head.end) if head.forward else head.end
            self._fill(head.start, end, FORWARDED if head.forward else QUOTED)
            return end
        if after and not forward:
            self._fill(head.start, head.end, QUOTED)
            return head.end
        if not (head.divided or self._thread.has_past):
            self._work.hold(UNMARKED)
            return head.end
        self._fill(head.start, len(self._lines), kind)
        return len(self._lines)

    def _take_attribution(self, found: Attribution) -> int:
        if self._marked_from(found.end):
            self._introduced = True
            self._fill(found.start, found.end, QUOTED)
            end = found.end
            while end < len(self._lines) and (self._lines[end].indent or not self._lines[end].text.strip()):
                end += 1
            self._fill(found.end, end, QUOTED)
            return end
        if not found.strong:
            return found.end
        known = found.address in self._thread.people and is_one_sentence(self._lines, found)
        if not self._thread.has_past or not known:
            self._work.hold(UNMARKED)
            return found.end
        self._introduced = True
        self._fill(found.start, len(self._lines), QUOTED)
        return len(self._lines)

    def _take_forward_marker(self, at: int) -> int:
        """`Begin forwarded message:` over marked lines that hold the head themselves."""
        if not self._marked_from(at + 1):
            self._work.hold(UNMARKED)
            return at + 1
        self._introduced = True
        end = self._end_of_mark(at + 1)
        self._fill(at, end, FORWARDED)
        return end

    def _marked_from(self, at: int) -> bool:
        """Whether the next words from line `at` on are marked as quoted."""
        for i in range(at, min(at + 6, len(self._lines))):
            if self._lines[i].text.strip():
                return self._kinds[i] is QUOTED or self._lines[i].indent
        return False

    def _end_of_mark(self, at: int) -> int:
        end = at
        for i in range(at, len(self._lines)):
            if self._kinds[i] is QUOTED:
                end = i + 1
            elif self._lines[i].text.strip():
                break
        return end

    def _fill(self, start: int, end: int, kind: SegmentKind) -> None:
        for i in range(start, end):
            if self._kinds[i] in (None, QUOTED):
                self._kinds[i] = kind

    def _own_marks(self) -> None:
        """Lines marked as quoted that no program introduced, in a message that answers none."""
        if self._thread.has_past or self._introduced:
            return
        own = [i for i, kind in enumerate(self._kinds) if kind is QUOTED]
        if own:
            self._work.hold(OWN_MARKS)
        for i in own:
            self._kinds[i] = None

    def _only_a_signature(self) -> None:
        """People write inside the element of a signature: where nothing else is new, it is what they wrote."""
        worded = [i for i, line in enumerate(self._lines) if line.text.strip()]
        signed = [i for i in worded if self._kinds[i] is SIGNATURE and not is_signature_mark(self._lines[i].text)]
        if signed and not any(self._kinds[i] in (None, NEW) for i in worded):
            self._work.hold(LONG)
            for i in signed:
                self._kinds[i] = NEW

    def _blanks(self) -> None:
        """Blank lines between two kinds go to the one that is not new, so that new words begin and end with words."""
        previous: SegmentKind | None = None
        start = 0
        for i, line in enumerate(self._lines):
            if not line.text.strip():
                continue
            kind = self._kinds[i] or NEW
            between = kind if previous in (None, NEW) else previous
            self._kinds[start:i] = [between] * (i - start)
            previous, start = kind, i + 1
        self._kinds[start:] = [previous] * (len(self._lines) - start)

    def _warn(self, kinds: Sequence[SegmentKind]) -> None:
        new = [line.text for line, kind in zip(self._lines, kinds, strict=True) if kind is NEW and line.text.strip()]
        old = any(kind is QUOTED for kind in kinds)
        if old and _mentions_answers_below(" ".join(new)[:MAX_LOOK]):
            self._work.hold(BELOW)
        if old and not new:
            self._work.hold(NOTHING)


def _mentions_answers_below(text: str) -> bool:
    """Whether whole words of the text are one of the phrases, in lower case and without punctuation."""
    bare = " ".join("".join(c if c.isalnum() or c in "'-" else " " for c in text.lower()).split())
    return any(f" {phrase} " in f" {bare} " for phrase in phrases.ANSWERS_BELOW)


def _depths(lines: Sequence[Line]) -> list[int]:
    """How many `>` stand before each line. A lone `>From ` is text that an mbox file escaped (mboxrd)."""
    depths = [0 if line.plain else _depth(line.text) for line in lines]
    for i, line in enumerate(lines):
        alone = (i == 0 or not depths[i - 1]) and (i + 1 == len(lines) or not depths[i + 1])
        if depths[i] == 1 and line.text.startswith(">From ") and alone:
            depths[i] = 0
    return depths


def _depth(text: str) -> int:
    if not text.startswith(">"):
        return 0
    return sum(c == ">" for c in text[: len(text) - len(text.lstrip("> "))])
