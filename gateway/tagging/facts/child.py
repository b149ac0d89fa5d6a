"""Which child a fact is about: by name, nickname, initial or pronoun, or because the words before were about that child.

One child named in a passage is the answer; two are none. Without a name an only child is meant. "Both", "the kids" are
nobody. "He" or "she" is the child last named that can be meant; what is he or she is known from the settings or
learnt from sentences that name one child. A passage that names nobody goes on about the child of the fact before it
when it stands on the same line and is about the same kind of thing.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from gateway.tagging.facts.child_forms import CAPITAL, forms_of, given_name, usual_pronoun
from gateway.tagging.facts.child_words import (
    BAGS,
    CARRIED,
    DEMOTING,
    GROUP,
    HE,
    LETTERED,
    MANY,
    NEVER_NEAR,
    NOT_FROM_THREAD,
    OF_A_CHILD,
    OVER_A_LINE,
    OWN,
    SAME_COST,
    SHE,
    SHORT_IN_S,
    SITTERS,
    SOME,
    STAYS_UNCARRIED,
    THEM,
    TOLD,
)
from gateway.tagging.facts.nicknames import NEVER_A_NAME
from gateway.tagging.facts.spelling import Speller
from gateway.tagging.facts.words import Text, Word, ends_sentence, text_at

THREAD = "thread"
"""The topic of what was said before the message."""
SHORTEST_NEAR = 4
"""Letters of the shortest name that is known with a wrong letter."""
USUAL = 2
"""For how many sentences of a message the usual gender of a name counts."""


@dataclass(frozen=True, slots=True)
class Child:
    """A child of the family: the name that facts give, what else the child is called, and the pronoun if known."""

    name: str
    nicknames: tuple[str, ...] = ()
    pronouns: Literal["she", "he"] | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """Word `index` of a message names child number `child`."""

    index: int
    child: int


@dataclass(frozen=True, slots=True)
class Roster:
    """Where a message names which child, and which pronoun belongs to whom as far as is known."""

    children: tuple[Child, ...]
    named: tuple[Named, ...]
    pronouns: tuple[str | None, ...]


def roster_of(words: Text, children: Sequence[Child]) -> Roster:
    """Find every naming of a child in a message. Linear in its length."""
    forms = forms_of([(c.name, c.nicknames) for c in children])
    speller = Speller([name for c in children if len(name := given_name(c.name)) >= SHORTEST_NEAR])
    named = []
    for i, word in enumerate(words):
        child = _child_at(words, i, word, forms, speller)
        if child is not None:
            named.append(Named(i, child))
    pronouns = _pronouns(words, named, children)
    return Roster(tuple(children), tuple(named), pronouns)


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
    if topic == "documents" and len(roster.children) > 1 and not pronoun and all(_is_keeper(words, n.index) for n in named):
        inside = set()
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
            after in ("our", "of", "parents", "ways", "your") and (after != "of" or text_at(words, k + 2) in ("us", "our"))
        )
    return True


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
        able = [n for n, p in enumerate(roster.pronouns) if p == pronoun]
        return able[0] if len(able) == 1 else None
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


def _child_at(words: Text, i: int, word: Word, forms: dict[str, int], speller: Speller) -> int | None:
    if word.is_number or not word.text[0].isalpha():
        return None
    text = word.text.removesuffix("'s").removesuffix("'")
    owned = text.endswith("s") and (len(text) > 3 or (len(text) == 3 and text not in SHORT_IN_S))
    bases = (text, text[:-1]) if owned else (text,)
    for base in bases:
        child = forms.get(base)
        if child is None and word.capital:
            child = forms.get(CAPITAL + base)
        if child is None or (text in NEVER_NEAR and text not in forms and base == text and not word.capital):
            continue
        if len(base) == 1:
            return child if _is_initial(words, i) else None
        if base in NEVER_A_NAME and not word.capital:
            continue
        return child
    first_in_sentence = i == 0 or ends_sentence(words, i - 1)
    if (
        len(text) < 4
        or text in NEVER_NEAR
        or not (word.capital or len(text) >= 6)
        or (first_in_sentence and len(text) < 6)
    ):
        return None
    for base in bases:
        near = speller.find(base) if len(base) >= 4 else None
        if near is not None and near[0] == base[0]:
            return forms.get(near)
    return None


def _is_initial(words: Text, i: int) -> bool:
    """Whether the one letter at `i` names a child (``pick up N at 5``); not ``building B``, ``hep B``."""
    before = text_at(words, i - 1)
    little = before in ("little", "lil", "baby", "miss", "mr")
    if words[i].text[0] in "ia" or text_at(words, i + 1) in (".", "&"):
        return False
    if words[i].glued and before.isalnum():
        return False
    return (words[i].capital or little) and before not in LETTERED


def _pronouns(words: Text, named: list[Named], children: Sequence[Child]) -> tuple[str | None, ...]:
    """For each child "he" or "she": from the settings, else from sentences that name that child only."""
    votes = [{"he": 0, "she": 0} for _ in children]
    sentence_of, sentence = [], 0
    for i in range(len(words)):
        sentence_of.append(sentence)
        sentence += ends_sentence(words, i)
    in_sentence: dict[int, set[int]] = {}
    for n in named:
        in_sentence.setdefault(sentence_of[n.index], set()).add(n.child)
    for i, word in enumerate(words):
        said = "he" if word.text in HE else "she" if word.text in SHE else ""
        who = in_sentence.get(sentence_of[i], set()) if said else set()
        if len(who) == 1:
            votes[next(iter(who))][said] += 1
    out: list[str | None] = []
    for child, vote in zip(children, votes, strict=True):
        usual = usual_pronoun(child.name)
        if usual:
            vote[usual] += USUAL
        learnt = max(vote, key=lambda k: vote[k]) if vote["he"] != vote["she"] else None
        out.append(child.pronouns or learnt)
    return tuple(out)
