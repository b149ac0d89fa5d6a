"""The grammar of days: reads a mention of a day that begins at a given word.

A hand-written descent: each reader looks at a bounded number of words from one place and gives a `Day` or None; the
first that succeeds wins, so longer forms stand before shorter ones. Dates written with figures live in `date_words`.
"""

from __future__ import annotations

from dataclasses import replace

from gateway.tagging.facts.calendar_words import (
    A_FEW,
    END_OF_DAY,
    MONTHS,
    NIGHT_WORDS,
    ORDINALS,
    PARTS_OF_DAY,
    RELATIVE_DAYS,
    WEEKDAYS,
    known,
)
from gateway.tagging.facts.date_words import read_date
from gateway.tagging.facts.day import Day, Form
from gateway.tagging.facts.holidays import NAMES, NOT_THE_DAY
from gateway.tagging.facts.same_day import read_same_day
from gateway.tagging.facts.scots_day import read_scots_day
from gateway.tagging.facts.shift_words import read_shift
from gateway.tagging.facts.words import Text, text_at

WHICH = {
    **dict.fromkeys(("this", "ths", "dis", "este", "ce", "the coming", "coming"), "this"),
    **dict.fromkeys(("next", "nxt", "nex"), "next"),
    **dict.fromkeys(("last", "past", "previous", "lst"), "last"),
    **dict.fromkeys(("the", "d", "my", "your", "ur", "that", "tht"), "the"),
}
WEEKEND = frozenset("weekend wkend wknd weeknd w/e weekends'".split())
NO_SATURDAY_BEFORE = frozenset("he she they we i who just been".split())
THAT = frozenset({"that", "tht"})
SAYING = frozenset(
    "say says said think thinks thought know knows told mean means see confirm hope sure so agree agreed".split()
)
"""Words after which "that" only joins (``I said that Friday is fine``)."""
SAT_EXAM = frozenset("class prep test fee exam score tutor course book classes".split())
POSSESSIVE = frozenset({"my", "your", "ur", "our"})
NO_SUN_AFTER = frozenset("cream screen hat hats block lotion dress glasses tan burn burnt safe rash".split())


CALENDAR = frozenset(WEEKDAYS) | frozenset(RELATIVE_DAYS) | frozenset(MONTHS)
MAY_BEGIN = (
    frozenset(
        "day that then same in within week wk fortnight pasado esta ce since from end kal d da de la le month months month's".split()
    )
    | frozenset(WHICH)
    | frozenset(A_FEW)
    | frozenset(ORDINALS)
    | END_OF_DAY
)
"""Words with which a mention of a day may begin, besides figures, names of days and months, and holidays."""


def day_name(words: Text, i: int) -> str:
    """The word at `i` as the calendar spells it, a possessive ending (``Saturday's``) taken off."""
    text = text_at(words, i)
    return known(text[:-2] if text.endswith("'s") and text[:-2] in WEEKDAYS else text)


def read_day(words: Text, i: int, *, day_first: bool, region: str) -> Day | None:
    """The mention of a day that begins at word `i`, or None."""
    text = day_name(words, i)
    if text == "\n" or not (
        words[i].text in MAY_BEGIN or words[i].is_number or text in CALENDAR or words[i].text in NAMES[region]
    ):
        return None
    found = (
        read_same_day(words, i)
        or read_shift(words, i)
        or _qualified(words, i, day_first)
        or _relative(words, i, text)
        or read_scots_day(words, i)
        or _holiday(words, i, region)
        or _weekday_and_date(words, i, text, day_first)
        or read_date(words, i, day_first)
    )
    return _with_part(words, found) if found else None


def _with_part(words: Text, found: Day) -> Day:
    """The mention with the part of the day that follows it: ``Friday night``, ``tomorrow in the morning``."""
    j = found.last
    if found.name == "maybe an hour":
        return found
    if text_at(words, j) in ("in", "at") and text_at(words, j + 1) in ("the", "night"):
        j += 1 + (text_at(words, j + 1) == "the")
    part = PARTS_OF_DAY.get(text_at(words, j))
    if part and not found.part and not (part == "afternoon" and text_at(words, j).startswith("lunch")):
        return replace(found, last=j + 1, part=part)
    return found


