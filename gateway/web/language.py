"""A language of the pages: its words, its days and hours.

Words come from the catalogue ``locale/LANGUAGE/LC_MESSAGES/site.po``, read as it stands. What a page says is either a text of the
catalogue, or a sentence of ours with something in it (``Please write %(error)s.``), or neither: a name, a number, words of somebody.
Only texts of the catalogue may hold markup; everything else is escaped like any text.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from datetime import date, datetime
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from babel.dates import format_date, format_time, get_day_names, get_month_names
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import Environment, pass_context
from markupsafe import Markup, escape

from gateway.clock import for_people, hour_for_people, local, offset

LANGUAGES: Final = {"en": "English", "es": "Español"}
SOURCE: Final = "en"
"""The language in which the pages are written."""
LOCALES: Final = {"en": "en", "es": "es_419"}
"""By which days, hours and numbers are written: Spanish as in the Americas, with a point before decimals."""
DAY: Final = {"en": "EEEE d MMMM y", "es": "EEEE d 'de' MMMM 'de' y"}
FOLDER: Final = Path(__file__).parent / "locale"
LEAST: Final = 6
"""Letters that a sentence with gaps must have beside them, to be known again in a text."""
_GAP: Final = re.compile(r"%\((\w+)\)s")
_TIME: Final = re.compile(
    r"\b(?P<weekday>Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?P<day>\d{1,2}) (?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) "
    r"(?P<year>\d{4})(?:, (?P<hour>\d{1,2}:\d\d) (?P<half>[ap]m))?"
)
"""As `gateway.clock.for_people` writes it."""
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@functools.cache
def catalogue(language: str) -> Catalog:
    """The catalogue of a language other than `SOURCE`."""
    with (FOLDER / language / "LC_MESSAGES" / "site.po").open("rb") as file:
        return read_po(file, language, "site", abort_invalid=True)


def translations(language: str) -> GNUTranslations:
    """The catalogue as gettext reads it, with the rule for its plurals. No compiled file lies anywhere."""
    compiled = BytesIO()
    write_mo(compiled, catalogue(language))
    compiled.seek(0)
    return GNUTranslations(compiled)


@functools.cache
def speech(language: str) -> Speech:
    """Of a language of the pages; for any other, English."""
    return Speech(language if language in LANGUAGES else SOURCE)


class Speech:
    """What is said in a language."""

    def __init__(self, language: str) -> None:
        self.language, self.locale = language, LOCALES[language]
        spoken = NullTranslations() if language == SOURCE else translations(language)
        texts = [message.id for message in catalogue(next(one for one in LANGUAGES if one != SOURCE)) if message.id]
        self._count = spoken.ngettext
        self._many = {text[0] for text in texts if not isinstance(text, str)}
        self._one = {text: spoken.gettext(text) for text in texts if isinstance(text, str)}
        self._sentences = sorted(
            ((_pattern(one), said) for one, said in self._one.items() if _is_sentence(one)),
            key=lambda found: -len(found[0].pattern),
        )

    def text(self, words: str) -> str:
        """Words of ours, translated: a text of the catalogue, a sentence with gaps, or the same words with their times.

        For what the program says; never for what somebody wrote.
        """
        if words in self._one:
            return self._one[words].replace("%%", "%") if "%(" not in words else self._one[words]
        if self.language == SOURCE:
            return words
        for pattern, said in self._sentences:
            found = pattern.fullmatch(words)
            if found is not None:
                return said % {name: self.text(value) for name, value in found.groupdict().items()}
        return self.times(words)

    def get(self, words: str, values: Mapping[str, Any]) -> str:
        """For a template: markup where the text is one of the catalogue, else a text that is escaped where it is shown."""
        if words in self._one:
            return Markup(self._one[words]) % values if values or "%(" not in words else escape(self._one[words])  # noqa: S704 (ours)
        return self.text(words % values if values else words)

    def count(self, one: str, many: str, number: int, values: Mapping[str, Any]) -> str:
        """For a template: the form of a text that fits the number."""
        said = self._count(one, many, number)
        return (Markup(said) if one in self._many else escape(said)) % {"num": number, **values}  # noqa: S704 (ours)

    def times(self, words: str) -> str:
        """Days and hours as `for_people` writes them, in this language."""
        if self.language == SOURCE:
            return words
        return _TIME.sub(self._time, words)

    def _time(self, found: re.Match[str]) -> str:
        days = get_day_names("abbreviated", locale=self.locale)
        months = get_month_names("abbreviated", locale=self.locale)
        day, month = days[_DAYS.index(found["weekday"])], months[_MONTHS.index(found["month"]) + 1]
        said = f"{day} {found['day']} {month} {found['year']}"
        return f"{said}, {found['hour']} {_half(found['half'])}" if found["hour"] else said

    def when(self, moment: datetime, zone: str) -> str:
        """A moment as a person reads it, e.g. ``jue 26 nov 2026, 6:00 p. m. (UTC-06:00)``."""
        return self.times(for_people(moment, zone))

    def hour(self, moment: datetime, zone: str) -> str:
        """The hour alone, e.g. ``6:00 p. m. (UTC-06:00)``."""
        if self.language == SOURCE:
            return hour_for_people(moment, zone)
        here = local(moment, zone)
        hour = format_time(here.replace(tzinfo=None), "h:mm", locale=self.locale)
        return f"{hour} {_half('am' if here.hour < 12 else 'pm')} (UTC{offset(moment, zone)})"

    def day(self, day: date) -> str:
        """A day in full."""
        return str(format_date(day, DAY[self.language], self.locale))


def install(made: Environment, language: str) -> None:
    """Give a Jinja2 environment its language: ``_()``, ``{% trans %}``, and the filters of times."""
    spoken = speech(language)

    @pass_context
    def gettext(_context: Any, words: str, /, **values: Any) -> str:
        return spoken.get(str(words), values)

    @pass_context
    def ngettext(_context: Any, one: str, many: str, number: int, /, **values: Any) -> str:
        return spoken.count(one, many, number, values)

    made.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.globals |= {"gettext": gettext, "ngettext": ngettext, "language": language, "languages": LANGUAGES}
    made.filters |= {"when": spoken.when, "hour": spoken.hour, "day": spoken.day, "said": spoken.text}


def _half(half: str) -> str:
    return f"{half[0]}.\N{NO-BREAK SPACE}m."


def _is_sentence(words: str) -> bool:
    return bool(_GAP.search(words)) and sum(c.isalpha() for c in _GAP.sub("", words)) >= LEAST


def _pattern(words: str) -> re.Pattern[str]:
    parts, seen = [], set()
    for place, part in enumerate(_GAP.split(words)):
        if place % 2 == 0:
            parts.append(re.escape(part.replace("%%", "%")))
        else:
            parts.append(f"(?P={part})" if part in seen else f"(?P<{part}>.+)")
            seen.add(part)
    return re.compile("".join(parts), re.DOTALL)
