"""The message that goes to the other parent, made anew from words alone. Pure.

Nothing of the parent's own message but its newly written words is in it: no header, address, name of a device, markup,
picture, signature, quoted card, or part that another program put there. Characters that no reader sees are dropped, since
they may mark a copy (U+200B and its kin), and so are those that turn the direction of words.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from gateway.conclusion import HEADINGS
from gateway.delivery.alarms import TEST_SUBJECT
from gateway.delivery.compose import (
    ANSWER,
    HOW_TO_ANSWER,
    MANY_ITEMS,
    ONE_DOCUMENT,
    ONE_ITEM,
    PARENT_LINE,
    READ_HERE,
    READ_THERE,
)
from gateway.delivery.destinations import SUBJECT as CONFIRM
from gateway.delivery.notices import OPEN
from gateway.language import LANGUAGES, SOURCE, speech
from gateway.parsing.phrases import FORWARD_PREFIXES, REPLY_PREFIXES
from gateway.policy import Lane
from gateway.reply.letters import SUBJECT_ASK, SUBJECT_HELD, SUBJECT_REFUSED

PLAIN_SUBJECT = "About the children"
_OURS = re.compile(
    r"\s*(?:\w{1,6}:\s*)*(?:Update, \d+ (?:item|document)|Please read now|Not sent yet|Held until the morning|Something was not sent"
    r"|Please confirm|Test, please answer|Checkpoint\b)",
    re.IGNORECASE,
)
MOST_SUBJECT = 200
MOST_WORDS = 20_000
_BLANKS = re.compile(r"[ \t]+\n")
_JOINERS = frozenset("\u200c\u200d")
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
"""Letters and marks that show nothing (Default_Ignorable_Code_Point of Unicode, and the empty Braille sign)."""
_KEYS = frozenset("0123456789#*")
_CARD = re.compile(
    r"(?im)^[> \t]*(?:(?:Urgent update|Update|Legal mail|Unsorted message) from .{1,200}|Updates, \w{3} \d.*|Open: +\S+|Answer: \w{4}"
    r"|A message from .{1,200} needs your attention|Open this update|You can answer this mail: .*|When you have read this, .*)[ \t]*$"
    r"|/(?:card|digest)/[\w-]{20,}"
)
"""Lines that only our own mails have. The link of a card opens it for whoever has it."""
LINES = (
    *(HEADINGS[lane] for lane in (Lane.FACTS, Lane.EMERGENCY, Lane.DANGER, Lane.LEGAL, Lane.UNSORTED)),
    *HOW_TO_ANSWER.values(), OPEN, ANSWER, READ_THERE, READ_HERE, "Open this update",
)  # fmt: skip
"""Of them, those whose words stand in the catalogue."""
SUBJECTS = (
    ONE_ITEM, MANY_ITEMS, ONE_DOCUMENT, PARENT_LINE, SUBJECT_ASK, SUBJECT_HELD, SUBJECT_REFUSED, CONFIRM, TEST_SUBJECT,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What leaves. `subject` and `answers` (a Message-ID of the other side's own) are for email alone."""

    channel: str
    address: str
    text: str
    subject: str = ""
    answers: str | None = None


def clean(words: str) -> str:
    """The words without what no reader sees; joiners and the signs that choose a form stay where emoji and scripts need them."""
    text = words.replace("\r\n", "\n").replace("\r", "\n")
    out: list[str] = []
    for place, char in enumerate(text):
        following = text[place + 1 : place + 2]
        if _is_seen(char, out[-1] if out else "", following):
            out.append(char)
    return _BLANKS.sub("\n", "".join(out)).strip()


def _is_seen(char: str, before: str, after: str) -> bool:
    kind = unicodedata.category(char)
    if char in _JOINERS:
        return _joins(before) and _joins(after)
    if "\ufe00" <= char <= "\ufe0f":
        return before in _KEYS if before.isascii() else bool(before) and not "\ufe00" <= before <= "\ufe0f"
    if char in _UNSEEN or "\U000e0100" <= char <= "\U000e01ef":
        return False
    return kind not in ("Cf", "Co", "Cs", "Cn") and (kind != "Cc" or char in "\n\t")


