"""A generated mailbox: what is new is found, whole, in the replies of some twenty programs in seven languages."""

from __future__ import annotations

from gateway.parsing.mail import read_email
from gateway.parsing.work import Work
from tests.parsing.mailbox import Letter, letters


def lost(letter: Letter, text: str) -> list[str]:
    """New sentences that are not in the text."""
    flat = " ".join(text.split())
    return [sentence for sentence in letter.new if sentence not in flat]


def leaked(letter: Letter, text: str) -> list[str]:
    """Old sentences that are in the text."""
    flat = " ".join(text.split())
    return [sentence for sentence in letter.old if sentence in flat]


def test_new_words_are_found_and_none_is_lost() -> None:
    wrong: list[str] = []
    held: list[str] = []
    for letter in letters(21 * 7 * 2):
        reading = read_email(letter.raw, Work())
        text = reading.new_text
        assert lost(letter, text) == [], letter.program
        if leaked(letter, text) or " ".join(text.split()) != " ".join(letter.new):
            wrong.append(f"{letter.program}: {text!r} instead of {letter.new}")
        if reading.hold:
            held.append(f"{letter.program}: {reading.hold}")
    assert wrong == []
    assert held == []
