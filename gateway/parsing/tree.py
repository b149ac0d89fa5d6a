"""The MIME structure of a message as a tree of parts over the raw bytes (RFC 2046), built without recursion.

One walk from the first byte to the last. The walker knows which multiparts are open; a single linear pattern finds
the next line that is a delimiter of any of them. A delimiter of an outer multipart closes everything inside it, as
the RFC asks, so a missing closing line costs nothing. Parts are offsets into the bytes: nothing is copied. Where the
declared boundary never occurs, or is not declared, one is guessed from the lines; where none can be guessed the
whole is read as one text. Depth and number of parts are limited; beyond the limit the rest is one unread part.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import re2

from gateway.parsing import unread
from gateway.parsing.headers import Headers, read_headers
from gateway.parsing.parameters import read_parameters
from gateway.parsing.patterns import byte_pattern
from gateway.parsing.work import MAX_DEPTH, MAX_PARTS, Work

MESSAGES: Final = frozenset(("message/rfc822", "message/global", "message/news"))
_GUESS: Final = byte_pattern(rb"(?i)(?:\A|\n)--([^\s]+)[ \t]*\r?\n(?:Content-|MIME-Version:|\r?\n)")
_WORDS: Final = byte_pattern(rb"[A-Za-z]{3}[^\n]*[A-Za-z]{3}")
_IDENTITY: Final = frozenset(("", "7bit", "8bit", "binary"))


@dataclass(slots=True)
class Part:
    """A part: its headers, and where its text lies in `source`. Grows while the tree is built, then stays."""

    source: bytes = field(repr=False)
    headers: Headers
    type: str
    parameters: dict[str, str]
    disposition: str
    name: str
    start: int
    end: int
    depth: int
    children: list[Part] = field(default_factory=list)

    @property
    def data(self) -> bytes:
        """The bytes of the part, still encoded."""
        return self.source[self.start : self.end]


def split_message(source: bytes, work: Work, depth: int = 0) -> Part:
    """The tree of the message in `source`. Never raises."""
    return _Walker(source, work).walk(depth)


class _Walker:
    """One walk over the bytes. `_open` holds the parts that have not ended, outermost first."""

    def __init__(self, source: bytes, work: Work) -> None:
        self._source, self._work = source, work
        self._open: list[Part] = []
        self._boundaries: list[tuple[bytes, int]] = []
        self._pattern: Any = None

    def walk(self, depth: int) -> Part:
        """The root of the tree; `depth` is how deep it stands in other messages."""
        root = part = self._begin(0, depth, default="text/plain")
        while True:
            self._open.append(part)
            if self._holds_message(part):
                part = self._begin(part.start, part.depth + 1, default="text/plain")
                self._open[-1].children.append(part)
                continue
            if part.type.startswith("multipart/"):
                self._enter(part)
            following = self._next_child(part.start)
            if following is None:
                return root
            part = following

    def _begin(self, start: int, depth: int, default: str) -> Part:
        self._work.parts += 1
        self._work.spend()
        headers, body = read_headers(self._source, start, len(self._source), self._work)
        kind, parameters = self._type(headers, default)
        disposition, details = read_parameters(headers.first("content-disposition"), self._work)
        name = details.get("filename") or parameters.get("name") or ""
        end = len(self._source)
        return Part(self._source, headers, kind, parameters, disposition, name, min(body, end), end, depth)

    def _type(self, headers: Headers, default: str) -> tuple[str, dict[str, str]]:
        declared = [read_parameters(value, self._work) for value in headers.all("content-type")[:5]]
        if len(declared) > 1:
            self._work.odd("there is more than one Content-Type header")
        for kind, parameters in declared:
            if kind.count("/") == 1 and not kind.startswith("/") and not kind.endswith("/"):
                return kind, parameters
        if declared:
            self._work.odd(f"the content type {declared[0][0][:40]!r} means nothing; read as {default}")
            return default, declared[0][1]
        return default, {}

    def _holds_message(self, part: Part) -> bool:
        encoding = part.headers.first("content-transfer-encoding").lower().strip()
        return part.type in MESSAGES and encoding in _IDENTITY and self._room(part)

    def _room(self, part: Part) -> bool:
        if part.depth < MAX_DEPTH and self._work.parts < MAX_PARTS:
            return True
        self._work.hold(unread.TOO_DEEP)
        return False

    def _enter(self, part: Part) -> None:
        """Find the boundary of a multipart and open it."""
        if not self._room(part) or not self._work.spend((len(self._source) - part.start) // 4_096 + 1):
            return
        boundary = part.parameters.get("boundary", "").encode("utf-8", "surrogateescape")[:200].rstrip()
        if not boundary or self._source.find(b"--" + boundary, part.start) < 0:
            self._work.odd("the declared boundary never occurs" if boundary else "a multipart declares no boundary")
            guess = _GUESS.search(self._source, max(part.start - 1, 0))
            if guess is None or any(guess.group(1).removesuffix(b"--") == name for name, _ in self._boundaries):
                self._work.hold("a message of several parts cannot be taken apart; it is read as one text")
                return
            boundary = guess.group(1)[:200]
        self._boundaries.append((boundary, len(self._open)))
        self._compile()

    def _compile(self) -> None:
        names = sorted({name for name, _ in self._boundaries}, key=len, reverse=True)
        choice = b"|".join(re2.escape(name) for name in names)
        self._pattern = byte_pattern(rb"(?:\A|\n)--(" + choice + rb")(--)?[ \t]*\r?(?:\n|\z)") if names else None

    def _next_child(self, pos: int) -> Part | None:
        """Go on to the next delimiter that opens a part; None at the end of the bytes."""
        while self._pattern is not None:
            match = self._pattern.search(self._source, max(pos - 1, 0))
            if match is None:
                self._work.odd("a multipart is not closed")
                break
            level = max(i for i, (name, _) in enumerate(self._boundaries) if name == match.group(1))
            parent_at = self._boundaries[level][1]
            self._close(parent_at, match.start())
            if level + 1 < len(self._boundaries):
                self._work.odd("a multipart is not closed")
                del self._boundaries[level + 1 :]
                self._compile()
            pos = match.end()
            if match.group(2) is not None:
                self._close(parent_at - 1, match.end())
                del self._boundaries[level:]
                self._compile()
                continue
            if self._work.parts >= MAX_PARTS:
                self._work.hold(unread.TOO_DEEP)
                break
            parent = self._open[-1]
            default = "message/rfc822" if parent.type == "multipart/digest" else "text/plain"
            child = self._begin(pos, parent.depth + 1, default)
            parent.children.append(child)
            return child
        if self._pattern is None and not self._open and _WORDS.search(self._source, pos):
            self._work.odd("words stand after the last part, where no mail program shows them")
        return None

    def _close(self, keep: int, end: int) -> None:
        """End every open part beyond the first `keep`; the line break before a delimiter belongs to it."""
        stop = end - 1 if end and self._source[end - 1 : end] == b"\r" else end
        for part in self._open[keep:]:
            part.end = max(part.start, min(part.end, stop))
        del self._open[keep:]
