"""What the mailbox reader decides, without a server."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.intake.polling import Rhythm, identity, is_marked, order, pause, went_back

NOON = datetime(2026, 11, 26, 18, 0, tzinfo=UTC)
BARE = b"From: mark@example.net\r\n\r\nOk.\r\n"


def test_the_same_bytes_are_one_message_wherever_they_lie() -> None:
    marked = b"Message-ID: <1@example.net>\r\n" + BARE
    assert identity("rivera", marked, NOON) == identity("rivera", marked, None)
    assert identity("rivera", marked, NOON) == identity("rivera", marked, NOON + timedelta(days=30))
    assert identity("rivera", marked, NOON) != identity("other", marked, NOON)
    assert identity("rivera", marked, NOON) != identity("rivera", marked + b" ", NOON)
    assert len(identity("rivera", marked, NOON)) == 64


def test_the_same_bare_line_may_be_written_twice() -> None:
    assert identity("rivera", BARE, NOON) != identity("rivera", BARE, NOON + timedelta(seconds=1))
    assert identity("rivera", BARE, NOON) == identity("rivera", BARE, NOON.astimezone(timezone(timedelta(hours=-6))))


@pytest.mark.parametrize(
    ("raw", "marked"),
    [
        (b"Received: by mx.example.org\r\n" + BARE, True),
        (b"From: x\nMESSAGE-ID : <1@x>\n\nOk", True),
        (b"Subject: Message-ID: no\r\n\r\nOk", False),
        (b"From: x\r\n\r\nReceived: the bag\r\nMessage-ID: <1@x>", False),
        (b"", False),
    ],
)
def test_only_headers_tell_one_message_from_another(raw: bytes, marked: bool) -> None:
    assert is_marked(raw) is marked


def test_what_failed_before_comes_last() -> None:
    assert order([5, 9, 2, 7], {2: 3, 9: 1}) == [5, 7, 9, 2]


@given(st.integers(0, 10_000), st.booleans(), st.floats(0, 1))
def test_pauses_grow_and_end_within_their_bounds(failures: int, refused: bool, luck: float) -> None:
    rhythm = Rhythm()
    waited = pause(failures, rhythm, refused=refused, luck=luck)
    assert 0.799 * (rhythm.refused if refused else rhythm.first) <= waited <= 1.201 * rhythm.longest
    assert waited <= pause(failures + 1, rhythm, refused=refused, luck=luck)


def test_numbers_that_go_back_are_noticed() -> None:
    assert went_back(5, 5)
    assert went_back(1, 5)
    assert not went_back(6, 5)
    assert not went_back(None, 5)
    assert not went_back(1, None)
