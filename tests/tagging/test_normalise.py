import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.tagging.normalise import normalise


@pytest.mark.parametrize(
    ("written", "reads"),
    [
        ("уоu аrе", "you are"),
        ("ｋｉｌｌ 𝐲𝐨𝐮", "kill you"),
        ("ki\u200bll\u202e y\u00adou", "kill you"),
        ("you s l u t", "you slut"),
        ("i.d.i.o.t", "idiot"),
        ("k-i-l-l", "kill"),
        ("b*tch f**k sh*t", "bitch fuck shit"),
        ("k1ll b@stard $lut a$$", "kill bastard slut ass"),
        ("sluuuut soooo", "slut soo"),
        ("I’m “fine” — ok", 'I\'m "fine" - ok'),
        ("Zażółć café", "Zazolc cafe"),
        ("e\u0301cole", "ecole"),
        ("ﬁne", "fine"),
    ],
)
def test_disguises_read_as_what_they_say(written: str, reads: str) -> None:
    assert normalise(written).text == reads


@pytest.mark.parametrize(
    "plain",
    [
        "pick up at 4pm, 2nite ok? gr8",
        "bob@mail.com",
        "Rs 2,250 by 12/4 at 5.30 p.m.",
        "y o u",
        "$20 and £30",
        "grade 3B, U12 team, size 4",
        "how much did it cost?",
        "* bring shoes\n* bring lunch",
        "Emma & Noah",
    ],
)
def test_ordinary_writing_stays(plain: str) -> None:
    assert normalise(plain).text == plain


def test_offsets_lead_back() -> None:
    text = "ok 😂 you s l u t, b*tch"
    normal = normalise(text)
    at = normal.text.index("slut")
    assert text[slice(*normal.original(at, at + 4))] == "s l u t"
    at = normal.text.index("bitch")
    assert text[slice(*normal.original(at, at + 5))] == "b*tch"


@given(st.text(max_size=300))
def test_any_text_has_offsets_in_order(text: str) -> None:
    normal = normalise(text)
    origin = list(normal.origin)
    assert len(origin) == len(normal.text)
    assert origin == sorted(origin)
    assert all(0 <= o < len(text) for o in origin)


@pytest.mark.parametrize("part", ["a*", "a ", " ", "$", "s4", "a.", "b****", "*", "aaa", "\u0301", "ﷺ"])
def test_time_is_linear(part: str) -> None:
    started = time.perf_counter()
    normalise(part * 20_000)
    assert time.perf_counter() - started < 3
