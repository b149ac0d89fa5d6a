"""The day that counts of several in a passage: the first, unless another corrects it, dates it, or is what it moved to."""

from __future__ import annotations

from gateway.tagging.facts.day import Form
from gateway.tagging.facts.mentions import Dated
from gateway.tagging.facts.words import Text, ends_sentence, text_at


def _is_overtaken(words: Text, first: Dated, second: Dated, topic: str) -> bool:
    """``I told you the 18th, it's the 25th``; ``the letter came today, mediation is March 27``: the second counts."""
    said = {text_at(words, k) for k in range(max(0, first.day.first - 8), first.day.first)}
    between = {text_at(words, k) for k in range(first.day.last, second.day.first)}
    if said & SAID and between & CORRECTED:
        return True
    is_news = first.day.form is Form.SHIFT and first.back and not second.back
    if is_news and "next" in {text_at(words, k) for k in range(second.day.first - 6, second.day.first)}:
        return topic not in ("medical", "wellbeing")
    return is_news and topic in ("legal", "expense") and bool(between & {",", ".", "so", "and"})


SAID = frozenset({"told", "said", "thought", "wrote", "texted"})


CORRECTED = frozenset("it's its actually is are now".split())


def first_day(words: Text, days: tuple[Dated, ...], topic: str) -> Dated:
    """The first day; a bare weekday gives way to a date on that weekday, or to what it is moved to, in its sentence."""
    chosen = days[0]
    if len(days) > 1 and _is_overtaken(words, chosen, days[1], topic):
        return days[1]
    if chosen.day.form is Form.HOLIDAY and len(days) > 1:
        after = text_at(words, chosen.day.last)
        if after == ":" or (chosen.day.last - chosen.day.first == 1 and days[1].day.form is not Form.SHIFT):
            return days[1]
    if len(days) > 1 and chosen.day.form is Form.DATE and _is_moved_to(words, chosen, days[1]):
        return days[1]
    if len(days) > 1 and any(
        text_at(words, k).startswith("expir") for k in range(chosen.day.first - 3, chosen.day.first)
    ):
        return days[1]
    if chosen.day.form is Form.WEEKDAY and not chosen.day.which:
        for other in days[1:]:
            between = [text_at(words, k) for k in range(chosen.day.last, other.day.first)]
            if any(ends_sentence(words, k) for k in range(chosen.day.last, other.day.first)):
                break
            if other.day.form is Form.DATE and other.date.weekday() == chosen.day.weekday:
                return other
            moved = text_at(words, chosen.day.first - 1) == "from" and between == ["to"]
            if moved and any(text_at(words, k) in MOVED for k in range(chosen.day.first - 4, chosen.day.first)):
                return other
    return chosen


def _is_moved_to(words: Text, first: Dated, second: Dated) -> bool:
    """``has gone from the 16th to the 18th``."""
    between = [text_at(words, k) for k in range(first.day.last, second.day.first)]
    if text_at(words, first.day.first - 1) != "from" or between != ["to"]:
        return False
    return any(text_at(words, k) in MOVED for k in range(first.day.first - 4, first.day.first))


MOVED = frozenset("gone moved shifted changed switched rescheduled bumped pushed move switch change shift swap".split())
