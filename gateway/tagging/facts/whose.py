"""Which child a fact is about: by name, nickname, initial or pronoun, or because the words before were about that child.

One child named in a passage is the answer; two are none. Without a name an only child is meant, but not in the
grown-ups' own business ("running late", a hearing). "Both", "the kids" are nobody. "He" or "she" is the child last
named that can be meant. A passage that names nobody goes on about the child of the fact before it when it stands on
the same line and is about the same kind of thing, or about the one child that the messages before spoke of.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from gateway.tagging.facts.child import Named, Roster
from gateway.tagging.facts.child_words import (
    BAGS,
    CARRIED,
    DEMOTING,
    GROUP,
    HE,
    MANY,
    NOT_FROM_THREAD,
    OF_A_CHILD,
    OVER_A_LINE,
    OWN,
    SAME_COST,
    SHE,
    SITTERS,
    SOME,
    STAYS_UNCARRIED,
    THEM,
    TOLD,
)
from gateway.tagging.facts.words import Text, text_at

RULED_OUT_AFTER = frozenset({"", ",", ".", "(", "\n", "-"})
THREAD = "thread"
"""The topic of what was said before the message."""


@dataclass(frozen=True, slots=True)
class Carry:
    """The fact before: its child, its topic and where it ended."""

    child: int | None
    topic: str
    last: int


def read_child(words: Text, first: int, last: int, roster: Roster, topic: str, before: Carry | None) -> int | None:
    """The number of the child that words ``first`` up to ``last`` are about; `before` is the fact before this one."""
    named = _between(roster.named, first, last)
    texts = [w.text for w in words[first:last]]
    if topic == "childcare":
        texts = [w.text for k, w in enumerate(words[first:last], first) if not _is_sitter(words, k)]
    groups = [k for k in range(first, last) if _is_group(words, k)]
    if topic in MANY and groups and not named and len(roster.children) > 1:
        return None
    he, she = any(t in HE for t in texts), any(t in SHE for t in texts)
    pronoun = "" if he == she else "he" if he else "she"
    inside = {n.child for n in named}
    if (
        topic == "documents"
        and len(roster.children) > 1
        and not pronoun
        and all(_is_keeper(words, n.index) for n in named)
    ):
        inside = set()
    if len(inside) == 1 and len(roster.children) == 2 and all(_is_ruled_out(words, n.index) for n in named):
        return 1 - inside.pop()
    if inside:
        if groups and groups[0] < named[0].index:
            return None
        return (
            inside.pop()
            if len(inside) == 1 and not _is_beside(words, named, roster, pronoun)
            else (_of_several(words, named, first, roster, pronoun))
        )
    if len(roster.children) == 1:
        told = he or she or topic not in OWN or any(t in OF_A_CHILD for t in texts)
        return 0 if told else None
    if pronoun and topic == "legal":
        return None  # "her office" is the mediator's
    if pronoun:
        return _by_pronoun(roster, pronoun, first, before)
    if (he and she) or groups:
        return None
    return _carried(words, first, last, topic, before)


def _is_sitter(words: Text, k: int) -> bool:
    """``she has him till 5``, ``tell her by Sunday``: the one who minds the children."""
    return words[k].text in SITTERS or (words[k].text in ("her", "him") and text_at(words, k - 1) in TOLD)


def _is_beside(words: Text, named: tuple[Named, ...], roster: Roster, pronoun: str) -> bool:
    """Whether the only child named is beside the point: ``her knee cap is in Adam's bag``."""
    if not pronoun or len(roster.children) == 1 or not all(_is_demoted(words, n.index) for n in named):
        return False
    return roster.pronouns[named[0].child] not in (None, pronoun)


def _is_group(words: Text, k: int) -> bool:
    """Whether the word at `k` means the children: not the grown-ups (``both of us``), not a count (``three videos``)."""
    after, before = text_at(words, k + 1), text_at(words, k - 1)
    if words[k].text in SOME and after == "of" and text_at(words, k + 2) in ("them", "em", "'em"):
        return True
    if words[k].text not in GROUP:
        return False
    if words[k].text == "three":
        return before in ("all", "the", "those", "our", "you") and not after.isalpha() or after in ("of", "kids")
    if words[k].text == "both":
        return before not in ("we", "us", "you", "u") and not (
            after in ("our", "of", "parents", "ways", "your")
            and (after != "of" or text_at(words, k + 2) in ("us", "our"))
        )
    return True


def _is_ruled_out(words: Text, k: int) -> bool:
    """Whether the child named at `k` is the one who is not meant: ``the small one, not Emma``."""
    return (
        text_at(words, k - 1) == "not"
        and text_at(words, k - 2)[-1:] in RULED_OUT_AFTER
        and not text_at(words, k + 1).isalpha()
    )


def _is_keeper(words: Text, k: int) -> bool:
    """Whether the child named at `k` only owns what a paper lies in: ``the form is in Rory's bag``."""
    return text_at(words, k - 1) == "in" and any(text_at(words, m) in BAGS for m in range(k + 1, k + 4))


def _is_demoted(words: Text, k: int) -> bool:
    return text_at(words, k - 1) in DEMOTING


def _of_several(words: Text, named: tuple[Named, ...], first: int, roster: Roster, pronoun: str) -> int | None:
    """Of several children named the one that the others only stand beside; else nobody."""
    leading = {n.child for n in named if not _is_demoted(words, n.index)}
    if len(leading) == 1:
        return leading.pop()
    if not leading and pronoun:
        for known in ((pronoun,), (None, pronoun)):
            able = [n for n, p in enumerate(roster.pronouns) if p in known]
            if len(able) == 1:
                return able[0]
    return None


def _by_pronoun(roster: Roster, pronoun: str, first: int, before: Carry | None) -> int | None:
    """The child that "he" or "she" means at word `first`: the only one it can be, else the last spoken of."""
    able = [n for n, p in enumerate(roster.pronouns) if p in (None, pronoun)]
    if len(able) == 1:
        return able[0]
    if not able:  # a name is usually a girl's, but not this one
        able = [n for n, c in enumerate(roster.children) if c.pronouns is None]
    sure = [n for n in able if roster.pronouns[n] == pronoun]
    if len(sure) == 1 and len(able) == len(sure):
        return sure[0]
    end = bisect_left(roster.named, first, key=lambda n: n.index)
    for named in reversed(roster.named[max(0, end - 8) : end]):
        if named.child in able:
            if before is not None and before.child in able and named.index < before.last:
                return before.child
            return named.child
    return sure[0] if len(sure) == 1 else None


def _carried(words: Text, first: int, last: int, topic: str, before: Carry | None) -> int | None:
    """The child of the fact before, when this one plainly goes on about the same thing."""
    if before is None or before.child is None:
        return None
    if before.topic == THREAD:
        return before.child if topic not in NOT_FROM_THREAD else None
    if topic in STAYS_UNCARRIED:
        return None
    gap = [w.text for w in words[before.last : first]]
    if gap.count("\n") > (topic == before.topic and topic in OVER_A_LINE):
        return None
    if topic == "expense":
        return before.child if any(w.text in SAME_COST for w in words[first : min(last, first + 5)]) else None
    texts = [w.text for w in words[first:last]]
    if topic != before.topic and any(t in THEM for t in texts):
        return None
    return before.child if topic == before.topic or topic in CARRIED else None


def _between(named: tuple[Named, ...], first: int, last: int) -> tuple[Named, ...]:
    low = bisect_left(named, first, key=lambda n: n.index)
    return named[low : bisect_left(named, last, key=lambda n: n.index)]
