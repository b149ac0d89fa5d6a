"""Names of files: which may be shown, and under which a file is handed out. Pure.

A name is the sender's words, and a place to hide them: "you are pathetic.pdf". It is shown only when it is made of plain
signs, reads as nothing but facts about the children to the tagger and the rules, alone and together with its neighbours,
and has more than one word, none of them of someone speaking. Every other file goes by what it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Final

from gateway.attachments.kinds import ending_of

LONGEST: Final = 60
_SPOKEN: Final = frozenset(
    """
    i me my mine myself we us our ours you ya u ur your yours yourself she her hers he him his they them their theirs it
    as than like because since so why how what who never always again still not no
    """.split()
)
"""Words of someone who speaks to someone; the name of a form or a letter has none of them."""
_SIGNS: Final = frozenset(" -_.,()&+'")
_WORD_BREAK: Final = re.compile(r"[-_.,()&+]+|(?<=[a-z])(?=[A-Z])|(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")


def shown(names: Sequence[str], is_plain: Callable[[str], bool]) -> tuple[str, ...]:
    """The names that may stand on a card, without their endings; "" for those that may not.

    `is_plain` says whether words are nothing but facts about the children.
    """
    stems = [stem_of(name) for name in names]
    good = [stem if _is_safe(stem) and is_plain(words_of(stem)) else "" for stem in stems]
    kept = [words_of(stem) for stem in good if stem]
    if len(kept) > 1 and not is_plain(". ".join(kept)):
        return ("",) * len(stems)
    return tuple(good)


def stem_of(name: str) -> str:
    """The name without its ending and outer blanks."""
    ending = ending_of(name)
    stem = name.rstrip(". \u00a0")
    return " ".join((stem[: -len(ending) - 1] if ending else stem).split())


def words_of(stem: str) -> str:
    """The words in a name, as a tagger reads them: ``EmmaSchool_letter-Nov`` is four words."""
    return " ".join(_WORD_BREAK.sub(" ", stem).split())


def download_name(shown_name: str, words: str, ending: str) -> str:
    """A name in ASCII for Content-Disposition: the shown one, or what the file is; the ending is ours."""
    flat = unicodedata.normalize("NFKD", shown_name).encode("ascii", "ignore").decode()
    safe = re.sub(r"[^A-Za-z0-9]+", "-", flat).strip("-") or re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")
    return f"{safe[:LONGEST]}.{ending}"


def _is_safe(stem: str) -> bool:
    words = words_of(stem).lower().replace("'", " ").split()
    if not 0 < len(stem) <= LONGEST or len(words) < 2 or not _SPOKEN.isdisjoint(words):
        return False
    return all(_is_letter(c) or c in _SIGNS or c in "0123456789" for c in unicodedata.normalize("NFC", stem))


def _is_letter(c: str) -> bool:
    """Latin letters alone: others can look like them, or turn the direction of writing."""
    return c.isalpha() and unicodedata.name(c, "").startswith("LATIN ") and c < "\u0250"
