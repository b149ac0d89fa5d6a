"""Countries by their two letters (ISO 3166-1), and the country of a time zone, as the time zone database lists them."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from importlib.resources import files


def country_code(value: str) -> str:
    """Two capital letters of a country that there is. Raises ValueError."""
    text = value.strip().upper()
    if text not in names():
        raise ValueError("the two letters of a country, such as US, GB or ZA")
    return text


@functools.cache
def names() -> dict[str, str]:
    """The English name of every country, by code."""
    return {fields[0]: fields[1] for fields in _rows("iso3166.tab")}


@functools.cache
def of_zone(zone: str) -> str | None:
    """The country in which most of that IANA zone lies; None where the database names none (such as UTC)."""
    return next((fields[0] for fields in _rows("zone.tab") if fields[2] == zone), None)


def _rows(name: str) -> Iterator[list[str]]:
    text = files("tzdata.zoneinfo").joinpath(name).read_text("utf8")
    return (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
