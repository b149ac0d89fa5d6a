"""One line of a WhatsApp export: its head (date, time, name) and what the program itself writes in place of words.

Nobody documents the format; it differs by phone, language and year. Seen in public exports:

    [24/11/2026, 19:40:05] Mark: text                 iPhone
    [11/24/26, 7:40:05 PM] Mark: text                 iPhone, 12 hours, U+202F before PM
    24/11/2026, 19:40 - Mark: text                    Android
    11/24/26, 7:40 pm - Mark: text                    Android, 12 hours
    24.11.26, 19:40 - Mark: text                      with dots; also [24.11.2026 klo 19.40.05]
    24/11/2026, 7:40 p. m. - Mark: text               Spanish
    2026-11-24, 19:40 - Mark: text                    year first
    24/11/2016, 19:40:05: Mark: text                  iPhone, before 2017

A head without a name is a line of the program. Where the phone writes for a person (a file, a call, a deleted message) it
puts U+200E before its words, which no keyboard does.
"""

from __future__ import annotations

import mimetypes
import re
from dataclasses import dataclass
from typing import Final

from gateway.intake.archives.moments import Numbers, hour_of

MARKS: Final = "\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff"
_DAY: Final = r"(?P<one>\d{1,4})(?P<sign>[/.\-]) ?(?P<two>\d{1,2})(?P=sign) ?(?P<three>\d{1,4})\.?"
_TIME: Final = (
    r"(?P<hour>\d{1,2})[:.](?P<minute>[0-5]\d)(?:[:.](?P<second>[0-5]\d))?(?:\s{0,2}(?P<half>[APap])\.?\s?[Mm]\.?)?"
)
_BETWEEN: Final = r",?\s{1,2}(?:(?:at|klo|um|om|kl\.?|à|às|a las|alle)\s)?"
_HEADS: Final = {
    "[": re.compile(rf"^[{MARKS}]*\[{_DAY}{_BETWEEN}{_TIME}\]\s?(?P<rest>.*)$", re.DOTALL),
    "-": re.compile(rf"^[{MARKS}]*{_DAY}{_BETWEEN}{_TIME}\s[-–—]\s(?P<rest>.*)$", re.DOTALL),
    ":": re.compile(rf"^[{MARKS}]*{_DAY}{_BETWEEN}{_TIME}:\s(?P<rest>.*)$", re.DOTALL),
}
_NAME: Final = re.compile(r"^([^\"“”«»\n]{1,100}?):(?: |$)")
_ATTACHED: Final = re.compile(rf"^[{MARKS}]*<[^<>:]{{3,24}}: ?([^<>]+\.\w{{1,5}})>$")
_FILE: Final = re.compile(rf"^[{MARKS}]*([^<>]+\.\w{{1,5}}) \([^()]{{4,40}}\)$")
_PHONES_OWN: Final = re.compile(r"^(?:IMG|VID|PTT|AUD|DOC|STK)-\d{8}-WA\d{4}\.")
_LEFT_OUT: Final = re.compile(rf"^[{MARKS}]*<[^<>]{{5,40}}>$")
_LEFT_OUT_WORDS: Final = re.compile(
    r"(?i)\b(?:omitted|omitid[oa]|ausgelassen|weggelassen|ausgeschlossen|omis|omise|omess[oa]|ocultad[oa]|ocult[oa]|"
    r"weggelaten|pominięto|pominięty|absent|absente)\b"
)
EDITED: Final = re.compile(rf"\s?[{MARKS}]?<This message was edited>$")
LEFT_OUT: Final = "left out of the export"


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a line. `clock`: hour, minute, second (-1 where the export has none). `rest`: all behind it."""

    style: str
    day: Numbers
    clock: tuple[int, int, int]
    rest: str


@dataclass(frozen=True, slots=True)
class Said:
    """What stands behind a head: who, the words, the file named in place of words, and whether the program wrote it."""

    name: str
    words: str
    file: str = ""
    system: bool = False


def head_of(line: str, style: str = "") -> Head | None:
    """The head of a line, of that style or of any; None when the line goes on with the message above it."""
    for known, pattern in _HEADS.items():
        if style and known != style:
            continue
        match = pattern.match(line)
        if match is None:
            continue
        hour = hour_of(match["hour"], (match["half"] or "").lower())
        if hour is None:
            return None
        clock = (hour, int(match["minute"]), int(match["second"] or -1))
        return Head(known, Numbers(match["one"], match["two"], match["three"], match["sign"]), clock, match["rest"])
    return None


def said(rest: str) -> Said:
    """Take apart what stands behind a head; it may run over many lines."""
    match = _NAME.match(rest.lstrip("".join(chr(c) for c in (0x200E, 0x200F))))
    if match is None:
        return Said("", bare(rest), system=True)
    name, words = name_of(match[1]), rest.lstrip("\u200e\u200f")[match.end() :]
    first, _, caption = words.partition("\n")
    first = first.rstrip("\r")
    if file := _attached(first):
        return Said(name, caption, file=file)
    by_program = first.startswith(("\u200e", "\u200f"))
    if _LEFT_OUT.match(first) or (by_program and len(first) < 60 and _LEFT_OUT_WORDS.search(first)):
        return Said(name, caption, file=LEFT_OUT)
    return Said(name, bare(EDITED.sub("", words)), system=by_program)


def _attached(first: str) -> str:
    if match := _ATTACHED.match(first):
        return match[1].strip()
    match = _FILE.match(first)
    if match and (first.startswith(("\u200e", "\u200f")) or _PHONES_OWN.match(match[1])):
        return match[1].strip()
    return ""


def bare(text: str) -> str:
    """Words without the invisible mark before them and the blank after them."""
    return text.lstrip("\u200e\u200f\ufeff").rstrip()


def name_of(written: str) -> str:
    """A name without direction marks, the tilde of unknown contacts, and odd blanks."""
    plain = re.sub(f"[{MARKS}]", "", written)
    return " ".join(plain.split()).removeprefix("~").strip()


def type_of(file: str) -> str:
    """The type that a file's name promises."""
    return mimetypes.guess_type(file, strict=False)[0] or "application/octet-stream"
