"""Money: the sum that a fact names.

A figure is money when a sign or word of currency stands at it. In a passage about an expense a bare figure counts too,
where nothing says that it is a date, a time, a count or a label. The first sum of the passage is the answer, unless a
later one is what the reader is asked for: "boots were £58, so £29 from you" asks for 29.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from gateway.tagging.facts.money_words import (
    ABOUT_MONEY,
    AFTER,
    BEFORE,
    CALLS,
    CURRENCIES,
    FROM,
    MULTIPLES,
    NOTES,
    ONE_OF,
    OWES,
    SHARES,
    SIGNS,
    SLANG,
    STOPS,
    STRONG_CALLS,
    YOU,
    YOUR,
)
from gateway.tagging.facts.number_signs import LABELS, UNITS
from gateway.tagging.facts.sums import figure_at, spelled_at
from gateway.tagging.facts.words import Text, text_at

SMALLEST_BARE = 10
"""A bare figure that no word calls a sum counts from here on."""
NO_LABELS = frozenset("just only other another count".split())
MAY_FOLLOW = frozenset("each of up more extra p per".split())


@dataclass(frozen=True, slots=True)
class Sum:
    """An amount of money in words ``first`` up to ``last``; `currency` is ISO 4217, empty when the sign leaves it open."""

    first: int
    last: int
    amount: float
    currency: str = ""


def read_money(words: Text, first: int, last: int, topic: str, is_taken: Callable[[int], bool]) -> Sum | None:
    """The sum in words ``first`` up to ``last``. `is_taken` tells whether a word belongs to a day or time."""
    whole = _first_sum(words, first, last, topic, is_taken)
    if whole is None or is_share(words, whole, last):
        return whole
    return _share(words, whole, last, is_taken) or whole


def _share(words: Text, whole: Sum, last: int, is_taken: Callable[[int], bool]) -> Sum | None:
    """The reader's share behind a sum: called so, or half of a sum before it."""
    before, total = [whole.amount], whole.amount
    k = whole.last
    while k < last:
        found = None if is_taken(k) else _marked(words, k) or _plain(words, k) or _told(words, k)
        if found is None:
            k += 1
            continue
        if is_share(words, found, last) or any(abs(2 * found.amount - b) < 0.02 for b in (total, *before[-6:])):
            return found
        total += found.amount
        before.append(found.amount)
        k = found.last
    return None


def _told(words: Text, k: int) -> Sum | None:
    """A sum in words that may be a share: ``nineteen from you``, ``fifty five each``, ``you could do ninety``."""
    figure = spelled_at(words, k)
    if figure is None or figure[0] < 5 or not _is_free(words, figure[1]):
        return None
    return Sum(k, figure[1], figure[0])


def _plain(words: Text, k: int) -> Sum | None:
    """A figure without a sign that may be a share: no time, no date, no count of something."""
    figure = figure_at(words, k, spaced=False)
    if figure is None or "/" in words[k].text or ":" in words[k].text or words[k].glued:
        return None
    after = text_at(words, figure[1])
    if after in ("%", "°", "x", "/", "-") or (after in UNITS and after not in MAY_FOLLOW):
        return None
    return Sum(k, figure[1], figure[0])


def is_share(words: Text, found: Sum, last: int) -> bool:
    """Whether the words around a sum call it what the reader owes: "your half is 29", "29 from you", "29 each"."""
    before = [text_at(words, k) for k in range(max(0, found.first - 4), found.first)]
    while before and (stop := next((i for i, w in enumerate(before) if w in STOPS), None)) is not None:
        before = before[stop + 1 :]
    after = [text_at(words, k) for k in range(found.last, min(found.last + 2, last))]
    if after[:1] == ["each"] or (len(after) == 2 and after[0] in FROM and after[1] in YOU):
        return True
    if after in (["to", "me"], ["for", "you"], ["your", "side"], ["ur", "side"]):
        return True
    if after[:1] in (["you"], ["u"]) and (
        len(after) == 1 or after[1].isdigit() or after[1] in ("me", ",", ".", "!", "and", "i")
    ):
        return True
    if [text_at(words, k) for k in range(found.last, found.last + 4)][:4] in (
        ["for", "each", "of", "us"],
        ["from", "each", "of", "us"],
    ):
        return True
    if after[:1] == ["is"] and (after[1:] in (["you"], ["u"], ["yours"], ["urs"])):
        return True
    if before[-1:] and before[-1] in YOUR and found.amount >= 5:
        return True
    if _is_asked_for(words, found):
        return True
    yours = any(w in YOUR for w in before)
    if any(w in SHARES for w in before) and (yours or before[-1:] == ["is"] or before[-1] in SHARES):
        return True
    owes = any(a in YOU and b in OWES for a, b in pairwise(before))
    return owes or any(a in ("send", "owe", "give", "pay") and b in ("me", "us") for a, b in pairwise(before))


def _is_asked_for(words: Text, found: Sum) -> bool:
    """``kindly clear the 8,400``, ``put in the 25``, ``that leaves you $344``, ``if you can do R650``."""
    said = [text_at(words, k) for k in range(max(0, found.first - 4), found.first)]
    while said and said[-1] in ("the", "my", "just", "only"):
        said.pop()
    if not said:
        return False
    if said[-1] in YOU and len(said) > 1 and said[-2] in ("leaves", "makes", "costs"):
        return True
    if (
        said[-1] in ("do", "pay", "cover", "manage", "put")
        and any(w in YOU for w in said[-3:-1])
        and "if" not in said[:1]
    ):
        return True
    return (
        len(said) > 1 and (said[-1] == "clear" or said[-2:] == ["put", "in"]) and not set(said) & {"i", "i'll", "will"}
    )