def _qualified(words: Text, i: int, day_first: bool) -> Day | None:
    """``next Friday``, ``this weekend``, ``last night``, ``this arvo``, ``the weekend``, ``this coming Sat``."""
    which = WHICH.get(words[i].text)
    if which is None:
        return None
    j = i + 1
    if which == "the" and text_at(words, j) in ("following", "next"):
        return None
    if which in ("this", "the", "next") and text_at(words, j) in ("coming", "comin", "upcoming"):
        which, j = "this", j + 1
    if which == "the" and text_at(words, j) in ("coming", "weekend"):
        which = "this" if text_at(words, j) == "coming" else "the"
        j += text_at(words, j) == "coming"
    text = day_name(words, j)
    if text in WEEKDAYS and not (
        which == "the" and text in ("sun", "hier", "sat" if words[i].text not in ("the", *THAT) else "sun")
    ):
        if words[i].text == "past" or (
            which in ("the", "this", "next") and _is_dated(words, j, WEEKDAYS[text], day_first)
        ):
            return None
        if words[i].text in THAT and text_at(words, i - 1) in SAYING:
            return None
        after_next = text_at(words, j + 1) == "after" and text_at(words, j + 2) == "next"
        last = j + 1 + 2 * after_next
        week = text_at(words, last) in ("week", "wk") and which in ("this", "the")
        shift = 7 if after_next or week else 0
        if (week or after_next) and which == "the":
            which = "next" if after_next else ""
        return Day(Form.WEEKDAY, i, last + week, weekday=WEEKDAYS[text], which=which, shift=shift)
    if text in WEEKEND:
        if text_at(words, j + 1) == "of" or words[i].text in POSSESSIVE or words[i].text in ("d", *THAT):
            return None
        date = read_date(words, j + 1, day_first)
        if date:
            return replace(date, first=i)
        shift = 7 if text_at(words, j + 1) == "after" and text_at(words, j + 2) == "next" else 0
        return Day(Form.WEEKEND, i, j + 1 + (2 if shift else 0), which="next" if shift else which, shift=shift)
    if which in ("this", "last") and text in PARTS_OF_DAY and text not in ("lunch", "bedtime", "aft", "avo", "eve"):
        shift = -1 if which == "last" else 0
        return Day(Form.SHIFT, i, j + 1, shift=shift, part=PARTS_OF_DAY[text])
    return None


def _is_dated(words: Text, j: int, weekday: int, day_first: bool) -> bool:
    """Whether a date follows the weekday at word `j`: ``the Monday 22``, ``the Fri nite 1 Aug``."""
    k = j + 1 + (text_at(words, j + 1) in PARTS_OF_DAY)
    return read_date(words, k, day_first, weekday=weekday, bare=k == j + 1) is not None


def _relative(words: Text, i: int, text: str) -> Day | None:
    """``today``, ``tmrw``, ``tonight``, ``yesterday``, ``eod``, ``kal``."""
    if text in RELATIVE_DAYS:
        week = text_at(words, i + 1) in ("week", "fortnight") and RELATIVE_DAYS[text] >= 0
        extra = {"week": 7, "fortnight": 14}[words[i + 1].text] if week else 0
        part = "night" if text in NIGHT_WORDS else ""
        return Day(Form.SHIFT, i, i + 1 + week, shift=RELATIVE_DAYS[text] + extra, part=part)
    if text == "kal" and not words[i].capital:
        return Day(Form.SHIFT, i, i + 1, shift=1, name="kal")
    if text in ("since", "from") and text_at(words, i + 1 + (text_at(words, i + 1) == "the")) in (
        "morning",
        "mornin",
        *(("afternoon", "arvo", "evening") if text == "since" else ()),
    ):
        j = i + 1 + (text_at(words, i + 1) == "the")
        return Day(Form.SHIFT, i, j + 1) if text_at(words, j + 1) not in ("till", "to", "until", "til") else None
    if (
        text == "in"
        and not _ends_a_time(words, i - 1)
        and [text_at(words, i + k) for k in (1, 2)] == ["the", "morning"]
    ):
        return Day(Form.SHIFT, i, i + 3, part="morning", name="next morning")
    if text == "end" and text_at(words, i + 1) == "of" and text_at(words, i + 2) in MONTHS:
        return Day(Form.DATE, i, i + 3, month=MONTHS[text_at(words, i + 2)], name="end of month")
    if text == "end" and [text_at(words, i + k) for k in (1, 2, 3)] == ["of", "the", "month"]:
        return Day(Form.DATE, i, i + 4, name="end of month")
    if text in ("month", "months", "month's") and text_at(words, i + 1) == "end":
        return Day(Form.DATE, i, i + 2, name="end of month")
    if text in END_OF_DAY or (text == "end" and [text_at(words, i + k) for k in (1, 2)] == ["of", "day"]):
        return Day(Form.SHIFT, i, i + (1 if text in END_OF_DAY else 3))
    if text == "esta" and text_at(words, i + 1) == "noche":
        return Day(Form.SHIFT, i, i + 2, part="night")
    if text == "ce" and text_at(words, i + 1) == "soir":
        return Day(Form.SHIFT, i, i + 2, part="evening")
    return None


