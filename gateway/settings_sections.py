"""What a parent can change on the settings page: sections of fields, each with its place in the file, and the danger of a choice. Pure.

A field's text becomes a value of `breakwater.toml` (`read`), and a family's value a text (`show`); both are checked again as at a start.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from gateway.errors import UserError
from gateway.family import Family
from gateway.family.contact import Contact
from gateway.family.difference import value_said
from gateway.family.people import normal_zone
from gateway.family.receipt import RISKS
from gateway.language import LANGUAGES
from gateway.setup import read_hours
from gateway.setup_steps import NEEDED, ONE_OF, Field

LONGEST: Final = 5000
YES_NO: Final = (("no", "No"), ("yes", "Yes"))


@dataclass(frozen=True, slots=True)
class Setting:
    """A field with its place in the settings. `read` raises ValueError with what would be right."""

    path: tuple[str, ...]
    field: Field
    read: Callable[[str], Any]
    show: Callable[[Family], str]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page with a form of its own."""

    key: str
    title: str
    intro: str
    settings: Sequence[Setting]


def _deliver(text: str) -> Any:
    try:
        return json.loads(read_hours(text))
    except UserError:
        raise ValueError("'at once', or hours such as 08:00, 18:00") from None


def _pauses(text: str) -> list[dict[str, str]]:
    found = []
    for line in filter(str.strip, text.splitlines()):
        days = re.findall(r"\d{4}-\d{2}-\d{2}", line)
        if len(days) != 2:
            raise ValueError(
                "the first and the last day of each on a line of its own, such as 2026-12-20 to 2026-12-27"
            )
        found.append({"first": _day(days[0]), "last": _day(days[1])})
    return found


def _days(text: str) -> list[str]:
    return [_day(word) for word in re.split(r"[\s,;]+", text) if word]


def _day(word: str) -> str:
    try:
        return date.fromisoformat(word).isoformat()
    except ValueError:
        raise ValueError("days such as 2026-12-24") from None


def _moment(text: str) -> str | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("a day and an hour, such as 2026-12-14 17:00") from None
    if moment.tzinfo is not None:
        raise ValueError("a day and an hour of your own time zone, such as 2026-12-14 17:00")
    return moment.replace(microsecond=0).isoformat()


