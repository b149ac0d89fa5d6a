"""The children of a family, where a message names which of them, and which pronoun belongs to whom.

A child is named by the given name, a nickname, a short form or an initial, also with one letter wrong. What is "he" or
"she" is known from the settings, or learnt from sentences that name one child, or told by the given name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from gateway.tagging.facts.child_forms import CAPITAL, forms_of, given_name, usual_pronoun
from gateway.tagging.facts.child_words import (
    HE,
    LETTERED,
    NEVER_NEAR,
    SHE,
    SHORT_IN_S,
)
from gateway.tagging.facts.nicknames import NEVER_A_NAME
from gateway.tagging.facts.spelling import Speller
from gateway.tagging.facts.words import Text, Word, ends_sentence, text_at

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
