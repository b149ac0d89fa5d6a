"""A language in which a parent is spoken to, on pages, in mails and in texts: its words, its days and hours.

Words come from the catalogue ``locale/LANGUAGE/LC_MESSAGES/site.po``, read as it stands. What a page says is either a text of the
catalogue, or a sentence of ours with something in it (``Please write %(error)s.``), or neither: a name, a number, words of somebody.
Only texts of the catalogue may hold markup; everything else is escaped like any text.

What goes out is a `Said`: a constant of ours and what stands in its gaps. What stands there is translated only where it is a `Said`
or a time itself; a plain text is somebody's words, a name or a link, and stays exactly as it is.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Any, Final, Literal

from babel import Locale
from babel.dates import format_date, format_time, get_day_names, get_month_names
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import Environment, pass_context
from markupsafe import Markup, escape

from gateway.clock import for_people, hour_for_people, local, offset
from gateway.delivery.gsm import bare

Language = Literal["en", "es"]
LANGUAGES: Final = {"en": "English", "es": "Español"}
SOURCE: Final = "en"
"""The language in which everything is written in the program."""
CONTEXT: Final = "record"
"""Of texts of the catalogue that a court record says (gateway/record/speech.py): they are never said to a parent."""
LOCALES: Final = {"en": "en", "es": "es_419"}
"""By which days, hours and numbers are written: Spanish as in the Americas, with a point before decimals."""
DAY: Final = {"en": "EEEE d MMMM y", "es": "EEEE d 'de' MMMM 'de' y"}
FOLDER: Final = Path(__file__).parent / "locale"
_BETWEEN: Final = re.compile("; ")
_NAMED: Final = re.compile(r"(?P<words>.+) \((?P<name>\w+)\)")
LEAST: Final = 6
"""Letters that a sentence with gaps must have beside them, to be known again in a text."""
_GAP: Final = re.compile(r"%\((\w+)\)s")
_FIELD: Final = re.compile(r"\{(\w+)\}")
_TIME: Final = re.compile(
    r"\b(?P<weekday>Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?P<day>\d{1,2}) (?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) "
    r"(?P<year>\d{4})(?:, (?P<hour>\d{1,2}:\d\d) (?P<half>[ap]m))?"
)
"""As `gateway.clock.for_people` writes it."""
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment (aware) and the zone in which a person reads it."""

    at: datetime
    zone: str

    def __str__(self) -> str:
        return for_people(self.at, self.zone)


@dataclass(frozen=True, slots=True)
class Day:
    """A day of these weeks, e.g. ``Mon 23 Nov``."""

    on: date

    def __str__(self) -> str:
        return f"{self.on:%a} {self.on.day} {self.on:%b}"


@dataclass(frozen=True, slots=True)
class Said:
    """Words of ours: an English constant, with gaps such as ``{name}``, and what stands in them. As text it is English."""

    words: str
    values: Mapping[str, Part] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.words.format(**self.values) if self.values else self.words


Part = str | Said | Moment | Day


def said(words: str, /, **values: Part) -> Said:
    """Words of ours and what stands in their gaps. A plain text among `values` is never translated."""
    return Said(words, values)


def joined(*parts: Part, by: str = " ") -> Said:
    """One thing after the other; what is empty is left out. `by`: what stands between them."""
    there = [part for part in parts if part != ""]
    gaps = (f"{{p{n}}}" for n in range(len(there)))
    return Said(by.join(gaps), {f"p{n}": part for n, part in enumerate(there)})


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
    """Of a language that is spoken here; for any other, English."""
    return Speech(language if language in LANGUAGES else SOURCE)


@functools.cache
def texting(language: str) -> Speech:
    """The same for texts: our own words without the accents for which a text would lose half its room (see `gsm.bare`)."""
    return Speech(language, is_bare=True) if language in LANGUAGES and language != SOURCE else speech(SOURCE)


