"""mbox and .eml: cut at the right lines, bytes as they were, known again under another flag."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.intake.archives import mail
from gateway.intake.archives.found import ArchiveError, Found, Problem
from gateway.intake.archives.kept import parse_kept
from gateway.parsing import parse_email
from tests.intake.archives.samples import FACT, MBOX, THREAT, letter, write

SEPARATOR = "From a@example.net Wed Nov 25 01:40:05 2026\n"


def read(text: str | bytes) -> list[Found | Problem]:
    raw = text.encode() if isinstance(text, str) else text
    return list(mail.mbox(io.BytesIO(raw), "old.mbox"))


def test_an_mbox_comes_out_whole() -> None:
    found = read(MBOX)
    assert [f.sender for f in found] == [
        ("mark@example.net",),
        ("dana@example.org",),
        ("shop@example.com",),
        ("mark@example.net",),
    ]
    assert found[1].others == ("mark@example.net",)
    assert (
        parse_kept("email", found[0].raw).new_text == f"{FACT}\n\nFrom now on she goes alone.\nFrom here it is not far"
    )
    assert parse_kept("email", found[3].raw).new_text == f"{THREAT}\n\nFrom the bottom of my heart, at last"
    assert found[0].written_at == datetime(2026, 11, 25, 1, 1, tzinfo=UTC)
    assert [MBOX.split("\n")[f.line - 1][:5] for f in found] == ["From "] * 4


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_every_byte_is_there(ends: str) -> None:
    bodies = [letter(n, f"text {n}\n\n\n  end {n}").replace("\n", ends) for n in range(1, 5)]
    box = "".join(f"From mark@example.net Wed Nov 25 01:40:05 2026{ends}{b}{ends}" for b in bodies)
    assert [f.raw.decode() for f in read(box)] == bodies


def test_a_sentence_that_begins_with_from_cuts_nothing() -> None:
    for sentence in ("From Monday she is with you", "From what I hear: you lied", "From: me, to you", ">From here"):
        text = f"first\n\n{sentence}\nlast"
        found = read(f"{SEPARATOR}{letter(1, text)}\n")
        assert len(found) == 1, sentence
        assert "last" in found[0].raw.decode()


def test_quoting_of_mboxrd_is_undone_once() -> None:
    box = SEPARATOR + letter(1, ">>From far\n>From near\n> From there")
    assert read(box)[0].raw.decode().endswith(">From far\nFrom near\n> From there\n")


def test_a_separator_in_the_middle_of_a_long_line_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "CHUNK", 64)
    text = "x" * 64 + "\n" + "y" * 127 + "\nend"
    box = f"{SEPARATOR}{letter(1, text)}\n"
    assert read(box)[0].raw.decode() == letter(1, text)


def test_known_again_under_another_flag_and_other_line_ends() -> None:
    plain = letter(1, "hello")
    flagged = letter(1, "hello", extra="X-Mozilla-Status: 0001\nX-Gmail-Labels: Inbox,\n Mark\nStatus: RO\n")
    keys = {
        f.key
        for text in (plain, flagged, flagged.replace("\n", "\r\n"), plain + "\n")
        for f in [mail.letter(text.encode(), 1, 0, None)]
    }
    assert len(keys) == 1
    others = [
        letter(2, "hello"),
        letter(1, "hello, Status: RO"),
        letter(1, "hello\nStatus: RO"),
        letter(1, "hello", extra="X-Mailer: y\n"),
    ]
    assert len(keys | {mail.letter(text.encode(), 1, 0, None).key for text in others}) == 5


def test_without_a_date_the_separator_counts() -> None:
    found = read("From m@example.net Wed Nov 25 01:40:05 2026\nFrom: m@example.net\nSubject: x\n\ny\n")
    assert found[0].written_at == datetime(2026, 11, 25, 1, 40, 5, tzinfo=UTC)
    assert found[0].odd == ("it has no date",)


def test_no_mbox_is_said_plainly() -> None:
    for raw in (b"", b"Dear Dana,\n", b"\x00\xff" * 2_000_000, letter(1, "x").encode()):
        with pytest.raises(ArchiveError, match="line 1: does not begin with 'From '"):
            read(raw)


def test_a_place_without_a_header_is_named_and_the_rest_is_kept() -> None:
    box = f"From a Wed Nov 25 01:40:05 2026\n\njust words\n\nFrom b Wed Nov 25 01:40:05 2026\n{letter(1, 'kept')}"
    problem, found = read(box)
    assert (problem.line, "no header" in problem.said) == (1, True)
    assert parse_email(found.raw).new_text == "kept"


def test_a_folder_of_mail(tmp_path: Path) -> None:
    (tmp_path / "Old.mbox").mkdir()
    write(tmp_path / "Old.mbox", "mbox", MBOX)
    write(tmp_path, "b.EML", letter(9, "x"))
    write(tmp_path, "readme.txt", "no mail")
    assert [p.name for p in mail.folder(tmp_path)] == ["mbox", "b.EML"]
    with pytest.raises(ArchiveError, match=r"holds no \.eml"):
        mail.folder(_empty(tmp_path))
    with pytest.raises(ArchiveError, match="no such file"):
        mail.folder(tmp_path / "gone")


def _empty(tmp_path: Path) -> Path:
    (tmp_path / "empty").mkdir()
    return tmp_path / "empty"


def test_apple_files() -> None:
    raw = letter(1, "hello").encode()
    found = mail.eml(b"%d\n" % len(raw) + raw + b"<?xml version='1.0'?><plist/>", 0, apple=True)
    assert found.raw == raw
    assert isinstance(mail.eml(raw, 0, apple=True), Problem)
