"""Messages far beyond any real one are read as far as they go, and held; sizes are measured by `measure.py`."""

from __future__ import annotations

import pytest

from gateway.parsing.mail import read_email
from gateway.parsing.work import MAX_LINES, MAX_PARTS, MAX_TEXT, Work
from tests.parsing.hostile import HOSTILE, nested_messages, nested_multiparts

QUICK = (
    "nested multiparts", "nested messages", "100,000 parts", "HTML with 200,000 attributes", "HTML of unclosed comments",
    "60,000 encoded words", "60 KB of opening brackets in From", "20,000 addresses", "calendar without end",
    "winmail of many attributes", "nothing",
)  # fmt: skip


@pytest.mark.parametrize("name", QUICK)
def test_it_is_read_and_covered(name: str) -> None:
    reading = read_email(HOSTILE[name](), Work())
    assert "".join(reading.body[s.start : s.end] for s in reading.segments) == reading.body
    assert reading.hold or name == "60,000 encoded words" or "winmail" in name


@pytest.mark.parametrize("raw", [nested_multiparts(), nested_messages()], ids=["multiparts", "messages"])
def test_what_is_nested_too_deep_is_held(raw: bytes) -> None:
    reading = read_email(raw, Work())
    assert "parts are nested too deep or are too many; not all of them were read" in reading.hold


def test_the_words_in_a_multipart_too_deep_are_still_in_the_body() -> None:
    assert "Pick Mia up at 5." in read_email(nested_multiparts(), Work()).body


def test_too_many_parts_are_held() -> None:
    work = Work()
    read_email(HOSTILE["100,000 parts"](), work)
    assert work.parts <= MAX_PARTS + 1


def test_text_over_the_limit_is_cut_and_held() -> None:
    reading = read_email(b"From: a@example.org\n\n" + b"word " * (MAX_TEXT // 4), Work())
    assert len(reading.body) <= MAX_TEXT + 1
    assert reading.hold == ("the text is longer than what is read; its end was not read",)


def test_too_many_lines_become_one() -> None:
    reading = read_email(b"From: a@example.org\n\n" + b"a\n" * (MAX_LINES + 10), Work())
    assert reading.body.count("a") == MAX_LINES + 10
    assert "the text has more lines than are told apart; the last of them are one" in reading.hold


def test_the_budget_ends_the_reading() -> None:
    reading = read_email(b"From: a@example.org\nContent-Type: text/html\n\n" + b"<p>a" * 200, Work(steps=300))
    assert "reading was stopped: this message asks for more work than any real one" in reading.hold
    assert reading.body.startswith("a\n")
