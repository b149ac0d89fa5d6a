"""The day spoken of before, named again: ``that day``, ``the same night``, ``by then``, ``the night before``."""

from __future__ import annotations

from gateway.tagging.facts.calendar_words import PARTS_OF_DAY
from gateway.tagging.facts.day import Day, Form
from gateway.tagging.facts.words import Text, text_at


def read_same_day(words: Text, i: int) -> Day | None:
    """``that day``, ``the same night``, ``same day``."""
    j = i + (words[i].text == "the")
    text = text_at(words, j)
    if words[i].text == "then" and _is_that_day(words, i):
        return Day(Form.SAME, i, i + 1)
    if j > i and text in ("night", "day", "evening") and text_at(words, j + 1) == "before" and _closes(words, j + 2):
        return Day(Form.SAME, i, j + 2, shift=-1, part=PARTS_OF_DAY.get(text, ""))
    if text not in ("that", "same"):
        return None
    if text == "that" and text_at(words, j + 1) == "same":
        j += 1
    noun = text_at(words, j + 1)
    if noun == "day" or (noun in PARTS_OF_DAY and noun not in ("lunch", "lunchtime", "morn")):
        return Day(Form.SAME, i, j + 2, part=PARTS_OF_DAY.get(noun, ""))
    return None


def _closes(words: Text, k: int) -> bool:
    """Whether what is said ends before the word at `k`, or goes on with something else."""
    text = text_at(words, k)
    return text in ("", "and", "n", "so", "at", "if", "please", "pls") or not text.isalnum()


def _is_that_day(words: Text, i: int) -> bool:
    """``by then``, ``bring her shoes then``; not ``ok then``, ``and then``."""
    if text_at(words, i - 1) == "by":
        return True
    return _closes(words, i + 1) and any(text_at(words, k) in BRINGING for k in range(max(0, i - 6), i - 1))


BRINGING = frozenset("bring send pack give drop collect fetch".split())
