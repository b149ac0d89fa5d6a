"""Words by which a person at the other end of a text line leaves it, comes back, or asks for help.

Only a text that is that one word counts, in any case, with blanks around it: so the carrier reads it ("cancel, I can't do
Friday" is an answer and nothing else). Source: Twilio, Support for Opt-out Keywords (SMS STOP Filtering); CTIA Messaging
Principles and Best Practices, section 5.1.3. YES brings back only a number that had left.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

OUT_WORDS: Final = frozenset("STOP STOPALL UNSUBSCRIBE CANCEL END QUIT REVOKE OPTOUT".split())
IN_WORDS: Final = frozenset("START YES UNSTOP".split())
HELP_WORDS: Final = frozenset("HELP INFO".split())
LONGEST: Final = 20


class Command(StrEnum):
    """What the carrier does on such a word: no texts any more, texts again, or an automatic answer."""

    OUT = "out"
    IN = "in"
    HELP = "help"


def command(body: str, said_by_carrier: str | None = None) -> tuple[Command, str] | None:
    """The command of a text and the word for it; None for any other text.

    `said_by_carrier` is the form's OptOutType (STOP, START or HELP), which an account with keywords of its own gets; it
    wins over the words.
    """
    word = body.strip().upper() if len(body) <= LONGEST else ""
    named = {"STOP": Command.OUT, "START": Command.IN, "HELP": Command.HELP}.get(
        (said_by_carrier or "").strip().upper()
    )
    if named is not None:
        known = word in OUT_WORDS | IN_WORDS | HELP_WORDS
        return named, word if known else str(said_by_carrier).strip().upper()  # a word of the account's own is content
    for words, meaning in ((OUT_WORDS, Command.OUT), (IN_WORDS, Command.IN), (HELP_WORDS, Command.HELP)):
        if word in words:
            return meaning, word
    return None
