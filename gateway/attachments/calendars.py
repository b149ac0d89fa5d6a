"""Calendar files, written anew. Pure.

A calendar program answers the organiser of an invitation by mail, from the reader's own address (RFC 5546, 3.2.3). So
nothing of the original is handed out but when, what and where: no organiser, guest, alarm, link, method or file.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

_KEPT: Final = frozenset(
    """
    DTSTART DTEND DURATION RRULE RDATE EXDATE RECURRENCE-ID SEQUENCE STATUS TRANSP DTSTAMP SUMMARY LOCATION TZID
    TZOFFSETFROM TZOFFSETTO TZNAME
    """.split()
)
_BLOCKS: Final = ("VCALENDAR", "VTIMEZONE", "STANDARD", "DAYLIGHT", "VEVENT")
_PARAMETERS: Final = re.compile(r";(TZID|VALUE|RANGE)=(\"[^\"]*\"|[^;:\"]*)", re.IGNORECASE)
_UNSAFE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
HEAD: Final = ("VERSION:2.0", "PRODID:-//Breakwater//EN", "CALSCALE:GREGORIAN")


def rewritten(data: bytes) -> bytes:
    """The same events and zones, with new identifiers and nothing that can be answered, followed or rung."""
    text = _UNSAFE.sub(
        "", data.decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    )
    out: list[str] = []
    open_: list[str] = []
    skipped = 0
    for line in re.sub(r"\n[ \t]", "", text).split("\n"):
        name = re.split(r"[;:]", line, maxsplit=1)[0].strip().upper()
        value = line.partition(":")[2].strip()
        if name == "BEGIN":
            if skipped or value.upper() not in _BLOCKS:
                skipped += 1
                continue
            open_.append(value.upper())
            out.append(f"BEGIN:{value.upper()}")
            out += _identity(open_[-1], len(out), data)
        elif name == "END":
            if skipped:
                skipped -= 1
            elif open_:
                out.append(f"END:{open_.pop()}")
        elif open_ and not skipped and name in _KEPT:
            out.append(_line(name, line))
    out += [f"END:{block}" for block in reversed(open_)]
    return "".join(folded(line) for line in out).encode()


def _identity(block: str, place: int, data: bytes) -> list[str]:
    if block == "VCALENDAR":
        return list(HEAD)
    if block == "VEVENT":
        return [f"UID:{hashlib.sha256(data + str(place).encode()).hexdigest()[:32]}"]
    return []


def _line(name: str, line: str) -> str:
    """The property with the parameters that its time needs; a colon in quotes belongs to a parameter."""
    quoted = re.match(r"(?:[^:\"]|\"[^\"]*\")*", line)
    head = quoted.group() if quoted else name
    parameters = "".join(f";{m[1].upper()}={m[2]}" for m in _PARAMETERS.finditer(head))
    return f"{name}{parameters}:{line[len(head) + 1 :]}"


def folded(line: str) -> str:
    """Lines of at most 75 octets (RFC 5545, 3.1)."""
    pieces, current, size = [], "", 0
    for c in line:
        length = len(c.encode("utf-8", "replace"))
        if size + length > 74:
            pieces.append(current)
            current, size = "", 0
        current, size = current + c, size + length
    return "\r\n ".join([*pieces, current]) + "\r\n"
