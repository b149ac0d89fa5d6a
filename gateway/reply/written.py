"""What the parent wrote: a command, a code, words. Pure.

By email the thread is the code: the answer names the Message-ID of a card of ours, which nobody else has. A number can be
forged, so a text begins with the code that stood under the card: ``4KQ7 Six is fine.`` Commands are SEND and EDIT, in any
case, at the beginning or behind the code; EDIT has the new words behind it. Where a digest has several questions, the answer
begins with the number that stands beside one of them: ``2: yes``.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
DIGITS = "23456789"
_CODE = re.compile(rf"[{ALPHABET}]{{3}}[{DIGITS}]", re.IGNORECASE)
_NUMBER = re.compile(
    r"^[ \t]*(?:(?:no|nr)\.? ?|#)?([1-9][0-9]?) ?(?:[:.)]|-(?=\s))\s*(?=\S)(?![0-9])", re.IGNORECASE | re.MULTILINE
)
_END = ".,:;!-–—)]\"'"


class Command(StrEnum):
    """What is asked for."""

    NEW = "new"
    SEND = "send"
    EDIT = "edit"


@dataclass(frozen=True, slots=True)
class Written:
    """One message of the parent's. `code` in upper case; `words` are what is to go, stripped."""

    command: Command
    code: str | None
    words: str


def code_of(secret: str) -> str:
    """The short code of a card or a draft, from the secret that opens it: three signs and a digit, so that no word looks
    like one. 238,328 codes.
    """
    number = int.from_bytes(hashlib.sha256(b"reply code\n" + secret.encode("utf8")).digest()[:8], "big")
    out = ""
    for signs in (ALPHABET, ALPHABET, ALPHABET, DIGITS):
        number, place = divmod(number, len(signs))
        out += signs[place]
    return out


def read_text(words: str) -> Written:
    """A text: code and command in any order, then words."""
    code, command, rest = None, Command.NEW, words.strip()
    for _ in range(2):
        head, _, tail = rest.partition(" ") if "\n" not in rest.split(" ")[0] else rest.partition("\n")
        bare = head.strip(_END)
        if code is None and _CODE.fullmatch(bare):
            code, rest = bare.upper(), tail.strip()
        elif command is Command.NEW and bare.lower() in ("send", "edit"):
            command, rest = Command(bare.lower()), tail.strip()
    return Written(command, code, rest)


def read_mail(words: str) -> Written:
    """A mail's new words: a command alone on the first line, or before the words."""
    rest = words.strip()
    first, _, tail = rest.partition("\n")
    bare = first.strip().strip(_END).lower()
    if bare == "send":
        return Written(Command.SEND, None, tail.strip())
    if bare == "edit":
        return Written(Command.EDIT, None, tail.strip())
    head, _, behind = rest.partition(" ")
    if head.strip(_END) in ("EDIT", "Edit"):
        return Written(Command.EDIT, None, behind.strip())
    return Written(Command.NEW, None, rest)


@dataclass(frozen=True, slots=True)
class Numbered:
    """An answer to a digest. `number`: which of its questions is meant, from 1; None where none is named. `several`: more than
    one line names a number. `words`: the answer without the number.
    """

    number: int | None
    words: str
    several: bool = False


def read_number(words: str, most: int) -> Numbered:
    """``2: yes`` of a digest with `most` questions. A time (``2:30``) or a number that is too large is no such number."""
    marks = [m for m in _NUMBER.finditer(words) if int(m[1]) <= most]
    if len({m[1] for m in marks}) > 1:
        return Numbered(None, words, several=True)
    if not marks or words[: marks[0].start()].strip():
        return Numbered(None, words)
    return Numbered(int(marks[0][1]), words[marks[0].end() :].strip())
