"""The message that goes to the other parent, made anew from words alone. Pure.

Nothing of the parent's own message but its newly written words is in it: no header, address, name of a device, markup,
picture, signature, quoted card, or part that another program put there. Characters that no reader sees are dropped, since
they may mark a copy (U+200B and its kin), and so are those that turn the direction of words.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from gateway.parsing.phrases import REPLY_PREFIXES

PLAIN_SUBJECT = "About the children"
_OURS = re.compile(
    r"\s*(?:\w{1,6}:\s*)*(?:Update, \d+ (?:item|document)|Please read now|Not sent yet|Held until the morning|Something was not sent)",
    re.IGNORECASE,
)
MOST_SUBJECT = 200
MOST_WORDS = 20_000
_BLANKS = re.compile(r"[ \t]+\n")
_KEPT_FORMAT = frozenset("\u200c\u200d")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What leaves. `subject` and `answers` (a Message-ID of the other side's own) are for email alone."""

    channel: str
    address: str
    text: str
    subject: str = ""
    answers: str | None = None


def clean(words: str) -> str:
    """The words without what no reader sees; joiners stay where emoji and scripts need them."""
    out = []
    for i, char in enumerate(words.replace("\r\n", "\n").replace("\r", "\n")):
        kind = unicodedata.category(char)
        if kind in ("Cf", "Co", "Cs", "Cn") and not (char in _KEPT_FORMAT and i and not words[i - 1].isascii()):
            continue
        if kind == "Cc" and char not in "\n\t":
            continue
        out.append(char)
    return _BLANKS.sub("\n", "".join(out)).strip()


def own_subject(subject: str | None) -> str:
    """The subject of a mail that answers none of theirs; empty where it is one of ours, which they must not learn."""
    return "" if _OURS.match(subject or "") else clean(subject or "")


def subject_of(theirs: str | None) -> str:
    """``Re:`` before the other side's own subject; where there is none, a plain one."""
    bare = " ".join(clean(theirs or "").split())[:MOST_SUBJECT]
    head = bare.partition(":")[0].strip().lower()
    if not bare:
        return PLAIN_SUBJECT
    return bare if head in REPLY_PREFIXES and ":" in bare else f"Re: {bare}"


def own_words_in(words: str, private: tuple[str, ...]) -> tuple[str, ...]:
    """The parent's own addresses and numbers that stand in the words: they would tell the other side what it must not know."""
    low, digits = words.lower(), "".join(c for c in words if c.isdigit())
    out = []
    for value in private:
        own = "".join(c for c in value if c.isdigit())
        if value.lower() in low or (value.startswith("+") and len(own) >= 8 and own[-9:] in digits):
            out.append(value)
    return tuple(out)
