from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from gateway.tagging import MODEL
from gateway.tagging.encode import MAX_PIECES, PIECE, People, encode, pieces

PEOPLE = People.of(["Brylee", "Wyatt"], "Mark Ellis", "Kayla")
NAMES = {v: k for k, v in PIECE.items()}


def tokenizer() -> Tokenizer:
    read = Tokenizer.from_file(str(Path(MODEL) / "tokenizer.json"))
    read.no_truncation()
    read.no_padding()
    return read


TOKENIZER = tokenizer()


def shown(text: str) -> list[tuple[str, str]]:
    return [
        (NAMES.get(p.number, TOKENIZER.id_to_token(p.number)), text[p.start : p.end])
        for p in pieces(TOKENIZER, text, PEOPLE)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Brylees shot", [("child", "Brylees"), ("shot", "shot")]),
        ("WYATT'S", [("child", "WYATT'S")]),
        ("ask Kayla", [("ask", "ask"), ("recipient", "Kayla")]),
        ("Ellis here", [("sender", "Ellis"), ("here", "here")]),
        ("mark it", [("mark", "mark"), ("it", "it")]),
        ("a\nb", [("a", "a"), ("newline", "\n"), ("b", "b")]),
        ("shot🔪👍", [("shot", "shot"), ("emoji:weapon", "🔪"), ("emoji:thanks", "👍")]),
        ("b*tch", [("bitch", "b*tch")]),
        ("Brуlee", [("child", "Brуlee")]),
    ],
)
def test_pieces(text: str, expected: list[tuple[str, str]]) -> None:
    assert shown(text) == expected


def test_the_context_stands_before_the_text() -> None:
    found = encode(
        TOKENIZER, "yes 5 works", people=PEOPLE, subject="Re: Wyatt", channel="sms", previous=["<can you do 5?", ">hm"]
    )
    (window,) = found.windows
    head = [NAMES.get(n) for n in window.numbers[: window.text[0][0]]]
    assert head[1] == "sms"
    assert [h for h in head if h] == ["sms", "subject", "child", "me", "them"]
    assert [window.numbers[place] for place, _ in window.text] == [p.number for p in found.text]
    assert [window.numbers[place] for place, _ in window.subject] == [p.number for p in found.subject]


def test_a_long_text_is_read_in_windows_that_overlap() -> None:
    found = encode(TOKENIZER, "pick up at five " * 400, people=PEOPLE)
    assert len(found.windows) > 1
    assert all(len(w.numbers) <= MAX_PIECES for w in found.windows)
    seen = [i for w in found.windows for _, i in w.text]
    assert set(seen) == set(range(len(found.text)))
    assert len(seen) > len(found.text)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_text_has_pieces_in_order(text: str) -> None:
    found = pieces(TOKENIZER, text, PEOPLE)
    assert all(0 <= p.start < p.end <= len(text) for p in found)
    assert [p.start for p in found] == sorted(p.start for p in found)
