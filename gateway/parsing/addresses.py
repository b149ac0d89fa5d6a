"""Bare addresses from From, To and Cc, strict about what an address is and lenient about everything around it.

    "Norton, Emperor" <norton@example.org>, team: a@example.org, b@example.org; , c@example.org (Bob (junior))

The list is walked once: quoted strings and nested comments are set aside, a comma, semicolon or group name ends an
address, and what stands in angle brackets wins over the words before them. The structure is read before encoded
words are, since those may hold commas and brackets. Every address found counts: a From with two addresses, with or
without a comma, must show both, because exactly one is expected. An address inside a display name never counts.
"""

from __future__ import annotations

import re
from typing import Final

import re2

from gateway.parsing.words import decode_words
from gateway.parsing.work import Work

MAX_ADDRESSES: Final = 500
_ATOM: Final = r'[^\s@<>(),;:"\[\]\\]+'
_ADDRESS: Final = re.compile(rf'^(?:"[^"]+"|{_ATOM})@(?:{_ATOM}|\[[0-9a-fA-F.:IPv]+\])\Z', re.ASCII)
_STEPS: Final = "<>,;:"
_MARK: Final = re.compile(r'[\\()"<>,;:]')  # one class of signs: no way to go back and forth
_LOOSE: Final = re2.compile(rf'(?:"[^"]+"|{_ATOM})@{_ATOM}')


def read_addresses(values: tuple[str, ...], work: Work) -> tuple[str, ...]:
    """The addresses of all the given header values, lower case, in order, each once. Never raises."""
    found: dict[str, None] = {}
    for value in values:
        work.spend(len(value) // 256 + 1)
        mailboxes = _Mailboxes(work).read(value)
        if not mailboxes and "=?" in value:
            mailboxes = _Mailboxes(work).read(decode_words(value, work))
            if mailboxes:
                work.odd("an address is hidden inside an encoded word")
        found.update(dict.fromkeys(mailboxes))
    if len(found) > MAX_ADDRESSES:
        work.odd(f"more than {MAX_ADDRESSES} addresses; the rest were not read")
    return tuple(found)[:MAX_ADDRESSES]


class _Mailboxes:
    """One walk over a header value. `_words` is what stands outside of brackets since the last separator."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._found: list[str] = []
        self._words: list[str] = []
        self._angle: list[str] | None = None

    def read(self, value: str) -> list[str]:
        """The addresses, in order."""
        depth, pos = 0, 0
        while pos < len(value):
            c = value[pos]
            if c == "\\":
                pos += 1
            elif c == "(" and self._angle is None:
                depth += 1
            elif c == ")" and depth:
                depth -= 1
            elif depth:
                pass
            elif c == '"':
                end = _end_of_quote(value, pos)
                self._add(value[pos : end + 1])
                pos = end
            elif c in _STEPS:
                self._step(c)
            else:
                mark = _MARK.search(value, pos + 1)
                end = mark.start() if mark else len(value)
                self._add(value[pos:end])
                pos = end - 1
            pos += 1
        if self._angle is not None:
            self._work.odd("an address bracket does not close")
            self._close()
        self._separate()
        return self._found

    def _add(self, text: str) -> None:
        (self._words if self._angle is None else self._angle).append(text)

    def _step(self, c: str) -> None:
        if c == "<":
            self._angle = []
        elif c == ">":
            if self._angle is not None:
                self._close()
        elif c == ":" and self._angle is not None:
            self._add(c)
        else:
            if self._angle is not None:
                self._close()
            if c == ":":
                self._words = []
            self._separate()

    def _close(self) -> None:
        """The end of a bracket: the words before it are a name, which may claim to be somebody else."""
        text = "".join(self._angle or []).strip()
        self._angle = None
        name = "".join(self._words)
        self._words = []
        if text.startswith("@"):
            text = text.rsplit(":", 1)[-1]  # a source route of old (RFC 5322 §4.4)
        text = text.removeprefix("mailto:").strip().strip("'")
        if _ADDRESS.match(text):
            self._found.append(text.lower())
        elif text:
            self._work.odd("what stands in address brackets is no address")
            self._found.extend(_loose(text))
        shown = decode_words(name, self._work) if "=?" in name else name
        if any(other != text.lower() for other in _loose(shown.replace('"', " "))):
            self._work.odd("a display name holds another address")

    def _separate(self) -> None:
        """The end of a mailbox: words without brackets may be addresses themselves."""
        self._found.extend(_loose("".join(self._words)))
        self._words = []


def _end_of_quote(value: str, start: int) -> int:
    pos = start + 1
    while pos < len(value) and value[pos] != '"':
        pos += 2 if value[pos] == "\\" else 1
    return min(pos, len(value) - 1)


def _loose(text: str) -> list[str]:
    if "@" not in text:
        return []
    return [match.group(0).strip("'.").lower() for match in _LOOSE.finditer(text)]
