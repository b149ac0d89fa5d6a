"""Cues: whether bare figures (``5``, ``345``, ``3.45``) are a time, judged by the words beside them.

A wrong time is worse than none, so a bare figure counts only after a word that calls for a time ("at", "by", "until",
"starts"), beside a day ("4 tomorrow", "Saturday, 2"), or in a range on a known day; and never when what stands around
says that it counts, measures or names something.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.tagging.facts.calendar_words import PARTS_OF_DAY, RELATIVE_DAYS, known
from gateway.tagging.facts.clock import Clock
from gateway.tagging.facts.clock_words import (
    CALLING,
    CALLS,
    EVENTS_AFTER,
    EVENTS_BEFORE,
    FOR,
    GOOD_AFTER,
    LOOSE,
    MOVES,
    RANGE_TOPICS,
    SPACED_TOPICS,
    STARTS,
)
from gateway.tagging.facts.contrast import is_contrasted
from gateway.tagging.facts.hour_cues import counts_as_hour, is_arrival
from gateway.tagging.facts.nearby import day_in_sight, ends_there
from gateway.tagging.facts.not_a_time import PAYING, is_code, is_counted, is_fever, is_score, is_textism, is_year
from gateway.tagging.facts.number_signs import LABELS
from gateway.tagging.facts.stretch import Stretch
from gateway.tagging.facts.words import Text, text_at

NO_HOUR_AFTER = frozenset(
    "to of all second first third last next other the quiet good bad big this that no any each a".split()
)
"""Words between which and a day "one" counts things (``a quiet one Sat``)."""


def counts_as_time(words: Text, clock: Clock, is_day: Sequence[int], stretch: Stretch) -> bool:
    """Whether the words around make `clock` a time. `is_day` marks words that belong to a day (1) or repetition (2)."""
    if clock.sure:
        return text_at(words, clock.first - 1) not in ("$", "£", "€", "won", "lost", "score", "rs", "verse", "psalm")
    before, after = text_at(words, clock.first - 1), text_at(words, clock.last)
    named = before in LABELS and not is_day[clock.first - 1]
    dotted = "." in words[clock.first].text
    named = named and (clock.bare_hour or not (dotted or _is_before_a_day(words, clock, clock.first - 1, is_day)))
    if (
        named
        or is_counted(words, clock, before, after)
        or is_code(words, clock)
        or is_year(words, clock, stretch.topic)
        or is_fever(words, clock, stretch.topic)
        or is_score(words, clock)
    ):
        return False
    if is_contrasted(words, clock, stretch.topic):
        return True
    k = clock.first - 1
    while k >= 0 and text_at(words, k) in LOOSE and text_at(words, k - 1) in CALLS:
        k -= 1
    if _is_called(words, clock, k, is_day, stretch.topic):
        return True
    if words[clock.first].text.isalpha() and clock.bare_hour:
        if text_at(words, k) in ("for", "about", "like") and is_arrival(words, clock, k, stretch):
            return True
        return text_at(words, k) not in NO_HOUR_AFTER and _is_before_a_day(words, clock, k, is_day)
    if not clock.bare_hour and before in PAYING:
        return False
    if stretch.topic == "expense":
        return _is_before_a_day(words, clock, k, is_day) and not clock.bare_hour
    if _is_after_a_day(words, clock, k, is_day):
        return ends_there(words, clock) or not is_textism(words, clock, stretch)
    if _is_before_a_day(words, clock, k, is_day):
        return not is_textism(words, clock, stretch)
    if clock.bare_hour and counts_as_hour(words, clock, k, is_day, stretch):
        return not is_textism(words, clock, stretch)
    return _is_minute_form(words, clock, k, is_day, stretch) or _is_range(words, clock, is_day, stretch)


def _is_called(words: Text, clock: Clock, k: int, is_day: Sequence[int], stretch_topic: str) -> bool:
    """A word before the figure calls for a time: ``by 5``, ``starts 11``, ``moved to 530``, ``back for 8``."""
    before = text_at(words, k)
    if words[clock.first].text.isalpha() and (text_at(words, clock.last) == "a" or text_at(words, k - 1) == "one"):
        return False
    if words[clock.first].text == "one" and before not in CALLS:
        return False
    if before in ("o", "of") and text_at(words, k - 1) == "back":
        return True
    if before in CALLS:
        if before == "round" and clock.bare_hour:
            return (k > 0 and is_day[k - 1] > 0) or (
                stretch_topic in ("contact", "schedule") and ends_there(words, clock)
            )
        return not (before == "from" and clock.bare_hour and clock.hour > 12 and clock.to_hour is None)
    if words[clock.first].text in ("2", "4") and clock.bare_hour and not ends_there(words, clock):
        return False
    if before in STARTS or (before == "off" and text_at(words, k - 1) in ("kicks", "kick", "drop")):
        return True
    if before == "to" and stretch_topic == "expense":
        return False
    if before == "to":
        return text_at(words, k - 1) in MOVES or any(text_at(words, m) in MOVES for m in range(max(0, k - 4), k))
    if before == "for":
        return text_at(words, k - 1) in FOR or (k > 0 and is_day[k - 1] > 0)
    return before == "it" and text_at(words, k - 1) in ("make", "say", "do")


def _is_before_a_day(words: Text, clock: Clock, k: int, is_day: Sequence[int]) -> bool:
    """``4 tomorrow``, ``6 on Friday``, ``is 2.10 tomorrow``, ``7 in the morning``."""
    m = clock.last
    if text_at(words, m) in (",", "on", "in"):
        m += 1 + (text_at(words, m) == "in" and text_at(words, m + 1) == "the")
    if m >= len(words) or text_at(words, k) in ("the", "a", "all"):
        return False
    if known(text_at(words, m)) in RELATIVE_DAYS and not (text_at(words, m - 1) == "," and clock.bare_hour):
        return True
    if (is_day[m] and not (is_day[m] == 2 and clock.bare_hour)) or (
        text_at(words, m) in PARTS_OF_DAY and not text_at(words, m).startswith("lunch")
    ):
        return not (text_at(words, m - 1) == "," and clock.bare_hour)
    return False


def _is_after_a_day(words: Text, clock: Clock, k: int, is_day: Sequence[int]) -> bool:
    """``Saturday 2``, ``Sat 26th, 2 to 4``, ``Thursday, 5.30``."""
    if k < 0 or (clock.bare_hour and clock.hour > 12) or (clock.to_hour or 0) > 12 >= clock.hour and clock.bare_hour:
        return False
    if is_day[k]:
        return True
    if k > 0 and is_day[k - 1] and text_at(words, k) == "," and text_at(words, clock.last) in EVENTS_AFTER:
        return True
    if k > 0 and is_day[k - 1] and text_at(words, k) in (",", "-", "–", "(", "@", ":", "is", "now"):
        return not clock.bare_hour or clock.to_hour is not None or ends_there(words, clock)
    return False


def _is_minute_form(words: Text, clock: Clock, k: int, is_day: Sequence[int], stretch: Stretch) -> bool:
    """``3.45``, ``345`` or ``1730`` by themselves: a time when it ends in 0 or 5 and an event or a day is near."""
    if clock.bare_hour or clock.minute % 5 and "." not in words[clock.first].text:
        return False
    after = text_at(words, clock.last)
    if after in EVENTS_AFTER or after in GOOD_AFTER:
        return True
    if clock.last == clock.first + 2 and words[clock.first].text.isdigit():
        return stretch.topic in SPACED_TOPICS and clock.minute % 5 == 0 and (ends_there(words, clock) or after == "not")
    if "." in words[clock.first].text:
        return stretch.topic not in ("expense", "belongings", "documents") and (
            stretch.topic != "wellbeing" or ends_there(words, clock)
        )
    if text_at(words, k) in ("is", "to", "was", "now", "r", "are"):
        return any(text_at(words, m) in EVENTS_BEFORE for m in range(max(0, k - 4), k)) or ends_there(words, clock)
    if text_at(words, k) in (",", "(") and ends_there(words, clock):
        return True
    in_sight = day_in_sight(words, clock, is_day, stretch)
    if stretch.topic == "travel" and len(words[clock.first].text) == 4:
        return in_sight
    if stretch.topic in ("contact", "schedule") and len(words[clock.first].text) == 3 and text_at(words, k) in CALLING:
        return True
    if stretch.topic in ("activity", "school", "childcare") and len(words[clock.first].text) == 3:
        return in_sight and clock.minute % 15 == 0 and text_at(words, k) not in WHERE
    return (
        stretch.topic in ("contact", "schedule")
        and (in_sight or ends_there(words, clock))
        and len(words[clock.first].text) < 5
    )


WHERE = frozenset(
    "of pay paid cost costs owe for half is room rm hall bus route route highway court studio suite code number no".split()
)


def _is_range(words: Text, clock: Clock, is_day: Sequence[int], stretch: Stretch) -> bool:
    """``8 to 1``, ``4-6`` with a day or repetition in the same sentence."""
    if clock.to_hour is None:
        return False
    if clock.bare_hour and (clock.to_hour > 12 >= clock.hour or clock.hour > 12):
        return False
    if stretch.topic not in RANGE_TOPICS or not 6 <= clock.hour + 12 * (clock.hour < 6) <= 20:
        return False
    over_noon = 7 <= clock.hour <= 11 and clock.to_hour <= 6 and stretch.topic in ("childcare", "schedule", "activity")
    if over_noon or text_at(words, clock.first - 1) == "is" or text_at(words, clock.first - 1).endswith("'s"):
        return True
    dashed = text_at(words, clock.first + 1) in ("-", "–")
    return day_in_sight(words, clock, is_day, stretch, {1} if dashed else {1, 2})
