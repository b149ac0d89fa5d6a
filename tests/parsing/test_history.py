"""Quoted words are looked up in what was written before."""

from __future__ import annotations

from gateway.parsing import parse_email
from gateway.parsing.history import unknown_quotes

EARLIER = ("Can you take Mia on Saturday?\nAnd who brings her blue shoes to school?", "Saturday")
TOP = "From: ralf@example.org\nSubject: Re: Saturday\nIn-Reply-To: <a@example.net>\n\n"
SAID = "On Mon, Mar 9, 2026 at 5:12 PM Dana <dana@example.net> wrote:\n"
HEAD = "-----Original Message-----\nFrom: Dana <dana@example.net>\nSent: Monday, March 9, 2026 5:12 PM\nTo: Ralf\nSubject: Saturday\n\n"


def unknown(body: str) -> tuple[str, ...]:
    return unknown_quotes(parse_email((TOP + body).encode()), EARLIER)


def test_what_was_written_before_is_known() -> None:
    assert (
        unknown(f"Yes.\n\n{SAID}\n> Can you take Mia on\n> Saturday? And who brings her\n>> blue shoes to school?\n")
        == ()
    )


def test_an_answer_typed_into_an_outlook_quote_is_found() -> None:
    body = f"See my answers.\n\n{HEAD}Can you take Mia on Saturday?\nNo, I have to work until six.\nAnd who brings her blue shoes\nto school?\n"
    assert unknown(body) == ("No, I have to work until six.",)


def test_one_word_put_into_a_quote_is_found() -> None:
    assert unknown(f"Yes.\n\n{SAID}\n> Can you never take Mia on Saturday?\n") == (
        "Can you never take Mia on Saturday?",
    )


def test_words_behind_marks_that_nobody_wrote_are_found() -> None:
    assert unknown(f"Fine.\n\n{SAID}\n> You will regret this.\n") == ("You will regret this.",)