def _ends_a_time(words: Text, k: int) -> bool:
    text = text_at(words, k)
    return text in A_FEW or text in ("o'clock", "oclock", "ish", "am") or (k >= 0 and words[k].is_number)


def _holiday(words: Text, i: int, region: str) -> Day | None:
    """``Christmas Eve``, ``Boxing Day``; not the name before a noun (``Christmas jumper``)."""
    for name, key in NAMES[region].get(words[i].text, ()):
        if all(text_at(words, i + k).removesuffix("'s") == word.removesuffix("'s") for k, word in enumerate(name)):
            last = i + len(name)
            after = text_at(words, last)
            if after in NOT_THE_DAY or (len(name) == 1 and after == "'"):
                return None
            if text_at(words, i - 1) in ("before", "after", "since", "like", "every", "for") and len(name) == 1:
                return None
            return Day(Form.HOLIDAY, i, last, name=key)
    return None


def _weekday_and_date(words: Text, i: int, text: str, day_first: bool) -> Day | None:
    """``Thursday``, ``Sat 11/14``, ``Friday the 13th``, ``Sunday, 9 November``, ``thurs wk``."""
    if text not in WEEKDAYS or _is_no_weekday(words, i, text):
        return None
    weekday, j = WEEKDAYS[text], i + 1
    if text_at(words, j) == "." and not words[i].text.endswith("day"):
        j += 1
    if text_at(words, j) in ("week", "wk", "wk.") and text_at(words, i - 1) not in ("a", "one"):
        return Day(Form.WEEKDAY, i, j + 1, weekday=weekday, shift=7)
    if text_at(words, j) == "fortnight":
        return Day(Form.WEEKDAY, i, j + 1, weekday=weekday, shift=14)
    if text_at(words, j) == "after" and text_at(words, j + 1) == "next":
        return Day(Form.WEEKDAY, i, j + 2, weekday=weekday, which="next", shift=7)
    part = PARTS_OF_DAY.get(text_at(words, j), "")
    k = j + bool(part)
    while text_at(words, k) in (",", "(", "-", "–", "the", "on", "/") and k < j + 3:
        k += 1
    date = read_date(words, k, day_first, weekday=weekday, bare=k == j or text_at(words, k - 1) == "the")
    if date:
        return replace(date, first=i, weekday=weekday, part=part)
    this_week = {"this", "wk"}, {"this", "week"}
    which = "this" if any({text_at(words, m), text_at(words, m + 1)} in this_week for m in range(j, j + 3)) else ""
    return Day(Form.WEEKDAY, i, j, weekday=weekday, which=which)


def _is_no_weekday(words: Text, i: int, text: str) -> bool:
    """``she sat``, ``sun cream``, ``a Tuesday``, ``mar``: the same letters, another word."""
    before = text_at(words, i - 1)
    if text == "sat" and (before in NO_SATURDAY_BEFORE or text_at(words, i + 1) in ("up", "down", "with", "still")):
        return True
    if text == "sat" and text_at(words, i + 1) in SAT_EXAM:
        return True
    if text == "sun" and (before in ("the", "in", "of", "no", "full", "some") or text_at(words, i + 1) in NO_SUN_AFTER):
        return True
    if text in ("mars", "hier", "marche"):
        return True
    return before in ("a", "any", "alternate", "most", "some", "usual", "normal", "each", "every", "black")
