"""Morning or evening: the hour that a parent means by "at 7" when am or pm is not said.

Order of evidence: what is written (am, pm, 24 hours), the part of the day beside it ("7 tonight", "8 in the morning"),
the message's own time (what was given lies behind, what is asked of today lies ahead), and last what the passage is
about: buses and first lessons are mornings, calls, concerts and bringing back are evenings.
"""

from __future__ import annotations

from datetime import datetime, time

from gateway.tagging.facts.calendar_words import RELATIVE_DAYS
from gateway.tagging.facts.clock import Clock
from gateway.tagging.facts.stretch import Stretch
from gateway.tagging.facts.words import Text

MORNING = frozenset(
    "bloods breakfast bus gate registration homeroom bell doors school nursery kindy daycare opens opening first before office "
    "dropoff drop-off fasting surgery op operation procedure arrive camp exam exams flight theatre train airport ferry "
    "brekkie admission admitted hospital uniform sats swim tryouts tournament meet leave leaving unit stitches "
    "assembly trial trials regatta race heat heats paddling weigh warm-up drive register coach minibus leaves departs sitter childcare cover choir appointment dentist clinic".split()
)
APPOINTED = frozenset(
    "surgery op operation tubes wisdom scheduled fasting theatre admission admitted midnight grommets".split()
)
"""Words of an operation, which begins in the morning."""
CONTESTS = frozenset("weigh trial trials race heat heats paddling regatta meet tournament gala swim tryouts".split())
"""Contests, which begin in the morning."""
BEFORE_SCHOOL = frozenset({"before", "school"})
TRAVEL = frozenset(
    "taxi bus buses trains flights train flight airport ferry leave leaving departs fly flying van minibus".split()
)
EVENING = frozenset(
    "bak bk drama prom quiz call calls facetime concert show play recital home back return zoom video ring movie "
    "rehearsal performance parents handover exchange swap halloween practice training "
    "meeting skype whatsapp party dance pick pickup collect".split()
)
NIGHT = frozenset(
    "night tonight tonite 2nite bed bedtime asleep fireworks disco lights goodnight evening dinner tea supper "
    "awake".split()
)
DAWN = frozenset("fasting morning mornin morn breakfast sunrise wake woke waking woken woken".split())
IN_THE_NIGHT = frozenset("nightmare nightmares woke waking wakes awake dream woken terrors".split())
LATEST = 21
"""From this hour on "at 9" means the evening only where the words say so."""
SOON = 75
"""Minutes within which an hour of this morning is meant rather than the same hour at night."""
SMALLEST_HOUR = 4
FAR = 180
"""Minutes from the message within which a late hour is meant after all."""
MORNING_TOPICS = frozenset({"school", "childcare", "medical", "documents", "legal"})
NEAR = 6
REACH = 14


def settle(
    words: Text, clock: Clock, part: str, stretch: Stretch, *, back: bool, sent: datetime, is_today: bool
) -> time:
    """The time of day. `part` is the part of the day said beside it, `is_today` whether it falls on the day of `sent`."""
    hour, minute = clock.hour, clock.minute
    if clock.mark == "24":
        return time(hour, minute)
    if clock.mark:
        return time(hour % 12 + (12 if clock.mark == "pm" else 0), minute)
    if part:
        return time(_by_part(hour, part), minute)
    around = _around(words, clock, stretch, REACH)
    tomorrow = clock.last < len(words) and RELATIVE_DAYS.get(words[clock.last].text) == 1
    limited = _is_limited(words, clock) and not tomorrow
    guess = _by_topic(clock, around, _around(words, clock, stretch, NEAR), stretch.topic, limited)
    if back and hour <= 5 and (around & IN_THE_NIGHT or is_up(words, clock)):
        return time(hour, minute)
    if clock.to_hour is not None and clock.to_hour % 12 < hour and clock.to_hour <= 12 and 6 <= hour < 12 and not back:
        return time(hour, minute)
    if is_today:
        is_next = stretch.topic == "medical" and "next" in {
            w.text for w in words[max(0, clock.first - 6) : clock.first]
        }
        return _today(hour, minute, guess, sent, back, stretch.topic, is_next)
    return time(guess, minute)


TOLD = frozenset({"medical", "wellbeing", "emergency"})
BY_DAY = frozenset({"school", "activity", "documents", "legal", "childcare", "expense", "belongings"})
"""Topics of which nothing is at two in the night, also when it is written after midnight."""
EVENING_BEGINS, NIGHT_ENDS = 20, 6
"""Between these hours the next dose "at 2" is one in the night."""