def _number(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise ValueError("a whole number")
    return int(text)


def _numbers(text: str) -> list[int]:
    found = [_number(word) for word in re.split(r"[\s,;]+", text) if word]
    return [number for number in found if number is not None]


def lines_of(text: str) -> list[str]:
    """Its lines that are not empty, with single blanks."""
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _yes(text: str) -> bool:
    return text == "yes"


def _word(text: str) -> str:
    return text


def _or_none(text: str) -> str | None:
    return text or None


def _zone(text: str) -> str:
    return normal_zone(text)


def _ways(text: str) -> list[str]:
    return [way.strip() for way in text.split(",")]


def _at(path: tuple[str, ...]) -> Callable[[Family], Any]:
    def value(family: Family) -> Any:
        found: Any = family
        for name in path:
            found = getattr(found, name)
        return found

    return value


def _setting(path: tuple[str, ...], field: Field, read: Callable[[str], Any] = _word) -> Setting:
    value = _at(path)
    shows: dict[Any, Callable[[Any], str]] = {
        _yes: lambda found: "yes" if found else "no",
        lines_of: "\n".join,
        _names: ", ".join,
        _ways: ", ".join,
        _deliver: lambda found: found if isinstance(found, str) else ", ".join(f"{hour:%H:%M}" for hour in found),
        _pauses: lambda found: "\n".join(f"{one.first} to {one.last}" for one in found),
        _days: lambda found: ", ".join(str(day) for day in found),
        _moment: lambda found: f"{found:%Y-%m-%d %H:%M}" if found else "",
        _numbers: lambda found: ", ".join(str(number) for number in found),
    }
    show = shows.get(read, lambda found: "" if found is None else str(found))
    return Setting(path, field, read, lambda family: show(value(family)))


SECTIONS: Final = (
    Section("hours", "Hours and looks", "Danger, emergencies, court papers and what is due earlier never wait.", (
        _setting(("deliver",), Field("deliver", "When may updates reach you?", hint="“at once”, or hours such as 08:00, 18:00. At once means that every message can reach into your day; few hours mean that you read some news later.", needed=True), _deliver),
        _setting(("quiet_notice",), Field("quiet_notice", "A note when there is nothing new at an hour", "radio", "Without it you cannot tell a quiet day from a broken way.", YES_NO), _yes),
        _setting(("cards_by",), Field("cards_by", "Updates come by", "radio", "A text can be read on a locked phone by whoever stands beside you.", (("email", "Email"), ("sms", "Text message"), ("email, sms", "Both"))), _ways),
        _setting(("language",), Field("language", "Language of updates", "radio", "Updates, texts, alarms and the pages behind their links; what the other parent wrote is never translated. Whoever sees your screen sees the language, too.", tuple(LANGUAGES.items())), _word),
        _setting(("subject",), Field("subject", "The subject line", "radio", "Topics in it are seen by whoever sees your screen.", (("neutral", "says nothing"), ("topics", "names the topics"))), _word),
        _setting(("calendar",), Field("calendar", "Calendar files", "radio", "The exact words would stand in your calendar, and in every device that shares it.", (("neutral", "with neutral words"), ("words", "with the exact words"), ("off", "none"))), _word),
    )),
    Section("quiet", "Times to be left alone", "Days and hours are those of your time zone. Danger, emergencies, court papers and what is due before the end still come.", (
        _setting(("pause",), Field("pause", "Vacations", "area", "First and last day, one vacation a line, such as 2026-12-20 to 2026-12-27; at most 31 days. News without a date waits until the morning after."), _pauses),
        _setting(("hold_until",), Field("hold_until", "A court day: hold the rest until", hint="Such as 2026-12-14 17:00. It holds for the seven days before; news without a date waits so long. Leave it empty for none."), _moment),
        _setting(("hard_days",), Field("hard_days", "Hard days", hint="Such as 2026-12-24, with commas. On these days everything comes once, in the evening: a change of plans for the same day comes earlier only if it names its time."), _days),
    )),
    Section("receipt", "What the other parent is told", "An automatic answer goes at most once a day.", (
        _setting(("receipt", "kind"), Field("receipt_kind", "They are told", "radio", options=tuple(RISKS.items())), _word),
        _setting(("receipt", "answer_hours"), Field("receipt_answer_hours", "By when do you promise an answer about the children, in hours?", "number", "A promise can be held against you. It is left out while an older question is overdue. Leave it empty for none."), _number),
    )),
    Section("contact", "How much comes through", "Each change is told to you once and stands in the log.", (
        _setting(("contact",), Field("contact", "Contact mode", "radio", options=(
            (str(Contact.MODIFIED), "Modified contact: you get what concerns the children. A cruel word can slip through, and a fact can wait for a look."),
            (str(Contact.NONE), "No contact: only danger, emergencies and legal mail. You will not read of a changed handover or a school day."),
            (str(Contact.ARCHIVE), "Archive only: nothing is sorted. With “whole” every insult reaches you; with “keep” you read next to nothing."),
        )), _word),
        _setting(("archive",), Field("archive", "In archive-only", "radio", options=(("whole", "each message comes to you whole"), ("keep", "messages are only kept"))), _word),
        _setting(("count_every",), Field("count_every", "Count what was kept", "radio", "In no-contact and archive-only. A number can make you want to read them.", (("never", "Never"), ("week", "Every week"), ("month", "Every month"))), _word),
    )),
    Section("place", "Where you live", "By these, times, dates and sums are read and written.", (
        _setting(("time_zone",), Field("time_zone", "Your time zone", hint="Such as America/Chicago or Europe/London. Your hours and vacations are those of this zone.", needed=True), _zone),
        _setting(("dates",), Field("dates", "3/4 is", "radio", "A wrong choice puts a date on a card that nobody meant.", (("month first", "the 4th of March"), ("day first", "the 3rd of April"))), _word),
        _setting(("currency",), Field("currency", "Your currency", hint="Three letters, such as USD.", needed=True), _word),
        _setting(("country",), Field("country", "Your country in two letters", hint="For the numbers of helplines. Leave it empty to take that of the time zone."), _or_none),
    )),
    Section("originals", "Reading what was kept back", "How an original is opened on your pages. Danger, safety and a court never wait.", (
        _setting(("vault", "delay_minutes"), Field("vault_delay_minutes", "Minutes between asking for an original and reading it", "number", "Without a wait you may read in a bad hour what you did not want to read.", needed=True), _number),
        _setting(("vault", "companion"), Field("vault_companion", "Somebody whom you want to have with you", hint="The page asks you to have this person with you; nobody is told. Leave it empty for nobody."), _or_none),
        _setting(("child_kept_days",), Field("child_kept_days", "Days that a child’s own message stays here after you got it", "number", "In case your mail host gives it back. It is read by nobody.", needed=True), _number),
    )),
    Section("answers", "Your answers", "What you write to the relay.", (
        _setting(("replies",), Field("replies", "It goes to the other parent", "radio", options=(("ask", "after you were asked once more"), ("on", "at once: there is no second look, and nothing can be called back"), ("off", "never: a question about the children stays unanswered unless you answer another way"))), _word),
        _setting(("coach", "tone"), Field("coach_tone", "Suggested answers sound", "radio", "A friendly tone can be read as a wish for more; bare facts can be called cold.", (("grey", "like bare facts"), ("yellow", "friendly, with a please and a thank you"))), _word),
        _setting(("coach", "hold_heated"), Field("coach_hold_heated", "An answer that reads as heated waits until the morning", "radio", "Never where something is due before. A late answer may miss what was meant by “today”.", YES_NO), _yes),
        _setting(("answer_hours",), Field("answer_hours", "Hours within which a question is taken to want its answer", "number", "One reminder comes before. Too many hours, and silence may be taken for a yes.", needed=True), _number),
        _setting(("coach", "private", "home"), Field("private_home", "Words that should stand in no answer: where you live", "area", "One a line. You are told when one does. They are kept in the settings file, so write no more than you need."), lines_of),
        _setting(("coach", "private", "work"), Field("private_work", "Where you work", "area"), lines_of),
        _setting(("coach", "private", "people"), Field("private_people", "People, such as a new partner", "area"), lines_of),
        _setting(("coach", "private", "other"), Field("private_other", "Anything else", "area"), lines_of),
    )),
    Section("alarms", "Alarms", "What happens while nobody says that they have read an alarm. This is not an emergency service.", (
        _setting(("alarms", "repeat_minutes"), Field("alarms_repeat_minutes", "It comes again after so many minutes", hint="Such as 10, 30, 60. The longer, the later somebody notices; to your safety contact, too.", needed=True), _numbers),
        _setting(("alarms", "hourly"), Field("alarms_hourly", "Then so many times, once an hour", "number", "With 0 it falls silent after the last minute above.", needed=True), _number),
        _setting(("alarms", "danger_by_night"), Field("alarms_danger_by_night", "Hourly danger alarms by night, too", "radio", "Without it a danger that you slept through comes again in the morning; emergencies come by night all the same.", YES_NO), _yes),
        _setting(("alarms", "also"), Field("alarms_also", "Who else is told in the end", hint="Names of people on your list, with commas. They learn that something came, and no word of it."), _names),
        _setting(("alarms", "test"), Field("alarms_test", "Test alarms", "radio", "An alarm that nobody ever tried is not known to work.", (("weekly", "Every week"), ("monthly", "Every month"), ("off", "Never"))), _word),
        _setting(("alarms", "outage_minutes"), Field("alarms_outage_minutes", "A way that fails for so many minutes is told over another", "number", "The longer, the longer you may wait for what does not come.", needed=True), _number),
    )),
)  # fmt: skip
BY_KEY: Final = {section.key: section for section in SECTIONS}


def standing(section: Section, family: Family) -> dict[str, str]:
    """The section's fields as things are."""
    return {one.field.key: one.show(family) for one in section.settings}


def values(
    section: Section, typed: Mapping[str, str], family: Family
) -> tuple[dict[tuple[str, ...], Any], dict[str, str]]:
    """What the form sets that is not so already, by path, and the mistakes by field."""
    found: dict[tuple[str, ...], Any] = {}
    mistakes: dict[str, str] = {}
    for one in section.settings:
        text = typed.get(one.field.key, "").strip()
        if text == one.show(family).strip():
            continue
        if not text and one.field.needed:
            mistakes[one.field.key] = NEEDED
        elif one.field.options and text not in dict(one.field.options):
            mistakes[one.field.key] = ONE_OF
        elif len(text) > LONGEST:
            mistakes[one.field.key] = f"Please write at most {LONGEST} signs."
        else:
            try:
                found[one.path] = one.read(text)
            except ValueError as error:
                mistakes[one.field.key] = f"Please write {error}."
    return found, mistakes


def shown(one: Setting, family: Family) -> str:
    """The value as the overview says it."""
    text = one.show(family)
    return dict(one.field.options).get(text) or value_said(text)
