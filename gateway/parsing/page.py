"""Lines put together from runs of text and breaks, the way a screen lays them out."""

from __future__ import annotations

from typing import Final

from gateway.parsing.lines import Line
from gateway.parsing.reading import SegmentKind


class Page:
    """Collects what a walk over HTML says, in order."""

    def __init__(self) -> None:
        self.length = 0
        self._lines: list[Line] = []
        self._run: list[str] = []
        self._kind: SegmentKind | None = None
        self._indent = False
        self._cue = False
        self._bullet = False

    def text(self, text: str, kind: SegmentKind | None, *, pre: bool = False, indent: bool = False) -> None:
        """Words inside one element. A change of kind ends the line."""
        if not text:
            return
        if (kind is not self._kind or indent is not self._indent) and not text.isspace():
            self.end_line()
            self._kind, self._indent = kind, indent
        self.length += len(text)
        if self._bullet and not text.isspace():
            self._run.append("- ")
            self._bullet = False
        if not pre:
            self._run.append(_collapse(text, after_blank=not self._run or self._run[-1][-1:] in (" ", "")))
            return
        for index, piece in enumerate(text.replace("\r\n", "\n").split("\n")):
            if index:
                self.break_line()
            self._run.append(piece)

    def end_line(self) -> None:
        """The end of a block: ends a line that has words, or a hard blank, in it."""
        run = "".join(self._run)
        text = run.strip(" \t\n").replace("\xa0", " ").rstrip()
        if text or "\xa0" in run:
            self._put(text)
        self._run = []

    def break_line(self) -> None:
        """A `<br>`: ends a line even when it is empty."""
        text = "".join(self._run).replace("\xa0", " ").rstrip()
        self._put(text)
        self._run = []

    def blank(self) -> None:
        """Space above or below a paragraph: at most one empty line."""
        self.end_line()
        if self._lines and self._lines[-1].text:
            self._lines.append(Line(""))

    def bullet(self) -> None:
        """An item of a list begins."""
        self._bullet = True

    def cue(self) -> None:
        """A mail program's divider: marks the next line that has words."""
        self.end_line()
        self._cue = True

    def finish(self) -> list[Line]:
        """All the lines."""
        self.end_line()
        return self._lines

    def _put(self, text: str) -> None:
        kind = self._kind if text else None
        self._lines.append(Line(text, kind, cue=self._cue and bool(text), indent=self._indent and bool(text)))
        self._cue = self._cue and not text


_BLANKS: Final = {ord(c): " " for c in "\t\n\r\f"}


def _collapse(text: str, *, after_blank: bool) -> str:
    """The white space of HTML (five characters; hard and narrow blanks are none) to single blanks."""
    spaced = text.translate(_BLANKS)
    words = " ".join(piece for piece in spaced.split(" ") if piece)
    if not words:
        return "" if after_blank else " "
    lead = " " if spaced[0] == " " and not after_blank else ""
    tail = " " if spaced[-1] == " " else ""
    return lead + words + tail
