"""The text body of a message, put together from its parts, and the parts that are files.

    tree of parts ─ visit in the order of reading ─ lines with kinds, files

Of a `multipart/alternative` the plain text is read and the HTML is compared with it. Every other text part is read in
order. A nested message becomes forwarded text under the few headers that a reader sees. All else is an attachment.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.parsing import unread
from gateway.parsing.agreement import compare, words_of
from gateway.parsing.files import describe_file, describe_part
from gateway.parsing.leaf import is_text, part_data, text_lines
from gateway.parsing.lines import Line
from gateway.parsing.phrases import NO_HTML
from gateway.parsing.reading import Attachment, Segment, SegmentKind
from gateway.parsing.segments import Thread, mark_lines
from gateway.parsing.special import open_special
from gateway.parsing.tree import Part
from gateway.parsing.uuencoded import take_uuencoded
from gateway.parsing.work import MAX_TEXT, Work

HTML_SAYS_MORE = "it has two versions, and the formatted one says more; that is added at the end"
PLAIN_SAYS_MORE = "it has two versions, and the plain one says more than the formatted one"
HTML_SHOWS_QUOTED = "it has two versions, and what one quotes is new in the other"
OTHER_ORDER = "it has two versions, with the same words in another order"


class Body:
    """Collects the lines and files of a message while its tree is walked."""

    def __init__(self, thread: Thread, work: Work, *, forwarded: bool = False) -> None:
        self.thread, self.work, self.forwarded = thread, work, forwarded
        self.lines: list[tuple[Line, SegmentKind]] = []
        self.attachments: list[Attachment] = []
        self.has_reaction = False
        self.has_invitation = False
        self.calendars: set[str] = set()
        self._length = 0

    def read(self, root: Part) -> None:
        """Walk the tree in the order of reading."""
        stack = [root]
        while stack:
            part = stack.pop()
            stack.extend(reversed(self._visit(part, is_root=part is root)))

    def text(self) -> tuple[str, tuple[Segment, ...]]:
        """The body as one string, and the segments that cover it."""
        while self.lines and not self.lines[-1][0].text.strip():
            self.lines.pop()
        segments: list[Segment] = []
        at = 0
        for line, kind in self.lines:
            end = at + len(line.text) + 1
            if segments and segments[-1].kind is kind:
                segments[-1] = Segment(segments[-1].start, end, kind)
            else:
                segments.append(Segment(at, end, kind))
            at = end
        return "".join(line.text + "\n" for line, _ in self.lines), tuple(segments)

    def add(self, lines: Sequence[Line], kind: SegmentKind | None = None) -> None:
        """Append lines, all of one kind, or of kinds to be found out."""
        fixed = SegmentKind.FORWARDED if self.forwarded else kind
        kinds = [fixed] * len(lines) if fixed else mark_lines(lines, self.thread, self.work)
        self._append([(line, k) for line, k in zip(lines, kinds, strict=True) if k is not None])

    def attach(self, part: Part) -> None:
        """List a part as a file."""
        self.attachments.append(describe_part(part, part_data(part, self.work)))

    def has_words(self) -> bool:
        """Whether any text was read so far."""
        return any(line.text.strip() for line, _ in self.lines)

    def _append(self, lines: Sequence[tuple[Line, SegmentKind]]) -> None:
        if not any(line.text.strip() for line, _ in lines):
            return
        length = sum(len(line.text) + 1 for line, _ in lines)
        if self._length + length > MAX_TEXT * 2:
            self.work.hold(unread.TOO_LONG)
            return
        self._length += length
        if self.lines:
            self.lines.append((Line(""), self.lines[-1][1]))
        self.lines.extend(lines)

    def _visit(self, part: Part, *, is_root: bool) -> Sequence[Part]:
        """Read one part; the parts inside it that are still to be visited."""
        if self.work.is_spent:
            return []
        inner = open_special(self, part)
        if inner is not None:
            return inner
        if part.type == "multipart/alternative" and part.children:
            return self._alternative(part)
        if part.children:
            return [] if self._twins(part) else part.children
        if part.type.startswith("multipart/"):
            self.add(text_lines(part, self.work))
        elif is_text(part) and (is_root or part.disposition != "attachment"):
            lines, files = take_uuencoded(text_lines(part, self.work), self.work)
            self.add(lines)
            self.attachments.extend(describe_file(data, name, "") for name, data in files)
            if part.name or part.disposition == "attachment":
                self.attach(part)
        else:
            self.attach(part)
        return []

    def _alternative(self, part: Part) -> Sequence[Part]:
        """Several forms of one text: plain and HTML are read and compared, what else is among them is visited."""
        plain = [leaf for child in part.children for leaf in _only(child, "text/plain")]
        rich: list[Part] = []
        others: list[Part] = []
        for child in part.children:
            if not _only(child, "text/plain"):
                _collect(child, rich, others)
        ours = [line for leaf in plain for line in text_lines(leaf, self.work)]
        theirs = [line for leaf in rich for line in text_lines(leaf, self.work)]
        self._add_forms(ours, theirs)
        return others

    def _add_forms(self, plain: Sequence[Line], rich: Sequence[Line]) -> None:
        words = words_of("\n".join(line.text for line in plain))
        if rich and (not words or _is_stub(plain, len(words))):
            if words:
                self.work.odd("the plain text only says that there is an HTML text; the HTML was read")
            self.add(rich)
            return
        kinds = [(line, k) for line, k in zip(plain, mark_lines(plain, self.thread, self._own()), strict=True)]
        if self.forwarded:
            kinds = [(line, SegmentKind.FORWARDED) for line in plain]
        self._append(kinds)
        if rich and not self.forwarded:
            other = mark_lines(rich, self.thread, Work())
            self.note_difference(kinds, list(zip(rich, other, strict=True)))

    def _own(self) -> Work:
        return Work() if self.forwarded else self.work

    def note_difference(
        self, ours: Sequence[tuple[Line, SegmentKind]], theirs: Sequence[tuple[Line, SegmentKind]]
    ) -> None:
        """Hold where two forms of the text differ, and keep the words that only the second one has."""
        found = compare(ours, theirs)
        if found.html_lines:
            self.work.hold(HTML_SAYS_MORE)
            self._append([(Line(text), SegmentKind.NEW) for text in found.html_lines])
        if found.in_quotes:
            self.work.hold(HTML_SHOWS_QUOTED)
        if found.plain_words:
            self.work.hold(PLAIN_SAYS_MORE)
        if found.order:
            self.work.hold(OTHER_ORDER)

    def _twins(self, part: Part) -> bool:
        """A plain text and an HTML text side by side that say the same: an alternative under another name."""
        texts = [c for c in part.children if is_text(c) and c.disposition != "attachment" and not c.name]
        if [c.type for c in texts] != ["text/plain", "text/html"] or len(texts) != len(part.children):
            return False
        ours, theirs = (text_lines(c, self.work) for c in texts)
        first = list(zip(ours, mark_lines(ours, self.thread, Work()), strict=True))
        second = list(zip(theirs, mark_lines(theirs, self.thread, Work()), strict=True))
        if compare(first, second):
            return False
        self.work.odd("the HTML form of the text stands beside the plain one as if it were another text")
        self.add(ours)
        return True


def _only(part: Part, kind: str) -> list[Part]:
    """The leaves of a part, if all of them are of this kind and no files."""
    leaves, stack = [], [part]
    while stack:
        each = stack.pop()
        if each.children and each.type.startswith("multipart/"):
            stack.extend(reversed(each.children))
        elif each.type == kind and each.disposition != "attachment" and not each.name:
            leaves.append(each)
        else:
            return []
    return leaves


def _collect(part: Part, rich: list[Part], others: list[Part]) -> None:
    """Sort the leaves of the richer forms into HTML texts and everything else."""
    stack = [part]
    while stack:
        each = stack.pop()
        if each.children and each.type.startswith("multipart/"):
            stack.extend(reversed(each.children))
        elif each.type in ("text/html", "text/enriched") and each.disposition != "attachment":
            rich.append(each)
        else:
            others.append(each)


def _is_stub(plain: Sequence[Line], words: int) -> bool:
    text = " ".join(line.text for line in plain).lower()
    return words <= 60 and any(phrase in text for phrase in NO_HTML)
