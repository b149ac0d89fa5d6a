"""Which words answer an alarm, and which are something else."""

import pytest

from gateway.alarms.answer import is_ok


@pytest.mark.parametrize(
    "words", ["OK", "ok", "Ok.", " okay! ", "OK thanks", "I have read it", "read", "yes", "Sí", "👍", "k"]
)
def test_it_was_read(words: str) -> None:
    assert is_ok(words)


@pytest.mark.parametrize(
    "words",
    ["", "no", "not ok", "4KQ7 OK", "ok to swap friday?", "is he ok", "I am not reading this", "stop", "thanks", "it"],
)
def test_it_is_something_else(words: str) -> None:
    assert not is_ok(words)


def test_a_yes_may_answer_something_else() -> None:
    assert not is_ok("yes", plainly=True)
    assert is_ok("ok", plainly=True)
