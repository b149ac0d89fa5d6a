"""iMessage as CSV: the columns of several programs, words over several lines, times with and without a zone."""

import io
from datetime import UTC, datetime

import pytest

from gateway.intake.archives import imessage
from gateway.intake.archives.found import ArchiveError, Found, Problem
from gateway.intake.archives.kept import parse_kept
from tests.intake.archives.samples import FACT, IMAZING, THREAT

CHICAGO = "America/Chicago"


def read(text: str | bytes, zone: str = CHICAGO) -> list[Found | Problem]:
    raw = text.encode() if isinstance(text, str) else text

    def rows():
        stream = io.BytesIO(raw)
        return imessage.records(imessage.open_table(stream, "chat.csv"), stream)

    table = imessage.open_table(io.BytesIO(raw), "chat.csv")
    return list(imessage.messages(table, rows(), imessage.order_in(rows(), "c"), zone, imessage.members_in(rows())))


def words(found: Found) -> str:
    return parse_kept("imessage", found.raw).new_text


@pytest.mark.parametrize("text", [IMAZING, "\ufeff" + IMAZING, IMAZING.replace("\n", "\r\n")])
def test_a_thread_comes_out_whole(text: str) -> None:
    found = read(text)
    assert [f.mine for f in found] == [False, True, True, False, False, False]
    assert found[0].sender == ("+15005550003", "Mark Rivera")
    assert found[1].others == ("Mark Rivera", "+15005550003")
    assert words(found[0]).replace("\r", "") == f'{FACT}\nBring "her" card, please'
    assert words(found[4]) == THREAT
    assert found[4].written_at == datetime(2026, 11, 25, 6, 5, tzinfo=UTC)
    assert parse_kept("imessage", found[3].raw).media == (("IMG_0012.HEIC", "image/heic"),)
    assert [f.line for f in found] == [2, 4, 5, 6, 7, 8]


@pytest.mark.parametrize(
    ("text", "mine"),
    [
        ("direction,timestamp,name,number,content,type\nReceived,\"Nov 24, 2026 7:40:05 PM\",Mark,+15005550003,hi,SMS\n", False),
        ("timestamp,text,sender,isFromMe,chatIdentifier\n2026-11-24 19:40:05,hi,Me,true,+15005550003\n", True),
        ("Date;Text;Is from me\n2026-11-24T19:40:05-06:00;hi;0\n", False),
        ("date\ttext\tsender\n24/11/2026 19:40:05\thi\tMark\n", None),
        ("Date,Text,Sender\n11/24/2026 7:40:05 PM,hi,Me\n", True),
        ("Date,Text,Sender\n2026-11-25T01:40:05Z,hi,Mark\n", None),
    ],
)  # fmt: skip
def test_forms(text: str, mine: bool | None) -> None:
    (found,) = read(text)
    assert isinstance(found, Found), found
    assert (found.mine, words(found)) == (mine, "hi")
    assert found.written_at == datetime(2026, 11, 25, 1, 40, 5, tzinfo=UTC)


def test_dates_that_can_be_read_in_two_ways_are_asked_for() -> None:
    with pytest.raises(ArchiveError, match="--dates"):
        read("date,text,sender\n3/4/2026 10:00,hi,Mark\n")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a,b,c\n1,2,3\n", "no column for time and text and direction or sender"),
        ("date,sender\n", "no column for text"),
        ("", "no column"),
    ],
)
def test_missing_columns_are_named(text: str, says: str) -> None:
    with pytest.raises(ArchiveError, match=says):
        read(text)


def test_a_broken_row_is_named_and_the_others_are_kept() -> None:
    items = read("date,text,sender\n2026-11-24 10:00,one,Mark\nonly this\nsoon,two,Mark\n2026-11-24 10:01,three,Mark\n")
    assert [words(f) for f in items if isinstance(f, Found)] == ["one", "three"]
    assert [p.line for p in items if isinstance(p, Problem)] == [3, 4]


def test_windows_letters() -> None:
    (found,) = read("date,text,sender\n2026-11-24 10:00,café,Mark\n".encode("cp1252"))
    assert words(found) == "café"
