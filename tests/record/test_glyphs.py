"""Words as a page can show them: nothing is left out, nothing is drawn in halves, nothing turns the words around."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.record.glyphs import CODE, PICTURE, PLAIN, is_right_to_left, runs
from tests.record.sample import ODD


def undone(found: list[tuple[str, str]], line: str) -> str:
    """The characters of the runs with codes read back."""
    out, at = [], 0
    for kind, text in found:
        if kind == CODE:
            count = text.count("\u203a")
            assert text == "".join(f"\u2039U+{ord(c):04X}\u203a" for c in line[at : at + count])
            out.append(line[at : at + count])
            at += count
        else:
            out.append(text)
            at += len(text)
    return "".join(out)


@pytest.mark.parametrize("line", [line for text in ODD for line in text.split("\n")])
def test_nothing_is_lost(line: str) -> None:
    assert undone(runs(line), line) == line


@given(st.text(max_size=60))
@settings(max_examples=400, deadline=None)
def test_nothing_is_lost_of_anything(line: str) -> None:
    assert undone(runs(line), line) == line


@pytest.mark.parametrize(
    "emoji",
    [
        "\U0001f469\u200d\U0001f469\u200d\U0001f467",
        "\U0001f926\U0001f3fd\u200d\u2642\ufe0f",
        "\u2764\ufe0f",
        "\U0001f1ec\U0001f1e7",
        "1\ufe0f\u20e3",
        "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    ],
)
def test_a_joined_emoji_is_one_run(emoji: str) -> None:
    assert runs(f"a {emoji} b") == [(PLAIN, "a "), (PICTURE, emoji), (PLAIN, " b")]


@pytest.mark.parametrize("sign", ["\u202e", "\u200b", "\u2066", "\x07", "\t", "\ue000", "\U0003fffd", "\ufeff", "\xad"])
def test_what_cannot_be_seen_is_printed_as_its_code(sign: str) -> None:
    assert runs(f"a{sign}b") == [(PLAIN, "a"), (CODE, f"\u2039U+{ord(sign):04X}\u203a"), (PLAIN, "b")]


def test_marks_that_join_letters_stay() -> None:
    word = "\u0915\u094d\u200d\u0937"
    assert runs(word) == [(PLAIN, word)]
    assert runs("a\u200db")[1][0] == CODE


def test_a_mark_alone_does_not_sit_on_its_neighbour() -> None:
    assert runs("\u0301x")[0] == (CODE, "\u2039U+0301\u203a")
    assert runs("e\u0301") == [(PLAIN, "e\u0301")]


def test_the_first_strong_letter_says_where_a_line_begins() -> None:
    assert is_right_to_left("\u05d0\u05de\u05d0 Emma")
    assert not is_right_to_left("Emma \u05d0\u05de\u05d0")
    assert not is_right_to_left("123")