class Speech:
    """What is said in a language. `is_bare`: in the alphabet of texts, as far as the words are ours."""

    def __init__(self, language: str, *, is_bare: bool = False) -> None:
        self.language, self.locale, self.is_bare = language, LOCALES[language], is_bare
        spoken = NullTranslations() if language == SOURCE else translations(language)
        known = catalogue(next(one for one in LANGUAGES if one != SOURCE))
        texts = [message.id for message in known if message.id and message.context is None]
        self._count = spoken.ngettext
        self._many = {text[0] for text in texts if not isinstance(text, str)}
        self._one = {text: self._own(spoken.gettext(text)) for text in texts if isinstance(text, str)}
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
        return self._pieced(words) or self.times(words)

    def _pieced(self, words: str) -> str | None:
        """What is made of texts of the catalogue: one after another, one as a sentence, one with a name behind it in brackets."""
        if words.endswith(".") and words[:-1] in self._one:  # a title as a sentence
            return f"{self.text(words[:-1])}."
        for found in reversed([*_BETWEEN.finditer(words)]):
            if words[: found.start()] in self._one:
                return f"{self.text(words[: found.start()])}; {self.text(words[found.end() :])}"
        named = _NAMED.fullmatch(words)
        if named is not None and (ours := self.text(named["words"])) != named["words"]:
            return f"{ours} ({named['name']})"
        return None

    def say(self, part: Part) -> str:
        """Words of ours with what stands in their gaps; a time; a plain text as it is."""
        if isinstance(part, Said):
            if self.language == SOURCE:
                return str(part)
            values = {name: self.say(value) for name, value in part.values.items()}
            known = self._one.get(_FIELD.sub(r"%(\1)s", part.words))
            if not values:
                return self.text(part.words)
            return known % values if known is not None else part.words.format(**values)
        if isinstance(part, Moment):
            return self.when(part.at, part.zone)
        if isinstance(part, Day):
            return str(part) if self.language == SOURCE else self._own(format_date(part.on, "EEE d MMM", self.locale))
        return part

    def hint(self, words: str) -> str:
        """Words of ours behind somebody's words in quotation marks, which stay as they are: ``“…”: Please …``."""
        ends = [found.end() for found in re.finditer("\u201d: ", words)] if words.startswith("\u201c") else []
        for place in (*ends, 0):
            if (ours := self.text(words[place:])) != words[place:]:
                return words[:place] + ours
        return words

    def catalogued(self, words: str) -> str:
        """What the catalogue has for a constant of ours, with its gaps."""
        return self._one.get(_FIELD.sub(r"%(\1)s", words), words)

    def get(self, words: str, values: Mapping[str, Any]) -> str:
        """For a template of a page: markup where the text is one of the catalogue, else a text that is escaped where it is shown."""
        if words in self._one:
            return Markup(self._one[words]) % values if values or "%(" not in words else escape(self._one[words])  # noqa: S704 (ours)
        return self.text(words % values if values else words)

    def plain(self, words: str, values: Mapping[str, Any]) -> str:
        """For a template of a text: nothing is markup there."""
        if words in self._one:
            return self._one[words] % values if values or "%(" not in words else self._one[words]
        return self.text(words % values if values else words)

    def count(self, one: str, many: str, number: int, values: Mapping[str, Any], *, markup: bool = True) -> str:
        """For a template: the form of a text that fits the number."""
        said = self._count(one, many, number)
        if not markup:
            return said % {"num": number, **values}
        return (Markup(said) if one in self._many else escape(said)) % {"num": number, **values}  # noqa: S704 (ours)

    def times(self, words: str) -> str:
        """Days and hours as `for_people` writes them, in this language."""
        if self.language == SOURCE:
            return words
        return _TIME.sub(self._time, words)

    def _own(self, words: str) -> str:
        return bare(words) if self.is_bare else words

    def _time(self, found: re.Match[str]) -> str:
        days = get_day_names("abbreviated", locale=self.locale)
        months = get_month_names("abbreviated", locale=self.locale)
        day, month = days[_DAYS.index(found["weekday"])], months[_MONTHS.index(found["month"]) + 1]
        whole = f"{day} {found['day']} {month} {found['year']}"
        return self._own(f"{whole}, {found['hour']} {_half(found['half'])}" if found["hour"] else whole)

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

    def dated(self, day: date) -> str:
        """A day as a date: ``2026-11-27``, or as the language writes it."""
        return str(day) if self.language == SOURCE else str(format_date(day, "d 'de' MMMM 'de' y", self.locale))

    def country(self, code: str, name: str) -> str:
        """The name of a country. `name`: in English."""
        return name if self.language == SOURCE else str(Locale.parse(self.locale).territories.get(code, name))

    def day(self, day: date) -> str:
        """A day in full."""
        return str(format_date(day, DAY[self.language], self.locale))


def install(made: Environment, language: str) -> None:
    """Give a Jinja2 environment its language: ``_()``, ``{% trans %}``, and the filters of times."""
    spoken = speech(language)

    @pass_context
    def gettext(context: Any, words: str, /, **values: Any) -> str:
        return (spoken.get if context.eval_ctx.autoescape else spoken.plain)(str(words), values)

    @pass_context
    def ngettext(context: Any, one: str, many: str, number: int, /, **values: Any) -> str:
        return spoken.count(one, many, number, values, markup=context.eval_ctx.autoescape)

    made.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.globals |= {"gettext": gettext, "ngettext": ngettext, "language": language, "languages": LANGUAGES}
    made.filters |= {"when": spoken.when, "hour": spoken.hour, "day": spoken.day, "said": spoken.text}
    made.filters |= {"say": spoken.say, "hint": spoken.hint, "date": spoken.dated, "country": spoken.country}


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
