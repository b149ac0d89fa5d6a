"""SMS Backup & Restore: texts and MMS, emoji in halves, broken entries, and files larger than memory."""

import io
import tracemalloc
from datetime import UTC, datetime

import pytest

from gateway.intake.archives import sms_backup
from gateway.intake.archives.found import ArchiveError, Found, Problem
from gateway.intake.archives.kept import parse_kept
from tests.intake.archives.samples import FACT, SMS_BACKUP, THREAT


def read(text: str | bytes) -> list[Found | Problem]:
    raw = text.encode() if isinstance(text, str) else text
    return list(sms_backup.messages(io.BytesIO(raw), "sms.xml"))


def words(found: Found) -> str:
    return parse_kept("sms", found.raw).new_text


def one(body: str, **more: str) -> str:
    fields = {"address": "+15005550003", "date": "1795549205000", "type": "1"} | more
    said = " ".join(f'{k}="{v}"' for k, v in fields.items())
    return f'<sms {said} body="{body}" />'


def wrap(*entries: str) -> str:
    return f"<smses count='{len(entries)}'>{''.join(entries)}</smses>"


def test_a_backup_comes_out_whole() -> None:
    found = read(SMS_BACKUP)
    assert [(f.mine, f.sender, f.others) for f in found] == [
        (False, ("(500) 555-0003",), ()),
        (True, (), ("+15005550003",)),
        (False, ("28777",), ()),
        (False, ("+15005550003",), ()),
        (False, ("+15005550003",), ()),
    ]
    assert words(found[0]) == f"{FACT} 😀\nBring her card > now"
    assert words(found[1]) == "ok <3 👍"
    assert words(found[3]) == "look at her"
    assert words(found[4]) == THREAT
    assert found[0].written_at == datetime(2026, 11, 24, 19, 40, 5, tzinfo=UTC)
    (photo,) = parse_kept("sms", found[3].raw).attachments
    assert (photo.name, photo.type, photo.size) == ("photo.jpg", "image/jpeg", 6)


def test_the_bytes_are_those_of_the_file() -> None:
    for found in read(SMS_BACKUP):
        assert found.raw in SMS_BACKUP.encode()
        assert SMS_BACKUP.split("\n")[found.line - 1].lstrip().encode() == found.raw.split(b"\n")[0]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("&#55357;&#56832;", "😀"), ("&#xD83D;&#xDE00;", "😀"), ("😀", "😀"), ("a &#55357; b", "a � b"),
        ("&#56832;&#55357;", "��"), ("&#0;", "�"), ("&#8;x", "�x"), ("tab&#9;end", "tab\tend"), ("&#128512;", "😀"),
        ("x > y", "x > y"), ("it&apos;s &quot;on&quot;", "it's \"on\""), ("&amp;#55357;", "&#55357;"), ("\x0b", "�"),
    ],
)  # fmt: skip
def test_characters(body: str, text: str) -> None:
    (found,) = read(wrap(one(body)))
    assert words(found) == text


def test_emoji_written_as_six_bytes() -> None:
    (found,) = read(wrap(one("@")).encode().replace(b"@", "\ud83d\ude00".encode("utf8", "surrogatepass")))
    assert words(found) == "😀"


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 64])
def test_it_does_not_matter_where_the_reads_cut(monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    whole = read(SMS_BACKUP)
    monkeypatch.setattr(sms_backup, "CHUNK", chunk)
    assert read(SMS_BACKUP) == whole


def test_a_group_mms_names_all() -> None:
    mms = (
        '<mms date="1795549320" msg_box="2" address="+15005550003~+15005550009"><parts><part seq="0" ct="text/plain" '
        'text="hi" /></parts><addrs><addr address="+15005550002" type="137" /></addrs></mms>'
    )
    (found,) = read(wrap(mms))
    assert (found.mine, found.others) == (True, ("+15005550003", "+15005550009"))
    assert found.written_at == datetime(2026, 11, 24, 19, 42, tzinfo=UTC)


def test_what_failed_to_send_is_kept_and_says_so() -> None:
    (found,) = read(wrap(one("x", type="5")))
    assert (found.mine, found.odd) == (True, ("could not be sent",))


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ('<sms address="1" date="1795549205000" type="1" body="no end"\n', "no end"),
        ('<sms address="1" date="x" type="1" body="no date" />\n', "date"),
        ('<sms address="1" date="1795549205000" type="1" body=unquoted />\n', "well-formed"),
        ('<sms address="1" date="1795549205000" type="1" body="&lol;" />\n', "well-formed"),
        ('<mms address="1" date="1795549205000" msg_box="1"><parts>\n', "no end"),
    ],
)
def test_a_broken_entry_spoils_no_other(broken: str, says: str) -> None:
    items = read(f"<smses count='3'>\n{one('before')}\n{broken}{one('after')}\n</smses>")
    assert [words(f) for f in items if isinstance(f, Found)] == ["before", "after"]
    (problem,) = [p for p in items if isinstance(p, Problem)]
    assert (problem.line, says in problem.said) == (3, True)


def test_a_cut_file_gives_what_it_has_and_says_so() -> None:
    whole = wrap(one("first"), one("second"))
    items = read(whole[: whole.index("second")])
    assert [words(f) for f in items if isinstance(f, Found)] == ["first"]
    assert "copy it from the phone again" in items[-1].said
    items = read(whole.removesuffix("</smses>"))
    assert len([f for f in items if isinstance(f, Found)]) == 2
    assert "more may be missing" in items[-1].said


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "no backup"), (b"hello", "no backup"), (b"<html><sms/></html>", "should begin with <smses>"),
        (b"<?xml version='1.0'?><calls count='1'><call/></calls>", "backup of calls"),
        ("<smses></smses>".encode("utf-16"), "no backup"),
    ],
)  # fmt: skip
def test_what_is_no_backup_is_said_plainly(raw: bytes, says: str) -> None:
    with pytest.raises(ArchiveError, match=says):
        read(raw)


def test_entities_cannot_be_declared() -> None:
    bomb = "<!DOCTYPE smses [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;'>]>" + wrap(one("&b;"))
    (problem,) = read(bomb)
    assert isinstance(problem, Problem)


class Endless(io.RawIOBase):
    """A backup that is never whole in memory: `count` entries of which each tenth carries a picture of 40 kB."""

    def __init__(self, count: int) -> None:
        picture = '<mms date="1795549205000" msg_box="1" address="+15005550003"><parts><part ct="image/png" data="%s" /></parts></mms>'
        self._entries = iter(
            [b"<smses>", *[one(f"text {i}").encode() if i % 10 else None for i in range(count)], b"</smses>"]
        )
        self._picture, self._rest, self.size = (picture % ("A" * 40_000)).encode(), b"", 0

    def read(self, size: int = -1) -> bytes:
        while len(self._rest) < size and (entry := next(self._entries, b"")) != b"":
            self._rest += self._picture if entry is None else entry
        out, self._rest = self._rest[:size], self._rest[size:]
        self.size += len(out)
        return out


def test_a_huge_file_keeps_memory_flat() -> None:
    def peak(count: int) -> tuple[int, int, int]:
        stream = Endless(count)
        tracemalloc.start()
        number = sum(isinstance(f, Found) for f in sms_backup.messages(stream, "sms.xml"))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert number == count
        return stream.size, most, count

    small, most_small, _ = peak(1_000)
    large, most_large, _ = peak(10_000)
    assert large > 40_000_000
    assert large > 9 * small
    assert most_large < most_small * 1.5
    assert most_large < large / 3
