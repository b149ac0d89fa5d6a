"""Calendar words, as data: how people write days, months and parts of the day.

English of several countries with its text-message shorthand; days in Spanish, French, Polish and Hindi written in
Latin letters, because families mix languages. All folded (no accents), see `words`.
"""

from __future__ import annotations

from functools import lru_cache

from gateway.tagging.facts.spelling import Speller


def _numbered(text: str, first: int = 0) -> dict[str, int]:
    """``"a b|c"`` -> the words of each group with the number of the group."""
    return {word: n for n, group in enumerate(text.split("|"), first) for word in group.split()}


WEEKDAYS = _numbered(
    "monday mon mond lunes lundi poniedzialek somvar somwar"
    "|tuesday tues tue tuesd martes mardi wtorek mangalvar mangalwar"
    "|wednesday wed weds wednes wensday wendsday wedsday wends miercoles mercredi sroda srode budhvar budhwar"
    "|thursday thurs thur thu thursd jueves jeudi czwartek guruvar guruwar"
    "|friday fri frid viernes vendredi piatek shukravar shukrawar"
    "|saturday sat satday satdy sabado samedi sobota sobote shanivar shaniwar"
    "|sunday sun sund domingo dimanche niedziela niedziele ravivar raviwar itvaar"
)
REPEATED_WEEKDAYS = _numbered(
    "mondays mons|tuesdays tuesdays tues's|wednesdays weds's|thursdays thursday's|fridays|saturdays sats|sundays suns"
)
MONTHS = _numbered(
    "january jan enero janvier stycznia"
    "|february feb febuary februrary febrero fevrier lutego"
    "|march mar marzo mars marca"
    "|april apr abril avril kwietnia"
    "|may mayo"
    "|june jun junio juin czerwca"
    "|july jul julio juillet lipca"
    "|august aug agosto aout sierpnia"
    "|september sept sep septiembre septembre wrzesnia"
    "|october oct octubre octobre pazdziernika"
    "|november nov noviembre novembre listopada"
    "|december dec diciembre decembre grudnia",
    1,
)
RELATIVE_DAYS = {
    **dict.fromkeys("today tdy 2day todays today's hoy dzis dzisiaj aaj aujourd'hui".split(), 0),
    **dict.fromkeys("tonight tonite 2nite 2night 2nyt tnite tonights tonight's".split(), 0),
    **dict.fromkeys(
        "tomorrow tmrw tmrow tmr tmw 2mro 2moz tmoz tmz tmoro tmorrow tomoz tomo tomoro tomorro tommorow tommorrow tomorow tomorrows "
        "tomorrow's tomorra tomora morra tmrws tmrw's 2moro 2morro 2morrow 2mrw 2mrow manana jutro demain".split(),
        1,
    ),
    **dict.fromkeys(
        "yesterday yday ystd yest ystrday yestrday yesturday yestday ystdy yesterdays yesterday's ayer wczoraj hier".split(),
        -1,
    ),
    **dict.fromkeys("pojutrze parso".split(), 2),
}
NIGHT_WORDS = frozenset("tonight tonite 2nite 2night 2nyt tnite tonights tonight's".split())
END_OF_DAY = frozenset({"eod", "cob", "eob"})
PARTS_OF_DAY = {
    **dict.fromkeys("morning mornin morn mornings".split(), "morning"),
    **dict.fromkeys("afternoon arvo aft afternoons avo lunchtime lunch".split(), "afternoon"),
    **dict.fromkeys("evening evenin eve evng evenings teatime".split(), "evening"),
    **dict.fromkeys("night nite nights noche overnight bedtime".split(), "night"),
}
PLURAL_PARTS = frozenset("mornings afternoons evenings nights arvos weekends weekdays weeknights lunchtimes".split())

_LONG = [w for w in (*WEEKDAYS, *MONTHS, "tomorrow", "tonight", "yesterday", "today") if len(w) >= 6]
_REAL_WORDS = (
    "sundae sundry someday midday mends mending toright insight faraday payday heyday birthday holiday "
    "august's tonight's sundays mondays fridays saturdays tuesdays thursdays wednesdays augusta augustus dominga "
    "marched mondo monkey sunny sundry octobers martin marti martins junior julian"
).split()
_speller = Speller(_LONG, _REAL_WORDS)


@lru_cache(maxsize=8192)
def known(word: str) -> str:
    """`word`, or the calendar word that it misspells by one letter (``thrusday``, ``tommorow``)."""
    if len(word) < 6 or word in WEEKDAYS or word in RELATIVE_DAYS or word in MONTHS or not word.isalpha():
        return word
    return _speller.find(word) or word


SMALL_NUMBERS = {
    **{
        word: n
        for n, word in enumerate(
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
            "seventeen eighteen nineteen twenty".split()
        )
    },
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
}
A_FEW = {"a": 1, "an": 1, "couple": 2, **SMALL_NUMBERS}
ORDINALS = {
    word: n
    for n, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
        "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth".split(),
        1,
    )
}
ORDINAL_ENDINGS = frozenset({"st", "nd", "rd", "th", "ts", "ht"})
UNITS_OF_DAYS = {
    **dict.fromkeys("day days dys".split(), 1),
    **dict.fromkeys("week weeks wk wks".split(), 7),
    **dict.fromkeys("fortnight fortnights".split(), 14),
}
