"""Words that must not be cut from a fact, because the fact would say something else without them.

Each guard looks at the words at the edge of a run of fact words, within the same clause, and widens the run:

* *negation*: "not", "never", "can't" just before a fact word, or one word off ("don't really bring him");
* *condition*: a clause that begins with "if", "unless", "until" or "only" beside a fact, unless the network is sure
  that it is not about the children ("if you can be bothered");
* *figures*: a number, time, weekday, date or amount beside a fact word;
* *loose ends*: what a preposition, an article or a "not" at the end of a fact leads to ("at | the gym").

Danger is never widened into a fact.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gateway.tagging.tables import word_set

FACT, WITHHOLD, DANGER, NEUTRAL = range(4)
SURE, LIKELY = 0.97, 0.8
NEGATIONS = word_set(
    """
    ain't aint aren't arent can't cannot cant couldn't couldnt didn't didnt doesn't doesnt don't dont hadn't
    hadnt hasn't hasnt haven't havent isn't isnt mustn't mustnt needn't neednt neither never no nobody none nor
    not shouldn't shouldnt wasn't wasnt weren't werent without won't wont wouldn't wouldnt
    """
)
CONDITIONS = word_set(
    """
    except if only provided till unless until
    """
)
PREPOSITIONS = word_set(
    """
    a about after an around at before by for from her his in my of on our the their till to until with your
    """
)
_FIGURE = re.compile(
    r"(?i)\d[\d.,:/]{0,12}(?:am|pm|st|nd|rd|th|hrs?|mins?|k|ml|mg|h)?|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?s?"
    r"|jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
    r"|noon|midnight|tomorrow|tmrw|tonight|today|am|pm|half|quid|bucks|dollars|pounds|euros"
)


CONDITION_DOUBT = 0.3
"""Least fact mass at which a condition beside a fact stays with it."""


def mend(
    text: str,
    places: Sequence[tuple[int, int]],
    kinds: Sequence[int],
    mass: NDArray[np.float64],
    edges: NDArray[np.bool_],
) -> list[int]:
    """Widen runs of facts where a guard says so. `mass`: (n, 4) per word; `edges`: whether a clause begins there."""
    words = [text[a:b].lower().replace("’", "'") for a, b in places]
    row = list(kinds)
    for i in range(len(row)):
        if row[i] == FACT and i and not edges[i]:
            _leftwards(i, words, row, mass, edges)
    for i in range(len(row) - 1):
        if row[i] == FACT and row[i + 1] in (WITHHOLD, NEUTRAL) and not edges[i + 1]:
            _rightwards(i, words, row, mass)
    _conditions(words, row, mass, edges)
    return row


def _leftwards(
    i: int, words: Sequence[str], row: list[int], mass: NDArray[np.float64], edges: NDArray[np.bool_]
) -> None:
    """The words before a fact word in its clause: a negation one or two off, a figure beside it."""
    for j in (i - 1, i - 2):
        if j < 0 or row[j] in (FACT, DANGER):
            break
        if words[j] in NEGATIONS and mass[j, WITHHOLD] < SURE:
            row[j:i] = [FACT] * (i - j)
            return
        if edges[j]:
            break
    j = i - 1
    if row[j] in (WITHHOLD, NEUTRAL) and _FIGURE.fullmatch(words[j]) and mass[j, WITHHOLD] < LIKELY:
        row[j] = FACT


def _rightwards(i: int, words: Sequence[str], row: list[int], mass: NDArray[np.float64]) -> None:
    """The word behind a fact word in its clause: a figure, or what a preposition or article leads to."""
    j = i + 1
    loose = words[i] in PREPOSITIONS or words[i] in NEGATIONS
    if (_FIGURE.fullmatch(words[j]) or loose) and mass[j, WITHHOLD] < LIKELY:
        row[j] = FACT


def _conditions(words: Sequence[str], row: list[int], mass: NDArray[np.float64], edges: NDArray[np.bool_]) -> None:
    """Clauses, or parts of one, that begin with a condition and stand beside a fact."""
    begins = [0, *(i for i in range(1, len(row)) if edges[i] or row[i] != row[i - 1]), len(row)]
    for first, last in pairwise(begins):
        if words[first] not in CONDITIONS or row[first] not in (WITHHOLD, NEUTRAL):
            continue
        beside = (first > 0 and row[first - 1] == FACT) or (last < len(row) and row[last] == FACT)
        if beside and DANGER not in row[first:last] and float(mass[first:last, FACT].mean()) >= CONDITION_DOUBT:
            row[first:last] = [FACT] * (last - first)
