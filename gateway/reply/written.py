"""What the parent wrote: a command, a code, words. Pure.

By email the thread is the code: the answer names the Message-ID of a card of ours, which nobody else has. A number can be
forged, so a text begins with the code that stood under the card: ``4KQ7 Six is fine.`` Commands are SEND and EDIT (ENVIAR and EDITAR), in any
case, at the beginning or behind the code; EDIT has the new words behind it, SEND has none. To a
question of ours a tired person also says "send it", "don't send" or "SEND but make it seven"; to a card these are plain words. Where a digest has several questions, the answer
begins with the number that stands beside one of them: ``2: yes``.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
DIGITS = "23456789"
_CODE = re.compile(rf"[{ALPHABET}]{{3}}[{DIGITS}]", re.IGNORECASE)
_NUMBER = re.compile(
    r"^[ \t]*(?:(?:no|nr)\.? ?|#)?([1-9][0-9]?) ?(?:[:.)]|-(?=\s))\s*(?=\S)(?![0-9])", re.IGNORECASE | re.MULTILINE
)
_END = ".,:;!-–—)]\"'"
_FILLERS = frozenset(
    (
        "",
        *"yes yep yeah ok okay please it this that now as is thanks thank you all good fine sí si por favor gracias así está bien ya lo vale".split(),
    )
)
_DROPS = frozenset(
    (
        "don't send",
        "dont send",
        "do not send",
        "never send",
        "cancel",
        "drop",
        "discard",
        "delete",
        "withdraw",
        "never mind",
        "nevermind",
        "forget",
        "cancelar",
        "cancela",
        "descartar",
        "descártalo",
        "borrar",
        "bórralo",
        "olvídalo",
        "enviar",
        "envíes",
        "envies",
        "envíe",
        "mandes",
    )
)
SENDS = frozenset(("send", "enviar"))
EDITS = frozenset(("edit", "editar"))
_SAID_TO_SEND = SENDS | {"envía", "envia", "envíalo", "envialo", "envíelo", "mándalo", "mandalo"}
_A_NAME = 3
"""Words of a line below SEND that may be a name which closes the mail."""


class Command(StrEnum):
    """What is asked for."""

    NEW = "new"
    SEND = "send"
    EDIT = "edit"
    DROP = "drop"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Written:
    """One message of the parent's. `code` in upper case; `words` are what is to go, stripped. `meant`: what they mean
    where they answer a question of ours; UNCLEAR where they begin like SEND and go on.
    """

    command: Command
    code: str | None
    words: str
    meant: Command | None = None


@lru_cache(maxsize=4096)  # a new card is compared with all cards of the weeks before
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
    code, command, rest, begun = None, Command.NEW, words.strip(), ""
    for _ in range(2):
        head, _, tail = rest.partition(" ") if "\n" not in rest.split(" ")[0] else rest.partition("\n")
        bare = head.strip(_END)
        if code is None and _CODE.fullmatch(bare):
            code, rest = bare.upper(), tail.strip()
        elif command is Command.NEW and bare.lower() in SENDS | EDITS:
            command = Command.SEND if bare.lower() in SENDS else Command.EDIT
            rest, begun = tail.strip(), head
    if command is Command.SEND and rest:
        command, rest = Command.NEW, f"{begun} {rest}"
    return Written(command, code, rest, _meant(rest) if command is Command.NEW else None)


def read_mail(words: str) -> Written:
    """A mail's new words: a command alone on the first line, or before the words."""
    rest = words.strip()
    first, _, tail = rest.partition("\n")
    bare = first.strip().strip(_END).lower()
    if bare in SENDS:
        below = tail.partition("\n")[0].split()
        if len(below) > _A_NAME or (below and below[0][0].islower()):  # no blank line, and no name that closes it
            return Written(Command.NEW, None, rest, Command.UNCLEAR)
        return Written(Command.SEND, None, tail.strip())
    if bare in EDITS:
        return Written(Command.EDIT, None, tail.strip())
    head, _, behind = rest.partition(" ")
    if head.strip(_END) in ("EDIT", "Edit", "EDITAR", "Editar"):
        return Written(Command.EDIT, None, behind.strip())
    return Written(Command.NEW, None, rest, _meant(first))


def _plain(words: str) -> list[str]:
    return [word.strip(_END).lower().replace("\u2019", "'") for word in words.split()]


def _meant(line: str) -> Command | None:
    """``send it please`` and ``yes, send`` mean SEND; ``don't send it``, ``cancel`` and ``no, never mind`` mean that it is over."""
    said = [word for word in _plain(line) if word not in _FILLERS]
    if len(said) == 1 and said[0] in _SAID_TO_SEND:
        return Command.SEND
    if " ".join(word for word in said if word != "no") in _DROPS:  # "no enviar"; "enviar" alone was taken above
        return Command.DROP
    return Command.UNCLEAR if said and said[0] in _SAID_TO_SEND else None


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