def _first_sum(words: Text, first: int, last: int, topic: str, is_taken: Callable[[int], bool]) -> Sum | None:
    expense = topic == "expense"
    about_money = expense or any(words[k].text in ABOUT_MONEY for k in range(first, last))
    for k in range(first, last):
        found = _marked(words, k) or (_thousands(words, k, about_money) if not is_taken(k) else None)
        if found is None and about_money and not is_taken(k):
            found = _bare(words, k, first, last, expense)
            if found and not (expense or text_at(words, k - 1) in STRONG_CALLS):
                found = None
            if found and not _may_stand_before(words, found):
                found = next((s for m in range(found.last, last) if (s := _marked(words, m))), found)
        if found:
            return found
    return None


def _may_stand_before(words: Text, found: Sum) -> bool:
    """Whether a bare figure is surely a sum although sums with a sign may follow: in a list of sums, called a cost."""
    before, after = text_at(words, found.first - 1), text_at(words, found.last)
    if after in (",", "and", "so", "&", "\n") or before in STRONG_CALLS:
        return True
    return found.amount >= 2 * SMALLEST_BARE and before.isalpha() and after.isalpha()


def _marked(words: Text, i: int) -> Sum | None:
    """``$42.50``, ``Rs 2,250``, ``R1 200``, ``60 bucks``, ``1.250,00 €``, ``a tenner``, ``forty dollars``."""
    text = words[i].text
    if text in SIGNS or (text in BEFORE and (text != "r" or (i + 1 < len(words) and words[i + 1].glued))):
        j = i + 1 + (text == "rs" and text_at(words, i + 1) == ".")
        figure = figure_at(words, j, spaced=True)
        return Sum(i, figure[1], figure[0], SIGNS.get(text) or CURRENCIES.get(text, "")) if figure else None
    if text == "half" and text_at(words, i + 1) == "of":
        j = i + 2 + (text_at(words, i + 2) == "the")
        figure = figure_at(words, j, spaced=False)
        return (
            Sum(i, figure[1], figure[0])
            if figure and figure[0] >= SMALLEST_BARE and _is_free(words, figure[1])
            else None
        )
    if text in SLANG:
        return Sum(i, i + 1, float(SLANG[text]))
    if text == "a" and text_at(words, i + 1) in ONE_OF:
        return Sum(i, i + 2, 1.0, CURRENCIES.get(text_at(words, i + 1), ""))
    figure = figure_at(words, i, spaced=False) or spelled_at(words, i)
    if figure is None:
        return None
    value, j = figure
    after = text_at(words, j)
    if after in AFTER:
        pence = text_at(words, j + 1)
        if pence.isdigit() and len(pence) == 2 and value == int(value):
            return Sum(i, j + 2, value + int(pence) / 100, CURRENCIES.get(after, ""))
        return Sum(i, j + 1, value, CURRENCIES.get(after, ""))
    if after in SIGNS and not (text_at(words, j + 1).isdigit() and not words[j].glued):
        return Sum(i, j + 1, value, SIGNS[after])
    if after == "/" and text_at(words, j + 1) == "-" and words[i].is_number:
        return Sum(i, j + 2, value, "INR")
    return Sum(i, j + 1, value * MULTIPLES[after]) if after in MULTIPLES else None


def _is_free(words: Text, k: int) -> bool:
    """Whether the word at `k` lets the figure before it be a sum."""
    return text_at(words, k) not in UNITS or text_at(words, k) in MAY_FOLLOW


def _thousands(words: Text, k: int, about_money: bool) -> Sum | None:
    """``2k``, ``7k`` where the words speak of money or of what somebody wants."""
    figure = figure_at(words, k, spaced=False)
    if figure is None or figure[1] != k + 2 or text_at(words, k + 2) in ("run", "race", "walk", "swim", "steps"):
        return None
    called = text_at(words, k - 1) in CALLS | {",", ":"}
    return Sum(k, figure[1], figure[0]) if about_money or called else None


def _bare(words: Text, k: int, first: int, last: int, expense: bool) -> Sum | None:
    """A figure without currency in a passage about money."""
    figure = figure_at(words, k, spaced=False) or spelled_at(words, k)
    if figure is None or "/" in words[k].text or ":" in words[k].text:
        return None
    value, j = figure
    before, after = text_at(words, k - 1) if k > first else "", text_at(words, j) if j < last else ""
    if before in LABELS - NO_LABELS or before in ("#", "/", "-", "–", "x", "+"):
        return None
    if before == "." and words[k].glued:
        return None
    if (after in UNITS and after not in MAY_FOLLOW) or after in ("%", "°", "x", ")", "/", "-"):
        return None
    if words[k].glued or (j < len(words) and words[j].glued and after.isalpha()):
        return None
    if words[k].is_number and len(words[k].text) == 4 and words[k].text[:2] == "20" and "." not in words[k].text:
        return None
    if not words[k].is_number:
        said = Sum(k, j, value)
        note = before == "a" and words[k].text in NOTES
        meant = note or (expense and (before in CALLS - {"a"} or is_share(words, said, last)))
        return said if value >= SMALLEST_BARE and meant else None
    decimals = "." in words[k].text and len(words[k].text) - words[k].text.rfind(".") == 3
    called = before in CALLS and (value >= 5 or decimals or before in STRONG_CALLS)
    return Sum(k, j, value) if called or decimals or (expense and value >= SMALLEST_BARE) else None
