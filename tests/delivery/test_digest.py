"""Digests: exact words in every form, questions first, neutral subjects, floods whole, texts within two segments."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from gateway.delivery.digest import MOST, Digest, Waiting, bundles, digest, letter, text_message
from gateway.delivery.gsm import segments
from tests.delivery.sample import CARDS, HOUR, PAGE, card, item, link, pieces


def made(*cards, most: int | None = MOST) -> Digest:
    return digest(pieces(*cards), HOUR, PAGE, most=most)


def shown(html: str) -> str:
    return HTMLParser(html).body.text()


def test_one_delivery_for_each_address_and_one_card_stays_a_card() -> None:
    a, b, c = (Waiting(n, n, "rivera", "email", "dana@example.org") for n in (1, 2, 3))
    text = Waiting(4, 1, "rivera", "sms", "+15005550002")
    other = Waiting(5, 9, "okoro", "email", "dana@example.org")
    assert bundles([a, text, b, other, c]) == ((a, b, c),)
    assert bundles([a, text, other]) == ()


def test_every_word_and_line_of_the_cards_stands_in_both_forms() -> None:
    written = letter(made(*CARDS))
    for form in (written.text, shown(written.html)):
        for one in (x for c in CARDS for x in c.items):
            for words in (one.text, one.when_line, one.amount, one.where, one.answer_line, one.topic):
                assert words is None or words in form, words
        assert form.count("It is kept whole. One step shows it.") == 1
        assert form.count("PDF document, 34 kB") == 1
        assert "Mark, Thu 26 Nov 2026, 12:00 pm (UTC-06:00), by email" in form
    for number in range(len(CARDS)):
        assert link(number) in written.text
        assert f'href="{link(number)}"' in written.html


def test_questions_stand_first_by_their_answer_dates_then_child_and_topic() -> None:
    text = letter(made(*CARDS)).text
    order = ["ASKED", "soccer?", "Answer by: Fri 27 Nov 2026", "sign the form?", "EMMA", "Medical", "dentist", "NOAH",
             "Expenses", "NO CHILD NAMED", "Handover", "TO LOOK AT", "Unsorted message from Mark"]  # fmt: skip
    places = [text.index(words) for words in order]
    assert places == sorted(places)


def test_subjects_name_nobody_unless_topics_were_chosen() -> None:
    digested = made(*CARDS)
    assert letter(digested).subject == "Update, 6 items"
    assert letter(digested, topics=True).subject == "Update, 6 items: Expenses, Handover, Medical, Schedule, School"
    for subject in (letter(digested).subject, letter(digested, topics=True).subject):
        assert not re.search(r"emma|noah|mark|dana|dentist|library", subject, re.IGNORECASE)


def test_a_quiet_hour_looks_like_any_other() -> None:
    quiet, full = letter(digest((), HOUR, None)), letter(made(*CARDS))
    assert quiet.subject == "Update, 0 items"
    assert re.sub(r"\d+", "n", quiet.subject) == re.sub(r"\d+", "n", full.subject)
    assert quiet.text == f"Updates\n{HOUR}\n\nNothing new.\n"
    assert "Nothing new." in shown(quiet.html)
    assert text_message(digest((), HOUR, None), "") == f"Updates, {HOUR}: nothing new."


def test_markup_in_words_stays_words() -> None:
    words = '<a href="http://x">pickup</a> <script>1</script> & {{ 7*7 }}'
    written = letter(made(card(item(words, child="<b>Emma</b>", where="<img src=x>")), card()))
    assert words in shown(written.html)
    assert words in written.text
    assert not re.search(r"<(script|img|b)\b", written.html)


def test_html_is_a_page_that_can_be_read_aloud() -> None:
    page = HTMLParser(letter(made(*CARDS)).html)
    assert page.css_first("html").attributes["lang"] == "en"
    assert [len(page.css(name)) for name in ("h1", "main", "img", "script", "form")] == [1, 1, 0, 0, 0]
    levels = [int(node.tag[1]) for node in page.css("h1,h2,h3")]
    assert all(deeper <= level + 1 for level, deeper in itertools.pairwise(levels))
    assert "prefers-color-scheme:dark" in page.html.replace(" ", "")


@pytest.mark.parametrize("count", [41, 300, 1000])
def test_a_flood_is_cut_in_words_but_never_lost(count: int) -> None:
    plain = [card(item(f"plain number {n}.")) for n in range(count)]
    special = [card(item("asked last?", asks=True)), card(item("dated last", when="2026-12-01"))]
    flood = made(*plain, *special)
    assert (flood.count, flood.cards, flood.left_out) == (count + 2, count + 2, count + 2 - MOST)
    assert [line.item.text for line in flood.lines[:2]] == ["asked last?", "dated last"]
    written = letter(flood)
    assert written.subject == f"Update, {count + 2} items"
    assert f"{count + 2 - MOST} MORE" in written.text
    assert PAGE in written.text
    assert PAGE in written.html
    missing = [n for n in range(count + 2) if link(n) not in written.text]
    assert len(missing) == max(0, count + 2 - MOST - 300)
    whole = letter(made(*plain, *special, most=None))
    assert all(f"plain number {n}." in whole.text and link(n) in whole.html for n in range(count))
    assert len(written.html) < 100_000, "some mail programs cut off what is longer"
    assert segments(text_message(flood, PAGE)) <= 2


@given(
    st.lists(st.lists(st.tuples(st.text(min_size=1, max_size=200), st.booleans()), max_size=3), min_size=2, max_size=60)
)
def test_nothing_is_lost_or_doubled_and_texts_fit(said: list[list[tuple[str, bool]]]) -> None:
    cards = [card(*(item(words, asks=asks) for words, asks in one)) for one in said]
    digested = made(*cards)
    looks = sum(1 for one in said if not one)
    assert len(digested.lines) + len(digested.looks) + digested.left_out == sum(map(len, said)) + looks
    everything = made(*cards, most=None)
    assert sorted(x.item.text for x in everything.lines) == sorted(words for one in said for words, _ in one)
    assert not everything.left_out
    links = {x.piece.link for x in digested.lines} | {p.link for p in digested.looks} | {p.link for p in digested.rest}
    assert links == {link(n) for n in range(len(said))}
    assert segments(text_message(digested, PAGE)) <= 2


def test_a_text_has_whole_lines_and_counts_the_rest() -> None:
    short = made(card(item("Pickup at 6")), card(item("Bring boots")))
    assert text_message(short, PAGE) == "Updates: Pickup at 6\nBring boots"
    text = text_message(made(*CARDS), PAGE)
    assert text.startswith("Updates: Noah: Can you take") or "Can you take Noah to soccer? Tell me by Friday." in text
    assert "[answer by Fri 27 Nov 2026]" in text
    assert text.endswith(PAGE)
    lines = text.removeprefix("Updates: ").split("\n")
    rest = int(re.search(r"\+(\d+) more", lines[-1])[1])
    assert rest + len(lines) - 1 == 7  # five facts, one unsorted message, one file
