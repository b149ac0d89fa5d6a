"""Small readers that the grammars of days and times share: whole numbers, months, the words around them."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.tagging.facts.calendar_words import MONTHS, known
from gateway.tagging.facts.words import Text, text_at

THE = frozenset({"the", "d", "da"})
RANGES = frozenset({"-", "–", "—", "to", "thru", "through", "and", "&", "til", "till"})
BEFORE_A_DAY = frozenset("on by from for until till til before since is til' due to".split())
MAY_IS_A_VERB_BEFORE = frozenset("be have need not want also still well as get go come take b".split())


def figure(words: Text, i: int, spelled: Mapping[str, int]) -> int | None:
    """The small whole number at word `i`, in figures or among `spelled` words."""
    text = text_at(words, i)
    if text in spelled:
        return spelled[text]
    if 0 <= i < len(words) and words[i].is_number and text.isdigit() and len(text) <= 4:
        return int(text)
    return None


def month_at(words: Text, i: int) -> int | None:
    """The month named at word `i`; ``may`` before a verb is none."""
    text = known(text_at(words, i))
    if text not in MONTHS:
        return None
    if text == "may" and text_at(words, i + 1) in MAY_IS_A_VERB_BEFORE:
        return None
    return MONTHS[text]
