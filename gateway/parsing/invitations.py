"""Calendar invitations (RFC 5545) as lines that a person can read.

Only what is said about each event is read: what, when, where, the note, and whether it is called off or repeats.
Nothing is ever answered: the address for answers is not read at all.
"""

from __future__ import annotations

from typing import Final

import re2

from gateway.parsing import unread
from gateway.parsing.work import Work

MAX_EVENTS: Final = 20
_TIME: Final = re2.compile(r"^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(?:\d\d)?(Z)?)?$")
_LABELS: Final = (
    ("SUMMARY", "Event"),
    ("DTSTART", "Starts"),
    ("DTEND", "Ends"),
    ("DURATION", "Lasts"),
    ("DUE", "Due"),
    ("LOCATION", "Place"),
    ("RRULE", "Repeats"),
    ("DESCRIPTION", "Note"),
    ("COMMENT", "Comment"),
    ("STATUS", "Status"),
)
_METHODS: Final = {
    "CANCEL": "Calendar: called off",
    "REPLY": "Calendar: answer to an invitation",
    "COUNTER": "Calendar: another time is proposed",
}


def invitation_lines(text: str, work: Work) -> list[str]:
    """Readable lines for the events in a calendar file; empty when there is none. Never raises."""
    out: list[str] = []
    event: dict[str, str] | None = None
    depth, events, method = 0, 0, ""
    for line in _unfolded(text, work):
        name, parameters, value = _property(line)
        if name == "BEGIN" and value.upper() in ("VEVENT", "VTODO") and event is None:
            event, depth = {}, 0
        elif name == "BEGIN":
            depth += 1
        elif name == "END" and depth:
            depth -= 1
        elif name == "END" and event is not None:
            events += 1
            out.extend(["", *_event(event)] if out else _event(event))
            event = None
        elif event is not None and depth == 0:
            event.setdefault(name, _value(name, parameters, value))
        elif name == "METHOD":
            method = value.strip().upper()
        if events >= MAX_EVENTS:
            work.hold(unread.EVENTS)
            break
    if out and method in _METHODS:
        out.insert(0, _METHODS[method])
    if not out:
        work.hold(unread.CALENDAR)
    return out


def _unfolded(text: str, work: Work) -> list[str]:
    """Lines with their continuations (RFC 5545 §3.1)."""
    lines: list[list[str]] = []
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:20_000]:
        if line[:1] in (" ", "\t") and lines:
            lines[-1].append(line[1:])
        elif line:
            lines.append([line])
    work.spend(len(lines))
    return ["".join(pieces) for pieces in lines]


def _property(line: str) -> tuple[str, str, str]:
    """Name, parameters and value; a colon inside quoted parameters does not end them."""
    quoted = False
    for at, c in enumerate(line[:2_000]):
        if c == '"':
            quoted = not quoted
        elif c == ":" and not quoted:
            name, _, parameters = line[:at].partition(";")
            return name.strip().upper(), parameters, line[at + 1 :]
    return "", "", ""


def _value(name: str, parameters: str, value: str) -> str:
    if name in ("DTSTART", "DTEND", "DUE"):
        return _moment(parameters, value.strip())
    text = value.replace("\\n", "\n").replace("\\N", "\n").replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\")
    return text.strip()[:20_000]


def _moment(parameters: str, value: str) -> str:
    """`2026-03-12 15:30 (Europe/Berlin)`; what is no time stays as written."""
    match = _TIME.match(value)
    if match is None:
        return value[:100]
    day = "-".join(match.group(i) for i in (1, 2, 3))
    if match.group(4) is None:
        return day
    zone = next((p[5:].strip('"') for p in parameters.split(";") if p.upper().startswith("TZID=")), "")
    zone = "UTC" if match.group(6) else zone
    return f"{day} {match.group(4)}:{match.group(5)}" + (f" ({zone[:60]})" if zone else "")


def _event(event: dict[str, str]) -> list[str]:
    lines: list[str] = []
    for name, label in _LABELS:
        if event.get(name):
            first, *more = event[name].split("\n")
            lines.extend([f"{label}: {first}", *more])
    return lines
