"""The pages: every word of every message is on them, in all styles, and the same input gives the same bytes."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pypdfium2
import pytest

from gateway.policy import load_rules
from gateway.record.exhibit import check_issues, exhibit_of
from gateway.record.gather import gather
from gateway.record.items import Record, Scope, Style
from gateway.record.pages import document, pages, starts
from gateway.record.transcript import transcript
from gateway.record.volumes import MOST_PAGES, volumes
from tests.record.conftest import NOW
from tests.record.sample import World

FOOT = re.compile(r"^Fingerprint [0-9a-f]{16}")


def drawn(record: Record, style: Style) -> tuple[Mapping[str, Any], bytes]:
    values = transcript(record, style)
    return values, pages(values, NOW, fingerprint=record.fingerprint)


def text_of(pdf: bytes) -> list[str]:
    with pypdfium2.PdfDocument(pdf) as opened:
        return [opened[i].get_textpage().get_text_range().replace("\r\n", "\n") for i in range(len(opened))]


def printed(line: Any) -> str:
    return line if isinstance(line, str) else "".join(run[1] for run in line["runs"])


def is_simple(text: str) -> bool:
    """Whether each letter is one picture and lines run from the left: then what is drawn can be read back as it was."""
    return not any(
        unicodedata.bidirectional(c) in ("R", "AL") or unicodedata.combining(c) or "\u0900" <= c <= "\u0dff"
        for c in text
    )


def bodies(pdf: bytes) -> list[str]:
    """What stands under Original, message by message."""
    lines = [line for page in text_of(pdf) for line in page.split("\n") if not FOOT.match(line)]
    out = []
    for block in re.split(r"^No \d+, [^\n]*UTC[^\n]*entry [^\n]*\n", "\n".join(lines), flags=re.M)[1:]:
        own = re.search(r"^Original\b\s(.*?)\n(?:File\b(?! kept).*?)?Delivered\b", block, re.S | re.M)
        # A line from right to left is given before its label; then the whole block has to hold its letters.
        out.append(own[1] if own else block.partition("\nDelivered")[0])
    return out


@pytest.mark.parametrize("style", list(Style))
def test_every_word_of_every_message_is_on_the_pages(record: Record, style: Style) -> None:
    values, pdf = drawn(record, style)
    found = bodies(pdf)
    assert len(found) == len(record.messages) == 60
    simple = 0
    for message, body, kept in zip(values["messages"], found, record.messages, strict=True):
        wanted = "".join("\n".join(printed(line) for line in message["text"]).split()) or "themessagehasnowords"
        shown = "".join(body.replace("\u200b", "").replace("\ufffe", "-").split())
        if is_simple(wanted):
            simple += 1
            assert shown == wanted, kept.number
        else:
            assert set(wanted) <= set(shown), kept.number
    assert simple >= 55
    assert any(len(m.text) > 19_000 for m in record.messages)
    assert any(m.text == "" for m in record.messages)


def test_the_words_are_attached_exactly(record: Record) -> None:
    values, pdf = drawn(record, Style.PLAIN)
    with pypdfium2.PdfDocument(pdf) as opened:
        attached = json.loads(bytes(opened.get_attachment(0).get_data()))
    assert attached["messages"] == json.loads(json.dumps(values["messages"]))


def test_the_same_input_gives_the_same_bytes(record: Record) -> None:
    assert drawn(record, Style.US)[1] == drawn(record, Style.US)[1]


def test_the_pages_say_that_they_are_an_archive_and_tagged(record: Record) -> None:
    pdf = drawn(record, Style.PLAIN)[1]
    assert b"pdfaid:part>3<" in pdf
    assert b"pdfaid:conformance>U<" in pdf
    assert b"pdfuaid:part>1<" in pdf
    assert b"/StructTreeRoot" in pdf


@pytest.mark.parametrize(("style", "stamp"), [(Style.US, "BW000003"), (Style.EW, "A3"), (Style.PLAIN, "3")])
def test_pages_are_numbered_as_the_court_wants(record: Record, style: Style, stamp: str) -> None:
    texts = text_of(drawn(record, style)[1])
    foot = next(line for line in texts[2].split("\n") if FOOT.match(line))
    assert f" {stamp} " in foot
    assert f"page 3 of {len(texts)}" in foot


def test_where_messages_begin_is_read_from_the_bookmarks(record: Record) -> None:
    pdf = drawn(record, Style.PLAIN)[1]
    found, count = starts(pdf)
    texts = text_of(pdf)
    assert count == len(texts)
    assert set(found) == {m.number for m in record.messages}
    assert all(f"No {number}," in texts[page - 1] for number, page in found.items())


def test_an_extract_says_so_on_every_page(world: World) -> None:
    scope = Scope(until=datetime(2026, 2, 1, tzinfo=UTC))
    part = gather(world.store, world.blobs, world.family, load_rules(), scope, fingerprint="ab" * 32, now=NOW)
    texts = text_of(drawn(part, Style.PLAIN)[1])
    said = f"Extract: {len(part.messages)} of 60 messages of this log"
    assert 0 < len(part.messages) < 60
    assert all(said in text for text in texts)
    assert "outside the period" in texts[0]


def test_a_character_that_no_font_draws_is_printed_as_its_code(record: Record) -> None:
    odd = replace(record.messages[0], text="Thai \u0e01 and Linear A \U00010600 and Tifinagh \u2d30", number=1)
    texts = text_of(drawn(replace(record, messages=(odd,)), Style.PLAIN)[1])
    assert any("\u2039U+10600\u203a" in text and "\u2039U+2D30\u203a" in text for text in texts)


def test_a_picture_that_is_missing_after_all_fails_closed_and_is_then_a_code(record: Record) -> None:
    values = transcript(replace(record, messages=record.messages[:1]), Style.PLAIN)
    values["messages"][0]["text"] = [{"rtl": False, "runs": [["", "a\U00010600b"]]}]
    assert any("\u2039U+10600\u203a" in text for text in text_of(pages(values, NOW, fingerprint="ab" * 32)))


def test_words_of_a_message_are_never_commands(record: Record) -> None:
    evil = '#read("/etc/passwd") $x$ *bold* #image("x.png") \\ @m1 <m1> [#eval("1")] // /* "'
    odd = replace(record.messages[0], text=evil, subject=evil, sender=evil)
    texts = text_of(drawn(replace(record, messages=(odd,)), Style.PLAIN)[1])
    assert any('#read("/etc/passwd") $x$ *bold*' in " ".join(text.split()) for text in texts)


def test_a_long_record_of_england_and_wales_comes_in_volumes(record: Record) -> None:
    many = tuple(
        replace(record.messages[i % 60], number=i + 1, at=record.messages[0].at + timedelta(hours=i))
        for i in range(2200)
    )
    made = volumes(replace(record, messages=many, total=2200), Style.EW, {})
    assert len(made) >= 2
    assert all(len(v.labels) <= MOST_PAGES for v in made)
    labels = [label for v in made for label in v.labels]
    assert labels == [f"A{n}" for n in range(1, len(labels) + 1)]
    assert {n for v in made for n in v.places} == set(range(1, 2201))


def test_an_exhibit_shows_an_issue_with_its_neighbours(record: Record) -> None:
    values = exhibit_of(record, Style.PLAIN, check_issues(["threats", "medical"]), prefix="X")
    shown = {row[0] for row in values["chronology"]}
    every = [m["n"] for m in values["messages"]]
    assert shown < set(every)
    assert every == sorted(every)
    texts = text_of(pages(values, NOW, fingerprint="ab" * 32))
    assert len(texts) <= 20
    assert "Chronology" in texts[1]
    assert "messages are shown" in texts[0]


def test_an_empty_log_makes_a_record_too(record: Record) -> None:
    none = replace(record, messages=(), total=0)
    assert "no message" in text_of(drawn(none, Style.PLAIN)[1])[0]
    assert document(transcript(none, Style.PLAIN), NOW, "ab" * 32)["months"] == []
