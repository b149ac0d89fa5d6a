"""The helplines' file: every line has what it needs, and the countries are there."""

import re
from datetime import date

import pytest

from gateway.family.country import country_code, names, of_zone
from gateway.helplines import KINDS, countries, ordered

WANTED = "US GB IE CA AU NZ IN ZA NG KE PL DE ES FR MX".split()


def test_every_country_begins_with_its_emergency_number() -> None:
    assert set(WANTED) <= {country.code for country in countries()}
    for country in countries():
        assert country.lines[0].kind == "emergency"
        assert country.code in names()
        for line in country.lines:
            assert line.kind in KINDS
            assert bool(line.number) is not bool(line.web), line
            assert re.fullmatch(r"[0-9 -]{2,20}", line.number) or line.web, line
            assert line.source.startswith("https://")
            assert date(2026, 1, 1) < line.checked <= date.today()


def test_the_familys_country_comes_first_and_no_country_twice() -> None:
    own, others = ordered("IE")
    assert own is not None
    assert own.code == "IE"
    assert len(others) == len(countries()) - 1
    assert ordered("SE") == (None, countries())
    assert ordered(None)[0] is None


@pytest.mark.parametrize(
    ("zone", "code"), [("America/Chicago", "US"), ("Europe/London", "GB"), ("Africa/Nairobi", "KE"), ("UTC", None)]
)
def test_the_country_of_a_time_zone(zone: str, code: str | None) -> None:
    assert of_zone(zone) == code


def test_a_country_that_there_is_not() -> None:
    assert country_code(" gb ") == "GB"
    with pytest.raises(ValueError, match="two letters of a country"):
        country_code("UK")
