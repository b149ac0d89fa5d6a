"""Mail out of archives: mbox files (RFC 4155) and folders of .eml files (RFC 5322).

An mbox has no lengths, only lines that begin with ``From ``. Such a line ends a message only when it stands at the beginning
of the file or behind an empty line, and has a time in it or a header below it; a sentence that begins with "From" does
neither. Programs put ``>`` before such sentences (mboxo, mboxrd); one is taken away again, so that the message has its own
bytes and its signatures hold.

A mail is known again by its bytes without the notes that mail programs write into the header (read, flagged, labels).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

from gateway.intake.archives.found import LONGEST, ArchiveError, Found, Problem
from gateway.parsing import parse_email
from gateway.parsing.dates import read_date
from gateway.parsing.work import Work

_SEPARATOR: Final = re.compile(rb"^From [^\r\n]*\d{1,2}:\d{2}[^\r\n]*$")
_HEADER: Final = re.compile(rb"^>?[A-Za-z][A-Za-z0-9-]{0,60}:")
_QUOTED_FROM: Final = re.compile(rb"(?m)^>(>*From )")
_END_OF_HEADER: Final = re.compile(rb"\r?\n\r?\n")
_NOTES: Final = re.compile(
    rb"(?im)^(?:status|x-status|x-keywords|x-uid|x-imap|x-imapbase|x-mozilla-[a-z0-9-]+|x-gmail-labels|x-gm-[a-z-]+|"
    rb"x-apple-[a-z-]+|x-evolution[a-z-]*|content-length|lines):[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*"
)
MOST_HEADER: Final = 256 * 1024
CHUNK: Final = 1024 * 1024
TOO_LONG: Final = "this message is larger than anything that can be kept; is the file really an mbox?"


def mbox(stream: IO[bytes], name: str) -> Iterator[Found | Problem]:
    """Every message of an mbox, one in memory at a time. Raises ArchiveError when it is none."""
    first = _first_line(stream)
    if not first.startswith(b"From "):
        raise ArchiveError(
            f"{name} line 1: does not begin with 'From ', so this is no mbox file.\n"
            "Export the folder from the mail program as mbox, or give a folder of .eml files."
        )
    separator, lines, size, start, done, number = first, list[bytes](), 0, 1, len(first), 1
    at_start, empty_before, pending = True, False, b""
    for line in iter(lambda: stream.readline(CHUNK), b""):
        done += len(line)
        number += at_start
        whole, at_start = at_start, line.endswith(b"\n")
        if pending:
            if _SEPARATOR.match(pending.rstrip()) or _HEADER.match(line):
                yield _letter(separator, b"".join(lines), start, done - len(line), cut=size > LONGEST)
                separator, lines, size, start = pending, [], 0, number - 1
            else:
                lines.append(pending)
            pending = b""
        if empty_before and whole and line.startswith(b"From "):
            pending, empty_before = line, False
            continue
        empty_before = whole and line in (b"\n", b"\r\n")
        size += len(line)
        if size <= LONGEST:
            lines.append(line)
    if pending:
        lines.append(pending)
    yield _letter(separator, b"".join(lines), start, done, cut=size > LONGEST)


def _first_line(stream: IO[bytes]) -> bytes:
    for line in iter(lambda: stream.readline(CHUNK), b""):
        if line.strip(b"\xef\xbb\xbf\r\n"):
            return line.removeprefix(b"\xef\xbb\xbf")
    return b""


def _letter(separator: bytes, raw: bytes, line: int, done: int, *, cut: bool) -> Found | Problem:
    if cut:
        return Problem(line, TOO_LONG, done)
    raw = raw.removesuffix(b"\r\n" if raw.endswith(b"\r\n") else b"\n") if raw.endswith((b"\n\n", b"\n\r\n")) else raw
    return letter(_QUOTED_FROM.sub(rb"\1", raw), line, done, _time_of(separator))


def folder(root: Path) -> list[Path]:
    """The mail files of a folder in order of their names, or the file itself. Raises ArchiveError when there is none."""
    if root.is_file():
        return [root]
    if not root.is_dir():
        raise ArchiveError(f"{root}: there is no such file or folder")
    found = sorted(p for p in root.rglob("*") if p.is_file() and _is_mail_file(p))
    if not found:
        raise ArchiveError(f"{root}: holds no .eml and no .mbox file; give the folder into which the mail was saved")
    return found


def _is_mail_file(path: Path) -> bool:
    """Apple Mail exports ``Name.mbox/mbox``; its other files are an index."""
    return path.suffix.lower() in (".eml", ".mbox", ".mbx", ".emlx") or path.name == "mbox"


def eml(raw: bytes, done: int, *, apple: bool = False) -> Found | Problem:
    """One mail in a file of its own; Apple's .emlx begins with the length of the mail and ends with a property list."""
    if apple:
        length, _, rest = raw.partition(b"\n")
        if not length.strip().isdigit():
            return Problem(1, "does not begin with the length of the mail, so it is no .emlx file", done)
        raw = rest[: int(length)]
    if len(raw) > LONGEST:
        return Problem(1, TOO_LONG, done)
    return letter(raw, 1, done, None)


def letter(raw: bytes, line: int, done: int, fallback: datetime | None) -> Found | Problem:
    """A mail by what its header says. `fallback`: when the archive itself says that it came."""
    end = _END_OF_HEADER.search(raw)
    head = raw[: min(end.end() if end else len(raw), MOST_HEADER)]
    if not _HEADER.search(head.lstrip(b"\r\n")[:200]):
        return Problem(line, "no header stands here, so this is no mail; save it again as .eml or mbox", done)
    reading = parse_email(head.rstrip() + b"\r\n\r\n")
    return Found(
        channel="email",
        raw=raw,
        key=("email", known_by(raw)),
        written_at=_utc(reading.date or fallback),
        sender=reading.from_,
        others=(*reading.to, *reading.cc),
        line=line,
        done=done,
        odd=() if reading.date else ("it has no date",),
    )


def _utc(moment: datetime | None) -> datetime | None:
    try:
        return moment.astimezone(UTC) if moment else None
    except OverflowError:  # the first or the last day that there is, in a zone beyond it
        return None


def known_by(raw: bytes) -> str:
    """SHA-256 of the mail with plain line ends and without the notes of mail programs."""
    plain = raw.replace(b"\r\n", b"\n").strip(b"\n")
    head, gap, body = plain.partition(b"\n\n")
    return hashlib.sha256(_NOTES.sub(b"", head + b"\n") + gap + body).hexdigest()


def _time_of(separator: bytes) -> datetime | None:
    """``From someone Thu Nov 26 18:00:00 2026``: by RFC 4155 in UTC."""
    words = separator.decode("ascii", "replace").split()
    return read_date(" ".join(words[2:]), Work())
