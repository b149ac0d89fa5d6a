"""The Date header (RFC 5322 §3.3) as an aware time, or nothing.

Seen in the wild: twelve-hour clocks (`11:13:27 PM`), huge years, two-digit years, month names of other languages,
zone names, `GMT+2`, ISO 8601, the order of `asctime`, a second of 60, no zone at all. A date is only ever what the
sender claims, so an unreadable one is no loss; a wrongly read one would be.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

import re2

from gateway.parsing.work import Work

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "jan ene janv janvier january januar gen sty enero janeiro gennaio",
            "feb févr fev fév february februar febbraio lut febrero fevereiro février",
            "mar mär mars march märz maerz mrz marzo março mars",
            "apr abr avr april avril kwi abril aprile",
            "may mai mag maj mayo maio maggio",
            "jun juin giu cze june juni junio junho giugno",
            "jul juil lug lip july juli julio julho luglio juillet",
            "aug ago août aou sie august agosto",
            "sep sept set wrz september septiembre setembro settembre septembre",
            "oct okt out ott paź paz october oktober octubre outubro ottobre octobre",
            "nov lis november noviembre novembro novembre",
            "dec dez dic déc gru december dezember diciembre dezembro dicembre décembre",
        ),
        start=1,
    )
    for name in names.split()
}
_ZONES: Final = {
    "ut": 0, "utc": 0, "gmt": 0, "z": 0, "wet": 0, "bst": 60, "west": 60, "ist": 330, "cet": 60, "mez": 60,
    "cest": 120, "mesz": 120, "eet": 120, "eest": 180, "msk": 180, "est": -300, "edt": -240, "cst": -360, "cdt": -300,
    "mst": -420, "mdt": -360, "pst": -480, "pdt": -420, "akst": -540, "akdt": -480, "hst": -600, "jst": 540,
    "kst": 540, "hkt": 480, "aest": 600, "aedt": 660, "nzst": 720, "nzdt": 780, "brt": -180, "art": -180,
}  # fmt: skip
_CLOCK: Final = re2.compile(
    r"(?i)(?:^|[^\d:.])(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,]\d{1,9})?)?\s*([ap])?\.?(?:m\b\.?)?"
)
_ISO: Final = re.compile(r"^\s*(\d{4})-(\d{2})-(\d{2})[T ](.*)$", re.ASCII)
_DAY_MONTH_YEAR: Final = re2.compile(r"(?i)\b(\d{1,2})(?:st|nd|rd|th)?[.\s-]+(\pL{3,12})\.?[,\s-]+(\d{1,20})\b")
_MONTH_DAY: Final = re2.compile(r"(?i)(\pL{3,12})\.?\s+(\d{1,2})(?:st|nd|rd|th)?\b")
_YEAR: Final = re.compile(r"\b(\d{4,20})\b", re.ASCII)
_OFFSET: Final = re.compile(r"(?:^|[\s\dA-Za-z])([+-])(\d{1,2}):?(\d{2})?(?:\D|$)", re.ASCII)
_NAME: Final = re.compile(r"[A-Za-z]+", re.ASCII)


def read_date(value: str, work: Work) -> datetime | None:
    """The time that the header claims, aware. None, with a note, when it names no possible time."""
    if not value.strip():
        return None
    text = _without_comments(value[:300])
    day = _day(text)
    clock = _CLOCK.search(text)
    if day is None or clock is None:
        work.odd("the date cannot be read")
        return None
    zone = _zone(text[clock.end() :], work)
    hour, minute, second = int(clock.group(1)), int(clock.group(2)), min(int(clock.group(3) or 0), 59)
    if clock.group(4) and hour <= 12:
        hour = hour % 12 + (12 if clock.group(4).lower() == "p" else 0)
        work.odd("the date uses a twelve-hour clock")
    try:
        return datetime(*day, hour, minute, second, tzinfo=zone)
    except (ValueError, OverflowError):
        work.odd("the date is no possible time")
        return None


def _without_comments(value: str) -> str:
    if "(" not in value:
        return value
    out, depth = [], 0
    for c in value:
        depth += c == "("
        if not depth:
            out.append(c)
        depth -= c == ")" and depth > 0
    return "".join(out) if depth == 0 else value


def _day(text: str) -> tuple[int, int, int] | None:
    if match := _ISO.match(text):
        return int(match.group(1)), int(match.group(2)), int(match.group(3))
    if match := _DAY_MONTH_YEAR.search(text):
        month = _MONTHS.get(match.group(2).lower())
        return (_full_year(match.group(3)), month, int(match.group(1))) if month else None
    for match in _MONTH_DAY.finditer(text):
        month, year = _MONTHS.get(match.group(1).lower()), _YEAR.search(text[match.end() :])
        if month and year:
            return _full_year(year.group(1)), month, int(match.group(2))
    return None


def _full_year(digits: str) -> int:
    """RFC 5322 §4.3: two digits count from 1950, three from 1900."""
    year = int(digits)
    if len(digits) <= 2:
        return year + (2000 if year < 50 else 1900)
    return year + 1900 if len(digits) == 3 else year


def _zone(rest: str, work: Work) -> timezone:
    if match := _OFFSET.search(rest):
        hours, minutes = int(match.group(2)), int(match.group(3) or 0)
        if hours <= 14 and minutes < 60:
            return timezone(timedelta(hours=hours, minutes=minutes) * (-1 if match.group(1) == "-" else 1))
        work.odd("the date has an impossible zone; read as UTC")
        return UTC
    for match in _NAME.finditer(rest):
        if match.group(0).lower() in _ZONES:
            return timezone(timedelta(minutes=_ZONES[match.group(0).lower()]))
    work.odd("the date has no zone; read as UTC")
    return UTC
