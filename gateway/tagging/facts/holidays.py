"""Holidays whose date a calendar knows, by region; moon-sighted feasts are left out because they cannot be computed.

Regions: ``"us"`` (month-first locales), ``"uk"`` (British Isles) and ``"au"`` (Australia, New Zealand), which
disagree on Mother's and Father's Day. Easter by the anonymous Gregorian computus (Meeus/Jones/Butcher).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

Rule = Callable[[int], date]


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar."""
    a, b, c = year % 19, year // 100, year % 100
    d = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    e = (32 + 2 * (b % 4) + 2 * (c // 4) - d - c % 4) % 7
    f = d + e - 7 * ((a + 11 * d + 22 * e) // 451) + 114
    return date(year, f // 31, f % 31 + 1)


def fixed(month: int, day: int) -> Rule:
    """The same date each year."""
    return lambda year: date(year, month, day)


def nth(month: int, weekday: int, n: int) -> Rule:
    """The n-th (or with n = -1 the last) weekday of a month."""

    def rule(year: int) -> date:
        if n < 0:
            last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
            return last - timedelta(days=(last.weekday() - weekday) % 7)
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))

    return rule


def from_easter(days: int) -> Rule:
    """So many days after (before, if negative) Easter Sunday."""
    return lambda year: easter(year) + timedelta(days=days)


def _victoria_day(year: int) -> date:
    limit = date(year, 5, 24)
    return limit - timedelta(days=limit.weekday())


EVERYWHERE: dict[str, Rule] = {
    "christmas eve": fixed(12, 24),
    "xmas eve": fixed(12, 24),
    "chrismas eve": fixed(12, 24),
    "chrismas day": fixed(12, 25),
    "wigilia": fixed(12, 24),
    "nochebuena": fixed(12, 24),
    "christmas day": fixed(12, 25),
    "xmas day": fixed(12, 25),
    "christmas": fixed(12, 25),
    "xmas": fixed(12, 25),
    "boxing day": fixed(12, 26),
    "new year's eve": fixed(12, 31),
    "new years eve": fixed(12, 31),
    "nye": fixed(12, 31),
    "new year's day": fixed(1, 1),
    "new years day": fixed(1, 1),
    "valentine's day": fixed(2, 14),
    "valentines day": fixed(2, 14),
    "st patrick's day": fixed(3, 17),
    "st patricks day": fixed(3, 17),
    "paddy's day": fixed(3, 17),
    "paddys day": fixed(3, 17),
    "april fools day": fixed(4, 1),
    "halloween": fixed(10, 31),
    "all saints day": fixed(11, 1),
    "good friday": from_easter(-2),
    "easter saturday": from_easter(-1),
    "easter sunday": from_easter(0),
    "easter monday": from_easter(1),
    "easter": from_easter(0),
    "shrove tuesday": from_easter(-47),
    "pancake day": from_easter(-47),
    "ash wednesday": from_easter(-46),
    "palm sunday": from_easter(-7),
    "maundy thursday": from_easter(-3),
}
AMERICA: dict[str, Rule] = {
    "thanksgiving": nth(11, 3, 4),
    "thanksgiving day": nth(11, 3, 4),
    "black friday": lambda year: nth(11, 3, 4)(year) + timedelta(days=1),
    "memorial day": nth(5, 0, -1),
    "labor day": nth(9, 0, 1),
    "labour day": nth(9, 0, 1),
    "independence day": fixed(7, 4),
    "fourth of july": fixed(7, 4),
    "juneteenth": fixed(6, 19),
    "mlk day": nth(1, 0, 3),
    "presidents day": nth(2, 0, 3),
    "president's day": nth(2, 0, 3),
    "presidents' day": nth(2, 0, 3),
    "columbus day": nth(10, 0, 2),
    "indigenous peoples day": nth(10, 0, 2),
    "veterans day": fixed(11, 11),
    "remembrance day": fixed(11, 11),
    "victoria day": _victoria_day,
    "canada day": fixed(7, 1),
    "family day": nth(2, 0, 3),
    "civic holiday": nth(8, 0, 1),
    "super bowl sunday": nth(2, 6, 2),
    "mother's day": nth(5, 6, 2),
    "father's day": nth(6, 6, 3),
}
CANADIAN_THANKSGIVING = nth(10, 0, 2)
BRITAIN: dict[str, Rule] = {
    "hogmanay": fixed(12, 31),
    "bonfire night": fixed(11, 5),
    "guy fawkes night": fixed(11, 5),
    "burns night": fixed(1, 25),
    "early may bank holiday": nth(5, 0, 1),
    "may day": nth(5, 0, 1),
    "spring bank holiday": nth(5, 0, -1),
    "august bank holiday": nth(8, 0, -1),
    "mothering sunday": from_easter(-21),
    "mother's day": from_easter(-21),
    "father's day": nth(6, 6, 3),
}
AUSTRALIA: dict[str, Rule] = {
    "australia day": fixed(1, 26),
    "anzac day": fixed(4, 25),
    "waitangi day": fixed(2, 6),
    "melbourne cup day": nth(11, 1, 1),
    "cup day": nth(11, 1, 1),
    "mother's day": nth(5, 6, 2),
    "father's day": nth(9, 6, 1),
}
BY_REGION = {"us": EVERYWHERE | AMERICA, "uk": EVERYWHERE | BRITAIN, "au": EVERYWHERE | AUSTRALIA}

NOT_THE_DAY = frozenset(
    "break holiday holidays hols week weeks term costume costumes concert party parties play fair dress jumper jumpers "
    "card cards money present presents pressie pressies gift gifts list lists show pageant recital shopping tree outfit "
    "trip camp club schedule vacation weekend assembly lunch dinner market markets bonus club cake cookies cookie "
    "time period season candy egg eggs hunt parade swap rotation pyjamas pjs stocking stockings photos pictures "
    "disco dance performance craft crafts bake sale service fayre raffle hamper hampers dates plan plans arrangements "
    "bonnet bonnets hat hats jammies sweater story songs carol carols exams bazaar".split()
)
"""After one of these the holiday's name only says of what kind the thing is."""


def region_of(day_first: bool, offset_hours: float) -> str:
    """The calendar that a family lives by, from its way to write dates and its distance from UTC in hours."""
    if not day_first:
        return "us"
    return "au" if offset_hours >= 7 else "uk"


def longest_name(region: str) -> dict[str, list[tuple[tuple[str, ...], str]]]:
    """First word of a holiday's name -> (all its words, the name), longest first."""
    out: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for name in BY_REGION[region]:
        for spelling in {name, name.replace("'", "")}:
            words = tuple(spelling.split())
            out.setdefault(words[0], []).append((words, name))
    for names in out.values():
        names.sort(key=lambda item: -len(item[0]))
    return out


NAMES = {region: longest_name(region) for region in BY_REGION}
