"""Rich Text: unpacked as MS-OXRTFCP shows, read with its letters, groups and hidden HTML."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.parsing.rich import read_rtf, unpack_rtf
from gateway.parsing.sealed import signed_content
from gateway.parsing.winmail import SIGNATURE, open_winmail
from gateway.parsing.work import Work

# MS-OXRTFCP §4.1.1 and §4.2.1: a simple text, and one that copies from what it is writing.
SIMPLE = bytes.fromhex(
    "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
)
CROSSING = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")


def test_the_examples_of_the_specification() -> None:
    assert unpack_rtf(SIMPLE) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    assert unpack_rtf(CROSSING) == b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"


def text(rtf: bytes) -> str:
    return read_rtf(rtf, Work())[0]


def test_letters_in_every_form() -> None:
    assert (
        text(rb"{\rtf1\ansi\ansicpg1250 Zo\'9cka \u281?k\uc0\u322 a\uc1 \u-10179?\u-8692? \{x\}}")
        == "Zośka ęk\u0142a\U0001f60c {x}"
    )


def test_groups_without_words_are_passed_over() -> None:
    assert (
        text(rb"{\rtf1{\fonttbl{\f0 Arial;}}{\*\generator Word;}{\info{\title no}}Mia{\pict 89504e}\tab at 5\par}")
        == "Mia\tat 5\n"
    )


@given(st.binary(max_size=300))
def test_any_bytes_are_read(data: bytes) -> None:
    text(data).encode("utf-8")
    text(b"{\\rtf1\\ansi\\fromhtml1 " + data).encode("utf-8")
    unpack_rtf(data)
    unpack_rtf(SIMPLE[:8] + b"LZFu" + data)
    signed_content(SIMPLE[:2] + bytes.fromhex("06092a864886f70d010702") + data)
    open_winmail(SIGNATURE + data, Work())
