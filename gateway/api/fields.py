"""The kinds of value that go in and out of the API, and their bounds. Pure.

Times are UTC (``2026-11-26T18:00:00Z``); numbers and days are taken only as they are written in the document.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, PlainSerializer
from pydantic_core import PydanticCustomError

PAGE, MOST_PAGE = 50, 200
MOST_NUMBER: Final = 2**53 - 1
"""The greatest whole number that every JSON reader keeps exactly (RFC 8259 section 6)."""
MOST_DAYS: Final = 366
PLAIN: Final = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
"""Words without control characters but tabs and line ends."""
KEY: Final = r"^[A-Za-z0-9._:-]{8,100}$"
CURSOR: Final = r"^[A-Za-z0-9_-]{1,200}$"
FIRST, LAST = date(1990, 1, 1), date(2200, 1, 1)
_DIGITS, _DAY = re.compile(r"[0-9]{1,16}"), re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def _whole(value: Any) -> Any:
    """In an address a number is digits and nothing else."""
    if isinstance(value, str) and not _DIGITS.fullmatch(value):
        raise PydanticCustomError("written", "should be a whole number")
    return value


def _integral(value: Any) -> Any:
    """``12.0`` is a whole number in JSON Schema, and some programs write every number so."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) <= MOST_NUMBER else value


def _day(value: Any) -> Any:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise PydanticCustomError("written", "should be a day such as 2026-11-26")
    return value


def _moment(value: Any) -> Any:
    """RFC 3339, section 5.6; no count of seconds."""
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise PydanticCustomError("written", "should be a time with its offset, such as 2026-11-26T18:00:00Z")
    return value


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _year(moment: datetime) -> datetime:
    """Far years have no UTC, or one that is no date."""
    if not FIRST.year <= moment.year <= LAST.year:
        raise ValueError(f"should lie between {FIRST.year} and {LAST.year}")
    return moment


Moment = Annotated[
    datetime, PlainSerializer(_utc, return_type=str, when_used="json"), Field(json_schema_extra={"format": "date-time"})
]
Number = Annotated[int, Field(ge=1, le=MOST_NUMBER)]
Count = Annotated[int, Field(ge=0)]
Named = Annotated[Number, BeforeValidator(_integral, json_schema_input_type=Number)]
_Line = Annotated[int, Field(ge=1, le=MOST_PAGE)]
Lines = Annotated[_Line, BeforeValidator(_whole, json_schema_input_type=_Line)]
Size = Annotated[Number, BeforeValidator(_whole, json_schema_input_type=Number)]
Written = Annotated[
    AwareDatetime,
    BeforeValidator(_moment, json_schema_input_type=AwareDatetime),
    AfterValidator(_year),
    Field(strict=False),
]
Day = Annotated[date, BeforeValidator(_day, json_schema_input_type=date)]
Words = Annotated[str, Field(min_length=1, pattern=PLAIN)]
