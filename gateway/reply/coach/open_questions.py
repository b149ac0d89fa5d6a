"""Which questions of a message a draft leaves open. Pure; words alone, so doubt says that a question is answered.

A question is answered by a word that it shares with the draft, by a yes or no where it wants one, or by a number, hour or day
where it asks when or how much. Each yes and each number answers one question.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from gateway.reply.coach.reading import MAYBE, Theirs
from gateway.reply.coach.sentences import sentences

STEM = 4
_WHEN = re.compile(
    r"(?i)\b(?:when|what (?:time|day|date|dates|week|weekend)|which (?:day|date|week|weekend|half)|how (?:soon|late|long)|by when|what (?:is|are|was) (?:the|your|his|her|their|our) (?:\w+ )?(?:dates?|times?|days?|hours?|schedule|plans?))\b"
)
_MUCH = re.compile(
    r"(?i)\b(?:how (?:much|many|old|tall|often|high)|what (?:size|dose|number|age|price|grade)|which (?:size|dose|number))\b"
)
_YES_OR_NO = re.compile(
    r"(?i)^\W*(?:(?:and|so|but|also|ok|okay|or|please|then)\W+)*(?:can|could|will|would|do|does|did|is|are|was|were|have|has|had|should|may|shall)\b"
)
_ANSWERED = re.compile(
    r"(?i)\b(?:yes|yep|yeah|no|nope|not|ok|okay|sure|fine|agreed?|works|confirmed?|can.?t|cannot|won.?t|doesn.?t|isn.?t|will do|"
    r"of course|happy to|done|already)\b"
)
_EXACT = re.compile(
    r"(?i)\d+(?:[:.]\d+)?|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day|\b(?:today|tonight|tomorrow|noon|midnight|one|two|three|four|five|six|"
    r"seven|eight|nine|ten|twice|once|half|none|all)\b"
)
_AND = re.compile(
    r"(?i)(?<=[\w,]) (?:and|also|plus|or) (?=(?:can|could|will|would|do|does|did|is|are|should|may|when|what|where|who|how|why|which)\b)"
)
_SIGN = "?"
_OPENS = re.compile(
    r"(?i)\W*(?:(?:and|so|but|also|ok|okay|or|plus)\W+)*(?:can|could|will|would|do|does|did|is|are|was|were|have|has|should|may|shall|"
    r"who|what|when|where|which|how|why)(?:.s)?\b"
)
"""How a question begins, with or without its sign."""
_WORD = re.compile(r"[^\W\d_]{3,}")
_COMMON = frozenset(
    "the and you your can could will would does did are was were have has had should for with from that this what when where "
    "which who why how much many also please need want take get give send bring back know tell about them they him her his "
    "she our not yet any some there then than just still today tomorrow monday tuesday wednesday thursday friday saturday sunday "
    "keep let pay put come going".split()
)


def asks_when(text: str) -> bool:
    """Whether a message asks for a day or an hour."""
    return any(_WHEN.search(text, *place) and _asks(text, place) for place in sentences(text))


def questions_of(theirs: Theirs) -> tuple[str, ...]:
    """Its questions that may be about the children, each as it stands there."""
    found = []
    for start, end in (part for place in sentences(theirs.text) for part in _parts(theirs.text, place)):
        inside = [s for s in theirs.tagging.text if s.start < end and s.end > start]
        if _asks(theirs.text, (start, end)) and any(s.kind == "F" and s.fact >= MAYBE for s in inside):
            found.append(theirs.text[start:end])
    return tuple(found)


def still_open(asked: Sequence[str], draft: str, names: frozenset[str]) -> tuple[str, ...]:
    """Those of `asked` that nothing in `draft` (in lower case) answers. `names`: the children's, which say nothing."""
    said = _stems(draft, names)
    shared = [bool(_stems(one, names) & said) for one in asked]
    rest = [one for one, known in zip(asked, shared, strict=True) if not known]
    parts = [draft[a:b] for a, b in sentences(draft)]
    mine = [
        p
        for p in parts
        if not any(_stems(p, names) & _stems(q, names) for q, k in zip(asked, shared, strict=True) if k)
    ]
    free = " ".join(mine)
    yes, exact = len(_ANSWERED.findall(free)), len(_EXACT.findall(free))
    out = []
    for one in rest:
        if _YES_OR_NO.search(one) and yes:
            yes -= 1
        elif (_WHEN.search(one) or _MUCH.search(one)) and exact:
            exact -= 1
        elif not (_YES_OR_NO.search(one) or _WHEN.search(one) or _MUCH.search(one)) and mine:
            mine = mine[1:]
        else:
            out.append(one)
    return tuple(out)


def _parts(text: str, place: tuple[int, int]) -> list[tuple[int, int]]:
    """A sentence with two questions in it, taken apart: ``When is it, and can I come?``"""
    cuts = [m.start() for m in _AND.finditer(text, *place)] if _asks(text, place) else []
    edges = [place[0], *cuts, place[1]]
    return list(pairwise(edges))


def _asks(text: str, place: tuple[int, int]) -> bool:
    return _SIGN in text[place[0] : place[1]][-4:] or _OPENS.match(text, *place) is not None


def _stems(text: str, names: frozenset[str]) -> frozenset[str]:
    """The first letters of its telling words."""
    words = [w.lower() for w in _WORD.findall(text)]
    return frozenset(w[:STEM] for w in words if w not in _COMMON and w not in names)