def is_up(words: Text, clock: Clock) -> bool:
    """``up at 4``: out of bed before the morning; not ``threw up at 3``."""
    near = [w.text for w in words[max(0, clock.first - 3) : clock.first - 1]]
    return bool(near) and near[-1] in ("up", "awake") and near[0] not in THROWN


THROWN = frozenset("threw throws throwing thrown burning swelled swollen picked pick pulled showed coughed".split())


def _today(hour: int, minute: int, guess: int, sent: datetime, back: bool, topic: str, is_next: bool) -> time:
    """Of the two hours today the one on the right side of the message's own time."""
    now = sent.hour * 60 + sent.minute
    early, late = time(hour % 12, minute), time(hour % 12 + 12, minute)
    early_past, late_past = early.hour * 60 + minute <= now, late.hour * 60 + minute <= now
    if back:
        soon = 0 < late.hour * 60 + minute - now <= 60 and topic not in ("medical", "wellbeing")
        soon = soon or (topic not in TOLD and guess == late.hour and not late_past)
        return late if late_past or not early_past or soon else early
    if is_next and sent.hour >= EVENING_BEGINS and early.hour <= NIGHT_ENDS and late_past:
        return early
    if early_past and not late_past:
        is_far = late.hour * 60 + minute - now > FAR
        return early if late.hour >= LATEST and is_far and guess == early.hour else late
    soon = early.hour * 60 + minute - now <= 120 and topic not in BY_DAY
    if not early_past and sent.hour < 4 and (guess == early.hour or soon):
        return early
    if not early_past and sent.hour >= SMALLEST_HOUR and early.hour * 60 + minute - now <= SOON:
        return early
    return time(guess, minute)


def _by_part(hour: int, part: str) -> int:
    if part == "morning":
        return hour % 12 if hour != 12 else 12
    if part == "night" and hour in (12, 1, 2, 3, 4):
        return hour % 12
    return hour % 12 + 12


def _around(words: Text, clock: Clock, stretch: Stretch, reach: int) -> frozenset[str]:
    low, high = max(stretch.first, clock.first - reach), min(stretch.last, clock.last + reach // 2)
    return frozenset(w.text for w in words[low:high])


def _is_limited(words: Text, clock: Clock) -> bool:
    """``till 7``, ``home by 10``: the end of a stay."""
    before = [w.text for w in words[max(0, clock.first - 3) : clock.first]]
    return bool(before) and (before[-1] in ("until", "till", "til") or ("home" in before and before[-1] == "by"))


def _by_topic(clock: Clock, around: frozenset[str], near: frozenset[str], topic: str, limited: bool) -> int:
    """The hour, 0 to 23, that the words around suggest."""
    hour = clock.hour
    if hour == 12:
        return 12
    night, dawn = bool((around if hour < 9 else near) & NIGHT), bool((around if hour > 6 else near) & DAWN)
    if dawn and not night and hour >= 6:
        return hour
    if hour <= 5:
        return hour + 12
    if clock.to_hour is not None and clock.to_hour % 12 < hour and clock.to_hour <= 12:
        return hour  # 9-1, 10-12: over noon
    if limited and 9 <= hour <= 10 and topic in ("schedule", "activity"):
        return hour + 12
    if hour >= 9:
        return hour + 12 if night and not around & {"before", "dinner", "tea"} else hour
    if night:
        return hour + 12
    if topic == "medical" and hour <= 7 and around & APPOINTED:
        return hour
    morning = len(around & MORNING) + 2 * (around >= BEFORE_SCHOOL)
    evening_out = topic == "activity" and hour == 7 and clock.minute in (0, 15, 30) and not around & CONTESTS
    evening = len(around & EVENING) + (topic == "contact" or evening_out)
    if topic == "travel" and not clock.bare_hour:
        return hour
    if limited and not morning:
        return hour + 12
    if hour == 6:
        return 6 if near & TRAVEL or (around & TRAVEL and not evening) else 18
    if hour == 7:
        odd_minute = clock.minute not in (0, 30) and not (topic == "activity" and clock.minute == 15)
        return 7 if morning + odd_minute + (topic in ("school", "childcare")) > evening else 19
    return 20 if evening > morning + (topic in MORNING_TOPICS) + (clock.minute != 0) else 8
