"""How children are called: names, short forms, initials, and the pronoun that a given name usually goes with."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.tagging.facts.child_words import COMMON
from gateway.tagging.facts.given_names import BOYS, BOYS_IN_A, GIRLS, GIRLS_IN_O
from gateway.tagging.facts.nicknames import NICKNAMES
from gateway.tagging.facts.words import fold

SHORTEST_TAIL = 5
"""Letters of the shortest name that is called without its first vowel (``mari`` for amari)."""
LONG = 6
"""Letters of the shortest name that is called by its end."""
WORDS_AT_THE_END = frozenset(
    "cola pita nasa telly belly handy nasty lorry reddy ready welly hula soda sofa coma data".split()
)
"""Ends of names that are words as well."""
TWO_LETTER_WORDS = frozenset(
    "no so be me he to do go we my by in on an at as is it of or us up am if ok hi oh ha ma pa la ya yo ur im id ad al em "
    "el de da en es un le il st nd rd th pm tv pe dr mr ms pu re ex ah aw eh um uh yr hr mo wk ft cm mm kg ml mg lb oz".split()
)
PET_ENDINGS = ("y", "ie", "i", "ey")
DOUBLED = frozenset("bdjkptvz")
"""Initials that are doubled into a name (``jj``) and are no unit or word then."""
CAPITAL = "^"
"""Before a form that counts only with a capital (``Cat``, ``Will``)."""
NO_PETS = COMMON | frozenset(
    "mama papa dada nana baba haha hehe hoho bye lala you thou menu flu thru biz fez ones ages does goes shoes tu emu gnu ecu lieu".split()
)
"""Words that the pet forms of some name would be."""


def given_name(name: str) -> str:
    """The first of a child's names, folded."""
    return (fold(name).split() or [""])[0]


def forms_of(children: Sequence[tuple[str, Sequence[str]]]) -> dict[str, int]:
    """Every folded way to name one of `children` (name, nicknames) -> its number; what could mean two is left out."""
    claims: dict[str, set[int]] = {}
    firm: dict[str, int] = {}
    for n, (name, nicknames) in enumerate(children):
        given = given_name(name)
        for sure in (given, *(fold(x) for x in nicknames)):
            if sure:
                firm.setdefault(sure, n)
        for short in _short_forms(given) | _initials(name):
            claims.setdefault(short, set()).add(n)
    soft = {form: next(iter(numbers)) for form, numbers in claims.items() if len(numbers) == 1}
    return soft | firm


def _initials(name: str) -> set[str]:
    """``py`` for Papa Yaw, ``lm`` for Lola-Mae; not where they are a word."""
    parts = [p for p in fold(name).replace("-", " ").split() if p[0].isalpha()]
    return {"".join(p[0] for p in parts)} - TWO_LETTER_WORDS if len(parts) == 2 else set()


def _short_forms(given: str) -> set[str]:
    """``gabi``, ``gabby``, ``g`` for gabriela; ``nicky`` for nico; ``fofo`` for fola; and the table of nicknames."""
    if not given:
        return set()
    beginnings = {given[:size] for size in range(3, len(given))} | ({given[:2]} - TWO_LETTER_WORDS)
    tail = {given[1:]} if given[0] in "aeiou" and len(given) >= SHORTEST_TAIL else set()
    tail |= _endings(given)
    doubled = given[:3] + ("k" if given[2:3] == "c" else given[2:3]) + "y"
    pets = {begin + ending for begin in beginnings for ending in PET_ENDINGS}
    known = NICKNAMES.get(given, frozenset())
    pets |= {short.rstrip("yie") + "s" for short in known if short.endswith(("y", "ie")) and len(short) > 4}
    pets |= {given[:2] + given[1] + ending for ending in PET_ENDINGS} if given[0] in "aeio" and given[1:2] else set()
    pets |= {given[:3] + "es", given[:2] + "z"} | {begin + "u" for begin in beginnings if begin[-1] not in "aeiou"}
    pets |= {given[0] * 2} if given[0] in DOUBLED else set()
    return {given[0], doubled, given[:2] * 2, given[:3] * 2, *beginnings, *pets, *tail, *known} - NO_PETS | {
        CAPITAL + k for k in known & COMMON
    }


def _endings(given: str) -> set[str]:
    """``momi`` for leimomi, ``minty`` for araminta: a long name called by its end, from a consonant on."""
    begins = [k for k in range(1, len(given) - 3) if given[k] not in "aeiou"]
    whole = {given[k:] for k in begins if len(given) >= LONG and given[-1] in "aio"}
    in_y = {given[k : k + 4] + "y" for k in begins if len(given) > LONG and given[k + 3] not in "aeiou"}
    return (whole | in_y) - WORDS_AT_THE_END


def usual_pronoun(name: str) -> str | None:
    """The pronoun that most bearers of a given name have: by a short list, else by the endings -a and -o."""
    given = given_name(name).split("-")[0]
    if given in GIRLS or given in GIRLS_IN_O:
        return "she"
    if given in BOYS or given in BOYS_IN_A:
        return "he"
    return {"a": "she", "o": "he"}.get(given[-1:])
