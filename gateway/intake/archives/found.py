"""What the readers of archives yield."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.errors import UserError
from gateway.parsing.charsets import whole_characters

SYSTEM: Final = "system line"
"""Kind of a line that the program wrote: a missed call, a changed number, a group that was made."""
MESSAGE: Final = "message"
LONGEST: Final = 256 * 1024 * 1024
"""Bytes of the largest single message that is taken."""


class ArchiveError(UserError):
    """The archive as a whole cannot be read; `str()` names file, place and remedy."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that came with a message and lies in the archive. `content` is read when it is kept."""

    name: str
    type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Found:
    """One message of an archive.

    `raw`: its bytes as they lie there, such that `kept.parse_kept` reads them again. `key`: what makes it this message and no
    other, so that the same archive, or a later one that overlaps, is known again. `written_at`: aware, what the archive
    claims. `mine`: the archive itself says that the owner of the phone sent it (True), got it (False), or nothing (None).
    `sender` and `others` are names, addresses or numbers as written; `names` maps those to contact names. `line` counts
    from 1; `done` is how many bytes of the archive are behind it. `loose`: the archive names no message, so `key` says only
    when and what; who, and a count of those that are alike, make it complete.
    """

    channel: str
    raw: bytes
    key: tuple[str, ...]
    written_at: datetime | None
    sender: tuple[str, ...]
    others: tuple[str, ...]
    line: int
    done: int
    loose: bool = False
    mine: bool | None = None
    kind: str = MESSAGE
    names: tuple[tuple[str, str], ...] = ()
    files: tuple[File, ...] = ()
    odd: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """A place that could not be read. `said`: what is wrong there, and what to do about it; never words of a message."""

    line: int
    said: str
    done: int = 0
    file: str = ""


def clean(text: str) -> str:
    """Text that any database and any JSON takes: no half surrogates, no NUL."""
    return whole_characters(text).replace("\x00", "�")
