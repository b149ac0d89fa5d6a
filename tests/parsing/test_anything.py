"""Any bytes at all, and every case cut, joined and scrambled: nothing raises, segments cover, words stay text."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.parsing import Reading, SegmentKind, parse_email
from gateway.parsing.describe import as_json
from gateway.parsing.mail import read_email
from gateway.parsing.work import Work

RAW = {path.stem: path.read_bytes() for path in sorted((Path(__file__).parent.parent / "cases").glob("*.eml"))}
LINES = st.sampled_from(
    [
        b"From: a@example.org", b"Subject: =?utf-8?B?", b"Content-Type: multipart/mixed; boundary=x", b"--x", b"--x--", b"",
        b"Content-Type: text/html; charset=uft-8", b"Content-Transfer-Encoding: base64", b"<div style=color:#fff>a",
        b"Content-Type: message/rfc822", b"> quoted", b"On Mon, Mar 9, 2026 at 5:12 PM D <d@e.fr> wrote:", b"-- ",
        b"Content-Type: application/ms-tnef", b"eJ8+IgEA", b"-----Original Message-----", b"From: x", b"Sent: 1",
        b"Content-Type: text/calendar", b"BEGIN:VEVENT", b"DTSTART:2", b"END:VEVENT", b"begin 644 a", b"`", b"end",
        b"{\\rtf1\\ansi\\fromhtml", b"Content-Type: text/rtf", b"-----BEGIN PGP SIGNED MESSAGE-----", b"\xff\x00\x80",
        b"Content-Type: application/pkcs7-mime", b"MIAGCSqGSIb3DQEHAqCA", b"Date: Tue, 99 Foo 99999", b"\r", b" folded",
        b"Content-Type: text/plain; format=flowed", b"flows ", b"<blockquote type=cite>", b"</blockquote>", b"&#xD800;",
    ]
)  # fmt: skip


def check(raw: bytes) -> Reading:
    """What holds for every message."""
    reading = read_email(raw, Work())
    assert "".join(reading.body[s.start : s.end] for s in reading.segments) == reading.body
    assert all(s.end > s.start for s in reading.segments)
    text = reading.new_text
    for at, origin, size in reading.new_origin:
        assert text[at : at + size] == reading.body[origin : origin + size]
    str(as_json(reading)).encode("utf-8")
    assert reading.date is None or reading.date.utcoffset() is not None
    return reading


@given(st.binary(max_size=600))
def test_any_bytes(raw: bytes) -> None:
    check(raw)


@settings(max_examples=300)
@given(st.lists(LINES, max_size=40), st.sampled_from([b"\n", b"\r\n"]))
def test_any_lines_of_mail(lines: list[bytes], end: bytes) -> None:
    check(end.join(lines))


@given(st.sampled_from(sorted(RAW)), st.randoms(use_true_random=False))
def test_every_case_scrambled(name: str, rng: random.Random) -> None:
    raw = bytearray(RAW[name])
    for _ in range(rng.randint(1, 8)):
        at = rng.randrange(len(raw) + 1)
        how = rng.randrange(5)
        if how == 0:
            raw[at : at + rng.randint(1, 30)] = b""
        elif how == 1:
            raw[at:at] = bytes(rng.randrange(256) for _ in range(rng.randint(1, 6)))
        elif how == 2:
            raw[at:at] = raw[rng.randrange(len(raw) + 1) :][: rng.randint(1, 200)]
        elif how == 3:
            other = RAW[rng.choice(sorted(RAW))]
            raw[at:at] = other[rng.randrange(len(other)) :][:300]
        elif at < len(raw):
            raw[at] = rng.randrange(256)
    check(bytes(raw))


@pytest.mark.parametrize("name", sorted(RAW))
def test_every_case_cut_short(name: str) -> None:
    raw = RAW[name]
    for cut in range(0, len(raw), max(len(raw) // 6, 1)):
        check(raw[:cut])


def test_a_reader_that_fails_is_caught_and_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.parsing.mail.split_message", lambda *_: 1 / 0)
    reading = parse_email(b"Subject: x\n\nwords\n")
    assert reading.hold == ("the message could not be read",)
    assert reading.defects == ("the reader failed: ZeroDivisionError",)


def test_new_words_keep_their_place() -> None:
    reading = check(RAW["posting-interleaved"])
    assert [s.kind for s in reading.segments].count(SegmentKind.NEW) == 2
    assert reading.new_text == "Yes, at 4.\n\nI do."
    assert [size for _, _, size in reading.new_origin] == [len("Yes, at 4.\n"), len("I do.")]
