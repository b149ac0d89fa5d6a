"""Commands to the carrier: one word alone, nothing else."""

import pytest

from gateway.parsing.keywords import Command, command


@pytest.mark.parametrize("word", "STOP STOPALL UNSUBSCRIBE CANCEL END QUIT REVOKE OPTOUT".split())
def test_words_that_leave(word: str) -> None:
    for written in (word, word.lower(), word.title(), f"  {word}\n"):
        assert command(written) == (Command.OUT, word)


@pytest.mark.parametrize("word", ["START", "YES", "UNSTOP"])
def test_words_that_come_back(word: str) -> None:
    assert command(word.lower()) == (Command.IN, word)


@pytest.mark.parametrize("word", ["HELP", "INFO"])
def test_words_that_ask_for_help(word: str) -> None:
    assert command(word) == (Command.HELP, word)


@pytest.mark.parametrize(
    "body",
    [
        "cancel, I can't do Friday",
        "Cancel.",
        "stop it",
        "STOP STOP",
        "please stop",
        "end of school is at 3",
        "yes 6 works",
        "help me with the car seat",
        "",
        " ",
        "st op",
        "ＳＴＯＰ",
        "stop" * 30,
    ],
)
def test_everything_else_is_an_answer(body: str) -> None:
    assert command(body) is None


@pytest.mark.parametrize(
    ("said", "meaning"),
    [("STOP", Command.OUT), ("START", Command.IN), ("help", Command.HELP), ("other", None), ("", None)],
)
def test_keywords_of_the_account_count_as_the_carrier_says(said: str, meaning: Command | None) -> None:
    found = command("basta", said)
    assert (found and found[0]) == meaning


def test_a_word_of_the_accounts_own_is_named_by_its_meaning() -> None:
    assert command("Basta", "stop") == (Command.OUT, "STOP")
    assert command("quit", "STOP") == (Command.OUT, "QUIT")
