"""The language of a record: the fixed words of its pages and papers. Words of messages, names and citations stay as they are.

A court reads a record, so its words are formal and have translations of their own: they stand in the catalogue under the context
`CONTEXT`, beside what the pages say to a parent. What the log or a decision says in English for ever (a lane, a role, why a sender is
verified) is translated where it is printed, never where it is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cache
from typing import Final

from babel.dates import format_date

from gateway.clock import local
from gateway.data import folder
from gateway.language import CONTEXT, LANGUAGES, SOURCE, catalogue, speech
from gateway.patterns.count import week_name

_MARKED: Final = re.compile(r'\b(?:say|label-of)\("([^"]+)"')
"""Words of the template, as `record.typ` marks them."""


@cache
def template_words() -> tuple[str, ...]:
    """The fixed words of the pages' template, each once, in their order."""
    text = (folder("templates") / "court" / "record.typ").read_text(encoding="utf8")
    return tuple(dict.fromkeys(_MARKED.findall(text)))


@cache
def court(language: str) -> Court:
    """What a record says in a language. Raises KeyError for one that is not spoken here."""
    if language not in LANGUAGES:
        raise KeyError(language)
    return Court(language)


class Court:
    """The words of a record in one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._spoken = speech(language)
        self._own: Mapping[str, str] = dict(_own(language))

    def say(self, words: str, /, **values: object) -> str:
        """Fixed words, and what stands in their gaps, such as ``{count:,}``; a moment there is written by `when` before.

        Before a bar stands what tells two uses of one word apart: ``since|From``.
        """
        return self._own.get(words, words.rpartition("|")[2]).format(**values)

    def known(self, words: str) -> str:
        """What the program said once, in English, and what the log or a decision keeps; any other words as they are."""
        return self._own[words] if words in self._own else self._spoken.text(words)

    def template(self) -> dict[str, str]:
        """The template's fixed words; nothing for the language in which it is written."""
        return {} if self.language == SOURCE else {words: self._own.get(words, words) for words in template_words()}

    def when(self, moment: datetime, zone: str) -> str:
        """A moment as a person reads it: local, with its offset."""
        return self._spoken.when(moment, zone)

    def times(self, words: str) -> str:
        """Days and hours that were written in English."""
        return self._spoken.times(words)

    def day(self, day: date) -> str:
        """``Mon 5 Jan 2026``."""
        return self.times(f"{day:%a} {day.day} {day:%b %Y}")

    def month(self, moment: datetime, zone: str) -> str:
        """``January 2026``."""
        here = local(moment, zone)
        if self.language == SOURCE:
            return f"{here:%B %Y}"
        return str(format_date(here.date(), "MMMM 'de' y", self._spoken.locale)).capitalize()

    def week(self, monday: datetime) -> str:
        """``5 Jan 2026``."""
        return (
            week_name(monday)
            if self.language == SOURCE
            else str(format_date(monday.date(), "d MMM y", self._spoken.locale))
        )


def _own(language: str) -> Iterator[tuple[str, str]]:
    if language != SOURCE:
        for message in catalogue(language):
            if message.context == CONTEXT and isinstance(message.id, str) and message.string:
                yield message.id, str(message.string)