def _joins(char: str) -> bool:
    """Whether a joiner beside the sign may mean something: never beside ASCII or another sign that nobody sees."""
    return bool(char) and not char.isascii() and unicodedata.category(char) not in ("Cf", "Zs", "Co", "Cs", "Cn")


def own_subject(subject: str | None, known: Collection[str] = ()) -> str:
    """The subject of a mail that answers none of theirs; empty where the parent did not surely type it.

    That is one of ours, which they must not learn; that of a forwarded mail; and one after ``Re:`` that is none of `known`, the
    subjects which the other side has written: both are of somebody else's mail, and may name an address or a doctor.
    """
    text, heads = clean(subject or ""), list[str]()
    if _OURS.match(text) or any(found.match(text) for found in _subjects()):
        return ""
    bare = text
    while (found := _split(bare)) is not None:
        heads.append(found[0])
        bare = found[1]
    if not heads:
        return text
    theirs = bare.lower() in {one.strip().lower() for one in known}
    return text if theirs and not any(head in FORWARD_PREFIXES for head in heads) else ""


def bare_subject(subject: str) -> str:
    """A subject without the prefixes of answers and forwarded mails."""
    bare = clean(subject)
    while (found := _split(bare)) is not None:
        bare = found[1]
    return bare


def _split(subject: str) -> tuple[str, str] | None:
    """The first prefix, in lower case, and the rest; None where there is none."""
    head, colon, rest = subject.partition(":")
    head = head.strip().lower()
    return (head, rest.strip()) if colon and head in (*REPLY_PREFIXES, *FORWARD_PREFIXES) else None


def subject_of(theirs: str | None) -> str:
    """``Re:`` before the other side's own subject; where there is none, a plain one."""
    bare = " ".join(clean(theirs or "").split())[:MOST_SUBJECT]
    head = bare.partition(":")[0].strip().lower()
    if not bare:
        return PLAIN_SUBJECT
    return bare if head in REPLY_PREFIXES and ":" in bare else f"Re: {bare}"


def own_words_in(words: str, private: tuple[str, ...], names: tuple[str, ...] = ()) -> tuple[str, ...]:
    """What of the parent's own stands in the words and would tell the other side what it must not know.

    `private`: addresses and numbers, the latter found in any writing; `names`: single words, found whole.
    """
    low, digits = words.lower(), "".join(c for c in words if c.isdigit())
    single = frozenset("".join(c if c.isalnum() or c in "-'’" else " " for c in low).split())
    out = [name for name in names if name in single]
    for value in private:
        own = "".join(c for c in value if c.isdigit())
        if value.lower() in low or (value.startswith("+") and len(own) >= 8 and own[-9:] in digits):
            out.append(value)
    return tuple(out)


def holds_card(words: str) -> bool:
    """Whether a line of one of our own mails stands in the words: they are the parent's alone."""
    return _CARD.search(words) is not None or any(found.search(words) for found in _card_lines())


def _others() -> list[str]:
    return [language for language in LANGUAGES if language != SOURCE]


@functools.cache
def _subjects() -> tuple[re.Pattern[str], ...]:
    """As `_OURS`, in the other languages."""
    return tuple(
        re.compile(
            rf"\s*(?:\w{{1,6}}:\s*)*(?:{'|'.join(_begun(language, words) for words in SUBJECTS)})", re.IGNORECASE
        )
        for language in _others()
    )


@functools.cache
def _card_lines() -> tuple[re.Pattern[str], ...]:
    """As `_CARD`, in the other languages."""
    return tuple(
        re.compile(rf"(?im)^[> \t]*(?:{'|'.join(_begun(language, words) for words in LINES)}).*$")
        for language in _others()
    )


def _begun(language: str, words: str) -> str:
    """How a line of ours begins in a language: up to its first colon or comma, or else to its end."""
    known = speech(language).catalogued(words)
    head = re.split(r"(?<=[:,])", known, maxsplit=1)[0]
    return r".{1,200}".join(re.escape(part) for part in re.split(r"%\(\w+\)s", head)) + (
        r"\b" if head[-1:].isalnum() else ""
    )
