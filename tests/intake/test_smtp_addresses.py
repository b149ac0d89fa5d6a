"""The short way of reading an address says what the library says, about every argument that it takes."""

import pytest
from aiosmtpd.smtp import SMTP
from hypothesis import given
from hypothesis import strategies as st

from gateway.intake.smtp import Conversation

PARTS = ("mark", "@", "example.net", "<", ">", ".", " ", "  ", "SIZE=4096", "BODY=8BITMIME", "(note)", '"a b"', "[127.0.0.1]", "é", "-", "_", "+tag", ",", ":", "\\", "\t", "\r", "\n", "=", "~", "1")  # fmt: skip


def both(arg: str) -> tuple[object, object]:
    """What the short way and the library say; where the library breaks, there is no address."""
    conversation = object.__new__(Conversation)
    return _said(Conversation._getaddr, conversation, arg), _said(SMTP._getaddr, conversation, arg)


def _said(read, conversation, arg):
    try:
        return read(conversation, arg)
    except Exception:
        return None, None


@pytest.mark.parametrize(
    ("arg", "said"),
    [
        ("<mark@example.net>", ("mark@example.net", "")),
        ("<mark@example.net> SIZE=4096", ("mark@example.net", "SIZE=4096")),
        ("<mark@example.net>SIZE=4096", ("mark@example.net", "SIZE=4096")),
        ("<o'neil+a.b_c@mail.example.co.uk>  BODY=8BITMIME SMTPUTF8", ("o'neil+a.b_c@mail.example.co.uk", "BODY=8BITMIME SMTPUTF8")),
        ("<mark@example.net> (note) SIZE=1", ("mark@example.net", "SIZE=1")),
        ('<"a b"@example.net>', ('"a b"@example.net', "")),
    ],
)  # fmt: skip
def test_an_address_and_what_stands_behind_it(arg: str, said: tuple[str, str]) -> None:
    assert both(arg) == (said, said)


@given(st.lists(st.sampled_from(PARTS), max_size=9).map("".join) | st.text(max_size=30))
def test_every_argument_is_read_as_the_library_reads_it(arg: str) -> None:
    ours, theirs = both(arg)
    assert ours == theirs


@given(st.lists(st.sampled_from(PARTS), max_size=4), st.lists(st.sampled_from(PARTS), max_size=4))
def test_everything_beside_a_plain_address_is_read_as_the_library_reads_it(
    before: list[str], behind: list[str]
) -> None:
    ours, theirs = both(f"<{''.join(before)}mark@example.net>{''.join(behind)}")
    assert ours == theirs
